/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* EVENT messages from the kernel, of any of their forms. Pure. */
#ifndef MOEAI_RECORD_H
#define MOEAI_RECORD_H

#include <linux/netlink.h>
#include <moeai/moeai.h>

#include "attr.h"

enum record_kind {
	RECORD_EVENT,
	RECORD_LOST,	     /* a notice: range and reason */
	RECORD_ANNOUNCEMENT, /* a replay's first message */
	RECORD_OTHER,	     /* a newer kernel's: to be skipped */
};

/* Pointers go into the message. */
struct record {
	enum record_kind kind;
	uint32_t type, priority; /* of events */
	uint64_t seq, time;
	const char *source;
	struct attr_run data;
	uint64_t epoch; /* of notices and announcements */
	struct moeai_lost lost;
	uint64_t first, next; /* of announcements */
};

/*
 * msg is a whole message of family and command EVENT. Returns 0 or -EPROTO.
 * Sequence numbers are at least 1 and below UINT64_MAX, ranges not empty.
 */
int record_parse(const struct nlmsghdr *msg, struct record *out);

#endif /* MOEAI_RECORD_H */
