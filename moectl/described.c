// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "described.h"
#include "listing.h"

/* The tables that name what has a schema. */
static const struct source {
	const char *table;
	enum moeai_schema_kind kinds[2];
	size_t n_kinds;
} sources[] = {
	{ "event_types", { MOEAI_SCHEMA_EVENT }, 1 },
	{ "commands", { MOEAI_SCHEMA_ARGS, MOEAI_SCHEMA_REPLY }, 2 },
	{ "modules", { MOEAI_SCHEMA_PARAM }, 1 },
	{ "tables", { MOEAI_SCHEMA_TABLE }, 1 },
};

struct collection {
	struct moeai *h;
	const struct source *source;
	char *const *owners;
	size_t n_owners;
	bool *found; /* of each owner */
	struct described *out;
};

/* The core's tables, and the status, have no prefix. */
static bool is_core(const struct collection *c, const char *name)
{
	return c->source->kinds[0] == MOEAI_SCHEMA_TABLE && !strchr(name, '.');
}

static bool of_owner(const struct collection *c, const char *name, const char *owner)
{
	return !strcmp(name, owner) || listing_belongs(name, owner) ||
	       (!strcmp(owner, "core") && is_core(c, name));
}

/* Whether a thing is wanted, by its own name or its module's. */
static bool wanted(const struct collection *c, const char *name)
{
	bool any = !c->n_owners;

	for (size_t i = 0; i < c->n_owners; i++) {
		if (!of_owner(c, name, c->owners[i]))
			continue;
		c->found[i] = true;
		any = true;
	}
	return any;
}

static int add(struct described *d, const char *help, bool writable,
	       const struct moeai_schema *schema)
{
	struct description *v = realloc(d->v, (d->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	d->v = v;
	v += d->n;
	*v = (struct description){ strdup(help ? help : ""), writable, schema };
	if (!v->help)
		return -ENOMEM;
	d->n++;
	return 0;
}

/* A module without parameters has no schema of them. */
static int add_kind(struct collection *c, enum moeai_schema_kind kind, const char *name,
		    const char *help, bool writable)
{
	const struct moeai_schema *schema;
	int err = moeai_schema_get(c->h, kind, name, &schema);

	if (err)
		return err == -ENOENT && kind == MOEAI_SCHEMA_PARAM ? 0 : err;
	return add(c->out, help, writable, schema);
}

static int add_row(void *arg, const struct fields *row)
{
	struct collection *c = arg;
	const char *name = fields_text(row, "name"), *help = fields_text(row, "help");
	int err = 0;

	if (!name || !wanted(c, name))
		return 0;
	for (size_t i = 0; i < c->source->n_kinds && !err; i++)
		err = add_kind(c, c->source->kinds[i], name, help,
			       fields_u64(row, "writable", 0));
	return err;
}

/* A walk that begins anew has left nothing of the one before. */
static int begin(void *arg, const struct moeai_schema *unused)
{
	struct collection *c = arg;
	struct described *d = c->out;

	while (d->n && d->v[d->n - 1].schema->kind >= c->source->kinds[0] &&
	       d->v[d->n - 1].schema->kind <= c->source->kinds[c->source->n_kinds - 1])
		free(d->v[--d->n].help);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct moeai_schema *x = ((const struct description *)a)->schema;
	const struct moeai_schema *y = ((const struct description *)b)->schema;

	return x->kind != y->kind ? (x->kind > y->kind ? 1 : -1) : strcmp(x->owner, y->owner);
}

static int collect(struct collection *c)
{
	int err = 0;

	/* The tables last: the status goes with them. */
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources) && !err; i++) {
		c->source = &sources[i];
		err = listing_walk(c->h, c->source->table, begin, add_row, c);
	}
	/* Nothing but its schema tells of the status. */
	if (!err && wanted(c, "status"))
		err = add_kind(c, MOEAI_SCHEMA_STATUS, "status", "the answer of STATUS", false);
	return err;
}

int described_get(struct moeai *h, char *const *owners, size_t n, struct described *out,
		  const char **unknown)
{
	bool *found = calloc(n + 1, sizeof(*found));
	struct collection c = { .h = h, .owners = owners, .n_owners = n, .found = found,
				.out = out };
	int err = found ? collect(&c) : -ENOMEM;

	for (size_t i = 0; i < n && !err; i++) {
		if (found[i])
			continue;
		*unknown = owners[i];
		err = -ENOENT;
	}
	free(found);
	if (!err && out->n)
		qsort(out->v, out->n, sizeof(*out->v), compare);
	return err;
}

void described_free(struct described *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->v[i].help);
	free(d->v);
	*d = (struct described){ 0 };
}

const char *described_label(struct moeai *h, const char *column, uint64_t value)
{
	const struct moeai_schema *schema;
	const char *label = NULL;

	if (moeai_schema_get(h, MOEAI_SCHEMA_TABLE, "fields", &schema))
		return "?";
	for (size_t i = 0; i < schema->n_fields; i++)
		if (!strcmp(schema->fields[i].name, column))
			label = moeai_field_label(&schema->fields[i], value);
	return label ? label : "?";
}
