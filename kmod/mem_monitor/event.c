// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/moeai.h>
#include <linux/swap.h>
#include "consumer.h"
#include "event.h"
#include "field.h"
#include "gauge.h"

const char *const mem_level_names[] = { "none", "low", "medium", "critical", NULL };
static_assert(ARRAY_SIZE(mem_level_names) == __MOEAI_MEM_LEVEL_MAX + 1);

static const char *const cause_names[] = { "available", "reclaim", "oom", NULL };
static_assert(ARRAY_SIZE(cause_names) == __MOEAI_MEM_CAUSE_MAX + 1);

static const char *const scope_names[] = { "system", "cgroup", NULL };
static_assert(ARRAY_SIZE(scope_names) == __MOEAI_MEM_SCOPE_MAX + 1);

static const struct moeai_field level_fields[] = {
	[MOEAI_A_MEM_LEVEL_LEVEL] = ENUM_FIELD("level", mem_level_names, "what it is now"),
	[MOEAI_A_MEM_LEVEL_PREVIOUS] = ENUM_FIELD("previous", mem_level_names, "what it was"),
	[MOEAI_A_MEM_LEVEL_AVAILABLE] = U64_FIELD("available", BYTES, AVAILABLE_HELP),
	[MOEAI_A_MEM_LEVEL_TOTAL] = U64_FIELD("total", BYTES, "all memory"),
	[MOEAI_A_MEM_LEVEL_PERMILLE] = U32_FIELD("permille", PERMILLE, "available of total"),
	[MOEAI_A_MEM_LEVEL_STALLS] = U64_FIELD("stalls", COUNT_S, STALLS_HELP),
	[MOEAI_A_MEM_LEVEL_CAUSE] =
		FLAGS_FIELD("cause", cause_names, "what the level comes from"),
	[MOEAI_A_MEM_LEVEL_HELD] = U64_FIELD("held", NS, "how long the previous level lasted"),
};

static const struct moeai_field consumer_fields[] = {
	[MOEAI_A_MEM_CONSUMER_RANK] = U32_FIELD("rank", NONE, "1 is the largest"),
	[MOEAI_A_MEM_CONSUMER_PID] = PID_FIELD("pid", "of the process"),
	[MOEAI_A_MEM_CONSUMER_UID] = UID_FIELD("uid", "of its user"),
	[MOEAI_A_MEM_CONSUMER_COMM] = COMM_FIELD("comm", "name of the process"),
	[MOEAI_A_MEM_CONSUMER_RSS] = U64_FIELD("rss", BYTES, "in memory"),
	[MOEAI_A_MEM_CONSUMER_SWAP] = U64_FIELD("swap", BYTES, "swapped out"),
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
		       .schema = MOEAI_SCHEMA(consumer_fields) },
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

void mem_event_consumer(enum moeai_priority priority, u32 rank,
			const struct mem_consumer *consumer)
{
	moeai_emit(&mem_events[CONSUMER], priority,
		   moeai_u32(MOEAI_A_MEM_CONSUMER_RANK, rank),
		   moeai_u32(MOEAI_A_MEM_CONSUMER_PID, consumer->pid),
		   moeai_u32(MOEAI_A_MEM_CONSUMER_UID, consumer->uid),
		   moeai_str(MOEAI_A_MEM_CONSUMER_COMM, consumer->comm),
		   moeai_u64(MOEAI_A_MEM_CONSUMER_RSS, consumer->rss),
		   moeai_u64(MOEAI_A_MEM_CONSUMER_SWAP, consumer->swap));
}

void mem_event_oom(u64 available)
{
	moeai_emit(&mem_events[OOM], MOEAI_PRIO_CRITICAL,
		   moeai_u64(MOEAI_A_MEM_OOM_AVAILABLE, available),
		   moeai_u64(MOEAI_A_MEM_OOM_TOTAL, mem_gauge_total()),
		   moeai_u64(MOEAI_A_MEM_OOM_SWAP_FREE, (u64)get_nr_swap_pages() << PAGE_SHIFT));
}

void mem_event_victim(const struct mem_victim *victim)
{
	moeai_emit(&mem_events[VICTIM], MOEAI_PRIO_CRITICAL,
		   moeai_u32(MOEAI_A_MEM_VICTIM_PID, victim->pid),
		   moeai_u32(MOEAI_A_MEM_VICTIM_UID, victim->uid),
		   moeai_str(MOEAI_A_MEM_VICTIM_COMM, victim->comm),
		   moeai_u64(MOEAI_A_MEM_VICTIM_ANON, victim->anon),
		   moeai_u64(MOEAI_A_MEM_VICTIM_FILE, victim->file),
		   moeai_u64(MOEAI_A_MEM_VICTIM_SHMEM, victim->shmem),
		   moeai_u32(MOEAI_A_MEM_VICTIM_SCOPE, victim->scope));
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
