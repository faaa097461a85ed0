/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registry of tables, and reading them. A computed table's rows are all made
 * at the start of a dump, a stored table's generation is pinned there; so a
 * dump's rows are of one generation.
 */
#ifndef MOEAI_TABLE_H
#define MOEAI_TABLE_H

#include <linux/moeai.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include "use.h"

struct moeai_gen;
struct netlink_callback;
struct sk_buff;

struct moeai_rows {
	u8 *buf; /* ROW nests back to back */
	size_t len;
	size_t size;
	int error; /* -ENOMEM: the rest is dropped */
};

/* A registered table. */
struct moeai_table_priv {
	struct list_head list;
	struct moeai_table *table;
	struct module *owner;
	struct moeai_use use;
	struct moeai_use gens; /* of a table with ops: those not yet freed */
	struct mutex lock;		/* one change at a time; guards what follows */
	struct moeai_gen __rcu *gen;	/* stored tables */
	struct moeai_gen *undo;		/* comes back unless confirmed … */
	unsigned long undo_at;		/* … by then, in jiffies */
	struct delayed_work rollback;
};

/* Process context. Returns 0, -EEXIST, -ENOMEM. */
int moeai_table_add(struct moeai_table *table, struct module *owner);

/* Waits for users, and drops changes that are staged. May sleep. */
void moeai_table_remove(struct moeai_table *table);

/* Find a table and keep it from being removed until _put(). NULL: no such. */
struct moeai_table_priv *moeai_table_get(const char *name);
void moeai_table_put(struct moeai_table_priv *table);

/* Pin a stored table's generation; moeai_gen_put() releases it. */
struct moeai_gen *moeai_table_pin(struct moeai_table_priv *table);

/* Call @fn for each table, under the registry's mutex. */
void moeai_tables_walk(void (*fn)(struct moeai_table_priv *table, void *arg), void *arg);

/* The core's own: tables.c. */
extern struct moeai_table moeai_core_tables[];
extern const unsigned int moeai_n_core_tables;

/* The DATA dump's callbacks. */
int moeai_table_start(struct netlink_callback *cb);
int moeai_table_dump(struct sk_buff *skb, struct netlink_callback *cb);
int moeai_table_done(struct netlink_callback *cb);

#endif
