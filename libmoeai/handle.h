/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A handle: one socket for calls and questions, and what is known of the kernel. */
#ifndef MOEAI_HANDLE_H
#define MOEAI_HANDLE_H

#include <moeai/moeai.h>

#include "call.h"
#include "catalog.h"
#include "family.h"
#include "reply.h"
#include "transport.h"

/*
 * Requests that are to be sent together: as many bytes as the kernel takes without
 * a virtual mapping for them, and with the smallest send buffer that there is.
 */
#define QUEUE_LEN 3776

struct queue {
	size_t len;
	char requests[QUEUE_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
};

struct stored;

struct moeai {
	struct transport t;
	struct queue queue;
	struct error error;
	struct family family;
	struct catalog catalog;
	struct calls calls;
	struct replies replies;
	struct transport spare; /* of the last table, all read; may not be open */
	struct stored *stored;	/* instead of a kernel's tables, a file's; or NULL */
	bool pinned;		/* a monitor's: stays with its epoch until told otherwise */
};

/* A handle that may not know the family yet: see handle_find(). */
int handle_new(struct moeai **out, struct error *e);

/* What is asked for, for error texts, and how its answer looks. */
struct question {
	const char *what;
	const char *capability; /* that it needs, or NULL */
	uint16_t family;
	uint8_t answer; /* the answer's command; 0: an ACK is the answer */
};

/* Send the request that stands in h->t, behind those that are queued. */
int handle_send(struct moeai *h, bool failed);

/* Or have moeai_flush() send it, which is done here when the queue is full. */
int handle_queue(struct moeai *h, bool failed);
bool handle_is_queued(const struct moeai *h, uint32_t seq);

/*
 * Send the request that stands in h->t, and wait. Answers to calls that come
 * meanwhile are delivered. *out lives until the next receive.
 * Returns 0 or -errno; -ENODEV: the family was not there.
 */
int handle_ask(struct moeai *h, const struct question *q, bool failed,
	       const struct nlmsghdr **out);

/*
 * The next message on h->t. After an overrun *deadline becomes 0: what is
 * queued is read, then -ENOBUFS is returned instead of -ETIMEDOUT, which is for
 * calls_overrun().
 */
int handle_receive(struct moeai *h, int64_t *deadline, const struct nlmsghdr **out);

/*
 * Ask where the family is now; what was known of another one is forgotten.
 * Returns 0, or -ENODEV.
 */
int handle_find(struct moeai *h);

/* The same, and nothing else: *msg, until the next receive, is what nlctrl says. */
int handle_ask_family(struct moeai *h, struct family *out, const struct nlmsghdr **msg);

#endif /* MOEAI_HANDLE_H */
