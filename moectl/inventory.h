/* SPDX-License-Identifier: GPL-2.0 */
/* What of the kernel can be saved and restored: parameters and tables that can be changed. */
#ifndef MOECTL_INVENTORY_H
#define MOECTL_INVENTORY_H

#include <stdbool.h>
#include <moeai/moeai.h>

/* A module, a parameter, or a table that user space may fill. */
struct item {
	char *name, *help; /* "mem_monitor", "mem_monitor.low", "net_guard.rules" */
	const struct moeai_field *field; /* a parameter's */
	uint64_t value;			 /* and what it has now */
	bool writable;
	bool awaits; /* its confirmation: the kernel may undo it */
};

struct items {
	struct item *v;
	size_t n;
};

/* Modules and tables in order of their names, parameters in that of the kernel. */
struct inventory {
	struct items modules, params, tables;
};

/* Returns 0, or 1 after complaining. */
int inventory_get(struct moeai *h, struct inventory *out);
void inventory_free(struct inventory *inv);

/* The one of that name, or NULL. */
const struct item *items_find(const struct items *items, const char *name);

/* The module of "module.thing". */
const struct item *inventory_module(const struct inventory *inv, const char *name);

/* Is this thing of that module? */
bool inventory_is_of(const struct item *module, const char *name);

/* A number as a value of that field, for exact_write(). */
struct moeai_value inventory_value(const struct moeai_field *field, uint64_t value);

#endif /* MOECTL_INVENTORY_H */
