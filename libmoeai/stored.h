/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables as a file has them, in place of a kernel that could be asked: what a handle
 * has of them is all that table_walk() finds.
 */
#ifndef MOEAI_STORED_H
#define MOEAI_STORED_H

#include "buffer.h"
#include "table.h"

#define STORED_TABLES 3
#define STORED_MAX    (8 << 20) /* bytes of all that a file says of tables */

struct stored_table {
	struct buffer attrs; /* the messages' back to back */
	uint32_t seq; /* of the dump that they are of */
	bool there;
};

struct stored {
	struct stored_table tables[STORED_TABLES];
	size_t last;  /* the table of the message before */
	size_t total; /* bytes seen */
};

/*
 * A DATA message. Those of one dump stand together; another dump of a table takes the
 * first one's place. Returns 1, 0: of a table that nobody asks for, -EPROTO, -EFBIG or
 * -ENOMEM.
 */
int stored_add(struct stored *s, const struct nlmsghdr *msg);

/* As table_walk(). -ENOENT: there is no such table. */
int stored_walk(const struct stored *s, const char *name, row_fn fn, void *arg, struct error *e);

void stored_free(struct stored *s);

#endif /* MOEAI_STORED_H */
