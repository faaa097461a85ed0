/* SPDX-License-Identifier: GPL-2.0 */
/* A table of the kernel, printed as its schema says. */
#ifndef MOECTL_TABLE_H
#define MOECTL_TABLE_H

#include "command.h"
#include "where.h"

/*
 * The rows that match, in an order as of order_by() (NULL: the kernel's). Returns 0, or 1
 * after complaining; an unknown name with those that exist.
 */
int table_print(struct moectl *ctl, const char *name, const struct where *where,
		const char *order);

/* The library refused a table. Says why, or which there are. Returns 1. */
int table_complain(struct moectl *ctl, const char *name, int err);

/* After a grid was filled: print it, unless err says that this failed. Returns 0 or 1. */
struct grid;
int table_end(struct grid *g, int err);

#endif /* MOECTL_TABLE_H */
