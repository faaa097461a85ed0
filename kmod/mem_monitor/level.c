// SPDX-License-Identifier: GPL-2.0
#include "level.h"

/* A refault is a stall of who reads; reading ahead makes one of so many pages. */
#define REFAULTS_PER_STALL 32

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

static bool below(const struct mem_params *p, u64 available, u64 total,
		  enum moeai_mem_level level, bool reached)
{
	u32 relative = READ_ONCE(p->below[level]);
	u64 absolute = READ_ONCE(p->below_bytes[level]);

	if (relative && div64_u64(available * 1000, total) <
				relative + (reached ? READ_ONCE(p->hysteresis) : 0))
		return true;
	return absolute && available < absolute + (reached ? READ_ONCE(p->hysteresis_bytes) : 0);
}

/* A level is entered below its limits, and left only past all limits and margins. */
static enum moeai_mem_level by_available(const struct mem_params *p, u64 available, u64 total,
					 enum moeai_mem_level present)
{
	enum moeai_mem_level level;

	for (level = MOEAI_MEM_CRITICAL; level > MOEAI_MEM_NONE; level--)
		if (below(p, available, total, level, level <= present))
			break;
	return level;
}

/* The same of what will be available in a moment, if it goes on so. */
static enum moeai_mem_level by_falling(const struct mem_params *p, const struct mem_gauge *g,
				       enum moeai_mem_level present)
{
	u64 ahead = g->fall * READ_ONCE(p->ahead_ms);

	return by_available(p, g->available - min(g->available, ahead), g->total, present);
}

/* Of work in vain, in the permilles of mm/vmpressure.c for medium and critical; the margin is 50. */
static enum moeai_mem_level by_vain(u64 vain, u64 all, enum moeai_mem_level present)
{
	static const u32 in_vain[] = {
		[MOEAI_MEM_LOW] = 100,
		[MOEAI_MEM_MEDIUM] = 600,
		[MOEAI_MEM_CRITICAL] = 950,
	};
	enum moeai_mem_level level = MOEAI_MEM_NONE;
	u64 permille = all ? div64_u64(vain * 1000, all) : 0;

	for (level = MOEAI_MEM_CRITICAL; level > MOEAI_MEM_NONE; level--)
		if (permille >= in_vain[level] - (level <= present ? 50 : 0))
			break;
	return level;
}

/*
 * Available memory counts half the page cache as to be had. Where it isn't, only
 * reclaim shows that: allocations stall, and in vain. Stalls alone are no pressure,
 * reading large files makes them; so pages must have been looked at and not been
 * freed.
 */
static enum moeai_mem_level by_stalls(const struct mem_gauge *g, u64 limit,
				      enum moeai_mem_level present)
{
	if (g->stalls < limit || g->scanned <= g->stolen)
		return MOEAI_MEM_NONE;
	return by_vain(g->scanned - g->stolen, g->scanned, present);
}

/*
 * Or they are freed, and read again at once. It begins when the kernel thinks that a
 * little more memory would have kept them, as it doesn't of files that are read once
 * more; it may get worse than that, and ends when they are not wanted again.
 * Refaults within a cgroup's limit have nothing to do with what is reclaimed for all.
 */
static enum moeai_mem_level by_refaults(const struct mem_gauge *g, u64 limit,
					enum moeai_mem_level present)
{
	u64 wanted = present ? g->refaults : g->activates;

	if (wanted < limit * REFAULTS_PER_STALL || g->refaults > 2 * g->reclaimed)
		return MOEAI_MEM_NONE;
	return by_vain(min(wanted, g->reclaimed), g->reclaimed, present);
}

static enum moeai_mem_level by_reclaim(const struct mem_params *p, const struct mem_gauge *g,
				       enum moeai_mem_level present)
{
	u64 limit = READ_ONCE(p->stall_limit);

	if (!limit)
		return MOEAI_MEM_NONE;
	if (present)
		limit = DIV_ROUND_UP(limit, 2);
	return max(by_stalls(g, limit, present), by_refaults(g, limit, present));
}

void mem_level_update(struct mem_level *l, const struct mem_params *params,
		      const struct mem_gauge *gauge, bool oom)
{
	enum moeai_mem_level *by = l->by;
	int i;

	by[MOEAI_MEM_CAUSE_AVAILABLE] =
		by_available(params, gauge->available, gauge->total,
			     by[MOEAI_MEM_CAUSE_AVAILABLE]);
	by[MOEAI_MEM_CAUSE_FALLING] = by_falling(params, gauge, by[MOEAI_MEM_CAUSE_FALLING]);
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
	/* What is so already is not told as what will be. */
	if (by[MOEAI_MEM_CAUSE_AVAILABLE] == l->level)
		l->causes &= ~BIT(MOEAI_MEM_CAUSE_FALLING);
}
