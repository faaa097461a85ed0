/* SPDX-License-Identifier: GPL-2.0 */
/* The event types of mem_monitor, and one encoder for each. */
#ifndef MEM_EVENT_H
#define MEM_EVENT_H

#include <linux/moeai.h>
#include <uapi/linux/moeai_mem_monitor.h>

#define MEM_EVENTS 5
extern struct moeai_event_type mem_events[MEM_EVENTS];

extern const char *const mem_level_names[];
extern const char *const mem_cause_names[];
extern const struct moeai_field mem_consumer_fields[__MOEAI_A_MEM_CONSUMER_MAX];

struct mem_asked;
struct mem_consumer;
struct mem_gauge;

/* A level reached: what it is worth to those who only want the worst. */
enum moeai_priority mem_level_priority(enum moeai_mem_level level);

/* @held: how long @previous lasted, ns */
void mem_event_level(enum moeai_mem_level level, enum moeai_mem_level previous, u32 causes,
		     const struct mem_gauge *gauge, u64 held);
void mem_event_consumer(enum moeai_priority priority, u32 rank,
			const struct mem_consumer *consumer);

/* The values of such an event, and of a row; returns how many. */
unsigned int mem_consumer_values(struct moeai_value values[__MOEAI_A_MEM_CONSUMER_MAX], u32 rank,
				 const struct mem_consumer *consumer);

struct mem_episode {
	u64 began; /* ns, monotonic */
	u64 lowest; /* bytes */
	u64 kills; /* of the gauge, before it began */
	enum moeai_mem_level worst;
};

void mem_event_recovered(const struct mem_episode *episode, const struct mem_gauge *gauge,
			 u64 duration);

/* Any context but NMI, as the kernel's OOM killer calls. */
void mem_event_oom(u64 available);

struct mem_victim {
	u32 pid; /* 0: unknown, and so all else but the scope is */
	u32 uid;
	const char *comm;
	u64 anon, file, shmem, swap, page_tables; /* bytes */
	s32 score_adj;
	u64 started; /* ns after boot */
	const char *cgroup; /* "": unknown */
	enum moeai_mem_scope scope;
	const struct mem_asked *asked; /* NULL: unknown */
	u64 untold; /* victims of cgroups before it */
};

/* Under oom_lock, if @pid or @asked is known. */
void mem_event_victim(const struct mem_victim *victim);

#endif /* MEM_EVENT_H */
