// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/moeai.h>
#include "asked.h"
#include "consumer.h"
#include "event.h"
#include "field.h"
#include "gauge.h"
#include "group.h"

const char *const mem_level_names[] = { "none", "low", "medium", "critical", NULL };
static_assert(ARRAY_SIZE(mem_level_names) == __MOEAI_MEM_LEVEL_MAX + 1);

const char *const mem_cause_names[] = { "available", "reclaim", "oom", "falling", NULL };
static_assert(ARRAY_SIZE(mem_cause_names) == __MOEAI_MEM_CAUSE_MAX + 1);

static const char *const scope_names[] = { "system", "cgroup", "cpuset", "mempolicy", "sysrq",
					   NULL };
static_assert(ARRAY_SIZE(scope_names) == __MOEAI_MEM_SCOPE_MAX + 1);

static const struct moeai_field level_fields[] = {
	[MOEAI_A_MEM_LEVEL_LEVEL] = ENUM_FIELD("level", mem_level_names, "what it is now"),
	[MOEAI_A_MEM_LEVEL_PREVIOUS] = ENUM_FIELD("previous", mem_level_names, "what it was"),
	[MOEAI_A_MEM_LEVEL_AVAILABLE] = U64_FIELD("available", BYTES, AVAILABLE_HELP),
	[MOEAI_A_MEM_LEVEL_TOTAL] = U64_FIELD("total", BYTES, "all memory"),
	[MOEAI_A_MEM_LEVEL_PERMILLE] = U32_FIELD("permille", PERMILLE, "available of total"),
	[MOEAI_A_MEM_LEVEL_STALLS] = U64_FIELD("stalls", COUNT_S, STALLS_HELP),
	[MOEAI_A_MEM_LEVEL_CAUSE] =
		FLAGS_FIELD("cause", mem_cause_names, CAUSE_HELP),
	[MOEAI_A_MEM_LEVEL_HELD] = U64_FIELD("held", NS, "how long the previous level lasted"),
};

const struct moeai_field mem_consumer_fields[] = {
	[MOEAI_A_MEM_CONSUMER_RANK] = U32_FIELD("rank", NONE, "1 is the largest"),
	[MOEAI_A_MEM_CONSUMER_PID] = { "pid", "of the process", MOEAI_TYPE_U32,
				       .flags = MOEAI_F_KEY | MOEAI_F_PID },
	[MOEAI_A_MEM_CONSUMER_UID] = UID_FIELD("uid", "of its user"),
	[MOEAI_A_MEM_CONSUMER_COMM] = COMM_FIELD("comm", "name of the process"),
	[MOEAI_A_MEM_CONSUMER_RSS] = U64_FIELD("rss", BYTES, "in memory"),
	[MOEAI_A_MEM_CONSUMER_SWAP] = U64_FIELD("swap", BYTES, "swapped out"),
	[MOEAI_A_MEM_CONSUMER_STARTED] = STARTED_FIELD("started", STARTED_HELP),
	[MOEAI_A_MEM_CONSUMER_GROWTH] =
		S64_FIELD("growth", BYTES, "in memory or swapped out, more than a period ago"),
	[MOEAI_A_MEM_CONSUMER_PERIOD] = U64_FIELD("period", NS, "in which it grew"),
	[MOEAI_A_MEM_CONSUMER_RATE] = S64_FIELD("rate", BYTES_S, "at which it grew"),
};

static const struct moeai_field oom_fields[] = {
	[MOEAI_A_MEM_OOM_AVAILABLE] = U64_FIELD("available", BYTES, AVAILABLE_HELP),
	[MOEAI_A_MEM_OOM_TOTAL] = U64_FIELD("total", BYTES, "all memory"),
	[MOEAI_A_MEM_OOM_SWAP_FREE] = U64_FIELD("swap_free", BYTES, "free swap"),
};

