/* SPDX-License-Identifier: GPL-2.0 */
/* When to look at memory next, so that no level is passed unseen. */
#ifndef MEM_PACE_H
#define MEM_PACE_H

#include "pure.h"

struct mem_params;

/* All zero: nothing was seen yet. */
struct mem_pace {
	u64 ns; /* of the last look */
	u64 available;
	s64 fall; /* bytes of it a millisecond, smoothed; negative: it rises */
};

/* A look, at @ns. */
void mem_pace_follow(struct mem_pace *pace, u64 available, u64 ns);

/* From that look to the next, ms; @level is what it showed. */
unsigned int mem_pace_ms(const struct mem_pace *pace, const struct mem_params *params, u64 total,
			 enum moeai_mem_level level);

#endif /* MEM_PACE_H */
