// SPDX-License-Identifier: GPL-2.0
/*
 * The producer. Every path runs the same loop over the same six fields, so that
 * what a path costs is its loop's time less that of the empty one.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include "bench.h"
#define CREATE_TRACE_POINTS
#include "trace.h"

static const struct moeai_field event_fields[] = {
	[BENCH_PID]   = { "pid", "a number", MOEAI_TYPE_U32 },
	[BENCH_UID]   = { "uid", "a number", MOEAI_TYPE_U32 },
	[BENCH_FLAGS] = { "flags", "bits", MOEAI_TYPE_U32, .flags = MOEAI_F_HEX },
	[BENCH_BYTES] = { "bytes", "a large number", MOEAI_TYPE_U64, MOEAI_UNIT_BYTES },
	[BENCH_STAMP] = { "stamp", "when it was emitted, if at intervals", MOEAI_TYPE_U64 },
	[BENCH_NAME]  = { "name", "as long as asked for", MOEAI_TYPE_STRING },
};

struct moeai_event_type bench_event = {
	.name = "bench.event", .help = "six fields", .schema = MOEAI_SCHEMA(event_fields),
};

enum { EMIT_COUNT = 1, EMIT_NAME_LEN, EMIT_PATH, EMIT_PRIORITY, EMIT_PRODUCERS, EMIT_INTERVAL };

static const char *const paths[] = { "empty", "log", "trace", "netlink", NULL };
static const char *const priorities[] = { "debug", "info", "notice", "warning", "critical", NULL };

static const struct moeai_field emit_fields[] = {
	[EMIT_COUNT]	 = { "count", "events", MOEAI_TYPE_U32, .flags = MOEAI_F_REQUIRED },
	[EMIT_NAME_LEN]	 = { "name_len", "bytes of the name", MOEAI_TYPE_U32,
			     .max = BENCH_NAME_MAX - 1 },
	[EMIT_PATH]	 = { "path", "where to", MOEAI_TYPE_ENUM, .labels = paths },
	[EMIT_PRIORITY]	 = { "priority", "of the events", MOEAI_TYPE_ENUM, .labels = priorities },
	[EMIT_PRODUCERS] = { "producers", "threads, one a CPU; 0: the caller's own",
			     MOEAI_TYPE_U32, .max = BENCH_PRODUCERS_MAX },
	[EMIT_INTERVAL]	 = { "interval", "between two events", MOEAI_TYPE_U64, MOEAI_UNIT_NS },
};

const struct moeai_schema bench_emit_args = MOEAI_SCHEMA(emit_fields);

enum { EMITTED_NS = 1, EMITTED_FAILED };

static const struct moeai_field emitted_fields[] = {
	[EMITTED_NS]	 = { "ns", "from the first event to the last", MOEAI_TYPE_U64,
			     MOEAI_UNIT_NS },
	[EMITTED_FAILED] = { "failed", "events that were refused", MOEAI_TYPE_U32 },
};

const struct moeai_schema bench_emit_reply = MOEAI_SCHEMA(emitted_fields);

struct run {
	u32 count, name_len;
	enum bench_path path;
	enum moeai_priority priority;
	u64 interval;
	u32 failed;
};

static int to_nowhere(const struct run *r, const struct bench_fields *f, bool last)
{
	return 0;
}

/*
 * The last event is urgent, so that it is delivered now: what is measured is a
 * stream, not the deadline at its end.
 */
static int to_log(const struct run *r, const struct bench_fields *f, bool last)
{
	return moeai_emit(&bench_event, last ? MOEAI_PRIO_WARNING : r->priority,
			  moeai_u32(BENCH_PID, f->pid), moeai_u32(BENCH_UID, f->uid),
			  moeai_u32(BENCH_FLAGS, f->flags), moeai_u64(BENCH_BYTES, f->bytes),
			  moeai_u64(BENCH_STAMP, f->stamp),
			  moeai_strn(BENCH_NAME, f->name, f->name_len));
}

static int to_trace(const struct run *r, const struct bench_fields *f, bool last)
{
	trace_moeai_bench(f);
	return 0;
}

static int to_netlink(const struct run *r, const struct bench_fields *f, bool last)
{
	return bench_peer_send(f, r->priority);
}

static int (*const emit[])(const struct run *r, const struct bench_fields *f, bool last) = {
	[BENCH_EMPTY] = to_nowhere,
	[BENCH_LOG] = to_log,
	[BENCH_TRACE] = to_trace,
	[BENCH_NETLINK] = to_netlink,
};

static_assert(ARRAY_SIZE(emit) == ARRAY_SIZE(paths) - 1);

static void produce(void *arg)
{
	struct run *r = arg;
	struct bench_fields f = { .pid = 4711, .uid = 1000, .flags = 0x8042,
				  .name_len = r->name_len };
	u32 i;

	memset(f.name, 'n', r->name_len);
	for (i = 0; i < r->count; i++) {
		f.bytes += 4096;
		f.stamp = r->interval ? ktime_get_real_ns() : i;
		if (emit[r->path](r, &f, i == r->count - 1))
			r->failed++;
		if (r->interval)
			fsleep(div_u64(r->interval, NSEC_PER_USEC));
		else if (i % 256 == 255)
			cond_resched();
	}
}

int bench_emit(struct moeai_call *call)
{
	u32 producers = moeai_arg_u32(call, EMIT_PRODUCERS, 0), i, failed = 0;
	struct run runs[BENCH_PRODUCERS_MAX], run = {
		.count = moeai_arg_u32(call, EMIT_COUNT, 0),
		.name_len = moeai_arg_u32(call, EMIT_NAME_LEN, BENCH_NAME_LEN(64)),
		.path = moeai_arg_u32(call, EMIT_PATH, BENCH_LOG),
		.priority = moeai_arg_u32(call, EMIT_PRIORITY, MOEAI_PRIO_INFO),
		.interval = moeai_arg_u64(call, EMIT_INTERVAL, 0),
	};
	u64 ns;
	int ret;

	for (i = 0; i < BENCH_PRODUCERS_MAX; i++)
		runs[i] = run;
	ret = bench_produce(producers, produce, runs, sizeof(run), &ns);
	if (ret)
		return ret;
	for (i = 0; i < max(producers, 1u); i++)
		failed += runs[i].failed;
	return moeai_reply(call, moeai_u64(EMITTED_NS, ns),
			   moeai_u32(EMITTED_FAILED, failed));
}