static const struct moeai_field victim_fields[] = {
	[MOEAI_A_MEM_VICTIM_PID] = PID_FIELD("pid", "of the process, 0: unknown"),
	[MOEAI_A_MEM_VICTIM_UID] = UID_FIELD("uid", "of its user"),
	[MOEAI_A_MEM_VICTIM_COMM] = COMM_FIELD("comm", "name of the process"),
	[MOEAI_A_MEM_VICTIM_ANON] = U64_FIELD("anon", BYTES, "its own memory"),
	[MOEAI_A_MEM_VICTIM_FILE] = U64_FIELD("file", BYTES, "mapped files"),
	[MOEAI_A_MEM_VICTIM_SHMEM] = U64_FIELD("shmem", BYTES, "shared memory"),
	[MOEAI_A_MEM_VICTIM_SCOPE] =
		ENUM_FIELD("scope", scope_names, "what had run out of memory"),
	[MOEAI_A_MEM_VICTIM_SWAP] = U64_FIELD("swap", BYTES, "swapped out"),
	[MOEAI_A_MEM_VICTIM_PAGE_TABLES] = U64_FIELD("page_tables", BYTES, "its page tables"),
	[MOEAI_A_MEM_VICTIM_SCORE_ADJ] = { "score_adj", "its oom_score_adj", MOEAI_TYPE_S32 },
	[MOEAI_A_MEM_VICTIM_STARTED] = STARTED_FIELD("started", STARTED_HELP),
	[MOEAI_A_MEM_VICTIM_AVAILABLE] = U64_FIELD("available", BYTES, AVAILABLE_HELP),
	[MOEAI_A_MEM_VICTIM_FREE] = U64_FIELD("free", BYTES, FREE_HELP),
	[MOEAI_A_MEM_VICTIM_TOTAL] = U64_FIELD("total", BYTES, "all memory"),
	[MOEAI_A_MEM_VICTIM_SWAP_FREE] = U64_FIELD("swap_free", BYTES, "free swap"),
	[MOEAI_A_MEM_VICTIM_INVOKER_PID] =
		PID_FIELD("invoker_pid", "of the process that wanted memory"),
	[MOEAI_A_MEM_VICTIM_INVOKER_COMM] = COMM_FIELD("invoker_comm", "its name"),
	[MOEAI_A_MEM_VICTIM_ORDER] = U32_FIELD("order", NONE, "it wanted 2^order pages in one"),
	[MOEAI_A_MEM_VICTIM_GFP] = STRING_FIELD("gfp", "how it wanted them, as the kernel calls it"),
	[MOEAI_A_MEM_VICTIM_CGROUP] = STRING_FIELD("cgroup", "the victim's"),
	[MOEAI_A_MEM_VICTIM_LIMIT_CGROUP] =
		STRING_FIELD("limit_cgroup", "the cgroup whose limit was reached"),
	[MOEAI_A_MEM_VICTIM_LIMIT] = U64_FIELD("limit", BYTES, "its memory limit"),
	[MOEAI_A_MEM_VICTIM_UNTOLD] =
		U64_FIELD("untold", COUNT, "victims of cgroups before it, too many to be told"),
};

static const struct moeai_field recovered_fields[] = {
	[MOEAI_A_MEM_RECOVERED_DURATION] =
		U64_FIELD("duration", NS, "since the level left none"),
	[MOEAI_A_MEM_RECOVERED_WORST] =
		ENUM_FIELD("worst", mem_level_names, "the worst level meanwhile"),
	[MOEAI_A_MEM_RECOVERED_LOWEST] =
		U64_FIELD("lowest", BYTES, "the least memory available meanwhile"),
	[MOEAI_A_MEM_RECOVERED_AVAILABLE] = U64_FIELD("available", BYTES, AVAILABLE_HELP),
	[MOEAI_A_MEM_RECOVERED_KILLS] = U64_FIELD("kills", COUNT, "OOM kills meanwhile"),
};

enum { LEVEL, CONSUMER, OOM, VICTIM, RECOVERED };

struct moeai_event_type mem_events[MEM_EVENTS] = {
	[LEVEL] = { .name = "mem_monitor.level", .help = "the pressure level changed",
		    .schema = MOEAI_SCHEMA(level_fields) },
	[CONSUMER] = { .name = "mem_monitor.consumer", .help = "one of the largest processes",
		       .schema = MOEAI_SCHEMA(mem_consumer_fields) },
	[OOM] = { .name = "mem_monitor.oom", .help = "the kernel is about to kill for memory",
		  .schema = MOEAI_SCHEMA(oom_fields) },
	[VICTIM] = { .name = "mem_monitor.victim", .help = "the OOM killer chose a process",
		     .schema = MOEAI_SCHEMA(victim_fields) },
	[RECOVERED] = { .name = "mem_monitor.recovered", .help = "the pressure is over",
			.schema = MOEAI_SCHEMA(recovered_fields) },
};

