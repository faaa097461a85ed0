/* SPDX-License-Identifier: GPL-2.0 */
/* All of a table's change is done or nothing, wherever an allocation fails. */
#ifndef TESTS_TABLE_H
#define TESTS_TABLE_H

#include "walk.h"

struct walked_table {
	const char *name;
	int rows;
	struct moeai_arg *columns; /* those of the key first */
	size_t n_columns, n_key;
	void (*row)(int i); /* has the columns be those of the i-th row */
};

/* Which one all of these are about. */
extern const struct walked_table *walked;

/* Rows 0 to n - 1, of a handle that is open; 0: none, all go. Returns 0 or -errno. */
int change(enum moeai_action action, int n, uint32_t confirm);

/* Open the handle, and have the table so. */
void empty(void);
void filled(void);

/* Cases: many rows come, and all but one go. */
void test_add(void **state);
void test_delete(void **state);

#endif
