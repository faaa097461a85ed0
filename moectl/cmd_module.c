// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "grid.h"
#include "listing.h"
#include "procfs.h"
#include "show.h"
#include "table.h"
#include "units.h"

/* The output: a row for the module and each thing of it. */
enum { KIND = 1, NAME, VALUE, UNIT, WRITABLE, HELP };

#define COLUMN(_id, _name) { .name = (_name), .type = MOEAI_TYPE_STRING, .id = (_id) }

static const struct moeai_field columns[] = {
	COLUMN(KIND, "kind"), COLUMN(NAME, "name"),	    COLUMN(VALUE, "value"),
	COLUMN(UNIT, "unit"), COLUMN(WRITABLE, "writable"), COLUMN(HELP, "help"),
};
static const struct moeai_schema schema = { .fields = columns, .n_fields = HELP };

/* For people the unit is in the value. */
static const struct moeai_field people_columns[] = {
	COLUMN(KIND, "kind"),	      COLUMN(NAME, "name"), COLUMN(VALUE, "value"),
	COLUMN(WRITABLE, "writable"), COLUMN(HELP, "help"),
};
static const struct moeai_schema people_schema = { .fields = people_columns, .n_fields = HELP - 1 };

/* The tables that tell of a module, and what of them belongs to it. */
static const struct part {
	const char *table;
	const char *key;   /* the JSON object's */
	const char *kind;  /* in the output; NULL: the row's own */
	const char *owner; /* column with the module's name; NULL: the name's prefix */
} parts[] = {
	{ "modules", NULL, "module", "name" },
	{ "params", "params", NULL, "module" },
	{ "commands", "commands", "command", NULL },
	{ "event_types", "event_types", "event", NULL },
};

struct collection {
	struct output *out;
	const char *module;
	const struct part *part;
	struct grid *grid;
	json_t *json; /* of the modules row, with an array for each other part */
	size_t found; /* rows of the present part */
};

/* ---- collecting ------------------------------------------------------------------ */

static bool belongs(const struct collection *c, const struct fields *row)
{
	const char *owner = fields_text(row, c->part->owner ? c->part->owner : "name");

	if (!owner)
		return false;
	return c->part->owner ? !strcmp(owner, c->module) : listing_belongs(owner, c->module);
}

/*
 * A parameter's value for people, with its unit: the row has type and unit
 * beside the text. A new string; NULL: out of memory.
 */
static char *value_people(const struct fields *row, const char *text)
{
	struct moeai_field field = {
		.name = "value",
		.type = (uint8_t)fields_u64(row, "type", MOEAI_TYPE_STRING),
		.unit = (uint8_t)fields_u64(row, "unit", MOEAI_UNIT_NONE),
	};
	struct moeai_value v = fields_string(&field, text);
	uint64_t number;

	if (field.type >= MOEAI_TYPE_BOOL && field.type <= MOEAI_TYPE_S64 &&
	    strncmp(text, "0x", 2) != 0 && !units_parse_u64(text, &number))
		v = fields_number(&field, number);
	else
		field.type = MOEAI_TYPE_STRING;
	return show_people(&v, 0);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* The value column: a module's state, a parameter's value. */
static char *value_of(const struct collection *c, const struct fields *row)
{
	const char *value = fields_text(row, "value");

	if (!value)
		return strdup(or_empty(fields_text(row, "state")));
	if (c->out->form == FORM_PEOPLE)
		return value_people(row, value);
	return strdup(value);
}

static int add_to_grid(struct collection *c, const struct fields *row)
{
	bool writable = fields_u64(row, "writable", 0);
	const char *unit = fields_text(row, "unit");
	const char *kind = c->part->kind ? c->part->kind : or_empty(fields_text(row, "kind"));
	char *value = value_of(c, row);
	const char *const texts[HELP + 1] = {
		[KIND] = kind,
		[NAME] = or_empty(fields_text(row, "name")),
		[VALUE] = value,
		[UNIT] = or_empty(unit),
		[WRITABLE] = !strcmp(kind, "param") ? writable ? "yes" : "no" : "",
		[HELP] = or_empty(fields_text(row, "help")),
	};
	struct fields cells = { 0 };
	int err = value ? 0 : -ENOMEM;

	for (int i = KIND; i <= HELP && !err; i++) {
		struct moeai_value v = fields_string(&columns[i - 1], texts[i]);

		err = fields_add(&cells, &v);
	}
	if (!err)
		err = grid_add(c->grid, &cells);
	fields_free(&cells);
	free(value);
	return err;
}

static int add_to_json(struct collection *c, const struct fields *row)
{
	json_t *object = show_fields_json(row);

	if (!c->part->key) {
		json_decref(c->json);
		c->json = object;
		return object ? 0 : -ENOMEM;
	}
	return json_array_append_new(json_object_get(c->json, c->part->key), object) ? -ENOMEM : 0;
}

static int add_row(void *arg, const struct fields *row)
{
	struct collection *c = arg;

	if (!belongs(c, row))
		return 0;
	c->found++;
	return c->grid ? add_to_grid(c, row) : add_to_json(c, row);
}

static int begin_part(void *arg, const struct moeai_schema *unused)
{
	struct collection *c = arg;

	c->found = 0;
	if (!c->grid && c->part->key)
		return json_object_set_new(c->json, c->part->key, json_array()) ? -ENOMEM : 0;
	return 0;
}

static int unknown_module(struct moectl *ctl, const char *name)
{
	struct names names = { 0 };
	int status;

	listing_names(ctl->h, "modules", "name", &names);
	status = listing_complain("module", name, &names, "'moectl modules' lists them");
	names_free(&names);
	return status;
}

/* What may not be read is left out and told. Returns 0, 1 after complaining. */
static int collect(struct moectl *ctl, struct collection *c)
{
	int status = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		int err;

		c->part = &parts[i];
		err = listing_walk(ctl->h, c->part->table, begin_part, add_row, c);
		if (err == -EPERM && c->part->key)
			status = complain_call(ctl->h, err);
		else if (err)
			return complain_call(ctl->h, err);
		if (!c->part->key && !c->found)
			return unknown_module(ctl, c->module);
	}
	return status;
}

