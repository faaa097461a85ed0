// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF peers: the same information as MoeAI's events have, out of the raw
 * tracepoint into a ring buffer or a perf buffer; and the ring buffer at its
 * best, a record that lies ready, with nothing to gather. And a count of what the
 * kernel allocates.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "peer.bpf.h"

#define SOURCE_WORD 0x68636e6562ULL /* BENCH_SOURCE */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 32 << 20);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} allocations SEC(".maps");

__u64 last_seq;
char ready[sizeof(struct bench_record)] = { 1 };

static __always_inline void put_head(struct bench_record *r)
{
	r->seq = __sync_fetch_and_add(&last_seq, 1) + 1;
	r->time = bpf_ktime_get_ns();
	r->type = 1;
	r->priority = 1;
	*(__u64 *)r->source = SOURCE_WORD;
}

#define PROGRAMS(size)                                                                  \
	SEC("raw_tp/moeai_bench")                                                       \
	int ring_##size(struct bpf_raw_tracepoint_args *ctx)                            \
	{                                                                               \
		struct bench_record *r = bpf_ringbuf_reserve(&ring, BENCH_RECORD_LEN(size), 0); \
		if (!r)                                                                 \
			return 0;                                                       \
		put_head(r);                                                            \
		bpf_probe_read_kernel(&r->fields, BENCH_FIELDS_LEN(size), (void *)ctx->args[0]); \
		bpf_ringbuf_submit(r, 0);                                               \
		return 0;                                                               \
	}                                                                               \
	SEC("raw_tp/moeai_bench")                                                       \
	int perf_##size(struct bpf_raw_tracepoint_args *ctx)                            \
	{                                                                               \
		char record[BENCH_RECORD_LEN(size)] __attribute__((aligned(8)));        \
		struct bench_record *r = (struct bench_record *)record;                 \
		put_head(r);                                                            \
		bpf_probe_read_kernel(&r->fields, BENCH_FIELDS_LEN(size), (void *)ctx->args[0]); \
		bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, r, sizeof(record)); \
		return 0;                                                               \
	}                                                                               \
	SEC("tc")                                                                       \
	int best_##size(struct __sk_buff *ctx)                                          \
	{                                                                               \
		bpf_ringbuf_output(&ring, ready, BENCH_RECORD_LEN(size), 0);            \
		return 0;                                                               \
	}

PROGRAMS(64)
PROGRAMS(256)

static __always_inline int count(void)
{
	__u64 *n = bpf_map_lookup_elem(&allocations, &(__u32){ 0 });

	if (n)
		__sync_fetch_and_add(n, 1);
	return 0;
}

SEC("raw_tp/kmalloc")
int count_kmalloc(void *ctx)
{
	return count();
}

SEC("raw_tp/kmem_cache_alloc")
int count_cache(void *ctx)
{
	return count();
}

char _license[] SEC("license") = "GPL";
