/*
 * Module bench, for programs that use libmoeai. Made by 'moectl schema --c'.
 *
 * Decoders set has for each field that was there, and zero what was not; they
 * return 0, -ENOENT for an event of another type, -EPROTO for a field of another
 * type than here. Strings and bytes point into what was decoded. Encoders and
 * calls send the fields that has names, required ones and keys always.
 */
#ifndef MOEAI_SCHEMA_BENCH_H
#define MOEAI_SCHEMA_BENCH_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <moeai/moeai.h>

/* ---- event bench.event: six fields */

#define BENCH_EVENT_EVENT "bench.event"

enum bench_event_event_id {
	BENCH_EVENT_EVENT_PID = 1,
	BENCH_EVENT_EVENT_UID = 2,
	BENCH_EVENT_EVENT_FLAGS = 3,
	BENCH_EVENT_EVENT_BYTES = 4,
	BENCH_EVENT_EVENT_STAMP = 5,
	BENCH_EVENT_EVENT_NAME = 6,
};

struct bench_event_event {
	struct {
		bool pid;
		bool uid;
		bool flags;
		bool bytes;
		bool stamp;
		bool name;
	} has;
	uint32_t pid; /* a number */
	uint32_t uid; /* a number */
	uint32_t flags; /* bits */
	uint64_t bytes; /* a large number */
	uint64_t stamp; /* when it was emitted, if at intervals */
	const char *name; /* as long as asked for */
};

/* True: decoded, as all is there and in order. */
static inline bool
bench_event_event_in_order(const struct moeai_values *values, struct bench_event_event *out)
{
	const char *p = (const char *)values->data, *end = p + values->len;

	if (!values->schema || values->schema->shape != 0x79622a0e244acc7cULL ||
	    end - p < 48)
		return false;
	if (!moeai_take_sure(&p, BENCH_EVENT_EVENT_PID, &out->pid, sizeof(out->pid)) ||
	    !moeai_take_sure(&p, BENCH_EVENT_EVENT_UID, &out->uid, sizeof(out->uid)) ||
	    !moeai_take_sure(&p, BENCH_EVENT_EVENT_FLAGS, &out->flags, sizeof(out->flags)) ||
	    !moeai_take_sure(&p, BENCH_EVENT_EVENT_BYTES, &out->bytes, sizeof(out->bytes)) ||
	    !moeai_take_sure(&p, BENCH_EVENT_EVENT_STAMP, &out->stamp, sizeof(out->stamp)) ||
	    !moeai_take_string(&p, end, BENCH_EVENT_EVENT_NAME, &out->name))
		return false;
	out->has.pid = true;
	out->has.uid = true;
	out->has.flags = true;
	out->has.bytes = true;
	out->has.stamp = true;
	out->has.name = true;
	return p >= end;
}

static __attribute__((noinline, unused)) int
bench_event_event_walk(const struct moeai_values *values, struct bench_event_event *out)
{
	struct moeai_value v;
	size_t pos = 0;
	int rc;

	memset(out, 0, sizeof(*out));
	while ((rc = moeai_values_next(values, &pos, &v)) > 0) {
		switch (v.id) {
		case BENCH_EVENT_EVENT_PID:
			if (!v.field || v.field->type != MOEAI_TYPE_U32)
				return -EPROTO;
			out->pid = (uint32_t)v.u64;
			out->has.pid = true;
			break;
		case BENCH_EVENT_EVENT_UID:
			if (!v.field || v.field->type != MOEAI_TYPE_U32)
				return -EPROTO;
			out->uid = (uint32_t)v.u64;
			out->has.uid = true;
			break;
		case BENCH_EVENT_EVENT_FLAGS:
			if (!v.field || v.field->type != MOEAI_TYPE_U32)
				return -EPROTO;
			out->flags = (uint32_t)v.u64;
			out->has.flags = true;
			break;
		case BENCH_EVENT_EVENT_BYTES:
			if (!v.field || v.field->type != MOEAI_TYPE_U64)
				return -EPROTO;
			out->bytes = v.u64;
			out->has.bytes = true;
			break;
		case BENCH_EVENT_EVENT_STAMP:
			if (!v.field || v.field->type != MOEAI_TYPE_U64)
				return -EPROTO;
			out->stamp = v.u64;
			out->has.stamp = true;
			break;
		case BENCH_EVENT_EVENT_NAME:
			if (!v.field || v.field->type != MOEAI_TYPE_STRING)
				return -EPROTO;
			out->name = (const char *)v.data;
			out->has.name = true;
			break;
		}
	}
	return rc;
}

