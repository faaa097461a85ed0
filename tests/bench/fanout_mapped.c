// SPDX-License-Identifier: GPL-2.0
/*
 * Many readers of the mapped log: what they cost the producer, and what each of
 * them pays when all read everything.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

#define EVENTS	   16000 /* fit the log */
#define EVENTS_ALL 2000

static struct reader readers[READERS_MAX];

static void use_kind(struct bench *b, const struct reader_kind *kind)
{
	for (int i = 0; i < READERS_MAX; i++)
		readers[i] = (struct reader){ .kind = kind, .bench = b, .size = 64 };
}

/* As a program with a loop of its own waits: the next event is going to wake it. */
static int arm(struct reader *r)
{
	struct moeai_item item;
	int rc;

	moeai_monitor_fd(r->monitor);
	rc = moeai_monitor_next(r->monitor, &item, 0);
	return rc == -ETIMEDOUT ? 0 : rc ? rc : -EPROTO;
}

static int open_all(int n)
{
	int rc = 0, opened = 0;

	while (!rc && opened < n) {
		rc = readers->kind->open(&readers[opened]);
		opened += !rc;
		if (!rc)
			rc = arm(&readers[opened - 1]);
	}
	while (rc && opened--)
		readers->kind->close(&readers[opened]);
	return rc;
}

/* Everything that the producer has emitted meanwhile; less, or a loss, is an error. */
static int read_everything(struct reader *r)
{
	int n = 0;

	for (r->events = r->lost = 0; n >= 0 && r->events < EVENTS; r->events += n)
		n = r->kind->read(r);
	if (n >= 0)
		return r->lost ? -ENODATA : arm(r); /* and nothing more */
	return n == -ETIMEDOUT ? -ENODATA : n;
}

static int measure_producer(struct bench *b, int n, double *ns)
{
	const struct emit e = { .path = BENCH_LOG, .count = EVENTS, .size = 64 };
	uint64_t producer;
	int rc = open_all(n);

	if (rc)
		return rc;
	rc = emit(b, &e, &producer);
	*ns = (double)producer / EVENTS;
	for (int i = 0; i < n; i++) {
		if (!rc)
			rc = read_everything(&readers[i]);
		readers->kind->close(&readers[i]);
	}
	return rc;
}

static int measure_all(struct bench *b, int n, double *ns)
{
	const struct emit e = { .path = BENCH_LOG, .count = EVENTS_ALL, .size = 64 };
	uint64_t producer, all;
	int rc = stream_to(readers, n, &e, &all, &producer);

	*ns = (double)all / EVENTS_ALL / n;
	return rc;
}

static void rows(struct bench *b, const char *name, int n,
		 int (*measure)(struct bench *b, int n, double *ns))
{
	double ns;
	int rc;

	for (int i = b->first; run_begins(b, i); i++) {
		rc = measure(b, n, &ns);
		if (rc) {
			row_failed(name, n, "%s", strerror(-rc));
			return;
		}
		if (i >= 0)
			row(name, n, ns);
	}
}

void fanout_mapped(struct bench *b)
{
	static const int numbers[] = { 0, 1, 8, READERS_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		use_kind(b, &reader_batch_head);
		rows(b, "fanout/mapped-producer", numbers[i], measure_producer);
		use_kind(b, &reader_mapped);
		if (numbers[i])
			rows(b, "fanout/mapped-everything", numbers[i], measure_all);
	}
}
