// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>

#include "buffer.h"
#include "handle.h"
#include "table.h"
#include "value.h"

#define TRIES 5 /* at a table that changes while it is read */

/* ---- schemas ---------------------------------------------------------------- */

/* Rows of a table one after the other, kept as the attributes that they came in. */
struct rows {
	struct buffer b;
	size_t n;
};

static int rows_append(void *arg, struct attr_run row)
{
	struct rows *r = arg;
	struct nlattr head = { NLA_HDRLEN + row.len, MOEAI_A_DATA_ROW };
	char *to = buffer_add(&r->b, NLA_ALIGN((size_t)head.nla_len));

	if (!to)
		return -ENOMEM;
	memcpy(to, &head, sizeof(head));
	if (row.len)
		memcpy(to + sizeof(head), row.data, row.len);
	r->n++;
	return 0;
}

static int store_rows(struct moeai *h, const struct rows *r)
{
	struct field_row *rows = calloc(r->n ? r->n : 1, sizeof(*rows));
	struct attr_run run = { r->b.data, r->b.len }, row;
	size_t pos = 0, n = 0;
	int rc = rows ? 0 : -ENOMEM;

	while (!rc && data_row(run, &pos, &row) > 0)
		rc = field_row_decode(row, &rows[n++]);
	if (!rc)
		rc = schema_store_set(&h->catalog.schemas, rows, n);
	free(rows);
	if (rc == -EPROTO)
		return error_set(&h->error, rc, "table fields: row %zu is malformed", n);
	if (rc == -EILSEQ)
		return error_set(&h->error, -EPROTO, "table fields: row %zu has a name that the "
				 "kernel gives nothing", n);
	if (rc == -EEXIST)
		return error_set(&h->error, -EPROTO, "table fields: a field is there twice");
	return rc ? error_set(&h->error, rc, "out of memory") : 0;
}

static int load_schemas(struct moeai *h)
{
	struct rows r = { 0 };
	int rc = table_walk(h, "fields", rows_append, &r);

	if (!rc)
		rc = store_rows(h, &r);
	free(r.b.data);
	return rc;
}

/* ---- types and commands ----------------------------------------------------- */

/* A table whose rows have an id and a name. */
struct listing {
	struct moeai *h;
	const struct moeai_schema *schema;
	struct event_type *types;
	size_t n_types;
	struct command *commands;
	size_t n_commands;
};

static int listing_row(const struct listing *l, struct attr_run row, uint32_t *id,
		       const char **name)
{
	const struct moeai_values values = { l->schema, row.data, row.len };
	struct moeai_value v;

	if (moeai_values_get(&values, "id", &v) || v.len != sizeof(*id))
		return -EPROTO;
	*id = v.u64;
	if (moeai_values_get(&values, "name", &v) || !v.field ||
	    v.field->type != MOEAI_TYPE_STRING)
		return -EPROTO;
	*name = v.data;
	return schema_is_owner(*name) ? 0 : -EILSEQ;
}

static void *grown(void *array, size_t n, size_t size)
{
	return n & (n - 1) ? array : reallocarray(array, n ? 2 * n : 1, size);
}

static int add_type(struct listing *l, const struct event_type *type)
{
	struct event_type *types = grown(l->types, l->n_types, sizeof(*types));

	if (!types)
		return -ENOMEM;
	l->types = types;
	types[l->n_types++] = *type;
	return 0;
}

static int type_row(void *arg, struct attr_run row)
{
	struct listing *l = arg;
	struct event_type type;
	const char *name;
	int rc = listing_row(l, row, &type.id, &name);

	if (rc)
		return rc;
	type.schema = schema_store_get(&l->h->catalog.schemas, MOEAI_SCHEMA_EVENT, name);
	if (!type.schema)
		return -ENOMEM;
	type.name = type.schema->owner;
	snprintf(type.source, sizeof(type.source), "%.*s", (int)strcspn(type.name, "."),
		 type.name);
	return add_type(l, &type);
}

static int command_row(void *arg, struct attr_run row)
{
	struct listing *l = arg;
	struct schema_store *s = &l->h->catalog.schemas;
	struct command command, *commands;
	const char *name;
	int rc = listing_row(l, row, &command.id, &name);

	if (rc)
		return rc;
	command.args = schema_store_get(s, MOEAI_SCHEMA_ARGS, name);
	command.reply = schema_store_get(s, MOEAI_SCHEMA_REPLY, name);
	commands = grown(l->commands, l->n_commands, sizeof(*commands));
	if (!command.args || !command.reply || !commands)
		return -ENOMEM;
	command.name = command.args->owner;
	l->commands = commands;
	commands[l->n_commands++] = command;
	return 0;
}

