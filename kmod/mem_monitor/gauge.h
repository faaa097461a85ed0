/* SPDX-License-Identifier: GPL-2.0 */
/* How much memory there is, and how hard the kernel works to get some. */
#ifndef MEM_GAUGE_H
#define MEM_GAUGE_H

#include "pure.h"

struct mem_gauge {
	u64 available; /* bytes, as what follows */
	u64 free;
	u64 swap_free;
	u64 total;
	u32 permille; /* available of total */
	u64 stalls; /* a second: allocations that had to reclaim memory first */
	u64 scanned; /* a second: pages that they looked at */
	u64 stolen; /* a second: pages of these that they freed */
	u64 kills; /* OOM kills since boot, of cgroups too */
};

u64 mem_gauge_available(void);
u64 mem_gauge_free(void);
u64 mem_gauge_swap_free(void);
u64 mem_gauge_total(void);

/* Begin anew: rates are 0. Process context, as the next; the caller serialises both. */
void mem_gauge_reset(void);

/* Rates are smoothed over about a second, so reading often does no harm. */
void mem_gauge_read(struct mem_gauge *gauge);

/* OOM kills since boot. Process context, serialised with the others. */
u64 mem_gauge_kills(void);

#endif /* MEM_GAUGE_H */
