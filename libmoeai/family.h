/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The MOEAI family as nlctrl describes it, asked for or announced. Asked by
 * hand, not by libnl's resolver: that would swallow what else comes in.
 */
#ifndef MOEAI_FAMILY_H
#define MOEAI_FAMILY_H

#include "transport.h"

struct family {
	uint16_t id;	  /* 0: not there */
	uint32_t events;  /* the group's number, 0: has none */
	uint32_t version;
};

/* The nlctrl group that tells of families that come and go. */
#define FAMILY_NOTIFY_GROUP GENL_ID_CTRL

enum family_change {
	FAMILY_OTHER, /* somebody else's, or something else */
	FAMILY_CAME,
	FAMILY_WENT,
};

/* A notification; *id is set for ours. Pure. */
enum family_change family_change(const struct nlmsghdr *msg, uint16_t *id);

/* An answer to CTRL_CMD_GETFAMILY. Pure; returns 0 or -EPROTO. */
int family_decode(const struct nlmsghdr *msg, struct family *out);

#endif /* MOEAI_FAMILY_H */
