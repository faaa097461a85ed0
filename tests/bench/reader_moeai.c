// SPDX-License-Identifier: GPL-2.0
/* libmoeai's monitor, as a program would use it. */
#include <errno.h>
#include <stdio.h>
#include "bench.h"
#include "schema.h"

static int monitor_open(struct reader *r)
{
	struct moeai_monitor_options options = { .transport = r->kind->transport };
	int rc = moeai_monitor_open(&r->monitor, &options);
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
	struct bench_event_event f;
	int rc = bench_event_event_get(e, &f);

	if (rc)
		return rc;
	use(f.pid);
	use(f.uid);
	use(f.flags);
	use(f.bytes);
	reader_stamp(r, f.stamp);
	use_text(f.name);
	return 0;
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

static int look_all(struct reader *r)
{
	return next(r, 0, true);
}

static int spin_all(struct reader *r)
{
	return keep_looking(r, look_all);
}

/* All that there is, where it stands; what comes first is not yet there. */
static int batch(struct reader *r, int timeout, bool fields)
{
	struct moeai_batch b;
	struct moeai_event e;
	int n = 0, rc = moeai_batch_begin(r->monitor, &b, timeout);

	if (rc == -EAGAIN)
		return next(r, timeout, fields);
	if (rc)
		return rc;
	for (; !rc && moeai_batch_next(&b, &e); n++) {
		read_head(&e);
		rc = fields ? read_fields(r, &e) : 0;
	}
	if (!rc)
		rc = moeai_batch_end(&b);
	return rc ? rc : n;
}

static int read_batch(struct reader *r)
{
	return batch(r, READ_TIMEOUT, true);
}

static int read_batch_heads(struct reader *r)
{
	return batch(r, READ_TIMEOUT, false);
}

static int look_batch(struct reader *r)
{
	return batch(r, 0, true);
}

static int spin_batch(struct reader *r)
{
	return keep_looking(r, look_batch);
}

#define KIND(id, title, t, fn)                                                         \
	const struct reader_kind id = {                                                \
		.name = title, .path = BENCH_LOG, .transport = MOEAI_TRANSPORT_##t,    \
		.open = monitor_open, .read = fn, .close = monitor_close,              \
	}

KIND(reader_moeai, "moeai-netlink", NETLINK, read_all);
KIND(reader_moeai_head, "moeai-netlink-head", NETLINK, read_heads);
KIND(reader_moeai_spin, "moeai-netlink-spin", NETLINK, spin_all);
KIND(reader_mapped, "moeai-mapped", MAPPED, read_all);
KIND(reader_mapped_head, "moeai-mapped-head", MAPPED, read_heads);
KIND(reader_mapped_spin, "moeai-mapped-spin", MAPPED, spin_all);
KIND(reader_received, "moeai-netlink-batch", NETLINK, read_batch);
KIND(reader_batch, "moeai-in-place", MAPPED, read_batch);
KIND(reader_batch_head, "moeai-in-place-head", MAPPED, read_batch_heads);
KIND(reader_batch_spin, "moeai-in-place-spin", MAPPED, spin_batch);
