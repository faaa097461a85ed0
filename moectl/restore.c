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

/* It may be as it shall be now, and be undone thereafter. */
static int refuse_awaiting(const struct restore *r)
{
	char why[WHY_LEN];
	int status = 0;

	for (size_t i = 0; i < r->n_params; i++)
		if (r->params[i].param->awaits)
			status = restore_complain(r, r->params[i].line, r->params[i].column,
						  r->params[i].param->name,
						  "a change of it awaits its confirmation");
	for (size_t i = 0; i < r->n_tables; i++) {
		const struct wanted_table *t = &r->tables[i];

		const struct item *now = items_find(&r->now.tables, t->name);

		if (!now || !now->awaits)
			continue;
		snprintf(why, sizeof(why), "table %s: a change of this table awaits its "
			 "confirmation", t->name);
		status = restore_complain(r, t->line, 1, NULL, why);
	}
	return status;
}

int restore_compare(struct restore *r)
{
	size_t n = 0;

	if (refuse_awaiting(r))
		return 1;
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

static bool is_lost(int err)
{
	return err == -ETIMEDOUT || err == -ENOBUFS || err == -EPROTO;
}

static int set(struct restore *r, struct wanted_param *p, uint32_t confirm)
{
	const struct moeai_value v = inventory_value(p->param->field, p->value);
	char text[256];
	int err;

	moeai_value_text(&v, text, sizeof(text));
	err = moeai_param_try(r->ctl->h, p->param->name, text, confirm);
	p->set = !err;
	p->unsure = is_lost(err);
	return err;
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
 * A module may take a value only beside certain others, and so only after them: what
 * is refused is tried again as long as others are not.
 */
static int set_params(struct restore *r, uint32_t confirm)
{
	const struct wanted_param *first;
	char why[WHY_LEN];
	bool again;

	do {
		first = NULL;
		again = false;
		for (size_t i = 0; i < r->n_params; i++) {
			struct wanted_param *p = &r->params[i];

			if (p->set)
				continue;
			if (!set(r, p, confirm)) {
				again = true;
			} else if (!first || p->unsure) {
				first = p;
				say_why(r, p, why);
			}
			if (p->unsure)
				break;
		}
	} while (first && again && !first->unsure);
	return first ? restore_complain(r, first->line, first->column, first->param->name, why) :
		       0;
}

/* ---- all or none ---------------------------------------------------------------------------- */

/* One may be refused until others are back as well, and is tried again with these. */
static bool take_params_back(struct restore *r)
{
	bool whole = true;

	for (size_t i = 0; i < r->n_params; i++)
		if (r->params[i].set || r->params[i].unsure)
			moeai_param_rollback(r->ctl->h, r->params[i].param->name);
	for (size_t i = 0; i < r->n_params; i++) {
		const char *name = r->params[i].param->name;
		int err = r->params[i].set || r->params[i].unsure ?
				  moeai_param_rollback(r->ctl->h, name) :
				  0;

		if (!err || err == -ENODATA)
			continue;
		whole = false;
		complain(err == -ENOENT ? "parameter %s has gone with its module: %s" :
			 "parameter %s is set back by the kernel alone, in time: %s", name,
			 moeai_error(r->ctl->h));
	}
	return whole;
}

static void take_back(struct restore *r)
{
	bool whole = take_params_back(r);

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

		t->unsure = is_lost(err);
		t->committed = t->txn && (!err || t->unsure);
		if (err)
			return refused(r, t, err);
	}
	return 0;
}

static int taken_back(const struct restore *r, const char *what, const char *name)
{
	return complain("%s %s is not restored, as somebody took that back: %s", what, name,
			moeai_error(r->ctl->h));
}

static int confirm_all(struct restore *r)
{
	int status = 0;

	for (size_t i = 0; i < r->n_tables; i++) {
		struct wanted_table *t = &r->tables[i];

		if (t->committed && moeai_table_confirm(r->ctl->h, t->name))
			status = taken_back(r, "table", t->name);
	}
	for (size_t i = 0; i < r->n_params; i++) {
		const char *name = r->params[i].param->name;

		if (moeai_param_confirm(r->ctl->h, name))
			status = taken_back(r, "parameter", name);
	}
	return status;
}

static int apply(struct restore *r)
{
	size_t n = r->n_params;
	uint32_t confirm;
	bool guarded;

	for (size_t i = 0; i < r->n_tables; i++)
		n += !!r->tables[i].txn;
	guarded = (n > 1 || r->n_params) && !r->confirm;
	confirm = guarded ? UNDO_SECONDS : r->confirm;
	if (commit_tables(r, confirm) || set_params(r, confirm)) {
		take_back(r);
		return 1;
	}
	return guarded ? confirm_all(r) : 0;
}

int restore_apply(struct restore *r)
{
	sigset_t hold, before;
	int status;

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
