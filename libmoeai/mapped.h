/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The log by way of /dev/moeai: what was logged before by read(2), what comes
 * out of the mapping. See the uapi header for the protocol, and kmod/core/ring.h for
 * why it holds.
 */
#ifndef MOEAI_MAPPED_H
#define MOEAI_MAPPED_H

#include "transport.h"

struct moeai_map;

struct mapped {
	int fd; /* -1: not open */
	const struct moeai_map *map;
	size_t size;	  /* bytes, of the mapping */
	const char *log;  /* twice in a row */
	uint64_t mask;	  /* of a position, for its place in log */
	uint64_t pos;	  /* of the first byte in, while it is of the mapping */
	struct inbox in;  /* a copied span, or what read(2) gave */
};

/*
 * Returns 0, or -errno with a text: -ENODEV no device, -EACCES not allowed to
 * read it, -EPROTO a mapping that this library does not understand.
 */
int mapped_open(struct mapped *d, struct error *e);
void mapped_close(struct mapped *d); /* one that was never opened has fd -1 */

/* ---- what was logged before, as a replay: announcement, records, notices ---------- */

/* since: a seq; 0: the oldest; UINT64_MAX: nothing but the announcement. */
int mapped_seek(struct mapped *d, uint64_t since, struct error *e);

/* Returns 1 with the next message, 0 at the newest, or -errno. */
int mapped_history(struct mapped *d, const struct nlmsghdr **out, struct error *e);

/* ---- what comes -------------------------------------------------------------------- */

/* Go on in the mapping with seq. Returns 0, -ENOBUFS: it is gone; or -errno. */
int mapped_live(struct mapped *d, uint64_t seq, struct error *e);

/* As transport_receive(), of records; -ENOBUFS: overtaken. Does not wait. */
int mapped_next(struct mapped *d, const struct nlmsghdr **out, struct error *e);

/* Is there something that mapped_next() could give? */
bool mapped_ready(const struct mapped *d);

/* Make the device readable, for poll(), when there is. Returns 0 or -errno. */
int mapped_arm(struct mapped *d, struct error *e);

/* The records from the next one on, in place: *data and how many bytes. */
size_t mapped_span(const struct mapped *d, const char **data);

/* Were they still there, after they were read? */
bool mapped_intact(const struct mapped *d);

/* Go on so many bytes behind. */
void mapped_skip(struct mapped *d, size_t n);

#endif /* MOEAI_MAPPED_H */