static inline int
bench_event_event_decode(const struct moeai_values *values, struct bench_event_event *out)
{
	return bench_event_event_in_order(values, out) ? 0 : bench_event_event_walk(values, out);
}

static inline int
bench_event_event_get(const struct moeai_event *event, struct bench_event_event *out)
{
	if (bench_event_event_in_order(&event->values, out))
		return 0;
	if (strcmp(event->type_name, "bench.event") != 0)
		return -ENOENT;
	return bench_event_event_walk(&event->values, out);
}

/* ---- command bench.emit: emit events, as fast as possible or at intervals */

#define BENCH_EMIT_COMMAND "bench.emit"

enum bench_emit_args_id {
	BENCH_EMIT_ARGS_COUNT = 1,
	BENCH_EMIT_ARGS_NAME_LEN = 2,
	BENCH_EMIT_ARGS_PATH = 3,
	BENCH_EMIT_ARGS_PRIORITY = 4,
	BENCH_EMIT_ARGS_PRODUCERS = 5,
	BENCH_EMIT_ARGS_INTERVAL = 6,
};

enum bench_emit_args_path {
	BENCH_EMIT_ARGS_PATH_EMPTY = 0,
	BENCH_EMIT_ARGS_PATH_LOG = 1,
	BENCH_EMIT_ARGS_PATH_TRACE = 2,
	BENCH_EMIT_ARGS_PATH_NETLINK = 3,
};

enum bench_emit_args_priority {
	BENCH_EMIT_ARGS_PRIORITY_DEBUG = 0,
	BENCH_EMIT_ARGS_PRIORITY_INFO = 1,
	BENCH_EMIT_ARGS_PRIORITY_NOTICE = 2,
	BENCH_EMIT_ARGS_PRIORITY_WARNING = 3,
	BENCH_EMIT_ARGS_PRIORITY_CRITICAL = 4,
};

struct bench_emit_args {
	struct {
		bool count;
		bool name_len;
		bool path;
		bool priority;
		bool producers;
		bool interval;
	} has;
	uint32_t count; /* events */
	uint32_t name_len; /* bytes of the name */
	uint32_t path; /* where to */
	uint32_t priority; /* of the events */
	uint32_t producers; /* threads, one a CPU; 0: the caller's own */
	uint64_t interval; /* between two events */
};

/* Room for 6 is enough; returns how many there are. */
static inline size_t
bench_emit_args_encode(const struct bench_emit_args *in, struct moeai_arg *args)
{
	size_t n = 0;

	memset(args, 0, 6 * sizeof(*args));
	{
		args[n].name = "count";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->count;
		n++;
	}
	if (in->has.name_len) {
		args[n].name = "name_len";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->name_len;
		n++;
	}
	if (in->has.path) {
		args[n].name = "path";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->path;
		n++;
	}
	if (in->has.priority) {
		args[n].name = "priority";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->priority;
		n++;
	}
	if (in->has.producers) {
		args[n].name = "producers";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->producers;
		n++;
	}
	if (in->has.interval) {
		args[n].name = "interval";
		args[n].kind = MOEAI_ARG_UNSIGNED;
		args[n].u64 = in->interval;
		n++;
	}
	return n;
}

enum bench_emit_reply_id {
	BENCH_EMIT_REPLY_NS = 1,
	BENCH_EMIT_REPLY_FAILED = 2,
};

struct bench_emit_reply {
	struct {
		bool ns;
		bool failed;
	} has;
	uint64_t ns; /* from the first event to the last */
	uint32_t failed; /* events that were refused */
};

static inline int
bench_emit_reply_decode(const struct moeai_values *values, struct bench_emit_reply *out)
{
	struct moeai_value v;
	size_t pos = 0;
	int rc;

	memset(out, 0, sizeof(*out));
	while ((rc = moeai_values_next(values, &pos, &v)) > 0) {
		switch (v.id) {
		case BENCH_EMIT_REPLY_NS:
			if (!v.field || v.field->type != MOEAI_TYPE_U64)
				return -EPROTO;
			out->ns = v.u64;
			out->has.ns = true;
			break;
		case BENCH_EMIT_REPLY_FAILED:
			if (!v.field || v.field->type != MOEAI_TYPE_U32)
				return -EPROTO;
			out->failed = (uint32_t)v.u64;
			out->has.failed = true;
			break;
		}
	}
	return rc;
}

