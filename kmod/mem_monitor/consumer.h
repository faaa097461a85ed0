/* SPDX-License-Identifier: GPL-2.0 */
/* The processes that hold most memory. */
#ifndef MEM_CONSUMER_H
#define MEM_CONSUMER_H

#include <linux/sched.h>

#define MEM_CONSUMERS 10

struct mem_consumer {
	u32 pid; /* thread group id, initial pid namespace */
	u32 uid;
	char comm[TASK_COMM_LEN];
	u64 rss, swap; /* bytes */
};

/*
 * Fill @top, of @n entries, with the largest by resident memory, largest first.
 * Returns how many there are. Never sleeps, never allocates; takes time in
 * proportion to the number of processes.
 */
unsigned int mem_consumer_scan(struct mem_consumer *top, unsigned int n);

#endif /* MEM_CONSUMER_H */
