// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "confirm.h"
#include "grid.h"
#include "listing.h"
#include "table.h"

enum { KEY_CONFIRM = OPTION_FIRST, KEY_REPLACE, KEY_FLUSH, KEY_SORT };

static const struct argp_option options[] = {
	{ "where", 'w', "COLUMN=VALUE", 0,
	  "Show only rows with that value, written as --tab prints it; of several, all must hold",
	  0 },
	{ "sort", KEY_SORT, "COLUMN", 0, "In order of that column; -COLUMN: the largest first", 0 },
	CONFIRM_OPTION(KEY_CONFIRM),
	{ "replace", KEY_REPLACE, 0, 0, "load: rows may be there already", 0 },
	{ "flush", KEY_FLUSH, 0, 0, "load: the file's rows become the whole table", 0 },
	{ 0 },
};

enum takes { NOTHING, COLUMNS, FILE_NAME };

static const struct action {
	const char *name;
	enum moeai_action action;
	enum takes takes;
} actions[] = {
	{ "add", MOEAI_ACTION_ADD, COLUMNS },
	{ "replace", MOEAI_ACTION_REPLACE, COLUMNS },
	{ "delete", MOEAI_ACTION_DELETE, COLUMNS },
	{ "flush", MOEAI_ACTION_FLUSH, NOTHING },
	{ "load", MOEAI_ACTION_ADD, FILE_NAME },
	{ "confirm", MOEAI_ACTION_CONFIRM, NOTHING },
	{ "rollback", MOEAI_ACTION_ROLLBACK, NOTHING },
};

struct input {
	struct change change;
	const struct action *action; /* NULL: show it */
	bool replace;
	struct where where;
	const char *order;
};

/* ---- the command line ---------------------------------------------------------------- */

static const struct action *find_action(const char *name, const struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	complain_usage(state, "'%s' is none of add, replace, delete, flush, load, confirm, "
		       "rollback", name);
	return NULL;
}

static error_t add_word(struct input *in, char *word, const struct argp_state *state)
{
	struct change *c = &in->change;
	char **words;

	if (!c->table) {
		c->table = word;
		return 0;
	}
	if (!in->action) {
		in->action = find_action(word, state);
		c->action = in->action->action;
		return 0;
	}
	if (in->action->takes == NOTHING || (in->action->takes == FILE_NAME && c->file))
		complain_usage(state, "%s: '%s' is too much", in->action->name, word);
	if (in->action->takes == FILE_NAME) {
		c->file = word;
		return 0;
	}
	if (!strchr(word, '=') || *word == '=')
		complain_usage(state, "'%s' is not key=value", word);
	words = realloc(c->words, (c->n + 1) * sizeof(*words));
	if (!words)
		return ENOMEM;
	c->words = words;
	c->words[c->n++] = word;
	return 0;
}

static void check(struct input *in, const struct argp_state *state)
{
	const struct action *a = in->action;
	bool load = a && a->takes == FILE_NAME;

	if ((in->where.n || in->order) && (a || !in->change.table))
		complain_usage(state, "--where and --sort are for showing a table");
	if (in->change.confirm && (!a || a->action > MOEAI_ACTION_FLUSH))
		complain_usage(state, "--confirm is for changing a table");
	if ((in->replace || in->change.flush) && !load)
		complain_usage(state, "--replace and --flush are for load");
	if (a && a->takes == COLUMNS && !in->change.n)
		complain_usage(state, "%s which row? Give key=value", a->name);
	if (load && !in->change.file)
		complain_usage(state, "load which file? '-' is the standard input");
	if (in->replace)
		in->change.action = MOEAI_ACTION_REPLACE;
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case 'w':
		if (where_add(&in->where, arg))
			complain_usage(state, "--where %s: give COLUMN=VALUE", arg);
		return 0;
	case KEY_SORT:
		in->order = arg;
		return 0;
	case KEY_CONFIRM:
		in->change.confirm = confirm_parse(arg, state);
		return 0;
	case KEY_REPLACE:
		in->replace = true;
		return 0;
	case KEY_FLUSH:
		in->change.flush = true;
		return 0;
	case ARGP_KEY_ARG:
		return add_word(in, arg, state);
	case ARGP_KEY_END:
		check(in, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- the work ------------------------------------------------------------------------ */

/* Without a name: which there are. */
static int list_tables(struct moectl *ctl)
{
	static const struct moeai_field field = { .name = "table", .type = MOEAI_TYPE_STRING,
						  .id = 1, .flags = MOEAI_F_KEY };
	static const struct moeai_schema schema = { .fields = &field, .n_fields = 1 };
	struct names names = { 0 };
	struct fields row = { 0 };
	struct grid *g = NULL;
	int err;

	if (command_open(ctl))
		return 1;
	err = listing_tables(ctl->h, &names);
	if (err)
		return complain_call(ctl->h, err);
	err = grid_new(&g, &ctl->out, &schema);
	for (size_t i = 0; i < names.n && !err; i++) {
		struct moeai_value v = fields_string(&field, names.v[i]);

		fields_clear(&row);
		err = fields_add(&row, &v);
		if (!err)
			err = grid_add(g, &row);
	}
	fields_free(&row);
	names_free(&names);
	return table_end(g, err);
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	int status;

	if (!in->change.table)
		status = list_tables(ctl);
	else if (!in->action)
		status = table_print(ctl, in->change.table, &in->where, in->order);
	else if (in->action->takes == FILE_NAME)
		status = change_load(ctl, &in->change);
	else
		status = change_run(ctl, &in->change);
	where_free(&in->where);
	free(in->change.words);
	return status;
}

const struct command cmd_table = {
	.name = "table",
	.arguments = "[NAME [add|replace|delete KEY=VALUE...|flush|load FILE|confirm|rollback]]",
	.summary = "Show or change a table of the kernel, or show which there are",
	.details = "Columns are what the kernel says they are. Off a terminal they are separated "
		   "by tabs, without a heading; new columns are only ever added at the end. "
		   "Tables modules, commands, event_types, fields and tables are open to "
		   "everybody, others need CAP_SYS_ADMIN.\n\n"
		   "A change is made whole or not at all, and needs CAP_NET_ADMIN. delete takes "
		   "the columns of the key. load reads one row a line from FILE ('-': standard "
		   "input), KEY=VALUE with quotes as in a shell; what follows a # is a comment.\n\n"
		   "Examples:\n"
		   "  moectl table\n"
		   "  moectl table event_types\n"
		   "  moectl table fields --where kind=args --where owner=core.ping --json\n"
		   "  moectl table net_guard.rules --sort=-hits\n"
		   "  moectl table net_guard.rules add prefix=192.0.2.0/24 action=drop\n"
		   "  moectl table net_guard.rules load rules.txt --flush --confirm 60\n"
		   "  moectl table net_guard.rules confirm",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
