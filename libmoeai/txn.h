/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel says to a change of a table. */
#ifndef MOEAI_TXN_H
#define MOEAI_TXN_H

#include <moeai/moeai.h>
#include <linux/netlink.h>

#include "attr.h"

/* A DATA message: it is done, or why not. */
struct change_reply {
	const char *table;
	uint64_t generation, changed;
	bool refused; /* status and message are set … */
	bool has_row; /* … and row */
	uint64_t row;
	const char *field; /* NULL: no one field */
	int32_t status;
	const char *message;
};

/* Strings point into the message. Pure; returns 0 or -EPROTO. */
int change_decode(const struct nlmsghdr *msg, struct change_reply *out);

#endif /* MOEAI_TXN_H */
