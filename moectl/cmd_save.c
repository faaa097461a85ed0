// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "escape.h"
#include "exact.h"
#include "inventory.h"
#include "listing.h"
#include "replace.h"
#include "rows.h"

enum { KEY_MODULE = OPTION_FIRST };

static const struct argp_option options[] = {
	{ "module", KEY_MODULE, "NAME", 0, "Save only what is this module's; may be repeated", 0 },
	{ 0 },
};

struct input {
	const char *file; /* NULL: standard output */
	const char **modules; /* n of them; none: all */
	size_t n;
};

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;
	const char **modules;

	switch (key) {
	case KEY_MODULE:
		modules = reallocarray(in->modules, in->n + 1, sizeof(*modules));
		if (!modules)
			return ENOMEM;
		in->modules = modules;
		in->modules[in->n++] = arg;
		return 0;
	case ARGP_KEY_ARG:
		return command_parse_word(key, arg, state, &in->file);
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- the text ------------------------------------------------------------------------- */

static const char head[] =
	"# Parameters and tables as they were; 'moectl restore FILE' brings them back.\n"
	"# Of a table the rows that stand here become all that it has; what is not named\n"
	"# here stays as it is.\n";

/* A comment, which no text of the kernel can end. */
static void write_help(FILE *to, const struct item *item)
{
	fputs("# ", to);
	escape_write(to, item->help, strlen(item->help), 0);
}

/* What it can be. */
static void write_range(FILE *to, const struct moeai_field *f)
{
	const struct moeai_value min = inventory_value(f, (uint64_t)f->min);
	const struct moeai_value max = inventory_value(f, (uint64_t)f->max);

	for (uint32_t i = 0; i < f->n_labels; i++)
		fprintf(to, "%s%s", i ? ", " : " (", f->labels[i]);
	if (f->has_range && !f->n_labels) {
		fputs(" (", to);
		exact_write(to, &min);
		fputs(" to ", to);
		exact_write(to, &max);
	}
	fputs(f->n_labels || f->has_range ? ")\n" : "\n", to);
}

/* What is saved now may be undone a moment later. */
static void tell_awaiting(FILE *to, const struct item *item)
{
	if (!item->awaits)
		return;
	fputs("# This awaits its confirmation, and may not stay.\n", to);
	complain("%s: a change of it awaits its confirmation: what is saved may be undone",
		 item->name);
}

static void write_param(FILE *to, const struct item *param)
{
	const struct moeai_value value = inventory_value(param->field, param->value);

	write_help(to, param);
	write_range(to, param->field);
	tell_awaiting(to, param);
	fprintf(to, "param %s=", param->name);
	exact_write(to, &value);
	putc('\n', to);
}

/* Returns 0, or 1 after complaining. */
static int write_table(struct moectl *ctl, FILE *to, const struct item *table)
{
	struct rows rows = { 0 };
	int err = rows_read(&rows, ctl->h, table->name);

	if (err)
		return complain_call(err == -ENOMEM ? NULL : ctl->h, err);
	rows_sort(&rows);
	write_help(to, table);
	putc('\n', to);
	tell_awaiting(to, table);
	fprintf(to, "table %s\n", table->name);
	for (size_t i = 0; i < rows.n && !err; i++) {
		fprintf(to, "row %s ", table->name);
		err = rows_write(to, &rows, i);
		putc('\n', to);
	}
	rows_free(&rows);
	return err ? complain("out of memory") : 0;
}

static int write_module(struct moectl *ctl, FILE *to, const struct inventory *inv,
			const struct item *module)
{
	const struct items *params = &inv->params, *tables = &inv->tables;
	int status = 0;

	fprintf(to, "\n# ---- %s\n", module->name);
	write_help(to, module);
	putc('\n', to);
	for (size_t i = 0; i < params->n; i++)
		if (params->v[i].writable && inventory_is_of(module, params->v[i].name))
			write_param(to, &params->v[i]);
	for (size_t i = 0; i < tables->n && !status; i++)
		if (tables->v[i].writable && inventory_is_of(module, tables->v[i].name))
			status = write_table(ctl, to, &tables->v[i]);
	return status;
}

static bool is_wanted(const struct input *in, const char *module)
{
	for (size_t i = 0; i < in->n; i++)
		if (!strcmp(in->modules[i], module))
			return true;
	return !in->n;
}

/* Is there one of each name that was given? Returns 0, or 1 after complaining. */
static int check_modules(struct moectl *ctl, const struct input *in, const struct inventory *inv)
{
	struct names names = { 0 };
	int status = 0;

	for (size_t i = 0; i < in->n && !status; i++) {
		if (items_find(&inv->modules, in->modules[i]))
			continue;
		listing_names(ctl->h, "modules", "name", &names);
		status = listing_complain("module", in->modules[i], &names,
					  "'moectl modules' lists them");
	}
	names_free(&names);
	return status;
}

static int write_state(struct moectl *ctl, const struct input *in, FILE *to)
{
	struct inventory inv = { 0 };
	int status = inventory_get(ctl->h, &inv) || check_modules(ctl, in, &inv);

	fputs(head, to);
	for (size_t i = 0; i < inv.modules.n && !status; i++)
		if (is_wanted(in, inv.modules.v[i].name))
			status = write_module(ctl, to, &inv, &inv.modules.v[i]);
	inventory_free(&inv);
	return status;
}

/* Whole, or not at all. */
static int save(struct moectl *ctl, const struct input *in)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int status = to ? write_state(ctl, in, to) : complain("out of memory");

	bool whole = to && !ferror(to);

	if (to && fclose(to))
		whole = false;
	if (!status && !whole)
		status = complain("out of memory");
	if (!status && (!in->file || !strcmp(in->file, "-")))
		fwrite(text, 1, len, ctl->out.file);
	else if (!status)
		status = replace_file(in->file, text, len);
	free(text);
	return status;
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	int status = command_open(ctl) || save(ctl, in);

	free(in->modules);
	return status;
}

const struct command cmd_save = {
	.name = "save",
	.arguments = "[FILE]",
	.summary = "Save parameters and tables as text, for restore",
	.details = "All parameters that can be set, and all tables that can be changed, of all "
		   "modules, whosesoever, as text for people and 'moectl restore'; to FILE, which "
		   "is replaced as a whole and readable by its owner alone, or to standard output. "
		   "What only the kernel writes, as counters, is left out. Always in the same "
		   "order, so that two of them can be compared. Needs CAP_SYS_ADMIN.\n\n"
		   "Examples:\n"
		   "  moectl save /etc/moeai/state.conf\n"
		   "  moectl save --module net_guard | diff - rules.conf",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
