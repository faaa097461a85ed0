// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "confirm.h"
#include "exact.h"
#include "restore.h"
#include "show.h"

enum { KEY_CONFIRM = OPTION_FIRST, KEY_DRY_RUN, KEY_SKIP, KEY_NO_PARAMS, KEY_EVEN_ME };

static const struct argp_option options[] = {
	CONFIRM_OPTION(KEY_CONFIRM),
	{ "dry-run", KEY_DRY_RUN, 0, 0, "Only show what would change", 0 },
	{ "skip-missing", KEY_SKIP, 0, 0,
	  "Leave out modules, parameters and tables that the kernel does not have", 0 },
	{ "no-params", KEY_NO_PARAMS, 0, 0, "Leave parameters as they are", 0 },
	{ "even-me", KEY_EVEN_ME, 0, 0,
	  "Do not care whether the ssh clients from which your sessions come are shut out", 0 },
	{ 0 },
};

struct input {
	const char *file;
	uint32_t confirm;
	bool dry_run, skip_missing, no_params, even_me;
};

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case KEY_CONFIRM:
		in->confirm = confirm_parse(arg, state);
		return 0;
	case KEY_DRY_RUN:
		in->dry_run = true;
		return 0;
	case KEY_SKIP:
		in->skip_missing = true;
		return 0;
	case KEY_NO_PARAMS:
		in->no_params = true;
		return 0;
	case KEY_EVEN_ME:
		in->even_me = true;
		return 0;
	case ARGP_KEY_ARG:
		return command_parse_word(key, arg, state, &in->file);
	case ARGP_KEY_NO_ARGS:
		complain_usage(state, "restore which file? '-' is the standard input");
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- the difference ------------------------------------------------------------------- */

/* Lines of the file's form that go, '-', or come, '+'. */
struct difference {
	struct output *out;
	const struct wanted_table *table; /* the present one */
	json_t *lines;			  /* of JSON */
};

static int show_line(const struct difference *d, char sign, const char *text)
{
	if (d->out->form == FORM_JSON)
		return json_array_append_new(d->lines, json_pack("{s:s, s:o}", "change",
			sign == '-' ? "removed" : "added", "line",
			show_json_text(text, strlen(text)))) ? -ENOMEM : 0;
	fprintf(d->out->file, "%c%c%s\n", sign, d->out->form == FORM_PEOPLE ? ' ' : '\t', text);
	return 0;
}

/* Of a parameter or, p NULL, a row. */
static int show(const struct difference *d, char sign, const struct wanted_param *p,
		const struct rows *rows, size_t i)
{
	struct moeai_value v;
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	int err;

	if (!to)
		return -ENOMEM;
	if (p) {
		v = inventory_value(p->param->field, sign == '-' ? p->param->value : p->value);
		fprintf(to, "param %s=", p->param->name);
		err = exact_write(to, &v);
	} else {
		fprintf(to, "row %s ", d->table->name);
		err = rows_write(to, rows, i);
	}
	if (fclose(to))
		err = -ENOMEM;
	if (!err)
		err = show_line(d, sign, text);
	free(text);
	return err;
}

static int show_row(void *arg, char sign, const struct rows *rows, size_t i)
{
	return show(arg, sign, NULL, rows, i);
}

static int show_difference(struct restore *r)
{
	struct difference d = { .out = &r->ctl->out, .lines = json_array() };
	int err = 0;

	for (size_t i = 0; i < r->n_tables && !err; i++) {
		d.table = &r->tables[i];
		err = wanted_walk(d.table, show_row, &d);
	}
	for (size_t i = 0; i < r->n_params && !err; i++) {
		err = show(&d, '-', &r->params[i], NULL, 0);
		if (!err)
			err = show(&d, '+', &r->params[i], NULL, 0);
	}
	if (!err && d.out->form == FORM_JSON)
		return output_json(d.out, d.lines);
	json_decref(d.lines);
	return err ? complain("out of memory") : 0;
}

/* ---- what was done --------------------------------------------------------------------- */

/* For people with a unit. */
static char *param_text(const struct output *out, const struct wanted_param *p, uint64_t value)
{
	const struct moeai_value v = inventory_value(p->param->field, value);
	char *text = NULL;
	size_t size;
	FILE *to;

	if (out->form != FORM_PEOPLE)
		return show_plain(&v, 0);
	to = open_memstream(&text, &size);
	if (!to)
		return NULL;
	exact_write(to, &v);
	return fclose(to) ? NULL : text;
}

static void report_table(const struct restore *r, const struct wanted_table *t, json_t *tables)
{
	FILE *to = r->ctl->out.file;

	if (r->ctl->out.form == FORM_TAB) {
		fprintf(to, "table\t%s\t%zu\t%zu\n", t->name, t->added, t->removed);
	} else if (r->ctl->out.form == FORM_PEOPLE) {
		fprintf(to, "table %s: %zu row%s added, %zu removed", t->name, t->added,
			t->added == 1 ? "" : "s", t->removed);
		if (r->confirm)
			fprintf(to, ", to be undone in %" PRIu32 " s; 'moectl table %s confirm' "
				"keeps it", r->confirm, t->name);
		putc('\n', to);
	} else {
		json_array_append_new(tables, json_pack("{s:s, s:I, s:I}", "table", t->name, "added",
							(json_int_t)t->added, "removed",
							(json_int_t)t->removed));
	}
}

