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

	for (int i = -1; i < b->runs; i++) {
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

/* Over netlink, an event of no urgency waits for others; in the mapped log, none does. */
void part_latency(struct bench *b)
{
	latency_row(b, &reader_mapped, "info");
	latency_row(b, &reader_ring, "info");
	if (b->cpus > 1) {
		latency_row(b, &reader_mapped_spin, "info");
		latency_row(b, &reader_ring_spin, "info");
	}
	if (b->only_mapped)
		return;
	latency_row(b, &reader_moeai, "info");
	latency_row(b, &reader_moeai, "warning");
	latency_row(b, &reader_recv, "info");
	latency_row(b, &reader_libnl, "info");
	if (b->cpus == 1)
		return;
	latency_row(b, &reader_moeai_spin, "info");
	latency_row(b, &reader_moeai_spin, "warning");
	latency_row(b, &reader_recv_spin, "info");
}
