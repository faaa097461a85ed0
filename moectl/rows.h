/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of a table that can be changed, in memory: the kernel's or a file's, without
 * the columns that only the kernel writes, and in order of their keys.
 */
#ifndef MOECTL_ROWS_H
#define MOECTL_ROWS_H

#include <stdbool.h>
#include <stdio.h>
#include <moeai/moeai.h>

struct row {
	size_t at; /* in the rows' data */
	uint32_t len, line; /* of the file; 0: of none */
};

/* All zero but the schema is empty. */
struct rows {
	const struct moeai_schema *schema;
	char *data;
	size_t len, size;
	struct row *v;
	size_t n, room;
};

/*
 * Add a row: a value of each of the schema's fields, field NULL where it has none.
 * Returns 0 or -ENOMEM.
 */
int rows_add(struct rows *rows, const struct moeai_value *values, uint32_t line);

/* Add all of the kernel's. Returns 0 or the library's error. */
int rows_read(struct rows *rows, struct moeai *h, const char *table);

void rows_sort(struct rows *rows);
struct moeai_values rows_get(const struct rows *rows, size_t i);
void rows_free(struct rows *rows); /* but for the schema */

/* As for qsort(), of the keys of one row and another, under the same schema. */
int rows_compare(const struct rows *a, size_t i, const struct rows *b, size_t j);

/* Are both the same in all? */
bool rows_same(const struct rows *a, size_t i, const struct rows *b, size_t j);

/* "column=value ...", as exact_write() does. Returns 0 or -ENOMEM. */
int rows_write(FILE *to, const struct rows *rows, size_t i);

#endif /* MOECTL_ROWS_H */