static int compare_types(const void *a, const void *b)
{
	const struct event_type *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static const struct event_type *find_type(const struct event_type *types, size_t n, uint32_t id)
{
	const struct event_type key = { .id = id };

	return n ? bsearch(&key, types, n, sizeof(key), compare_types) : NULL;
}

static int load_listing(struct listing *l, const char *table, row_fn fn)
{
	int rc;

	l->schema = schema_store_find(&l->h->catalog.schemas, MOEAI_SCHEMA_TABLE, table);
	if (!l->schema)
		return error_set(&l->h->error, -EPROTO, "nothing describes table %s", table);
	rc = table_walk(l->h, table, fn, l);
	if (rc == -EPROTO)
		error_set(&l->h->error, rc, "table %s: a row without id or name", table);
	if (rc == -EILSEQ)
		rc = error_set(&l->h->error, -EPROTO, "table %s: a name that the kernel gives "
			       "nothing", table);
	return rc;
}

/* The log may still hold events of a type that is gone. */
static int keep_old_types(struct listing *l)
{
	const struct catalog *c = &l->h->catalog;
	size_t n = l->n_types;
	int rc = 0;

	if (n)
		qsort(l->types, n, sizeof(*l->types), compare_types);
	for (size_t i = 0; !rc && i < c->n_types; i++)
		if (!find_type(l->types, n, c->types[i].id))
			rc = add_type(l, &c->types[i]);
	if (l->n_types > n)
		qsort(l->types, l->n_types, sizeof(*l->types), compare_types);
	return rc;
}

static bool same_types(const struct catalog *c, const struct listing *l)
{
	bool same = c->n_types == l->n_types;

	for (size_t i = 0; same && i < l->n_types; i++)
		same = c->types[i].id == l->types[i].id &&
		       c->types[i].schema == l->types[i].schema;
	return same;
}

static bool same_commands(const struct catalog *c, const struct listing *l)
{
	bool same = c->n_commands == l->n_commands;

	for (size_t i = 0; same && i < l->n_commands; i++)
		same = c->commands[i].id == l->commands[i].id &&
		       c->commands[i].args == l->commands[i].args &&
		       c->commands[i].reply == l->commands[i].reply;
	return same;
}

static int load(struct moeai *h)
{
	struct catalog *c = &h->catalog;
	struct listing l = { .h = h };
	int rc = load_schemas(h);

	if (!rc)
		rc = load_listing(&l, "event_types", type_row);
	if (!rc)
		rc = load_listing(&l, "commands", command_row);
	if (!rc)
		rc = keep_old_types(&l);
	if (rc) {
		free(l.types);
		free(l.commands);
		c->version++; /* schemas may be others already */
		return rc;
	}
	c->version += schema_store_changed(&c->schemas) || !same_types(c, &l) ||
		      !same_commands(c, &l);
	free(c->types);
	free(c->commands);
	c->types = l.types;
	c->n_types = l.n_types;
	c->commands = l.commands;
	c->n_commands = l.n_commands;
	c->stale = false;
	return 0;
}

int catalog_refresh(struct moeai *h)
{
	int rc, tries = TRIES;

	do {
		rc = load(h);
	} while (rc == -ERESTART && --tries);
	return rc;
}

void catalog_forget(struct catalog *c)
{
	schema_store_forget(&c->schemas);
	free(c->types);
	free(c->commands);
	c->types = NULL;
	c->commands = NULL;
	c->n_types = c->n_commands = 0;
	c->version++;
}

void catalog_free(struct catalog *c)
{
	catalog_forget(c);
	schema_store_free(&c->schemas);
}

const struct event_type *catalog_type(const struct catalog *c, uint32_t id)
{
	return find_type(c->types, c->n_types, id);
}

/* ---- by name ---------------------------------------------------------------- */

int catalog_schema(struct moeai *h, uint32_t kind, const char *owner,
		   const struct moeai_schema **out)
{
	int rc;

	*out = h->catalog.stale ? NULL : schema_store_find(&h->catalog.schemas, kind, owner);
	if (*out)
		return 0;
	rc = catalog_refresh(h);
	if (rc)
		return rc;
	*out = schema_store_find(&h->catalog.schemas, kind, owner);
	return *out ? 0 : error_set(&h->error, -ENOENT, "no description of %s", owner);
}

int moeai_schema_get(struct moeai *h, enum moeai_schema_kind kind, const char *owner,
		     const struct moeai_schema **out)
{
	int rc = catalog_schema(h, kind, owner, out);

	return rc == -ERESTART ? -EINTR : rc;
}

/* Who calls a command often finds it at once. */
static const struct command *find_command(struct catalog *c, const char *name)
{
	if (c->found < c->n_commands && !strcmp(c->commands[c->found].name, name))
		return &c->commands[c->found];
	for (size_t i = 0; i < c->n_commands; i++) {
		if (strcmp(c->commands[i].name, name))
			continue;
		c->found = i;
		return &c->commands[i];
	}
	return NULL;
}

int catalog_command(struct moeai *h, const char *name, struct command *out)
{
	const struct command *found = find_command(&h->catalog, name);
	int rc;

	if (!found || h->catalog.stale) {
		rc = catalog_refresh(h);
		if (rc)
			return rc;
		found = find_command(&h->catalog, name);
	}
	if (!found)
		return error_set(&h->error, -ENOENT, "%s: no such command", name);
	*out = *found;
	return 0;
}
