/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables as dumps of DATA messages. */
#ifndef MOEAI_TABLE_H
#define MOEAI_TABLE_H

#include "handle.h"

/* A DATA message; rows is walked by table_row(). Pure; returns 0 or -EPROTO. */
struct data_message {
	const char *table;
	uint64_t generation;
	struct attr_run attrs;
};

int data_decode(const struct nlmsghdr *msg, struct data_message *out);

/* The next ROW of attrs. Pure; returns 1, 0 at the end, -EPROTO. */
int data_row(struct attr_run attrs, size_t *pos, struct attr_run *row);

/* Call fn for each row of a table, or each message of its dump, until it returns an error. */
typedef int (*row_fn)(void *arg, struct attr_run row);
typedef int (*message_fn)(void *arg, const struct nlmsghdr *msg);

int table_walk(struct moeai *h, const char *name, row_fn fn, void *arg);
int table_messages(struct moeai *h, const char *name, message_fn fn, void *arg);

#endif /* MOEAI_TABLE_H */
