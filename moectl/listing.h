/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel can be asked for: its tables, and the names in them.
 */
#ifndef MOECTL_LISTING_H
#define MOECTL_LISTING_H

#include "fields.h"

/* A table's rows: row is called for each, and may stop the walk by an error. */
typedef int (*listing_row_fn)(void *arg, const struct fields *row);
/* Called with the schema before the first row, again if the walk starts anew. */
typedef int (*listing_begin_fn)(void *arg, const struct moeai_schema *schema);

/*
 * Walk a table. One that changes under the walk is begun again. begin may be
 * NULL. Returns 0, what row or begin returned, or the library's error.
 */
int listing_walk(struct moeai *h, const char *table, listing_begin_fn begin, listing_row_fn row,
		 void *arg);

/* "s", or nothing of one. */
static inline const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* A list of strings. All zero is empty. */
struct names {
	char **v;
	size_t n;
};

int names_add(struct names *names, const char *name); /* 0 or -ENOMEM */
int names_format(struct names *names, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool names_have(const struct names *names, const char *name);
void names_free(struct names *names);

/* Add one column of a table, no name twice. Errors as above. */
int listing_names(struct moeai *h, const char *table, const char *column, struct names *out);

/* Add the names of all tables. */
int listing_tables(struct moeai *h, struct names *out);

/*
 * Whether a module has a thing of that name, "mem_monitor.level". The core's
 * commands and events have prefixes of their own, and its tables none.
 */
bool listing_belongs(const char *name, const char *module);

/*
 * Complain that there is no such thing ("command 'core.pong'"), with what may
 * have been meant, or how to list them. Returns 1.
 */
int listing_complain(const char *what, const char *wrong, const struct names *names,
		     const char *how_to_list);

#endif /* MOECTL_LISTING_H */
