// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "grid.h"
#include "listing.h"
#include "show.h"
#include "table.h"

struct call {
	char *name, *help;
	char *usage;  /* of its arguments */
	json_t *args; /* arrays of rows of table fields */
	json_t *reply;
};

struct calls {
	struct call *v;
	size_t n;
};

static void calls_free(struct calls *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].help);
		free(c->v[i].usage);
		json_decref(c->v[i].args);
		json_decref(c->v[i].reply);
	}
	free(c->v);
	*c = (struct calls){ 0 };
}

/* ---- collecting ------------------------------------------------------------------ */

static int begin_calls(void *arg, const struct moeai_schema *unused)
{
	calls_free(arg);
	return 0;
}

static int add_call(void *arg, const struct fields *row)
{
	struct calls *c = arg;
	const char *name = fields_text(row, "name"), *help = fields_text(row, "help");
	struct call *v = realloc(c->v, (c->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	c->v = v;
	v += c->n++;
	*v = (struct call){ .name = strdup(name ? name : ""), .help = strdup(help ? help : ""),
			    .usage = strdup(""), .args = json_array(), .reply = json_array() };
	return v->name && v->help && v->usage && v->args && v->reply ? 0 : -ENOMEM;
}

static int begin_fields(void *arg, const struct moeai_schema *unused)
{
	struct calls *c = arg;

	for (size_t i = 0; i < c->n; i++) {
		*c->v[i].usage = '\0';
		json_array_clear(c->v[i].args);
		json_array_clear(c->v[i].reply);
	}
	return 0;
}

static const char *placeholder(const struct fields *field)
{
	static const char *const types[] = {
		[MOEAI_TYPE_BOOL] = "0|1",	 [MOEAI_TYPE_U32] = "N",
		[MOEAI_TYPE_S32] = "N",		 [MOEAI_TYPE_U64] = "N",
		[MOEAI_TYPE_S64] = "N",		 [MOEAI_TYPE_STRING] = "TEXT",
		[MOEAI_TYPE_BINARY] = "HEX",	 [MOEAI_TYPE_PREFIX] = "ADDRESS[/BITS]",
		[MOEAI_TYPE_ENUM] = "LABEL",	 [MOEAI_TYPE_FLAGS] = "LABEL",
	};
	uint64_t type = fields_u64(field, "type", 0);
	const char *labels = fields_text(field, "labels");

	if ((type == MOEAI_TYPE_ENUM || type == MOEAI_TYPE_FLAGS) && labels && *labels)
		return labels;
	switch (fields_u64(field, "unit", 0)) {
	case MOEAI_UNIT_BYTES:
		return "SIZE";
	case MOEAI_UNIT_NS:
		return "DURATION";
	case MOEAI_UNIT_PERMILLE:
		return "PERMILLE";
	}
	return type <= MOEAI_TYPE_MAX && types[type] ? types[type] : "VALUE";
}

char *calls_argument(const struct fields *field)
{
	bool required = fields_u64(field, "flags", 0) & MOEAI_F_REQUIRED;
	const char *name = fields_text(field, "name");
	char *text = NULL;

	if (asprintf(&text, required ? "%s=%s" : "[%s=%s]", name ? name : "?",
		     placeholder(field)) < 0)
		return NULL;
	return text;
}

static int add_argument(struct call *call, const struct fields *field)
{
	char *argument = calls_argument(field), *usage = NULL;

	if (argument && asprintf(&usage, "%s%s%s", call->usage, *call->usage ? " " : "",
				 argument) < 0)
		usage = NULL;
	free(argument);
	if (!usage)
		return -ENOMEM;
	free(call->usage);
	call->usage = usage;
	return 0;
}

/* A row of table fields, if it is of a command. */
static int add_field(void *arg, const struct fields *row)
{
	struct calls *c = arg;
	const char *owner = fields_text(row, "owner");
	uint64_t kind = fields_u64(row, "kind", __MOEAI_SCHEMA_MAX);
	json_t *field;

	if (!owner || (kind != MOEAI_SCHEMA_ARGS && kind != MOEAI_SCHEMA_REPLY))
		return 0;
	for (size_t i = 0; i < c->n; i++) {
		struct call *call = &c->v[i];

		if (strcmp(call->name, owner) != 0)
			continue;
		field = show_fields_json(row);
		json_object_del(field, "kind");
		json_object_del(field, "owner");
		if (json_array_append_new(kind == MOEAI_SCHEMA_ARGS ? call->args : call->reply,
					  field))
			return -ENOMEM;
		return kind == MOEAI_SCHEMA_ARGS ? add_argument(call, row) : 0;
	}
	return 0;
}

static int collect(struct moeai *h, struct calls *c)
{
	int err = listing_walk(h, "commands", begin_calls, add_call, c);

	return err ? err : listing_walk(h, "fields", begin_fields, add_field, c);
}

/* ---- printing ------------------------------------------------------------------- */

static const struct moeai_field columns[] = {
	{ .name = "command", .type = MOEAI_TYPE_STRING, .id = 1, .flags = MOEAI_F_KEY },
	{ .name = "arguments", .type = MOEAI_TYPE_STRING, .id = 2 },
	{ .name = "help", .type = MOEAI_TYPE_STRING, .id = 3 },
};
static const struct moeai_schema schema = { .fields = columns, .n_fields = 3 };

static int print_json(struct output *out, const struct calls *c)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < c->n; i++) {
		const struct call *call = &c->v[i];

		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:O, s:O}", "command",
						show_json_text(call->name, strlen(call->name)),
						"help",
						show_json_text(call->help, strlen(call->help)),
						"arguments", call->args, "reply", call->reply));
	}
	return output_json(out, array);
}

static int print_rows(struct output *out, const struct calls *c)
{
	struct fields row = { 0 };
	struct grid *g = NULL;
	int err = grid_new(&g, out, &schema);

	for (size_t i = 0; i < c->n && !err; i++) {
		const char *const texts[] = { c->v[i].name, c->v[i].usage, c->v[i].help };

		fields_clear(&row);
		for (size_t j = 0; j < 3 && !err; j++) {
			struct moeai_value v = fields_string(&columns[j], texts[j]);

			err = fields_add(&row, &v);
		}
		if (!err)
			err = grid_add(g, &row);
	}
	fields_free(&row);
	return table_end(g, err);
}

int calls_list(struct moectl *ctl)
{
	struct calls c = { 0 };
	int err, status;

	if (command_open(ctl))
		return 1;
	err = collect(ctl->h, &c);
	if (err)
		status = complain_call(ctl->h, err);
	else if (ctl->out.form == FORM_JSON)
		status = print_json(&ctl->out, &c);
	else
		status = print_rows(&ctl->out, &c);
	calls_free(&c);
	return status;
}
