// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "param.h"
#include "super.h"
#include "watch.h"

DEFINE_PER_CPU(struct fs_counters, fs_counters);

static u64 sum(size_t offset)
{
	u64 n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += READ_ONCE(*(u64 *)((void *)per_cpu_ptr(&fs_counters, cpu) + offset));
	return n;
}

#define STATISTIC(n, expression)                                                       \
	static u64 read_##n(const struct moeai_param *param)                           \
	{                                                                              \
		return expression;                                                     \
	}

#define SUM(n) STATISTIC(n, sum(offsetof(struct fs_counters, n)))

SUM(events)
SUM(folded)
SUM(unfolded)
SUM(excluded)
SUM(left_out)
SUM(outside)
SUM(nameless)
SUM(too_long)
SUM(untold)
STATISTIC(watches, fs_watches_live())
STATISTIC(superblocks, fs_supers_count())

#define GAUGE(n, h)                                                                    \
	{ .field = U64_FIELD(#n, COUNT, h), .flags = MOEAI_PARAM_STAT, .read = read_##n }

#define COUNTER(n, h)                                                                  \
	{ .field = U64_FIELD(#n, COUNT, h),                                            \
	  .flags = MOEAI_PARAM_STAT | MOEAI_PARAM_COUNT, .read = read_##n }

const struct moeai_param fs_params[FS_PARAMS] = {
	COUNTER(events, "operations told by an event of their own"),
	COUNTER(folded, "operations that were told by the count of another event"),
	COUNTER(unfolded, "operations told by themselves, as there was no room to fold them"),
	COUNTER(excluded, "operations left out by a watch's exclude"),
	COUNTER(left_out, "operations left out by exclude_self"),
	COUNTER(outside, "operations on watched file systems that no watch wants"),
	COUNTER(nameless, "operations on no file of a name, as a change of a link count is"),
	COUNTER(too_long, "operations told without a path, as it, or all of the event, is too long"),
	COUNTER(untold, "events that the log refused"),
	GAUGE(watches, "there are"),
	GAUGE(superblocks, "file systems of which operations are looked at"),
};
