/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A dump under way: the messages of one answer, to its end. */
#ifndef MOEAI_DUMP_H
#define MOEAI_DUMP_H

#include "transport.h"

struct dump {
	struct transport *t;
	uint32_t seq;
	uint16_t family;
	uint8_t cmd;
	bool running;		/* the socket cannot be used for another one */
	const char *what;	/* is asked for: in error texts */
	const char *capability; /* that it needs */
};

/* Send the request that stands in t as a dump. failed: a put failed. */
int dump_start(struct dump *d, bool failed, struct error *e);

/*
 * Returns 1 with the next message, 0 at the end, or -errno: that of the dump's
 * end included. -ERESTART: what is dumped changed meanwhile.
 */
int dump_next(struct dump *d, int64_t deadline, const struct nlmsghdr **out, struct error *e);

#endif /* MOEAI_DUMP_H */
