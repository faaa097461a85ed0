// SPDX-License-Identifier: GPL-2.0
/* How long an event takes from its emitter to its reader, when there are few. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

#define EVENTS	 400
#define INTERVAL 2000000 /* ns: longer than the deadline of a batch */

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
	struct emit e = { .path = kind->path, .count = EVENTS, .size = 64, .interval = INTERVAL,
			  .priority = priority };
	char name[96];
	int rc;

	for (int i = -1; i < b->runs; i++) {
		r.n_latencies = 0;
		rc = stream(&r, &e, &ns, &producer);
		snprintf(name, sizeof(name), "latency/%s/%s", kind->name, priority);
		if (rc || r.n_latencies < EVENTS) {
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

void part_latency(struct bench *b)
{
	latency_row(b, &reader_moeai, "info");
	latency_row(b, &reader_moeai, "warning");
	latency_row(b, &reader_recv, "info");
	latency_row(b, &reader_libnl, "info");
	latency_row(b, &reader_ring, "info");
	if (b->cpus > 1)
		latency_row(b, &reader_moeai_spin, "warning");
}
