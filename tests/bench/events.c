// SPDX-License-Identifier: GPL-2.0
/* Events: what emitting costs, and streams from one or two producers to one reader. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "bench.h"

#define BYTES (2 << 20) /* of a stream: half the log, so that nothing is overwritten */

static const unsigned int sizes[] = { 64, 256 };

/* A record's length in the log. */
static unsigned int count_for(unsigned int size)
{
	return BYTES / (size + 88);
}

/* Emitting alone, nobody listening. The first run warms caches up. */
static void emit_row(struct bench *b, const char *name, enum bench_path path, unsigned int size)
{
	struct emit e = { .path = path, .count = 2 * count_for(size), .size = size };
	uint64_t ns;
	int rc;

	for (int i = b->first; run_begins(b, i); i++) {
		rc = emit(b, &e, &ns);
		if (rc) {
			row_failed(name, size, "%s", strerror(-rc));
			return;
		}
		if (i >= 0)
			row(name, size, (double)ns / e.count);
	}
}

/* One reader; the rows are the whole, the producer's part, and what a library allocates. */
static void stream_row(struct bench *b, const struct reader_kind *kind, unsigned int size,
		       unsigned int producers)
{
	struct emit e = { .path = kind->path, .size = size, .producers = producers,
			  .count = count_for(size) / (producers ? producers : 1) };
	struct reader r = { .kind = kind, .bench = b, .size = size };
	uint64_t ns, producer = 0, events = (uint64_t)e.count * (producers ? producers : 1);
	char name[64], of_producer[64], of_memory[64];
	int rc;

	snprintf(name, sizeof(name), "stream/%s%s", kind->name, producers > 1 ? "/2" : "");
	snprintf(of_producer, sizeof(of_producer), "producer/%s%s", kind->name,
		 producers > 1 ? "/2" : "");
	snprintf(of_memory, sizeof(of_memory), "malloc/%s%s", kind->name,
		 producers > 1 ? "/2" : "");
	for (int i = b->first; run_begins(b, i); i++) {
		rc = stream(&r, &e, &ns, &producer);
		if (rc) {
			row_failed(name, size, "%s, %llu of %llu events, %llu lost, emitted in %llu ms",
				   strerror(-rc), (unsigned long long)r.events,
				   (unsigned long long)events, (unsigned long long)r.lost,
				   (unsigned long long)producer / 1000000);
			return;
		}
		if (i < 0)
			continue;
		row(name, size, (double)ns / events);
		if (b->cpus > 1) /* on one, it has the reader's time as well */
			row(of_producer, size, (double)producer / events);
		row(of_memory, size, (double)r.mallocs / events);
	}
}

static void best_row(struct bench *b, unsigned int size)
{
	double ns;
	int rc;

	for (int i = b->first; run_begins(b, i); i++) {
		rc = bpf_best(b, size, count_for(size), &ns);
		if (rc) {
			row_failed("stream/bpf-best", size, "%s", strerror(-rc));
			return;
		}
		if (i >= 0)
			row("stream/bpf-best", size, ns);
	}
}

/* Somebody listens, and does not read. */
static void listener_row(struct bench *b, unsigned int size)
{
	int fd = netlink_join(MOEAI_NETLINK_FAMILY, MOEAI_GROUP_EVENTS_NAME);

	if (fd < 0) {
		row_failed("emit/log-listener", size, "%s", strerror(-fd));
		return;
	}
	emit_row(b, "emit/log-listener", BENCH_LOG, size);
	close(fd);
}

/* With nobody listening, nothing is built: no skb, and nothing else. */
static void allocations_row(struct bench *b, unsigned int size)
{
	struct emit e = { .path = BENCH_LOG, .count = count_for(size), .size = size };
	double n;
	int rc;

	for (int i = 0; run_begins(b, i); i++) {
		rc = count_allocations(b, &e, &n);
		if (rc) {
			row_failed("emit/allocations", size, "%s", strerror(-rc));
			return;
		}
		row("emit/allocations", size, n);
	}
}

/* To the log, and then all of it as text: there is nothing that one could wait for. */
static void text_row(struct bench *b, unsigned int size)
{
	struct emit e = { .path = BENCH_LOG, .count = count_for(size), .size = size };
	uint64_t begin, producer;
	int rc, n = 0;

	for (int i = b->first; run_begins(b, i); i++) {
		rc = clear_log(b);
		begin = now();
		if (!rc)
			rc = emit(b, &e, &producer);
		if (!rc)
			n = read_text();
		if (rc || n != (int)e.count) {
			row_failed("stream/procfs-text", size, "%s, %d events", strerror(-rc), n);
			return;
		}
		if (i >= 0)
			row("stream/procfs-text", size, (double)(now() - begin) / n);
	}
}

static void emit_rows(struct bench *b, unsigned int size)
{
	emit_row(b, "emit/empty", BENCH_EMPTY, size);
	emit_row(b, "emit/log", BENCH_LOG, size);
	if (b->only_mapped)
		return;
	emit_row(b, "emit/trace-off", BENCH_TRACE, size);
	emit_row(b, "emit/one-per-skb", BENCH_NETLINK, size);
	listener_row(b, size);
	allocations_row(b, size);
	text_row(b, size);
}

/* A reader that spins, and two producers, need a processor of their own. */
static const struct {
	const struct reader_kind *kind;
	bool mapped; /* or its peer */
	bool two_cpus;
	bool two_producers;
} readers[] = {
	{ &reader_mapped, true, false, true },
	{ &reader_mapped_head, true },
	{ &reader_mapped_spin, true, true, true },
	{ &reader_batch, true, false, true },
	{ &reader_batch_head, true },
	{ &reader_batch_spin, true, true, true },
	{ &reader_ring, true, false, true },
	{ &reader_ring_spin, true, true, true },
	{ &reader_perf, false, false, true },
	{ &reader_received, false, false, true },
	{ &reader_moeai },
	{ &reader_moeai_head },
	{ &reader_moeai_spin, false, true, true },
	{ &reader_recv, false, false, true },
	{ &reader_recv_spin, false, true, true },
	{ &reader_libnl, false, false, true },
};

static void reader_rows(struct bench *b, unsigned int size)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		if (b->only_mapped && !readers[i].mapped)
			continue;
		if (b->cpus > 1 || !readers[i].two_cpus)
			stream_row(b, readers[i].kind, size, 0);
		if (b->cpus > 1 && readers[i].two_producers)
			stream_row(b, readers[i].kind, size, 2);
	}
}

void part_events(struct bench *b)
{
	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		emit_rows(b, sizes[s]);
		reader_rows(b, sizes[s]);
		best_row(b, sizes[s]);
	}
}
