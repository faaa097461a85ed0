// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "show.h"
#include "table.h"

int change_open(struct moectl *ctl, const struct change *c, struct moeai_txn **out)
{
	int err;

	if (command_open(ctl))
		return 1;
	err = moeai_txn_open(ctl->h, c->table, out);
	return err ? table_complain(ctl, c->table, err) : 0;
}

/* ---- what was done --------------------------------------------------------------- */

enum { R_TABLE, R_WHAT, R_CHANGED, R_GENERATION, R_CONFIRM, N_REPORT };

static const struct moeai_field fields[N_REPORT] = {
	[R_TABLE] = { .name = "table", .type = MOEAI_TYPE_STRING },
	[R_WHAT] = { .name = "what", .type = MOEAI_TYPE_STRING },
	[R_CHANGED] = { .name = "changed", .type = MOEAI_TYPE_U64 },
	[R_GENERATION] = { .name = "generation", .type = MOEAI_TYPE_U64 },
	[R_CONFIRM] = { .name = "confirm", .type = MOEAI_TYPE_U64 },
};

static int print_people(struct output *out, const struct change *c, const char *what,
			const struct moeai_commit *done)
{
	fprintf(out->file, "table %s: ", c->table);
	if (!done)
		fprintf(out->file, "the change is %s", what);
	else
		fprintf(out->file, "%" PRIu64 " row%s changed", done->changed,
			done->changed == 1 ? "" : "s");
	if (c->confirm)
		fprintf(out->file, ", to be undone in %" PRIu32 " s; "
			"'moectl table %s confirm' keeps it", c->confirm, c->table);
	putc('\n', out->file);
	return 0;
}

int change_report(struct moectl *ctl, const struct change *c, const char *what,
		  const struct moeai_commit *done)
{
	const struct moeai_value values[N_REPORT] = {
		[R_TABLE] = fields_string(&fields[R_TABLE], c->table),
		[R_WHAT] = fields_string(&fields[R_WHAT], what),
		[R_CHANGED] = fields_number(&fields[R_CHANGED], done ? done->changed : 0),
		[R_GENERATION] = fields_number(&fields[R_GENERATION],
					       done ? done->generation : 0),
		[R_CONFIRM] = fields_number(&fields[R_CONFIRM], c->confirm),
	};
	struct fields r = { 0 };
	int err = 0, status;

	if (ctl->out.form == FORM_PEOPLE)
		return print_people(&ctl->out, c, what, done);
	for (size_t i = 0; !err && i < N_REPORT; i++)
		if (i <= R_WHAT || (done && (i != R_CONFIRM || c->confirm)))
			err = fields_add(&r, &values[i]);
	if (err)
		status = complain("out of memory");
	else if (ctl->out.form == FORM_JSON)
		status = output_json(&ctl->out, show_fields_json(&r));
	else
		status = show_fields_lines(&ctl->out, &r);
	fields_free(&r);
	return status;
}

/* ---- one row ---------------------------------------------------------------------- */

/* Its number says nothing, as it is the only one. */
static int failed(struct moectl *ctl, const struct change *c, const struct moeai_txn *t, int err)
{
	const struct moeai_txn_error *e = moeai_txn_error(t);

	if (!e || !e->has_row)
		return complain_call(ctl->h, err);
	return complain("table %s: %s%s%s", c->table, e->field ? e->field : "",
			e->field ? ": " : "", e->message);
}

static int put_row(struct moeai_txn *t, const struct change *c)
{
	struct moeai_arg *args = calloc(c->n, sizeof(*args));
	int err;

	if (!args)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++) {
		char *value = strchr(c->words[i], '=');

		*value++ = '\0';
		args[i] = (struct moeai_arg)MOEAI_TEXT(c->words[i], value);
	}
	err = moeai_txn_row(t, c->action, args, c->n);
	free(args);
	return err;
}

static int put_rows(struct moeai_txn *t, const struct change *c)
{
	int err = 0;

	for (; c && !err; c = c->with)
		err = put_row(t, c);
	return err;
}

static int end_confirm(struct moectl *ctl, const struct change *c)
{
	bool keep = c->action == MOEAI_ACTION_CONFIRM;
	int err;

	if (command_open(ctl))
		return 1;
	err = keep ? moeai_table_confirm(ctl->h, c->table) :
		     moeai_table_rollback(ctl->h, c->table);
	if (err)
		return table_complain(ctl, c->table, err);
	return change_report(ctl, c, keep ? "confirmed" : "rolled back", NULL);
}

int change_run(struct moectl *ctl, const struct change *c)
{
	struct moeai_txn *t = NULL;
	struct moeai_commit done;
	int err, status;

	if (c->action > MOEAI_ACTION_FLUSH)
		return end_confirm(ctl, c);
	if (change_open(ctl, c, &t))
		return 1;
	err = c->n ? put_rows(t, c) : moeai_txn_flush(t);
	if (!err)
		err = moeai_txn_commit(t, c->confirm, &done);
	status = err	     ? failed(ctl, c, t, err) :
		 c->silent ? 0 :
			       change_report(ctl, c, "committed", &done);
	moeai_txn_close(t);
	return status;
}
