// SPDX-License-Identifier: GPL-2.0
/* What the log holds, read again: by libmoeai, and as text. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "bench.h"

#define EVENTS 10000 /* fit the log */

static const unsigned int sizes[] = { 64, 256 };

/* The log with so many events and nothing else but the log.clear's own. */
static int fill(struct bench *b, unsigned int size)
{
	struct emit e = { .path = BENCH_LOG, .count = EVENTS, .size = size };
	uint64_t ns;
	int rc = clear_log(b);

	return rc ? rc : emit(b, &e, &ns);
}

static int read_event(const struct moeai_event *e)
{
	struct moeai_value v[BENCH_NAME];
	int rc = moeai_values_all(&e->values, v, BENCH_NAME);

	use(e->seq);
	use(e->time);
	use(e->priority);
	for (int i = 0; !rc && i < BENCH_NAME; i++)
		use(v[i].u64);
	return rc;
}

/* Returns the events of the bench, or -errno. */
static int replay(uint64_t *open_ns, uint64_t *ns)
{
	const struct moeai_monitor_options options = { .since = MOEAI_SINCE_OLDEST,
						       .history = true };
	struct moeai_monitor *m;
	struct moeai_item item;
	uint64_t begin = now();
	int rc = moeai_monitor_open(&m, &options), n = 0;

	if (rc)
		return rc;
	*open_ns = now() - begin;
	begin = now();
	while (!(rc = moeai_monitor_next(m, &item, READ_TIMEOUT))) {
		if (item.kind == MOEAI_EVENT)
			rc = read_event(&item.event);
		if (rc)
			break;
		n += item.kind == MOEAI_EVENT;
	}
	*ns = now() - begin;
	moeai_monitor_close(m);
	return rc == -ENODATA ? n : rc;
}

static void replay_row(struct bench *b, unsigned int size)
{
	uint64_t open_ns = 0, ns = 0;
	int n;

	for (int i = b->first; run_begins(b, i); i++) {
		n = replay(&open_ns, &ns);
		if (n < EVENTS) {
			row_failed("replay", size, "%s, %d events", n < 0 ? strerror(-n) : "", n);
			return;
		}
		if (i < 0)
			continue;
		row("replay", size, (double)ns / n);
		row("replay/open", size, open_ns);
	}
}

static void text_row(struct bench *b, unsigned int size)
{
	uint64_t begin;
	int n;

	for (int i = b->first; run_begins(b, i); i++) {
		begin = now();
		n = read_text();
		if (n != EVENTS) {
			row_failed("replay/text", size, "%s, %d events", n < 0 ? strerror(-n) : "",
				   n);
			return;
		}
		if (i >= 0)
			row("replay/text", size, (double)(now() - begin) / n);
	}
}

void part_replay(struct bench *b)
{
	int rc;

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		rc = fill(b, sizes[s]);
		if (rc) {
			row_failed("replay", sizes[s], "%s", moeai_error(b->h));
			continue;
		}
		replay_row(b, sizes[s]);
		text_row(b, sizes[s]);
	}
}
