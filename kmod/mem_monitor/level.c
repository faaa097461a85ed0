// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/math64.h>
#include "level.h"
#include "param.h"

/* A level is entered below its limit, and left only past the limit and a margin. */
static enum moeai_mem_level by_available(u32 permille, enum moeai_mem_level present)
{
	enum moeai_mem_level level;

	for (level = MOEAI_MEM_CRITICAL; level > MOEAI_MEM_NONE; level--) {
		u32 limit = READ_ONCE(mem_params.below[level]);

		if (level <= present)
			limit += READ_ONCE(mem_params.hysteresis);
		if (permille < limit)
			break;
	}
	return level;
}

/*
 * Available memory counts half the page cache as to be had. Where it isn't, only
 * reclaim shows that: allocations stall, and in vain. Stalls alone are no pressure,
 * reading large files makes them; so pages must have been looked at and not been
 * freed, in the permilles of mm/vmpressure.c for medium and critical. The margin
 * is half of the stalls and 50 permille.
 */
static enum moeai_mem_level by_reclaim(const struct mem_gauge *g, enum moeai_mem_level present)
{
	static const u32 in_vain[] = {
		[MOEAI_MEM_LOW] = 100,
		[MOEAI_MEM_MEDIUM] = 600,
		[MOEAI_MEM_CRITICAL] = 950,
	};
	u64 limit = READ_ONCE(mem_params.stall_limit);
	enum moeai_mem_level level;
	u64 permille;

	if (!limit || g->stalls < (present ? DIV_ROUND_UP(limit, 2) : limit))
		return MOEAI_MEM_NONE;
	if (g->scanned <= g->stolen)
		return MOEAI_MEM_NONE;
	permille = div64_u64((g->scanned - g->stolen) * 1000, g->scanned);
	for (level = MOEAI_MEM_CRITICAL; level > MOEAI_MEM_NONE; level--)
		if (permille >= in_vain[level] - (level <= present ? 50 : 0))
			break;
	return level;
}

void mem_level_update(struct mem_level *l, const struct mem_gauge *gauge, bool oom)
{
	enum moeai_mem_level *by = l->by;
	int i;

	by[MOEAI_MEM_CAUSE_AVAILABLE] =
		by_available(gauge->permille, by[MOEAI_MEM_CAUSE_AVAILABLE]);
	by[MOEAI_MEM_CAUSE_RECLAIM] = by_reclaim(gauge, by[MOEAI_MEM_CAUSE_RECLAIM]);
	by[MOEAI_MEM_CAUSE_OOM] = oom ? MOEAI_MEM_CRITICAL : MOEAI_MEM_NONE;

	l->level = MOEAI_MEM_NONE;
	for (i = 0; i < __MOEAI_MEM_CAUSE_MAX; i++)
		l->level = max(l->level, by[i]);
	l->causes = 0;
	for (i = 0; i < __MOEAI_MEM_CAUSE_MAX && l->level; i++)
		if (by[i] == l->level)
			l->causes |= BIT(i);
}