enum moeai_priority mem_level_priority(enum moeai_mem_level level)
{
	static const enum moeai_priority priorities[] = {
		[MOEAI_MEM_NONE] = MOEAI_PRIO_NOTICE,
		[MOEAI_MEM_LOW] = MOEAI_PRIO_NOTICE,
		[MOEAI_MEM_MEDIUM] = MOEAI_PRIO_WARNING,
		[MOEAI_MEM_CRITICAL] = MOEAI_PRIO_CRITICAL,
	};

	return priorities[level];
}

void mem_event_level(enum moeai_mem_level level, enum moeai_mem_level previous, u32 causes,
		     const struct mem_gauge *gauge, u64 held)
{
	/* Relief is news, but nothing to wake anybody for. */
	enum moeai_priority priority = level > previous ? mem_level_priority(level) :
							  MOEAI_PRIO_NOTICE;

	moeai_emit(&mem_events[LEVEL], priority,
		   moeai_u32(MOEAI_A_MEM_LEVEL_LEVEL, level),
		   moeai_u32(MOEAI_A_MEM_LEVEL_PREVIOUS, previous),
		   moeai_u64(MOEAI_A_MEM_LEVEL_AVAILABLE, gauge->available),
		   moeai_u64(MOEAI_A_MEM_LEVEL_TOTAL, gauge->total),
		   moeai_u32(MOEAI_A_MEM_LEVEL_PERMILLE, gauge->permille),
		   moeai_u64(MOEAI_A_MEM_LEVEL_STALLS, gauge->stalls),
		   moeai_u32(MOEAI_A_MEM_LEVEL_CAUSE, causes),
		   moeai_u64(MOEAI_A_MEM_LEVEL_HELD, held));
}

unsigned int mem_consumer_values(struct moeai_value v[__MOEAI_A_MEM_CONSUMER_MAX], u32 rank,
				 const struct mem_consumer *consumer)
{
	unsigned int n = 0;

	v[n++] = moeai_u32(MOEAI_A_MEM_CONSUMER_RANK, rank);
	v[n++] = moeai_u32(MOEAI_A_MEM_CONSUMER_PID, consumer->pid);
	v[n++] = moeai_u32(MOEAI_A_MEM_CONSUMER_UID, consumer->uid);
	v[n++] = moeai_str(MOEAI_A_MEM_CONSUMER_COMM, consumer->comm);
	v[n++] = moeai_u64(MOEAI_A_MEM_CONSUMER_RSS, consumer->rss);
	v[n++] = moeai_u64(MOEAI_A_MEM_CONSUMER_SWAP, consumer->swap);
	v[n++] = moeai_u64(MOEAI_A_MEM_CONSUMER_STARTED, consumer->started);
	if (!consumer->growth.period)
		return n;
	v[n++] = moeai_s64(MOEAI_A_MEM_CONSUMER_GROWTH, consumer->growth.bytes);
	v[n++] = moeai_u64(MOEAI_A_MEM_CONSUMER_PERIOD, consumer->growth.period);
	v[n++] = moeai_s64(MOEAI_A_MEM_CONSUMER_RATE, mem_growth_rate(&consumer->growth));
	return n;
}

void mem_event_consumer(enum moeai_priority priority, u32 rank,
			const struct mem_consumer *consumer)
{
	struct moeai_value v[__MOEAI_A_MEM_CONSUMER_MAX];

	moeai_event_emit(&mem_events[CONSUMER], priority, v,
			 mem_consumer_values(v, rank, consumer));
}

void mem_event_oom(u64 available)
{
	moeai_emit(&mem_events[OOM], MOEAI_PRIO_CRITICAL,
		   moeai_u64(MOEAI_A_MEM_OOM_AVAILABLE, available),
		   moeai_u64(MOEAI_A_MEM_OOM_TOTAL, mem_gauge_total()),
		   moeai_u64(MOEAI_A_MEM_OOM_SWAP_FREE, mem_gauge_swap_free()));
}

/* ---- a victim, and why it is one ------------------------------------------------ */

struct victim_values {
	struct moeai_value v[__MOEAI_A_MEM_VICTIM_MAX];
	unsigned int n;
};

static void add(struct victim_values *to, struct moeai_value v)
{
	to->v[to->n++] = v;
}

static void add_u64(struct victim_values *to, u16 id, u64 value)
{
	add(to, moeai_u64(id, value));
}

