// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "file_stream.h"
#include "top.h"

#define FILES_BYTES ((size_t)8 << 20)

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- events --------------------------------------------------------------------------- */

static void open_events(struct top *t)
{
	const struct moeai_monitor_options o = { .since = MOEAI_SINCE_NOW };
	int err = moeai_monitor_open(&t->monitor, &o);

	if (!err)
		return;
	t->monitor = NULL;
	snprintf(t->event_problem, sizeof(t->event_problem), "%s",
		 err == -EPERM ? "reading events needs CAP_SYS_ADMIN or group moeai" :
				 moeai_strerror(err));
}

static void count_source(struct top *t, const char *name)
{
	struct top_source *s;

	for (size_t i = 0; i < t->n_sources; i++)
		if (!strcmp(t->sources[i].name, name)) {
			t->sources[i].events++;
			return;
		}
	if (t->n_sources == TOP_SOURCES) {
		t->other++;
		return;
	}
	s = &t->sources[t->n_sources++];
	*s = (struct top_source){ .events = 1 };
	snprintf(s->name, sizeof(s->name), "%s", name);
}

static void count_file(struct top *t, const struct moeai_event *event)
{
	struct moeai_watch_event e;
	const char *path;

	if (moeai_watch_event(event, &e) || e.kind != MOEAI_WATCH_EVENT_FILE)
		return;
	path = file_stream_path(&e, false, &t->path, &t->path_size);
	if (!path || tally_add(t->files, path, strlen(path) + 1, e.op, e.count, event->time))
		t->lost++;
}

void top_drain(struct top *t, int ms)
{
	const uint64_t end = now(CLOCK_MONOTONIC) + (uint64_t)ms * 1000000;
	struct moeai_item item;
	int err = 0;

	/* The time is looked at now and then: it costs as much as an event. */
	for (unsigned int n = 1; t->monitor; n++) {
		err = moeai_monitor_next(t->monitor, &item, 0);
		if (err)
			break;
		if (item.kind == MOEAI_LOST)
			t->lost += item.lost.to - item.lost.from + 1;
		if (item.kind == MOEAI_EVENT) {
			count_source(t, item.event.source);
			count_file(t, &item.event);
		}
		if (n % 64 == 0 && now(CLOCK_MONOTONIC) > end)
			break;
	}
	if (err && err != -ETIMEDOUT && err != -EINTR) {
		snprintf(t->event_problem, sizeof(t->event_problem), "%s",
			 moeai_monitor_error(t->monitor));
		moeai_monitor_close(t->monitor);
		t->monitor = NULL;
	}
}

/* ---- tables --------------------------------------------------------------------------- */

/* Why a panel stays empty. */
static void set_problem(struct top *t, enum top_panel panel, int err, const char *module)
{
	char *text = t->problem[panel];
	const size_t size = sizeof(t->problem[panel]);

	*text = '\0';
	if (!err || err == -EINTR)
		return;
	if (err == -ENOENT || err == -ENODEV)
		snprintf(text, size, "%s is not loaded: modprobe moeai_%s", module, module);
	else if (err == -EPERM)
		snprintf(text, size, "needs CAP_SYS_ADMIN");
	else
		snprintf(text, size, "%s", moeai_error(t->ctl->h));
}

/* take() returns 0 or an error. Returns 0, or an error, and then the rows may be any. */
static int read_table(struct top *t, const char *name,
		      int (*take)(struct top *t, const struct moeai_values *row))
{
	struct moeai_table *table;
	struct moeai_values row;
	int rc = moeai_table_open(t->ctl->h, name, &table);

	if (rc)
		return rc;
	do
		rc = moeai_table_next(table, &row);
	while (rc > 0 && !(rc = take(t, &row)) && (rc = 1));
	moeai_table_close(table);
	return rc;
}

static int take_consumer(struct top *t, const struct moeai_values *row)
{
	if (t->n_consumers == TOP_CONSUMED)
		return 0;
	return moeai_mem_consumer(row, &t->consumers[t->n_consumers++]);
}

/* Those seen last stay, the last first. */
static int take_offender(struct top *t, const struct moeai_values *row)
{
	struct moeai_guard_offender o, *at;
	size_t i;
	int rc = moeai_guard_offender(row, &o);

	if (rc)
		return rc;
	for (i = 0; i < t->n_offenders && t->offenders[i].last >= o.last; i++)
		;
	if (i == TOP_OFFENSIVE)
		return 0;
	t->n_offenders += t->n_offenders < TOP_OFFENSIVE;
	at = &t->offenders[i];
	memmove(at + 1, at, (t->n_offenders - i - 1) * sizeof(*at));
	*at = o;
	return 0;
}

