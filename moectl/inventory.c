// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "inventory.h"
#include "listing.h"

static void items_free(struct items *items)
{
	for (size_t i = 0; i < items->n; i++) {
		free(items->v[i].name);
		free(items->v[i].help);
	}
	free(items->v);
	*items = (struct items){ 0 };
}

struct walk {
	struct moeai *h;
	struct items *items;
};

/* A walk that begins anew has left nothing of the one before. */
static int begin(void *arg, const struct moeai_schema *unused)
{
	const struct walk *walk = arg;

	items_free(walk->items);
	return 0;
}

static const struct moeai_field *field_of(struct moeai *h, const char *module, const char *param)
{
	const struct moeai_schema *schema;
	const char *name = strchr(param, '.');

	if (!name || moeai_schema_get(h, MOEAI_SCHEMA_PARAM, module, &schema))
		return NULL;
	for (size_t i = 0; i < schema->n_fields; i++)
		if (!strcmp(schema->fields[i].name, name + 1))
			return &schema->fields[i];
	return NULL;
}

/* A parameter's field and value. */
static int settle(struct moeai *h, const struct fields *row, struct item *param)
{
	const char *module = fields_text(row, "module"), *text = fields_text(row, "value");
	struct moeai_field any;
	struct moeai_value v;
	char buf[64];
	int err;

	param->field = module && text ? field_of(h, module, param->name) : NULL;
	if (!param->field)
		return -EPROTO;
	any = *param->field;
	any.has_range = false; /* whatever it is now */
	err = moeai_value_parse(h, &any, text, buf, sizeof(buf), &v);
	param->value = v.u64;
	return err;
}

static int add(void *arg, const struct fields *row)
{
	const char *name = fields_text(row, "name"), *help = fields_text(row, "help");
	const struct walk *walk = arg;
	struct items *items = walk->items;
	struct item *v;

	if (!name || fields_u64(row, "kind", 0)) /* a statistic */
		return 0;
	v = reallocarray(items->v, items->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	items->v = v;
	v += items->n++;
	*v = (struct item){ .name = strdup(name), .help = strdup(help ? help : ""),
			    .writable = fields_u64(row, "writable", 0),
			    .awaits = fields_u64(row, "awaits", 0) };
	if (!v->name || !v->help)
		return -ENOMEM;
	return fields_get(row, "value") ? settle(walk->h, row, v) : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

static void sort(struct items *items)
{
	if (items->n)
		qsort(items->v, items->n, sizeof(*items->v), by_name);
}

int inventory_get(struct moeai *h, struct inventory *out)
{
	const struct {
		const char *table;
		struct items *items;
	} parts[] = { { "modules", &out->modules },
		      { "tables", &out->tables },
		      { "params", &out->params } };
	int err = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !err; i++) {
		struct walk walk = { h, parts[i].items };

		err = listing_walk(h, parts[i].table, begin, add, &walk);
	}
	if (err)
		return complain_call(h, err);
	sort(&out->modules);
	sort(&out->tables);
	return 0;
}

void inventory_free(struct inventory *inv)
{
	items_free(&inv->modules);
	items_free(&inv->params);
	items_free(&inv->tables);
}

const struct item *items_find(const struct items *items, const char *name)
{
	for (size_t i = 0; i < items->n; i++)
		if (!strcmp(items->v[i].name, name))
			return &items->v[i];
	return NULL;
}

bool inventory_is_of(const struct item *module, const char *name)
{
	size_t len = strlen(module->name);

	return !strncmp(module->name, name, len) && name[len] == '.';
}

const struct item *inventory_module(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->modules.n; i++)
		if (inventory_is_of(&inv->modules.v[i], name))
			return &inv->modules.v[i];
	return NULL;
}

struct moeai_value inventory_value(const struct moeai_field *field, uint64_t value)
{
	return (struct moeai_value){ .field = field, .id = field->id, .u64 = value,
				     .s64 = (int64_t)value };
}
