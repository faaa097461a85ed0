// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <linux/moeai_compat.h>
#include "gauge.h"

/*
 * What only grows, since boot. Reclaim for a cgroup's limit isn't counted here, but
 * refaults of what that reclaimed are. Where direct reclaim counts it as well, kswapd's
 * share has to do for what is reclaimed.
 */
enum count { STALLS, SCANNED, STOLEN, RECLAIMED, REFAULTS, ACTIVATES, RATES, KILLS = RATES, COUNTS };

static u64 last[RATES];
static u64 rates[RATES]; /* a second's worth, times 1000 */
static u64 last_ns;

static void count(u64 now[COUNTS])
{
	static const enum vm_event_item stalls[] = { FOR_ALL_ZONES(ALLOCSTALL) };
	static unsigned long events[NR_VM_EVENT_ITEMS]; /* too large for the stack */
	int i;

	all_vm_events(events);
	now[STALLS] = 0;
	for (i = 0; i < ARRAY_SIZE(stalls); i++)
		now[STALLS] += events[stalls[i]];
	now[SCANNED] = moeai_reclaim_pages(events, PGSCAN_DIRECT);
	now[STOLEN] = moeai_reclaim_pages(events, PGSTEAL_DIRECT);
	now[RECLAIMED] = moeai_reclaim_pages(events, PGSTEAL_KSWAPD);
	if (!MOEAI_RECLAIM_IS_NODE_STAT)
		now[RECLAIMED] += now[STOLEN];
	now[REFAULTS] = global_node_page_state(WORKINGSET_REFAULT_ANON) +
			global_node_page_state(WORKINGSET_REFAULT_FILE);
	now[ACTIVATES] = global_node_page_state(WORKINGSET_ACTIVATE_ANON) +
			 global_node_page_state(WORKINGSET_ACTIVATE_FILE);
	now[KILLS] = events[OOM_KILL];
}

/*
 * A low-pass filter with a time constant of a second. Written this way it finds
 * the true rate whatever the steps in time, and needs no bound on them.
 */
static u64 smooth(u64 rate, u64 delta, u64 ms)
{
	return div64_u64(rate * MSEC_PER_SEC + delta * 1000 * MSEC_PER_SEC, MSEC_PER_SEC + ms);
}

static void follow(const u64 now[COUNTS])
{
	u64 ns = ktime_get_ns();
	u64 ms = div_u64(ns - last_ns, NSEC_PER_MSEC);
	int i;

	/* Sums over CPUs that count on meanwhile: a later one can be smaller. */
	for (i = 0; i < RATES; i++) {
		rates[i] = smooth(rates[i], now[i] - min(now[i], last[i]), ms);
		last[i] = now[i];
	}
	last_ns += ms * NSEC_PER_MSEC;
}

u64 mem_gauge_available(void)
{
	return (u64)max(si_mem_available(), 0L) << PAGE_SHIFT;
}

u64 mem_gauge_free(void)
{
	return (u64)global_zone_page_state(NR_FREE_PAGES) << PAGE_SHIFT;
}

u64 mem_gauge_swap_free(void)
{
	return (u64)max(get_nr_swap_pages(), 0L) << PAGE_SHIFT;
}

u64 mem_gauge_total(void)
{
	return (u64)totalram_pages() << PAGE_SHIFT;
}

u64 mem_gauge_kills(void)
{
	u64 now[COUNTS];

	count(now);
	return now[KILLS];
}

void mem_gauge_reset(void)
{
	u64 now[COUNTS];

	count(now);
	memcpy(last, now, sizeof(last));
	memset(rates, 0, sizeof(rates));
	last_ns = ktime_get_ns();
}

static u64 rate(enum count i)
{
	return div_u64(rates[i], 1000);
}

void mem_gauge_read(struct mem_gauge *gauge)
{
	u64 now[COUNTS];

	count(now);
	follow(now);
	*gauge = (struct mem_gauge){
		.available = mem_gauge_available(),
		.free = mem_gauge_free(),
		.swap_free = mem_gauge_swap_free(),
		.total = mem_gauge_total(),
		.stalls = rate(STALLS),
		.scanned = rate(SCANNED),
		.stolen = rate(STOLEN),
		.reclaimed = rate(RECLAIMED),
		.refaults = rate(REFAULTS),
		.activates = rate(ACTIVATES),
		.kills = now[KILLS],
	};
	gauge->permille = div64_u64(gauge->available * 1000, gauge->total);
}
