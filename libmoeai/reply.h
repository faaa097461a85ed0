/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Replies of a handle: those that its caller has, and those that he gave back. */
#ifndef MOEAI_REPLY_H
#define MOEAI_REPLY_H

#include <moeai/moeai.h>
#include <linux/netlink.h>

#include "attr.h"

struct replies {
	struct moeai_reply *lent;
	struct moeai_reply *unused; /* to be used again: no allocation per call */
};

/* A copy of values, which the caller frees. NULL: out of memory. */
struct moeai_reply *reply_make(struct replies *replies, const struct moeai_values *values);

/* Those that the caller has stay until he frees them. */
void replies_free(struct replies *replies);

/* A RESPONSE taken apart. Pure; returns 0 or -EPROTO. */
struct response {
	uint32_t id;
	int32_t status;
	const char *message; /* NULL: none */
	struct attr_run data;
};

int response_decode(const struct nlmsghdr *msg, struct response *out);

#endif /* MOEAI_REPLY_H */
