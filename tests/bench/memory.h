/* SPDX-License-Identifier: GPL-2.0 */
/* Part memory: who says first that memory runs out. */
#ifndef MOEAI_BENCH_MEMORY_H
#define MOEAI_BENCH_MEMORY_H

#include "bench.h"

/* What all but PSI are told to wait for: less than so much is available. */
#define MEMORY_PERMILLE 100

/* What they found, shared between processes; times as of now_real(), 0: never. */
struct memory_found {
	volatile uint64_t level[__MOEAI_MEM_LEVEL_MAX]; /* mem_monitor's, each when it was read */
	volatile uint64_t poll_100, poll_1000, earlyoom, psi;
	volatile uint64_t killed; /* when the kernel chose */
	volatile uint32_t victim;
	volatile uint32_t largest; /* pid: who mem_monitor said held most, when it was critical */
};

uint64_t now_real(void);
void sleep_until(uint64_t ns); /* of now() */

/* A program that waits for memory to run out. */
struct memory_watcher {
	const char *name;
	/* In a process of its own, until it has found it, and longer if it likes. */
	void (*run)(struct memory_found *found);
};

#define MEMORY_WATCHERS 5
extern const struct memory_watcher memory_watchers[MEMORY_WATCHERS];

#endif
