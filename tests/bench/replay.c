// SPDX-License-Identifier: GPL-2.0
/* What the log holds, read again: by libmoeai, and as text. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "bench.h"
#include "schema.h"

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

/* Returns whether it is one of the bench's, or -errno. */
static int read_event(const struct moeai_event *e)
{
	struct bench_event_event f;
	int rc = bench_event_event_get(e, &f);

	if (rc)
		return rc == -ENOENT ? 0 : rc;
	use(e->seq);
	use(e->time);
	use(e->priority);
	use(f.pid);
	use(f.uid);
	use(f.flags);
	use(f.bytes);
	use(f.stamp);
	use_text(f.name);
	return 1;
}

/* Both return how many of the bench's events they have taken, or -errno. */
static int take_next(struct moeai_monitor *m)
{
	struct moeai_item item;
	int rc = moeai_monitor_next(m, &item, READ_TIMEOUT);

	if (rc)
		return rc;
	return item.kind == MOEAI_EVENT ? read_event(&item.event) : 0;
}

static int take_batch(struct moeai_monitor *m)
{
	struct moeai_batch b;
	struct moeai_event e;
	int n = 0, rc = moeai_batch_begin(m, &b, READ_TIMEOUT);

	if (rc == -EAGAIN)
		return take_next(m);
	while (rc >= 0 && moeai_batch_next(&b, &e)) {
		rc = read_event(&e);
		n += rc;
	}
	if (rc >= 0)
		rc = moeai_batch_end(&b);
	return rc < 0 ? rc : n;
}

/* Returns the events of the bench, or -errno. */
static int replay(int (*take)(struct moeai_monitor *m), uint64_t *open_ns, uint64_t *ns)
{
	const struct moeai_monitor_options options = { .since = MOEAI_SINCE_OLDEST,
						       .history = true };
	struct moeai_monitor *m;
	uint64_t begin = now();
	int rc = moeai_monitor_open(&m, &options), n = 0;

	if (rc)
		return rc;
	*open_ns = now() - begin;
	begin = now();
	for (; rc >= 0; n += rc > 0 ? rc : 0)
		rc = take(m);
	*ns = now() - begin;
	moeai_monitor_close(m);
	return rc == -ENODATA ? n : rc;
}

static void replay_row(struct bench *b, const char *name, int (*take)(struct moeai_monitor *m),
		       unsigned int size)
{
	uint64_t open_ns = 0, ns = 0;
	int n;

	for (int i = b->first; run_begins(b, i); i++) {
		n = replay(take, &open_ns, &ns);
		if (n != EVENTS) {
			row_failed(name, size, "%s, %d events", n < 0 ? strerror(-n) : "", n);
			return;
		}
		if (i < 0)
			continue;
		row(name, size, (double)ns / n);
		if (take == take_next)
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
		replay_row(b, "replay", take_batch, sizes[s]);
		replay_row(b, "replay/next", take_next, sizes[s]);
		text_row(b, sizes[s]);
	}
}
