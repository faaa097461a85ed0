// SPDX-License-Identifier: GPL-2.0
#include "level.h"

static u64 of_permille(u64 total, u32 permille)
{
	return div_u64(total * permille, 1000);
}

/* What less than that available means. */
static u64 limit(const struct mem_params *p, u64 total, enum moeai_mem_level level)
{
	return max(of_permille(total, READ_ONCE(p->below[level])),
		   READ_ONCE(p->below_bytes[level]));
}

/* Of the limits of one kind that are not 0, the worse level's is the smaller. */
static bool in_order(u64 worse, u64 better)
{
	return !worse || !better || worse < better;
}

bool mem_level_sensible(const struct mem_params *p, u64 total)
{
	enum moeai_mem_level worse, better;

	for (better = MOEAI_MEM_LOW; better <= MOEAI_MEM_CRITICAL; better++) {
		if (p->below[better] > 1000 || p->hysteresis > 1000 - p->below[better] ||
		    p->below_bytes[better] > total ||
		    (p->below_bytes[better] && p->hysteresis_bytes > total - p->below_bytes[better]))
			return false;
		for (worse = better + 1; worse <= MOEAI_MEM_CRITICAL; worse++)
			if (!in_order(p->below[worse], p->below[better]) ||
			    !in_order(p->below_bytes[worse], p->below_bytes[better]) ||
			    !in_order(limit(p, total, worse), limit(p, total, better)))
				return false;
	}
	return true;
}

u64 mem_level_next(const struct mem_params *p, u64 total, enum moeai_mem_level level)
{
	u64 next = 0;

	while (level < MOEAI_MEM_CRITICAL && !next)
		next = limit(p, total, ++level);
	return next;
}

static bool below(const struct mem_params *p, const struct mem_gauge *g,
		  enum moeai_mem_level level, bool reached)
{
	u32 relative = READ_ONCE(p->below[level]);
	u64 absolute = READ_ONCE(p->below_bytes[level]);

	if (relative && g->permille < relative + (reached ? READ_ONCE(p->hysteresis) : 0))
		return true;
	return absolute &&
	       g->available < absolute + (reached ? READ_ONCE(p->hysteresis_bytes) : 0);
}

/* A level is entered below its limits, and left only past all limits and margins. */
static enum moeai_mem_level by_available(const struct mem_params *p, const struct mem_gauge *g,
					 enum moeai_mem_level present)
{
	enum moeai_mem_level level;

	for (level = MOEAI_MEM_CRITICAL; level > MOEAI_MEM_NONE; level--)
		if (below(p, g, level, level <= present))
			break;
	return level;
}

/*
 * Available memory counts half the page cache as to be had. Where it isn't, only
 * reclaim shows that: allocations stall, and in vain. Stalls alone are no pressure,
 * reading large files makes them; so pages must have been looked at and not been
 * freed, in the permilles of mm/vmpressure.c for medium and critical. The margin
 * is half of the stalls and 50 permille.
 */
static enum moeai_mem_level by_reclaim(const struct mem_params *p, const struct mem_gauge *g,
				       enum moeai_mem_level present)
{
	static const u32 in_vain[] = {
		[MOEAI_MEM_LOW] = 100,
		[MOEAI_MEM_MEDIUM] = 600,
		[MOEAI_MEM_CRITICAL] = 950,
	};
	u64 stalls = READ_ONCE(p->stall_limit);
	enum moeai_mem_level level;
	u64 permille;

	if (!stalls || g->stalls < (present ? DIV_ROUND_UP(stalls, 2) : stalls))
		return MOEAI_MEM_NONE;
	if (g->scanned <= g->stolen)
		return MOEAI_MEM_NONE;
	permille = div64_u64((g->scanned - g->stolen) * 1000, g->scanned);
	for (level = MOEAI_MEM_CRITICAL; level > MOEAI_MEM_NONE; level--)
		if (permille >= in_vain[level] - (level <= present ? 50 : 0))
			break;
	return level;
}

void mem_level_update(struct mem_level *l, const struct mem_params *params,
		      const struct mem_gauge *gauge, bool oom)
{
	enum moeai_mem_level *by = l->by;
	int i;

	by[MOEAI_MEM_CAUSE_AVAILABLE] =
		by_available(params, gauge, by[MOEAI_MEM_CAUSE_AVAILABLE]);
	by[MOEAI_MEM_CAUSE_RECLAIM] =
		by_reclaim(params, gauge, by[MOEAI_MEM_CAUSE_RECLAIM]);
	by[MOEAI_MEM_CAUSE_OOM] = oom ? MOEAI_MEM_CRITICAL : MOEAI_MEM_NONE;

	l->level = MOEAI_MEM_NONE;
	for (i = 0; i < __MOEAI_MEM_CAUSE_MAX; i++)
		l->level = max(l->level, by[i]);
	l->causes = 0;
	for (i = 0; i < __MOEAI_MEM_CAUSE_MAX && l->level; i++)
		if (by[i] == l->level)
			l->causes |= BIT(i);
}
