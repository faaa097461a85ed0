/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is true of a rule besides its prefix: counters, when it ends, who made it.
 * A number names it. It lives as long as a set, or a pending event, has it; sets
 * share it, so that counters go on from one generation to the next.
 */
#ifndef GUARD_RULE_H
#define GUARD_RULE_H

#include <linux/atomic.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/types.h>
#include "set.h"

/* Time in ticks since boot, suspended or not: a quarter of a second, and 18 years. */
#define GUARD_TICK_SHIFT 28
#define GUARD_TICK_NS	 (1ULL << GUARD_TICK_SHIFT)

struct guard_rule {
	atomic64_t hits;
	atomic64_t bytes;
	u32 last;    /* tick of the last hit, and GUARD_LAST_UNTOLD; 0: none */
	u32 expires; /* tick; 0: never */
	u32 origin;  /* its number, and GUARD_ORIGIN_AUTO; of a free one the next free one */
	refcount_t refs;
};

static_assert(sizeof(struct guard_rule) == 32);

/* That it blocks could not be told so far. */
#define GUARD_LAST_UNTOLD (1U << 31)

/* A detector made it. */
#define GUARD_ORIGIN_AUTO (1U << 31)

/* Tick, 0: none. */
static __always_inline u32 guard_rule_last(const struct guard_rule *rule)
{
	return READ_ONCE(rule->last) & ~GUARD_LAST_UNTOLD;
}

#define GUARD_REASON_LEN 127

struct guard_origin {
	u32 uid;
	u8 source; /* enum moeai_guard_source */
	char comm[TASK_COMM_LEN];
	char reason[GUARD_REASON_LEN + 1];
};

#define GUARD_CHUNK_SHIFT 10

struct guard_chunk;
extern struct guard_rule *guard_rule_chunks[];

/* @id is of a rule that the caller holds, or that is in a set it reads under RCU. */
static __always_inline struct guard_rule *guard_rule(u32 id)
{
	return &guard_rule_chunks[id >> GUARD_CHUNK_SHIFT][id & ((1U << GUARD_CHUNK_SHIFT) - 1)];
}

static inline bool guard_rule_is_auto(u32 id)
{
	return guard_rule(id)->origin & GUARD_ORIGIN_AUTO;
}

static __always_inline u32 guard_tick(u64 boot_ns)
{
	return boot_ns >> GUARD_TICK_SHIFT;
}

static __always_inline u32 guard_now(void)
{
	return guard_tick(ktime_to_ns(ktime_get_coarse_boottime()));
}

static __always_inline bool guard_rule_alive_at(u32 id, u32 now)
{
	u32 expires = guard_rule(id)->expires;

	return likely(!expires) || now < expires;
}

/* The clock is looked at for those alone that end. */
static __always_inline bool guard_rule_alive(u32 id)
{
	u32 expires = guard_rule(id)->expires;

	return likely(!expires) || guard_now() < expires;
}

/* ns since 1970, of a tick. */
static inline u64 guard_tick_time(u32 tick)
{
	return ((u64)tick << GUARD_TICK_SHIFT) + ktime_get_real_ns() - ktime_get_boottime_ns();
}

int guard_rules_init(void);
void guard_rules_exit(void);

/*
 * A new rule, with one reference. Returns 0 with its number in *@id, -ENOMEM, or
 * -ENOSPC: all numbers are taken. Process context, as guard_rule_put() wants as well.
 */
int guard_rule_new(const struct guard_origin *origin, u32 expires, u32 *id);
void guard_rule_put(u32 id);

/* Any context; of one that somebody else holds. */
static inline void guard_rule_get(u32 id)
{
	refcount_inc(&guard_rule(id)->refs);
}

const struct guard_origin *guard_rule_origin(const struct guard_rule *rule);

#endif
