/* SPDX-License-Identifier: GPL-2.0 */
/* Which level of pressure a gauge means, with hysteresis. */
#ifndef MEM_LEVEL_H
#define MEM_LEVEL_H

#include "pure.h"
#include "gauge.h"

/* Changed at any time: take what is read more than once by READ_ONCE(). */
struct mem_params {
	/* Each level's limits, of which either is enough; 0: none. */
	u32 below[__MOEAI_MEM_LEVEL_MAX]; /* permille */
	u64 below_bytes[__MOEAI_MEM_LEVEL_MAX];
	u32 hysteresis; /* permille */
	u64 hysteresis_bytes;
	u32 stall_limit; /* a second */
	u32 consumers;
	u32 interval_ms;
	u32 min_interval_ms;
};

/* Do the limits make sense together, of so much memory? */
bool mem_level_sensible(const struct mem_params *params, u64 total);

/* With less available than that, @level becomes worse; 0: it can't. */
u64 mem_level_next(const struct mem_params *params, u64 total, enum moeai_mem_level level);

/* All zero: no pressure. */
struct mem_level {
	enum moeai_mem_level level; /* the worst of @by */
	u32 causes; /* bits of enum moeai_mem_cause: those that account for it */
	enum moeai_mem_level by[__MOEAI_MEM_CAUSE_MAX];
};

/* The next state from the present one. @oom: the OOM killer was called a moment ago. */
void mem_level_update(struct mem_level *level, const struct mem_params *params,
		      const struct mem_gauge *gauge, bool oom);

#endif /* MEM_LEVEL_H */