static void report_param(const struct restore *r, const struct wanted_param *p, json_t *params)
{
	const struct output *out = &r->ctl->out;
	char *from = param_text(out, p, p->param->value), *to = param_text(out, p, p->value);

	if (!from || !to)
		complain("out of memory");
	else if (out->form == FORM_JSON)
		json_array_append_new(params, json_pack("{s:s, s:s, s:s}", "param", p->param->name,
							"from", from, "to", to));
	else
		fprintf(out->file, out->form == FORM_TAB ? "param\t%s\t%s\t%s\n" :
			"parameter %s: from %s to %s\n", p->param->name, from, to);
	free(from);
	free(to);
}

static int report(const struct restore *r)
{
	json_t *tables = json_array(), *params = json_array(), *missing = json_array();
	size_t n = r->n_params;

	for (size_t i = 0; i < r->n_tables; i++)
		if (wanted_changes(&r->tables[i])) {
			report_table(r, &r->tables[i], tables);
			n++;
		}
	for (size_t i = 0; i < r->n_params; i++)
		report_param(r, &r->params[i], params);
	for (size_t i = 0; i < r->missing.n; i++)
		json_array_append_new(missing, show_json_text(r->missing.v[i],
							      strlen(r->missing.v[i])));
	if (!n && r->ctl->out.form == FORM_PEOPLE)
		fputs("nothing to change\n", r->ctl->out.file);
	if (r->n_params && r->confirm && r->ctl->out.form == FORM_PEOPLE)
		fprintf(r->ctl->out.file, "parameters: to be undone in %" PRIu32 " s; 'moectl set "
			"confirm' keeps them\n", r->confirm);
	if (r->ctl->out.form == FORM_JSON)
		return output_json(&r->ctl->out, json_pack("{s:o, s:o, s:o}", "tables", tables,
							   "params", params, "missing", missing));
	json_decref(tables);
	json_decref(params);
	json_decref(missing);
	return 0;
}

/* On stderr, whatever else there is to say. */
static void tell_missing(const struct restore *r)
{
	char names[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < r->missing.n && len < sizeof(names); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					r->missing.v[i]);
	if (r->skipped)
		complain("%s: %zu line%s left out, as the kernel does not have %s", r->name,
			 r->skipped, r->skipped == 1 ? " is" : "s are", names);
}

/* ------------------------------------------------------------------------------------------ */

static int restore(struct restore *r, FILE *from, bool dry_run)
{
	int status = restore_read(r, from);

	if (status)
		return status;
	tell_missing(r);
	status = restore_keep_open(r) || restore_compare(r) || restore_check(r);
	if (status)
		return status;
	return dry_run ? show_difference(r) : restore_apply(r) || report(r);
}

static int run(struct moectl *ctl, void *input)
{
	const struct input *in = input;
	bool standard = !strcmp(in->file, "-");
	struct restore r = { .ctl = ctl, .name = standard ? "standard input" : in->file,
			     .confirm = in->confirm, .skip_missing = in->skip_missing,
			     .no_params = in->no_params, .even_me = in->even_me };
	FILE *from = standard ? stdin : fopen(in->file, "re");
	int status;

	if (!from)
		return complain("%s: %s", r.name, strerror(errno));
	status = command_open(ctl) || restore(&r, from, in->dry_run);
	restore_free(&r);
	if (!standard)
		fclose(from);
	return status;
}

const struct command cmd_restore = {
	.name = "restore",
	.arguments = "FILE",
	.summary = "Bring back parameters and tables that were saved",
	.details = "FILE, or with '-' standard input, has lines 'param NAME.PARAM=VALUE', "
		   "'table NAME' and 'row NAME COLUMN=VALUE...', as save writes them; quotes and "
		   "backslashes are as in a shell, and what follows a # is a comment. A table that "
		   "is named gets the rows that are given, and no others; one that has them "
		   "already, and what is not named, is left alone.\n\n"
		   "The file is read and checked whole before anything is changed, the rows by the "
		   "kernel too. Then the tables are changed, each in one transaction, in the file's "
		   "order, then the parameters. If the kernel refuses one, those before it are "
		   "rolled back, with their counters, and parameters too. Whoever restores "
		   "net_guard's rules is not to shut himself out: see guard. Needs CAP_NET_ADMIN "
		   "and CAP_SYS_ADMIN.\n\n"
		   "Examples:\n"
		   "  moectl restore --dry-run /etc/moeai/state.conf\n"
		   "  moectl restore rules.conf --confirm 60\n"
		   "  moectl table net_guard.rules confirm; moectl set confirm\n"
		   "  ssh other moectl save | moectl restore -",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