static int run_netlink(struct moectl *ctl, const char *module)
{
	struct collection c = { .out = &ctl->out, .module = module };
	int status;

	if (command_open(ctl))
		return 1;
	if (ctl->out.form != FORM_JSON &&
	    grid_new(&c.grid, c.out, ctl->out.form == FORM_PEOPLE ? &people_schema : &schema))
		return complain("out of memory");
	status = collect(ctl, &c);
	/* A module that does not exist leaves nothing to print. */
	if (c.grid)
		status |= table_end(c.grid, 0);
	else if (c.json)
		status |= output_json(c.out, c.json);
	return status;
}

/* ---- procfs ------------------------------------------------------------------------ */

static int run_procfs(struct moectl *ctl, const char *module)
{
	char path[300], *text, *rest, *line, *name, *value;
	struct fields r = { 0 };
	int status = 0;

	if (strchr(module, '/'))
		return complain("there is no module '%s'; 'moectl modules' lists them", module);
	snprintf(path, sizeof(path), "modules/%s", module);
	if (procfs_read(path, &text))
		return 1;
	for (rest = text; !status && (line = strsep(&rest, "\n"));)
		if (!procfs_parse_pair(line, &name, &value) &&
		    fields_add_text(&r, name, value, false))
			status = complain("out of memory");
	if (!status)
		status = ctl->out.form == FORM_JSON ? output_json(&ctl->out, show_fields_json(&r)) :
						      show_fields_lines(&ctl->out, &r);
	fields_free(&r);
	free(text);
	return status;
}

/* ------------------------------------------------------------------------------------ */

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	if (key == ARGP_KEY_NO_ARGS)
		complain_usage(state, "which module? 'moectl modules' lists them");
	return command_parse_word(key, arg, state, input);
}

static int run(struct moectl *ctl, void *input)
{
	const char *const *name = input;

	return ctl->procfs ? run_procfs(ctl, *name) : run_netlink(ctl, *name);
}

const struct command cmd_module = {
	.name = "module",
	.arguments = "NAME",
	.summary = "Show a module's state, parameters, commands and event types",
	.details = "Off a terminal a line is 'kind name value unit writable help', separated by "
		   "tabs; the value of kind module is its state. With --procfs the lines of "
		   "/proc/moeai/modules/NAME are shown. Parameters need CAP_SYS_ADMIN; 'moectl "
		   "set' changes them; 'moectl run module.stop name=NAME' stops a module.\n\n"
		   "Examples:\n"
		   "  moectl module mem_monitor\n"
		   "  moectl module mem_monitor --json | jq '.params[] | select(.writable)'",
	.procfs = true,
	.parse = parse,
	.input_size = sizeof(const char *),
	.run = run,
};
