/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables: rows under a schema, dumped by DATA. All rows of a dump are made at
 * its start, so they are of one generation.
 */
#ifndef MOEAI_TABLE_H
#define MOEAI_TABLE_H

#include <linux/moeai.h>

struct netlink_callback;
struct sk_buff;

/* Rows under construction: ROW nests back to back. */
struct moeai_rows {
	u8 *buf;
	size_t len;
	size_t size;
	int error; /* -ENOMEM: the rest is dropped */
};

struct moeai_table {
	const char *name;
	const char *help;
	struct moeai_schema schema;
	bool open; /* readable without CAP_SYS_ADMIN */
	void (*fill)(struct moeai_rows *rows);
};

extern const struct moeai_table moeai_tables[];
extern const unsigned int moeai_n_tables;

void moeai_rows_add(struct moeai_rows *rows, const struct moeai_value *values, unsigned int n);

/* moeai_row(rows, moeai_u32(id, v), …) */
#define moeai_row(rows, ...)                                                           \
	({                                                                             \
		const struct moeai_value __values[] = { __VA_ARGS__ };                 \
		moeai_rows_add(rows, __values, ARRAY_SIZE(__values));                  \
	})

/* The DATA dump's callbacks. */
int moeai_table_start(struct netlink_callback *cb);
int moeai_table_dump(struct sk_buff *skb, struct netlink_callback *cb);
int moeai_table_done(struct netlink_callback *cb);

#endif
