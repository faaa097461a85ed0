/* SPDX-License-Identifier: GPL-2.0 */
/* The log of the running kernel, as a source of a story. */
#ifndef MOECTL_HISTORY_H
#define MOECTL_HISTORY_H

#include "command.h"
#include "story.h"

/* All zero at first. What a story was given lives until the next read, or history_end(). */
struct history {
	struct moeai_monitor *m;
	uint64_t epoch;
};

/*
 * What it knows besides: when it booted, who has the pid now, where files are; t's inside
 * and device are set. Returns 0, or 1 after complaining.
 */
int history_begin(struct history *h, struct moectl *ctl, struct story *s, struct thing *t);

/* One pass: all that the log holds. Returns 0, or 1 after complaining. */
int history_read(struct history *h, struct story *s);
void history_end(struct history *h);

/* When the process started that has the pid now, ns from boot; 0: there is none. */
uint64_t history_started(uint32_t pid, char comm[16]);

#endif /* MOECTL_HISTORY_H */
