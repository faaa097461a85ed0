/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows in order of one column. Numbers and texts are compared as such, prefixes by
 * their addresses; rows without a value come last.
 */
#ifndef MOECTL_ORDER_H
#define MOECTL_ORDER_H

#include "fields.h"

/* All zero but these: no rows yet. */
struct order {
	const struct moeai_field *field; /* NULL: as they come */
	bool down; /* the largest first */
	struct order_row *rows;
	size_t n, room;
};

struct order_row {
	struct moeai_value key; /* data is a copy; id 0: it has none */
	size_t index;		/* of all rows, as they came */
	size_t from, to;	/* the caller's */
};

/*
 * What "COLUMN", or "-COLUMN" for the largest first, means. False: there is no such
 * column.
 */
bool order_by(struct order *o, const char *wanted, const struct moeai_schema *schema);

/* One more row, with the column's value, or NULL. Returns 0 or -ENOMEM. */
int order_add(struct order *o, const struct moeai_value *key, size_t from, size_t to);
void order_sort(struct order *o);
void order_free(struct order *o);

#endif /* MOECTL_ORDER_H */
