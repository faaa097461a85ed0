// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "restore.h"
#include "table.h"

/* Of what shall stay: the kernel takes it back, should this process not come so far. */
#define UNDO_SECONDS 300
#define WHY_LEN	     600

/* ---- what would change ---------------------------------------------------------------- */

int wanted_walk(const struct wanted_table *t, wanted_row_fn fn, void *arg)
{
	const struct rows *rows = &t->rows, *now = &t->now;
	size_t i = 0, k = 0;
	int err = 0;

	while (!err && (i < rows->n || k < now->n)) {
		int order = i == rows->n ? 1 :
			    k == now->n	 ? -1 :
					   rows_compare(rows, i, now, k);
		bool same = !order && rows_same(rows, i, now, k);

		if (order >= 0 && !same && !(order && t->more))
			err = fn(arg, '-', now, k);
		if (order <= 0 && !same && !err)
			err = fn(arg, '+', rows, i);
		i += order <= 0;
		k += order >= 0;
	}
	return err;
}

static int count(void *arg, char sign, const struct rows *rows, size_t i)
{
	struct wanted_table *t = arg;

	++*(sign == '-' ? &t->removed : &t->added);
	return 0;
}

int restore_compare(struct restore *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_params; i++)
		if (r->params[i].value != r->params[i].param->value)
			r->params[n++] = r->params[i];
	r->n_params = n;
	for (size_t i = 0; i < r->n_tables; i++) {
		struct wanted_table *t = &r->tables[i];
		int err = rows_read(&t->now, r->ctl->h, t->name);

		if (err)
			return table_complain(r->ctl, t->name, err);
		rows_sort(&t->now);
		wanted_walk(t, count, t);
	}
	return 0;
}

/* ---- the kernel's look at the rows ------------------------------------------------------- */

struct staging {
	struct progress progress;
	uint64_t before; /* rows of other tables */
};

static void show_progress(void *arg, uint64_t rows)
{
	struct staging *s = arg;

	s->progress.rows = s->progress.done = s->before + rows;
	progress_draw(&s->progress, false);
}

/* What the kernel has against a table, at its line. */
static int refused(struct restore *r, const struct wanted_table *t, int err)
{
	const struct moeai_txn_error *e = moeai_txn_error(t->txn);
	char why[WHY_LEN];

	if (e && e->has_row && e->row < t->rows.n)
		return restore_complain_field(r, t->rows.v[e->row].line, e->field, e->message);
	snprintf(why, sizeof(why), "table %s: %s", t->name,
		 e ? e->message : moeai_strerror(err));
	return restore_complain(r, t->line, 1, NULL, why);
}

/* In order of their keys, which are all different. */
static int stage(struct restore *r, struct wanted_table *t, struct staging *s)
{
	enum moeai_action action = t->more ? MOEAI_ACTION_REPLACE : MOEAI_ACTION_ADD;
	int err = moeai_txn_open(r->ctl->h, t->name, &t->txn);

	if (err)
		return table_complain(r->ctl, t->name, err);
	moeai_txn_progress(t->txn, show_progress, s);
	if (!t->more)
		err = moeai_txn_flush(t->txn);
	for (size_t i = 0; i < t->rows.n && !err; i++) {
		const struct moeai_values row = rows_get(&t->rows, i);

		err = moeai_txn_values(t->txn, action, &row);
	}
	if (!err)
		err = moeai_txn_check(t->txn);
	s->before += t->rows.n;
	progress_end(&s->progress);
	return err ? refused(r, t, err) : 0;
}

int restore_check(struct restore *r)
{
	struct staging s = { .before = 0 };
	uint64_t total = 0;
	int status = 0;

	for (size_t i = 0; i < r->n_tables; i++)
		if (wanted_changes(&r->tables[i]))
			total += r->tables[i].rows.n;
	progress_begin(&s.progress, total);
	for (size_t i = 0; i < r->n_tables && !status; i++)
		if (wanted_changes(&r->tables[i]))
			status = stage(r, &r->tables[i], &s);
	return status;
}

/* ---- parameters --------------------------------------------------------------------------- */

static int set(struct restore *r, const struct wanted_param *p, uint64_t to)
{
	const struct moeai_value v = inventory_value(p->param->field, to);
	char text[256];

	moeai_value_text(&v, text, sizeof(text));
	return moeai_param_set(r->ctl->h, p->param->name, text);
}

