// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "listing.h"
#include "complain.h"
#include "suggest.h"

#define ATTEMPTS 8

static int walk_once(struct moeai *h, const char *table, listing_begin_fn begin,
		     listing_row_fn row, void *arg)
{
	struct moeai_values values;
	struct fields fields = { 0 };
	struct moeai_table *t;
	int err = moeai_table_open(h, table, &t);

	if (err)
		return err;
	if (begin)
		err = begin(arg, moeai_table_schema(t));
	while (!err && (err = moeai_table_next(t, &values)) > 0) {
		fields_clear(&fields);
		err = fields_decode(&fields, &values);
		if (!err)
			err = row(arg, &fields);
	}
	moeai_table_close(t);
	fields_free(&fields);
	return err;
}

int listing_walk(struct moeai *h, const char *table, listing_begin_fn begin, listing_row_fn row,
		 void *arg)
{
	int err = -EINTR;

	for (int i = 0; i < ATTEMPTS && err == -EINTR; i++)
		err = walk_once(h, table, begin, row, arg);
	return err;
}

bool names_have(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->v[i], name))
			return true;
	return false;
}

int names_add(struct names *names, const char *name)
{
	char **v;

	if (names_have(names, name))
		return 0;
	v = realloc(names->v, (names->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	names->v = v;
	names->v[names->n] = strdup(name);
	if (!names->v[names->n])
		return -ENOMEM;
	names->n++;
	return 0;
}

int names_format(struct names *names, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int err;

	va_start(args, format);
	err = vasprintf(&text, format, args) < 0 ? -ENOMEM : 0;
	va_end(args);
	if (err)
		return err;
	err = names_add(names, text);
	free(text);
	return err;
}

void names_free(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	*names = (struct names){ 0 };
}

struct column {
	const char *name;
	int kind; /* of table fields, only rows of that schema kind; -1: all rows */
	struct names *out;
};

static int add_name(void *arg, const struct fields *row)
{
	const struct column *column = arg;
	const char *name = fields_text(row, column->name);

	if (!name)
		return 0;
	if (column->kind >= 0 &&
	    fields_u64(row, "kind", __MOEAI_SCHEMA_MAX) != (uint64_t)column->kind)
		return 0;
	return names_add(column->out, name);
}

int listing_names(struct moeai *h, const char *table, const char *column, struct names *out)
{
	struct column c = { .name = column, .kind = -1, .out = out };

	return listing_walk(h, table, NULL, add_name, &c);
}

int listing_tables(struct moeai *h, struct names *out)
{
	struct column c = { .name = "owner", .kind = MOEAI_SCHEMA_TABLE, .out = out };

	return listing_walk(h, "fields", NULL, add_name, &c);
}

bool listing_belongs(const char *name, const char *module)
{
	static const char *const core[] = { "core", "module", "param", "log", "stats", "user" };
	size_t len = strcspn(name, ".");

	if (strcmp(module, "core") != 0)
		return name[len] && strlen(module) == len && !strncmp(name, module, len);
	for (size_t i = 0; i < sizeof(core) / sizeof(*core); i++)
		if (name[len] && strlen(core[i]) == len && !strncmp(name, core[i], len))
			return true;
	return false;
}

int listing_complain(const char *what, const char *wrong, const struct names *names,
		     const char *how_to_list)
{
	char hint[256];

	suggest(hint, sizeof(hint), wrong, (const char *const *)names->v, names->n);
	return complain("there is no %s '%s'; %s%s%s", what, wrong, hint, *hint ? " " : "",
			how_to_list);
}
