// SPDX-License-Identifier: GPL-2.0
/* libmoeai's monitor, as a program would use it. */
#include <errno.h>
#include <stdio.h>
#include "bench.h"

static int monitor_open(struct reader *r)
{
	int rc = moeai_monitor_open(&r->monitor, NULL);
	struct moeai_item item;

	/* The first item tells the epoch: it belongs to the opening. */
	return rc ? rc : moeai_monitor_next(r->monitor, &item, READ_TIMEOUT);
}

static void monitor_close(struct reader *r)
{
	moeai_monitor_close(r->monitor);
}

static void read_head(const struct moeai_event *e)
{
	use(e->seq);
	use(e->time);
	use(e->type);
	use(e->priority);
	use_text(e->source);
}

static int read_fields(struct reader *r, const struct moeai_event *e)
{
	struct moeai_value v;
	size_t pos = 0;
	int rc;

	while ((rc = moeai_values_next(&e->values, &pos, &v)) > 0) {
		if (v.id == BENCH_STAMP)
			reader_stamp(r, v.u64);
		else if (v.id == BENCH_NAME)
			use_text(v.data);
		else
			use(v.u64);
	}
	return rc;
}

static int next(struct reader *r, int timeout, bool fields)
{
	struct moeai_item item;
	int rc = moeai_monitor_next(r->monitor, &item, timeout);

	if (rc)
		return rc;
	if (item.kind == MOEAI_LOST)
		r->lost += item.lost.to - item.lost.from + 1;
	if (item.kind != MOEAI_EVENT)
		return -EPROTO;
	read_head(&item.event);
	rc = fields ? read_fields(r, &item.event) : 0;
	return rc ? rc : 1;
}

static int read_all(struct reader *r)
{
	return next(r, READ_TIMEOUT, true);
}

static int read_heads(struct reader *r)
{
	return next(r, READ_TIMEOUT, false);
}

static int read_spinning(struct reader *r)
{
	uint64_t deadline = 0;
	int rc;

	while ((rc = next(r, 0, true)) == -ETIMEDOUT) {
		if (!deadline)
			deadline = now() + READ_TIMEOUT * 1000000ULL;
		else if (now() > deadline)
			break;
	}
	return rc;
}

const struct reader_kind reader_moeai = {
	.name = "moeai-netlink", .path = BENCH_LOG,
	.open = monitor_open, .read = read_all, .close = monitor_close,
};

const struct reader_kind reader_moeai_head = {
	.name = "moeai-netlink-head", .path = BENCH_LOG,
	.open = monitor_open, .read = read_heads, .close = monitor_close,
};

const struct reader_kind reader_moeai_spin = {
	.name = "moeai-netlink-spin", .path = BENCH_LOG,
	.open = monitor_open, .read = read_spinning, .close = monitor_close,
};
