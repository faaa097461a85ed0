/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that had one pid, one after the other, told apart by when they started. An
 * event that does not say that is of the last one that had started by then.
 */
#ifndef MOECTL_LIVES_H
#define MOECTL_LIVES_H

#include "marks.h"

#define LIVES_MAX 256 /* starts that are kept; the oldest are forgotten */

/* All zero at first, but for what is said. */
struct lives {
	uint32_t pid; /* set by the owner */
	uint64_t boot; /* ns since 1970, when the kernel did; 0: not known yet */
	bool exact; /* boot is: set by the owner; else it is estimated */
	uint64_t started[LIVES_MAX]; /* in order */
	size_t n;
};

/* A process of that pid is named at that time; any process, for the time of boot. */
void lives_learn(struct lives *l, const struct marked_process *p, uint64_t time);

/* A start alone, such as that of the process that has the pid now. */
void lives_add(struct lives *l, uint64_t started);

/* Its start, as far as that can be known; 0: before the first that is known. */
uint64_t lives_of(const struct lives *l, const struct marked_process *p, uint64_t time);

/* When it started, ns since 1970; 0: not known. */
uint64_t lives_since(const struct lives *l, uint64_t started);

#endif /* MOECTL_LIVES_H */
