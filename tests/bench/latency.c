// SPDX-License-Identifier: GPL-2.0
/* How long an event takes from its emitter to its reader, when there are few. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

#define EVENTS	     400
#define EVENTS_FIRST 20	     /* to warm caches up */
#define INTERVAL     2000000 /* ns: longer than the deadline of a batch */

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void latency_row(struct bench *b, const struct reader_kind *kind, const char *priority)
{
	uint64_t latencies[EVENTS], ns, producer;
	struct reader r = { .kind = kind, .bench = b, .size = 64, .latencies = latencies,
			    .max_latencies = EVENTS };
	struct emit e = { .path = kind->path, .size = 64, .interval = INTERVAL,
			  .priority = priority };
	char name[96];
	int rc;

	for (int i = b->first; run_begins(b, i); i++) {
		r.n_latencies = 0;
		e.count = i < 0 ? EVENTS_FIRST : EVENTS;
		rc = stream(&r, &e, &ns, &producer);
		snprintf(name, sizeof(name), "latency/%s/%s", kind->name, priority);
		if (rc || r.n_latencies < e.count) {
			row_failed(name, 64, "%s, %zu events", strerror(-rc), r.n_latencies);
			return;
		}
		if (i < 0)
			continue;
		qsort(latencies, EVENTS, sizeof(*latencies), compare);
		row(name, 50, latencies[EVENTS / 2]);
		row(name, 99, latencies[EVENTS * 99 / 100]);
		row(name, 100, latencies[EVENTS - 1]);
	}
}

static const struct {
	const struct reader_kind *kind;
	bool mapped; /* or its peer */
	bool two_cpus;
} readers[] = {
	{ &reader_mapped, true },
	{ &reader_mapped_spin, true, true },
	{ &reader_ring, true },
	{ &reader_ring_spin, true, true },
	{ &reader_moeai },
	{ &reader_moeai_spin, false, true },
	{ &reader_recv },
	{ &reader_recv_spin, false, true },
	{ &reader_libnl },
};

void part_latency(struct bench *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		if ((b->only_mapped && !readers[i].mapped) || (b->cpus == 1 && readers[i].two_cpus))
			continue;
		latency_row(b, readers[i].kind, "info");
		/* Of no urgency, an event waits for others: only ours know of urgency. */
		if (readers[i].kind->path == BENCH_LOG)
			latency_row(b, readers[i].kind, "warning");
	}
}
