/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of commands that are under way on a handle, by their request's number. */
#ifndef MOEAI_CALL_H
#define MOEAI_CALL_H

#include <moeai/moeai.h>
#include <linux/netlink.h>

#include "catalog.h"

#define CALL_SLOTS 64 /* power of two */

struct call;

struct calls {
	struct call *slots[CALL_SLOTS];
	struct call *unused; /* to be used again: no allocation per call */
	bool overrun; /* answers were lost: when all others were read, calls must end */
};

/*
 * A message to h that answers no question of handle_ask(): if it answers a call
 * under way, deliver it. Returns 1, or 0: of a call given up, or of none.
 */
int calls_deliver(struct moeai *h, const struct nlmsghdr *msg);

/*
 * Answers did not fit the receive buffer, and nobody knows which: those that were
 * queued have been read; every other call that was sent ends. Returns how many.
 */
int calls_overrun(struct moeai *h);

void calls_free(struct calls *calls); /* without delivering anything */

#endif /* MOEAI_CALL_H */
