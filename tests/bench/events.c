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

	for (int i = -1; i < b->runs; i++) {
		rc = emit(b, &e, &ns);
		if (rc) {
			row_failed(name, size, "%s", strerror(-rc));
			return;
		}
		if (i >= 0)
			row(name, size, (double)ns / e.count);
	}
}

/* One reader; the rows are the whole, and the producer's part. */
static void stream_row(struct bench *b, const struct reader_kind *kind, unsigned int size,
		       unsigned int producers)
{
	struct emit e = { .path = kind->path, .size = size, .producers = producers,
			  .count = count_for(size) / (producers ? producers : 1) };
	struct reader r = { .kind = kind, .bench = b, .size = size };
	uint64_t ns, producer, events = (uint64_t)e.count * (producers ? producers : 1);
	char name[64], of_producer[64];
	int rc;

	snprintf(name, sizeof(name), "stream/%s%s", kind->name, producers > 1 ? "/2" : "");
	snprintf(of_producer, sizeof(of_producer), "producer/%s%s", kind->name,
		 producers > 1 ? "/2" : "");
	for (int i = -1; i < b->runs; i++) {
		rc = stream(&r, &e, &ns, &producer);
		if (rc) {
			row_failed(name, size, "%s, %llu of %llu events, %llu lost", strerror(-rc),
				   (unsigned long long)r.events, (unsigned long long)events,
				   (unsigned long long)r.lost);
			return;
		}
		if (i < 0)
			continue;
		row(name, size, (double)ns / events);
		row(of_producer, size, (double)producer / events);
	}
}

static void best_row(struct bench *b, unsigned int size)
{
	double ns;
	int rc;

	for (int i = -1; i < b->runs; i++) {
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

void part_events(struct bench *b)
{
	static const struct reader_kind *const kinds[] = {
		&reader_mapped, &reader_mapped_head, &reader_batch, &reader_batch_head,
		&reader_moeai, &reader_moeai_head, &reader_recv, &reader_libnl, &reader_ring,
		&reader_perf,
	};
	static const struct reader_kind *const contended[] = {
		&reader_mapped, &reader_moeai, &reader_recv, &reader_ring,
	};

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		emit_row(b, "emit/empty", BENCH_EMPTY, sizes[s]);
		emit_row(b, "emit/log", BENCH_LOG, sizes[s]);
		emit_row(b, "emit/trace-off", BENCH_TRACE, sizes[s]);
		emit_row(b, "emit/one-per-skb", BENCH_NETLINK, sizes[s]);
		listener_row(b, sizes[s]);
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			stream_row(b, kinds[i], sizes[s], 0);
		best_row(b, sizes[s]);
		if (b->cpus == 1)
			continue;
		stream_row(b, &reader_moeai_spin, sizes[s], 0);
		stream_row(b, &reader_mapped_spin, sizes[s], 0);
		for (size_t i = 0; i < ARRAY_SIZE(contended); i++)
			stream_row(b, contended[i], sizes[s], 2);
	}
}