/* What out points to belongs to *reply: free it by moeai_reply_free(). */
static inline int
bench_emit_call(struct moeai *h, const struct bench_emit_args *in, int timeout, struct bench_emit_reply *out, struct moeai_reply **reply)
{
	struct moeai_arg args[6];
	size_t n = bench_emit_args_encode(in, args);
	struct moeai_values values;
	int rc;

	*reply = NULL;
	rc = moeai_call(h, "bench.emit", args, n, timeout, reply);
	if (rc)
		return rc;
	values = moeai_reply_values(*reply);
	rc = bench_emit_reply_decode(&values, out);
	if (rc) {
		moeai_reply_free(*reply);
		*reply = NULL;
	}
	return rc;
}

/* ---- command bench.mark: count what is done on a file system, and no more */

#define BENCH_MARK_COMMAND "bench.mark"

enum bench_mark_args_id {
	BENCH_MARK_ARGS_PATH = 1,
};

struct bench_mark_args {
	struct {
		bool path;
	} has;
	const char *path; /* of a folder on it; absent: no file system */
};

/* Room for 1 is enough; returns how many there are. */
static inline size_t
bench_mark_args_encode(const struct bench_mark_args *in, struct moeai_arg *args)
{
	size_t n = 0;

	memset(args, 0, 1 * sizeof(*args));
	if (in->has.path) {
		args[n].name = "path";
		args[n].kind = MOEAI_ARG_TEXT;
		args[n].text = in->path;
		n++;
	}
	return n;
}

enum bench_mark_reply_id {
	BENCH_MARK_REPLY_COUNTED = 1,
};

struct bench_mark_reply {
	struct {
		bool counted;
	} has;
	uint64_t counted; /* since the module was loaded */
};

static inline int
bench_mark_reply_decode(const struct moeai_values *values, struct bench_mark_reply *out)
{
	struct moeai_value v;
	size_t pos = 0;
	int rc;

	memset(out, 0, sizeof(*out));
	while ((rc = moeai_values_next(values, &pos, &v)) > 0) {
		switch (v.id) {
		case BENCH_MARK_REPLY_COUNTED:
			if (!v.field || v.field->type != MOEAI_TYPE_U64)
				return -EPROTO;
			out->counted = v.u64;
			out->has.counted = true;
			break;
		}
	}
	return rc;
}

/* What out points to belongs to *reply: free it by moeai_reply_free(). */
static inline int
bench_mark_call(struct moeai *h, const struct bench_mark_args *in, int timeout, struct bench_mark_reply *out, struct moeai_reply **reply)
{
	struct moeai_arg args[1];
	size_t n = bench_mark_args_encode(in, args);
	struct moeai_values values;
	int rc;

	*reply = NULL;
	rc = moeai_call(h, "bench.mark", args, n, timeout, reply);
	if (rc)
		return rc;
	values = moeai_reply_values(*reply);
	rc = bench_mark_reply_decode(&values, out);
	if (rc) {
		moeai_reply_free(*reply);
		*reply = NULL;
	}
	return rc;
}

/* ---- command bench.packets: have packets come, as far as to PRE_ROUTING */

#define BENCH_PACKETS_COMMAND "bench.packets"

enum bench_packets_args_id {
	BENCH_PACKETS_ARGS_COUNT = 1,
	BENCH_PACKETS_ARGS_SOURCES = 2,
	BENCH_PACKETS_ARGS_OF = 3,
	BENCH_PACKETS_ARGS_V6 = 4,
	BENCH_PACKETS_ARGS_MISS = 5,
	BENCH_PACKETS_ARGS_IN_TURN = 6,
	BENCH_PACKETS_ARGS_PROTO = 7,
	BENCH_PACKETS_ARGS_PORT = 8,
	BENCH_PACKETS_ARGS_HOOK = 9,
	BENCH_PACKETS_ARGS_PRODUCERS = 10,
};

enum bench_packets_args_sources {
	BENCH_PACKETS_ARGS_SOURCES_ADDRESSES = 0,
	BENCH_PACKETS_ARGS_SOURCES_NETS = 1,
	BENCH_PACKETS_ARGS_SOURCES_NETS_24 = 2,
};

