// SPDX-License-Identifier: GPL-2.0
#include "pace.h"
#include "level.h"

/*
 * How fast memory is taken at worst, bytes a millisecond: what a few CPUs can
 * touch, clearing pages. Nothing is known of what begins only now.
 */
#define FILL_PER_MS (2 << 20)

/* Of the filter, ms: the kernel's counters of memory move in steps. */
#define SMOOTH 20

void mem_pace_follow(struct mem_pace *p, u64 available, u64 ns)
{
	s64 ms = div_u64(ns - p->ns + NSEC_PER_MSEC / 2, NSEC_PER_MSEC);

	if (p->ns && !ms)
		return;
	if (p->ns)
		p->fall = div64_s64(p->fall * SMOOTH + (s64)(p->available - available),
				    SMOOTH + ms);
	p->available = available;
	p->ns = ns;
}

/*
 * Until it could have sunk to the next level at worst, though not more often than
 * the least interval: for it need not sink at all. As fast as it does sink, it is
 * awaited at the next level, whatever that interval.
 */
unsigned int mem_pace_ms(const struct mem_pace *p, const struct mem_params *params, u64 total,
			 enum moeai_mem_level level)
{
	u32 least = READ_ONCE(params->min_interval_ms);
	u32 most = max(READ_ONCE(params->interval_ms), least);
	u64 next = mem_level_next(params, total, level);
	u64 left = p->available - min(p->available, next);
	u64 ms;

	if (level > MOEAI_MEM_NONE)
		most = max(most / 10, least);
	ms = clamp_t(u64, div_u64(left, FILL_PER_MS), least, most);
	if (p->fall > 0 && level < MOEAI_MEM_CRITICAL)
		ms = min(ms, div64_u64(left, p->fall));
	return max_t(u64, ms, 1);
}