static void add_who(struct victim_values *to, const struct mem_victim *victim)
{
	add_u64(to, MOEAI_A_MEM_VICTIM_ANON, victim->anon);
	add_u64(to, MOEAI_A_MEM_VICTIM_FILE, victim->file);
	add_u64(to, MOEAI_A_MEM_VICTIM_SHMEM, victim->shmem);
	add_u64(to, MOEAI_A_MEM_VICTIM_SWAP, victim->swap);
	add_u64(to, MOEAI_A_MEM_VICTIM_PAGE_TABLES, victim->page_tables);
	add(to, moeai_s32(MOEAI_A_MEM_VICTIM_SCORE_ADJ, victim->score_adj));
	add_u64(to, MOEAI_A_MEM_VICTIM_STARTED, victim->started);
	if (*victim->cgroup)
		add(to, moeai_str(MOEAI_A_MEM_VICTIM_CGROUP, victim->cgroup));
}

/* The process that called the OOM killer is the one that wanted memory. */
static void add_invoker(struct victim_values *to)
{
	static char comm[TASK_COMM_LEN]; /* under oom_lock */

	strscpy(comm, current->comm, sizeof(comm));
	add(to, moeai_u32(MOEAI_A_MEM_VICTIM_INVOKER_PID, task_tgid_nr(current)));
	add(to, moeai_str(MOEAI_A_MEM_VICTIM_INVOKER_COMM, comm));
}

static void add_asked(struct victim_values *to, const struct mem_asked *asked)
{
	static char gfp[192], path[MEM_GROUP_LEN]; /* under oom_lock */
	u64 limit;

	if (asked->order >= 0) {
		snprintf(gfp, sizeof(gfp), "%pGg", &asked->gfp);
		add(to, moeai_u32(MOEAI_A_MEM_VICTIM_ORDER, asked->order));
		add(to, moeai_str(MOEAI_A_MEM_VICTIM_GFP, gfp));
	}
	if (!asked->cgroup)
		return;
	mem_group_path(asked->cgroup, path);
	if (*path)
		add(to, moeai_str(MOEAI_A_MEM_VICTIM_LIMIT_CGROUP, path));
	limit = mem_group_limit(asked->cgroup);
	if (limit)
		add_u64(to, MOEAI_A_MEM_VICTIM_LIMIT, limit);
}

/*
 * A cgroup's limit is what its owner made it, and who may fill a cgroup can do so
 * again and again: that must not push the system's own kills out of what is kept.
 */
static enum moeai_priority victim_priority(enum moeai_mem_scope scope)
{
	return scope == MOEAI_MEM_SCOPE_CGROUP ? MOEAI_PRIO_WARNING : MOEAI_PRIO_CRITICAL;
}

void mem_event_victim(const struct mem_victim *victim)
{
	struct victim_values v = {};

	add(&v, moeai_u32(MOEAI_A_MEM_VICTIM_PID, victim->pid));
	add(&v, moeai_u32(MOEAI_A_MEM_VICTIM_UID, victim->uid));
	add(&v, moeai_str(MOEAI_A_MEM_VICTIM_COMM, victim->comm));
	add(&v, moeai_u32(MOEAI_A_MEM_VICTIM_SCOPE, victim->scope));
	if (victim->pid) {
		add_who(&v, victim);
		add_invoker(&v);
	}
	add_u64(&v, MOEAI_A_MEM_VICTIM_AVAILABLE, mem_gauge_available());
	add_u64(&v, MOEAI_A_MEM_VICTIM_FREE, mem_gauge_free());
	add_u64(&v, MOEAI_A_MEM_VICTIM_TOTAL, mem_gauge_total());
	add_u64(&v, MOEAI_A_MEM_VICTIM_SWAP_FREE, mem_gauge_swap_free());
	if (victim->asked)
		add_asked(&v, victim->asked);
	if (victim->untold)
		add_u64(&v, MOEAI_A_MEM_VICTIM_UNTOLD, victim->untold);
	moeai_event_emit(&mem_events[VICTIM], victim_priority(victim->scope), v.v, v.n);
}

void mem_event_recovered(const struct mem_episode *episode, const struct mem_gauge *gauge,
			 u64 duration)
{
	moeai_emit(&mem_events[RECOVERED], MOEAI_PRIO_NOTICE,
		   moeai_u64(MOEAI_A_MEM_RECOVERED_DURATION, duration),
		   moeai_u32(MOEAI_A_MEM_RECOVERED_WORST, episode->worst),
		   moeai_u64(MOEAI_A_MEM_RECOVERED_LOWEST, episode->lowest),
		   moeai_u64(MOEAI_A_MEM_RECOVERED_AVAILABLE, gauge->available),
		   moeai_u64(MOEAI_A_MEM_RECOVERED_KILLS, gauge->kills - episode->kills));
}