/* What the kernel said of it, without the names that stand before. */
static void say_why(const struct restore *r, const struct wanted_param *p, char why[WHY_LEN])
{
	const char *const names[] = { "param.set", p->param->field->name };
	const char *text = moeai_error(r->ctl->h);

	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(names[i]);

		if (!strncmp(text, names[i], len) && text[len] == ':' && text[len + 1] == ' ')
			text += len + 2;
	}
	snprintf(why, WHY_LEN, "%s", text);
}

/*
 * All to what they shall be, or those that are back to what they were. A module may
 * take a value only beside certain others, and so only after them: what is refused is
 * tried again as long as others are not. Returns the first that is refused, with the
 * kernel's words, or NULL.
 */
static struct wanted_param *set_all(struct restore *r, bool back, char why[WHY_LEN])
{
	struct wanted_param *first;
	bool again;

	do {
		first = NULL;
		again = false;
		for (size_t i = 0; i < r->n_params; i++) {
			struct wanted_param *p = &r->params[i];

			if (p->set != back)
				continue;
			if (!set(r, p, back ? p->param->value : p->value)) {
				p->set = !back;
				again = true;
			} else if (!first) {
				first = p;
				say_why(r, p, why);
			}
		}
	} while (first && again);
	return first;
}

static int set_params(struct restore *r)
{
	char why[WHY_LEN];
	const struct wanted_param *p = set_all(r, false, why);

	return p ? restore_complain(r, p->line, p->column, p->param->name, why) : 0;
}

/* ---- all or none ---------------------------------------------------------------------------- */

static void take_back(struct restore *r)
{
	char why[WHY_LEN];
	const struct wanted_param *p = set_all(r, true, why);
	bool whole = !p;

	if (p)
		complain("parameter %s could not be set back: %s", p->param->name, why);
	for (size_t i = r->n_tables; i-- > 0;) {
		struct wanted_table *t = &r->tables[i];

		if (!t->committed || (!moeai_table_rollback(r->ctl->h, t->name) && !t->unsure))
			continue;
		whole = false;
		complain(t->unsure ? "table %s may be the old one or the new one: look at it" :
				     "table %s is rolled back by the kernel alone, in time: %s",
			 t->name, moeai_error(r->ctl->h));
	}
	if (whole)
		complain("%s: nothing is changed, all is as it was before", r->name);
}

static int commit_tables(struct restore *r, uint32_t confirm)
{
	for (size_t i = 0; i < r->n_tables; i++) {
		struct wanted_table *t = &r->tables[i];
		int err = t->txn ? moeai_txn_commit(t->txn, confirm, NULL) : 0;

		t->unsure = err == -ETIMEDOUT || err == -ENOBUFS || err == -EPROTO;
		t->committed = t->txn && (!err || t->unsure);
		if (err)
			return refused(r, t, err);
	}
	return 0;
}

static int confirm_tables(struct restore *r)
{
	int status = 0;

	for (size_t i = 0; i < r->n_tables; i++) {
		struct wanted_table *t = &r->tables[i];

		if (t->committed && moeai_table_confirm(r->ctl->h, t->name))
			status = complain("table %s is not restored, as somebody took that back: %s",
					  t->name, moeai_error(r->ctl->h));
	}
	return status;
}

static int apply(struct restore *r)
{
	size_t n = r->n_params;
	bool guarded;

	for (size_t i = 0; i < r->n_tables; i++)
		n += !!r->tables[i].txn;
	guarded = n > 1 && !r->confirm;
	if (commit_tables(r, guarded ? UNDO_SECONDS : r->confirm) || set_params(r)) {
		take_back(r);
		return 1;
	}
	return guarded ? confirm_tables(r) : 0;
}

/* With --confirm nobody would be there to set them back. */
static int check_confirm(const struct restore *r)
{
	if (!r->confirm || !r->n_params)
		return 0;
	return restore_complain(r, r->params[0].line, r->params[0].column,
				r->params[0].param->name,
				"would change, and --confirm undoes tables alone: give --no-params "
				"too, and restore again, without both, once they are confirmed");
}

int restore_apply(struct restore *r)
{
	sigset_t hold, before;
	int status;

	if (check_confirm(r))
		return 1;
	/* Not in the middle of it. */
	sigemptyset(&hold);
	sigaddset(&hold, SIGINT);
	sigaddset(&hold, SIGTERM);
	sigaddset(&hold, SIGHUP);
	sigprocmask(SIG_BLOCK, &hold, &before);
	status = apply(r);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
