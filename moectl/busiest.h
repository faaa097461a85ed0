/* SPDX-License-Identifier: GPL-2.0 */
/* Operations on files, counted by who, or by what, the busiest first. */
#ifndef MOECTL_BUSIEST_H
#define MOECTL_BUSIEST_H

#include "output.h"
#include <moeai/moeai.h>

#define BUSIEST_BYTES ((size_t)16 << 20)

enum busiest_by {
	BUSIEST_BY_PROCESS,
	BUSIEST_BY_PATH,
	BUSIEST_BY_USER,
};

/* Returns 0 or -EINVAL. */
int busiest_parse(const char *text, enum busiest_by *out);

struct busiest;

/* bytes: that it may take. NULL: out of memory. */
struct busiest *busiest_new(enum busiest_by by, size_t bytes);
void busiest_free(struct busiest *b);

/* Returns 0 or -ENOMEM. */
int busiest_add(struct busiest *b, const struct moeai_watch_event *e, uint64_t time);

/*
 * A table of at most n of them; for people without columns in which there is nothing.
 * Returns 0, or 1 after complaining.
 */
int busiest_print(struct busiest *b, struct output *out, uint64_t n);

#endif /* MOECTL_BUSIEST_H */