static int by_rank(const void *a, const void *b)
{
	const struct moeai_mem_consumer *x = a, *y = b;

	return (x->rank > y->rank) - (x->rank < y->rank);
}

static void sample_tables(struct top *t)
{
	int err;

	t->n_consumers = 0;
	err = read_table(t, "mem_monitor.consumers", take_consumer);
	set_problem(t, TOP_CONSUMERS, err, "mem_monitor");
	qsort(t->consumers, t->n_consumers, sizeof(*t->consumers), by_rank);

	t->n_offenders = 0;
	err = read_table(t, "net_guard.offenders", take_offender);
	set_problem(t, TOP_OFFENDERS, err, "net_guard");

	t->has_mem = !moeai_mem_get(t->ctl->h, &t->mem);
}

/* ---- rates ---------------------------------------------------------------------------- */

/* Those that are at work first; else by their names. */
static int by_rate(const void *a, const void *b)
{
	const struct top_source *x = a, *y = b;

	if (x->rate != y->rate)
		return x->rate < y->rate ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void rate_sources(struct top *t, double seconds)
{
	for (size_t i = 0; i < t->n_sources; i++) {
		struct top_source *s = &t->sources[i];

		s->rate = seconds > 0 ? (double)(s->events - s->before) / seconds : 0;
		s->before = s->events;
	}
	qsort(t->sources, t->n_sources, sizeof(*t->sources), by_rate);
}

/* Another epoch counts from the beginning. */
static void sample_status(struct top *t, double seconds)
{
	const struct moeai_status old = t->status;
	const bool first = !t->loaded;

	t->loaded = !moeai_status_get(t->ctl->h, &t->status);
	t->logged = 0;
	if (t->loaded && !first && old.epoch == t->status.epoch && seconds > 0)
		t->logged = (double)(t->status.log_next - old.log_next) / seconds;
}

void top_sample(struct top *t)
{
	const uint64_t at = now(CLOCK_MONOTONIC);
	const double seconds = t->sampled ? (double)(at - t->sampled) / 1e9 : 0;

	t->sampled = at;
	sample_status(t, seconds);
	rate_sources(t, seconds);
	if (t->loaded)
		sample_tables(t);
}

/* ---- begin, end ----------------------------------------------------------------------- */

void top_reset(struct top *t)
{
	struct tally *files = tally_new(FILES_BYTES);

	if (files) {
		tally_free(t->files);
		t->files = files;
	}
	t->n_sources = 0;
	t->other = 0;
	t->lost = 0;
	t->began = now(CLOCK_REALTIME);
}

int top_begin(struct top *t, struct moectl *ctl)
{
	*t = (struct top){ .ctl = ctl };
	if (command_open(ctl))
		return 1;
	top_reset(t);
	if (!t->files)
		return complain("out of memory");
	open_events(t);
	return 0;
}

void top_end(struct top *t)
{
	moeai_monitor_close(t->monitor);
	tally_free(t->files);
	free(t->path);
}

int top_fd(const struct top *t)
{
	return t->monitor ? moeai_monitor_fd(t->monitor) : -1;
}

size_t top_rows(const struct top *t, enum top_panel panel)
{
	struct tally_entry *const *unused;

	switch (panel) {
	case TOP_MODULES:
		return t->n_sources + (t->other != 0);
	case TOP_CONSUMERS:
		return t->n_consumers;
	case TOP_OFFENDERS:
		return t->n_offenders;
	default:
		return tally_sort(t->files, &unused);
	}
}

void top_share(int lines, const size_t rows[TOP_PANELS], int heights[TOP_PANELS])
{
	bool more = true;

	for (int i = 0; i < TOP_PANELS; i++) {
		heights[i] = lines > 0;
		lines -= heights[i];
	}
	while (lines > 0 && more) {
		more = false;
		for (int i = 0; i < TOP_PANELS && lines > 0; i++) {
			if (!heights[i] || (size_t)heights[i] > rows[i])
				continue;
			heights[i]++;
			lines--;
			more = true;
		}
	}
}
