/* SPDX-License-Identifier: GPL-2.0 */
/* Takes samples, often enough, and tells what they mean. */
#ifndef MEM_MONITOR_H
#define MEM_MONITOR_H

#include <linux/atomic.h>
#include "consumer.h"
#include "gauge.h"
#include "level.h"

struct mem_stats {
	u32 level; /* enum moeai_mem_level */
	u64 samples;
	u64 kills; /* since the module was loaded */
	atomic64_t pokes;
	atomic64_t oom_notices;
	u64 untold; /* victims of cgroups; under oom_lock */
};

extern struct mem_stats mem_stats;

struct mem_sample {
	struct mem_gauge gauge;
	enum moeai_mem_level level;
	u32 causes; /* bits of enum moeai_mem_cause */
	u64 since; /* ns, realtime: when the level was entered */
	u64 kills; /* since the module was loaded */
	struct mem_consumer largest; /* pid 0: there is none */
};

/* Once, before anything else. */
void mem_monitor_init(void);

/* Process context, serialised by the core. */
int mem_monitor_start(void);
void mem_monitor_stop(void);

/* Sample now, and wait for it; works stopped, too: the level is none then. */
void mem_monitor_sample(struct mem_sample *sample);

/*
 * A parameter changed: sample now, if it runs at all. Process context, serialised with
 * start and stop.
 */
void mem_monitor_refresh(void);

/* The largest consumers, largest first. Returns how many there are, at most @n. */
unsigned int mem_monitor_consumers(struct mem_consumer *to, unsigned int n);

/* Sample now, and don't wait. Any context, between start and stop; else ignored. */
void mem_monitor_wake(void);

/* The OOM killer was called, system-wide. Any context, between start and stop. */
void mem_monitor_oom(u64 available);

#endif /* MEM_MONITOR_H */
