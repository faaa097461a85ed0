// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include "gauge.h"

/* What only grows, since boot. Reclaim for a cgroup's limit isn't counted here. */
struct counts {
	u64 stalls;
	u64 scanned;
	u64 stolen;
	u64 kills;
};

/* A second's worth, times 1000. */
struct rates {
	u64 stalls;
	u64 scanned;
	u64 stolen;
};

static struct counts last;
static struct rates rates;
static u64 last_ns;

static void count(struct counts *c)
{
	static const enum vm_event_item stalls[] = { FOR_ALL_ZONES(ALLOCSTALL) };
	static unsigned long events[NR_VM_EVENT_ITEMS]; /* too large for the stack */
	int i;

	all_vm_events(events);
	*c = (struct counts){
		.scanned = events[PGSCAN_DIRECT],
		.stolen = events[PGSTEAL_DIRECT],
		.kills = events[OOM_KILL],
	};
	for (i = 0; i < ARRAY_SIZE(stalls); i++)
		c->stalls += events[stalls[i]];
}

/*
 * A low-pass filter with a time constant of a second. Written this way it finds
 * the true rate whatever the steps in time, and needs no bound on them.
 */
static u64 smooth(u64 rate, u64 delta, u64 ms)
{
	return div64_u64(rate * MSEC_PER_SEC + delta * 1000 * MSEC_PER_SEC, MSEC_PER_SEC + ms);
}

static void follow(const struct counts *now)
{
	u64 ns = ktime_get_ns();
	u64 ms = div_u64(ns - last_ns, NSEC_PER_MSEC);

	/* Sums over CPUs that count on meanwhile: a later one can be smaller. */
	rates.stalls = smooth(rates.stalls, now->stalls - min(now->stalls, last.stalls), ms);
	rates.scanned = smooth(rates.scanned, now->scanned - min(now->scanned, last.scanned), ms);
	rates.stolen = smooth(rates.stolen, now->stolen - min(now->stolen, last.stolen), ms);
	last = *now;
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
	struct counts now;

	count(&now);
	return now.kills;
}

void mem_gauge_reset(void)
{
	count(&last);
	rates = (struct rates){};
	last_ns = ktime_get_ns();
}

void mem_gauge_read(struct mem_gauge *gauge)
{
	struct counts now;

	count(&now);
	follow(&now);
	*gauge = (struct mem_gauge){
		.available = mem_gauge_available(),
		.free = mem_gauge_free(),
		.swap_free = mem_gauge_swap_free(),
		.total = mem_gauge_total(),
		.stalls = rates.stalls / 1000,
		.scanned = rates.scanned / 1000,
		.stolen = rates.stolen / 1000,
		.kills = now.kills,
	};
	gauge->permille = div64_u64(gauge->available * 1000, gauge->total);
}
