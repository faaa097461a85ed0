/* SPDX-License-Identifier: GPL-2.0 */
/* How much processes held a while ago, to tell how fast they grow. */
#ifndef MEM_GROWTH_H
#define MEM_GROWTH_H

#include "pure.h"

/* So many processes are remembered: the largest. */
#define MEM_SEEN 512

/* A process, by pid and start. */
struct mem_seen {
	u64 started; /* ns after boot */
	u64 bytes;
	u32 pid;
};

/* What was seen at one time: a heap whose first is the smallest. */
struct mem_past {
	u64 time; /* ns after boot; 0: nothing was looked at */
	u32 n;
	struct mem_seen seen[MEM_SEEN];
};

/* @bytes more, or less, than @period ns ago. */
struct mem_growth {
	s64 bytes;
	u64 period; /* 0: there is nothing to compare with */
};

void mem_past_begin(struct mem_past *past, u64 now);
void mem_past_add(struct mem_past *past, const struct mem_seen *seen);

/*
 * What became of @now, which has not been in @past, if it is younger; or if others
 * were larger, and then it has grown by that much at least.
 */
struct mem_growth mem_past_compare(const struct mem_past *past, const struct mem_seen *now,
				   u64 time);

/* Bytes a second. */
s64 mem_growth_rate(const struct mem_growth *growth);

#endif /* MEM_GROWTH_H */
