// SPDX-License-Identifier: GPL-2.0
/* Whether an event costs more in a larger log: to write it, and to find it again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "bench.h"

#define PAYLOAD 256
#define RECORD	344 /* its record's bytes */
#define NEWEST	100

/* Open at the newest events and read them. */
static int find(uint64_t since, uint64_t *ns)
{
	const struct moeai_monitor_options options = { .since = since, .history = true };
	struct moeai_monitor *m;
	struct moeai_item item;
	uint64_t begin = now();
	int rc = moeai_monitor_open(&m, &options), n = 0;

	if (rc)
		return rc;
	while (!(rc = moeai_monitor_next(m, &item, READ_TIMEOUT)))
		n += item.kind == MOEAI_EVENT;
	*ns = now() - begin;
	moeai_monitor_close(m);
	return rc == -ENODATA && n == NEWEST ? 0 : -ENODATA;
}

static int measure(struct bench *b, uint64_t log_size, uint64_t *emit_ns, uint64_t *find_ns)
{
	struct emit fill = { .path = BENCH_LOG, .count = log_size / RECORD + 1000, .size = PAYLOAD };
	struct emit e = { .path = BENCH_LOG, .count = 4000, .size = PAYLOAD };
	struct moeai_status status;
	int rc = emit(b, &fill, emit_ns); /* from here on, each event evicts one */

	if (!rc)
		rc = emit(b, &e, emit_ns);
	*emit_ns /= e.count;
	if (!rc)
		rc = moeai_status_get(b->h, &status);
	return rc ? rc : find(status.log_next - NEWEST, find_ns);
}

void part_size(struct bench *b)
{
	uint64_t emit_ns = 0, find_ns = 0;
	struct moeai_status status;
	unsigned int kib;
	int rc = moeai_status_get(b->h, &status);

	kib = rc ? 0 : status.log_size >> 10;
	for (int i = b->first; run_begins(b, i); i++) {
		if (!rc)
			rc = measure(b, status.log_size, &emit_ns, &find_ns);
		if (rc) {
			row_failed("size", kib, "%s", strerror(-rc));
			return;
		}
		if (i < 0)
			continue;
		row("size/emit", kib, emit_ns);
		row("size/find", kib, find_ns);
	}
}
