/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table on its way to the output: columns first, then rows, then printed at
 * once, or dropped.
 *
 * For people: aligned columns with a heading; more than fit on a terminal go through
 * the pager. Tab form: see enum form. JSON: an
 * array of objects by the columns' names; null where there is no value.
 */
#ifndef MOECTL_GRID_H
#define MOECTL_GRID_H

#include "output.h"
#include "fields.h"

struct grid;

/* Columns are the schema's fields; it must outlive the grid. Returns 0 or -ENOMEM. */
int grid_new(struct grid **out, struct output *output, const struct moeai_schema *schema);

/* Before the first row: see order_by(). False: there is no such column. */
bool grid_order(struct grid *g, const char *column);

/* Values go to the column of their field's id. Returns 0 or -ENOMEM. */
int grid_add(struct grid *g, const struct fields *row);

/* Returns 0 or -ENOMEM. */
int grid_print(struct grid *g);
void grid_free(struct grid *g);

#endif /* MOECTL_GRID_H */
