/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables whose module keeps the rows: a generation is a wrapper around the
 * module's object, pinned, published and rolled back as those of the core.
 */
#ifndef MOEAI_KEEP_H
#define MOEAI_KEEP_H

#include <linux/moeai.h>

struct moeai_change_error;
struct moeai_gen;
struct moeai_table_priv;

/* @gen is @keeper's from now on; it is released when it is freed. */
void moeai_keep_hold(struct moeai_gen *gen, struct moeai_table_priv *keeper);
void moeai_keep_release(struct moeai_gen *gen);

/* The generation after @old, or ERR_PTR with @error. The table's lock is held. */
struct moeai_gen *moeai_keep_make(struct moeai_table_priv *t, struct moeai_gen *old,
				  const struct moeai_changes *changes,
				  struct moeai_change_error *error);

/* Rows, whoever keeps them. */
u64 moeai_gen_count(const struct moeai_gen *gen);

/* Let readers see @gen; returns the one before. The table's lock is held. */
struct moeai_gen *moeai_gen_publish(struct moeai_table_priv *t, struct moeai_gen *gen,
				    enum moeai_published how);

/* A module refuses a row: what the answer says of it, also when the module is gone. */
void moeai_row_refused(const struct moeai_table *table, const struct moeai_row_error *wrong,
		   struct moeai_change_error *error);

#endif
