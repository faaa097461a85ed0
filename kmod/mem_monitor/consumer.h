/* SPDX-License-Identifier: GPL-2.0 */
/* The processes that hold most memory, and how fast they grow. */
#ifndef MEM_CONSUMER_H
#define MEM_CONSUMER_H

#include <linux/sched.h>
#include "growth.h"

#define MEM_CONSUMERS	  10 /* in events */
#define MEM_CONSUMERS_ALL 64 /* in the table */

struct mem_consumer {
	u32 pid; /* thread group id, initial pid namespace */
	u32 uid;
	char comm[TASK_COMM_LEN];
	u64 rss, swap; /* bytes */
	u64 started; /* ns after boot */
	struct mem_growth growth;
};

/* All that follows: process context; the caller serialises. */

/* Nothing is known of before. */
void mem_consumer_reset(void);

/*
 * Fill @top, of @n entries, with the largest by resident memory, largest first.
 * Returns how many there are. Never allocates; takes time in proportion to the
 * number of processes.
 */
unsigned int mem_consumer_scan(struct mem_consumer *top, unsigned int n);

/*
 * Remember what processes hold now, if that was @interval ns ago and looking at them
 * takes not too much of the time.
 */
void mem_consumer_remember(u64 interval);

#endif /* MEM_CONSUMER_H */