enum bench_packets_args_proto {
	BENCH_PACKETS_ARGS_PROTO_UDP = 0,
	BENCH_PACKETS_ARGS_PROTO_SYN = 1,
	BENCH_PACKETS_ARGS_PROTO_PING = 2,
};

enum bench_packets_args_hook {
	BENCH_PACKETS_ARGS_HOOK_NONE = 0,
	BENCH_PACKETS_ARGS_HOOK_ACCEPT = 1,
	BENCH_PACKETS_ARGS_HOOK_DROP = 2,
};

struct bench_packets_args {
	struct {
		bool count;
		bool sources;
		bool of;
		bool v6;
		bool miss;
		bool in_turn;
		bool proto;
		bool port;
		bool hook;
		bool producers;
	} has;
	uint32_t count; /* packets */
	uint32_t sources; /* what rules they are from */
	uint32_t of; /* so many rules */
	bool v6; /* IPv6 */
	bool miss; /* close to rules, but from none */
	bool in_turn; /* rule by rule, not at random */
	uint32_t proto; /* what they are */
	uint32_t port; /* where to */
	uint32_t hook; /* one that does nothing else */
	uint32_t producers; /* threads, one a CPU; 0: the caller's own */
};

/* Room for 10 is enough; returns how many there are. */
static inline size_t
bench_packets_args_encode(const struct bench_packets_args *in, struct moeai_arg *args)
{
	size_t n = 0;

	memset(args, 0, 10 * sizeof(*args));
	{
		args[n].name = "count";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->count;
		n++;
	}
	if (in->has.sources) {
		args[n].name = "sources";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->sources;
		n++;
	}
	if (in->has.of) {
		args[n].name = "of";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->of;
		n++;
	}
	if (in->has.v6) {
		args[n].name = "v6";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->v6;
		n++;
	}
	if (in->has.miss) {
		args[n].name = "miss";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->miss;
		n++;
	}
	if (in->has.in_turn) {
		args[n].name = "in_turn";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->in_turn;
		n++;
	}
	if (in->has.proto) {
		args[n].name = "proto";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->proto;
		n++;
	}
	if (in->has.port) {
		args[n].name = "port";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->port;
		n++;
	}
	if (in->has.hook) {
		args[n].name = "hook";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->hook;
		n++;
	}
	if (in->has.producers) {
		args[n].name = "producers";
		args[n].kind = MOEAI_ARG_NUMBER;
		args[n].number = in->producers;
		n++;
	}
	return n;
}

enum bench_packets_reply_id {
	BENCH_PACKETS_REPLY_NS = 1,
	BENCH_PACKETS_REPLY_PASSED = 2,
};

struct bench_packets_reply {
	struct {
		bool ns;
		bool passed;
	} has;
	uint64_t ns; /* from the first packet to the last */
	uint32_t passed; /* packets that no filter dropped */
};

static inline int
bench_packets_reply_decode(const struct moeai_values *values, struct bench_packets_reply *out)
{
	struct moeai_value v;
	size_t pos = 0;
	int rc;

	memset(out, 0, sizeof(*out));
	while ((rc = moeai_values_next(values, &pos, &v)) > 0) {
		switch (v.id) {
		case BENCH_PACKETS_REPLY_NS:
			if (!v.field || v.field->type != MOEAI_TYPE_U64)
				return -EPROTO;
			out->ns = v.u64;
			out->has.ns = true;
			break;
		case BENCH_PACKETS_REPLY_PASSED:
			if (!v.field || v.field->type != MOEAI_TYPE_U32)
				return -EPROTO;
			out->passed = (uint32_t)v.u64;
			out->has.passed = true;
			break;
		}
	}
	return rc;
}

/* What out points to belongs to *reply: free it by moeai_reply_free(). */
static inline int
bench_packets_call(struct moeai *h, const struct bench_packets_args *in, int timeout, struct bench_packets_reply *out, struct moeai_reply **reply)
{
	struct moeai_arg args[10];
	size_t n = bench_packets_args_encode(in, args);
	struct moeai_values values;
	int rc;

	*reply = NULL;
	rc = moeai_call(h, "bench.packets", args, n, timeout, reply);
	if (rc)
		return rc;
	values = moeai_reply_values(*reply);
	rc = bench_packets_reply_decode(&values, out);
	if (rc) {
		moeai_reply_free(*reply);
		*reply = NULL;
	}
	return rc;
}

#endif /* MOEAI_SCHEMA_BENCH_H */
