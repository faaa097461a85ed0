/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of a stored table. A generation is an array of rows in order of their
 * keys, and never changes; a change makes the next one. Rows are shared by the
 * generations that hold them. Who reads pins a generation, or is under RCU.
 */
#ifndef MOEAI_STORE_H
#define MOEAI_STORE_H

#include <linux/moeai.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

struct moeai_row {
	refcount_t refs;
	u32 len;
	u8 attrs[] __aligned(4); /* the key fields first, else in order of ids */
};

struct moeai_table_priv;

struct moeai_gen {
	refcount_t refs;
	u64 number;
	struct rcu_work release;
	struct moeai_table_priv *keeper; /* whose module keeps the rows, NULL: they are below */
	void *kept; /* they; NULL: none */
	u32 n;
	struct moeai_row *rows[];
};

/* One row of a change, which owns a reference to it. */
struct moeai_change {
	struct moeai_row *row;
	u32 index; /* its place among the changes */
	u8 action; /* enum moeai_action: ADD, REPLACE or DELETE */
};

/* Which row of a change was wrong, and how. */
struct moeai_change_error {
	u64 row; /* U64_MAX: no one row is at fault */
	const char *field;
	const char *message;
};

int moeai_store_init(void);
void moeai_store_exit(void);

/* A row of parsed attributes takes so much of attrs; and is made, with one reference. */
u32 moeai_row_len(const struct moeai_schema *schema, struct nlattr **tb);
void moeai_row_fill(struct moeai_row *row, u32 len, const struct moeai_schema *schema,
		    struct nlattr **tb);

/* Of one that kvmalloc() made. */
void moeai_row_put(struct moeai_row *row);

/*
 * The generation after @old: first emptied if @flush, then with @n changes in
 * their order, which it sorts. Process context, may sleep.
 * Returns it, or ERR_PTR: -EEXIST, -ENOENT (with @error), -ENOSPC, -ENOMEM.
 */
struct moeai_gen *moeai_gen_make(const struct moeai_schema *schema, const struct moeai_gen *old,
				 bool flush, struct moeai_change *changes, u32 n, u32 max_rows,
				 struct moeai_change_error *error);

/* One with no rows; @keeper as above, whose moeai_use_put() comes with its end. */
struct moeai_gen *moeai_gen_empty(struct moeai_table_priv *keeper);
void moeai_gen_put(struct moeai_gen *gen);

/* The row with these key attributes, or NULL. */
const struct moeai_row *moeai_gen_find(const struct moeai_schema *schema,
				       const struct moeai_gen *gen, const void *key);

#endif
