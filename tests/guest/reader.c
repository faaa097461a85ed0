// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include "reader.h"

static void check_ledger(const struct reader *r)
{
	struct moeai_ledger l;

	moeai_monitor_ledger(r->m, &l);
	assert_true(l.to - l.from + 1 == l.returned + l.filtered + l.lost + l.pending);
	assert_true(l.returned == r->events);
	assert_true(l.lost == r->lost);
	assert_true(l.replayed <= l.returned);
	assert_true(r->filtered || l.filtered == 0);
}

static void check_item(struct reader *r, const struct moeai_item *item)
{
	switch (item->kind) {
	case MOEAI_EVENT:
		assert_true(!r->due || (r->filtered ? item->event.seq >= r->due :
						      item->event.seq == r->due));
		r->due = item->event.seq + 1;
		r->events++;
		break;
	case MOEAI_LOST:
		assert_true(item->lost.from <= item->lost.to);
		assert_true(!r->due || (r->filtered ? item->lost.from >= r->due :
						      item->lost.from == r->due));
		r->due = item->lost.to + 1;
		r->lost += item->lost.to - item->lost.from + 1;
		break;
	case MOEAI_EPOCH:
		assert_true(item->epoch && item->epoch != r->epoch);
		if (r->epoch)
			r->due = 1;
		r->epoch = item->epoch;
		r->events = r->lost = 0;
		break;
	case MOEAI_GONE:
		assert_true(r->epoch);
		break;
	}
}

int reader_next(struct reader *r, struct moeai_item *item, int timeout)
{
	int rc = moeai_monitor_next(r->m, item, timeout);

	if (rc && rc != -ETIMEDOUT && rc != -ENODATA && rc != -EINTR)
		fail_msg("monitor: %d %s", rc, moeai_monitor_error(r->m));
	if (!rc)
		check_item(r, item);
	check_ledger(r);
	return rc;
}

void reader_expect(struct reader *r, enum moeai_item_kind kind, struct moeai_item *item)
{
	int rc = reader_next(r, item, PATIENCE);

	if (rc)
		fail_msg("item %d is awaited: %s", kind, moeai_strerror(rc));
	assert_int_equal(item->kind, kind);
}

enum moeai_transport reader_transport;

void reader_open(struct reader *r, const struct moeai_monitor_options *options)
{
	struct moeai_monitor_options o = { 0 };
	struct moeai_item item;
	int rc;

	*r = (struct reader){ .filtered = options && (options->types || options->source ||
						      options->min_priority) };
	if (options)
		o = *options;
	if (!o.transport)
		o.transport = reader_transport;
	rc = moeai_monitor_open(&r->m, &o);
	if (rc)
		fail_msg("open: %d %s", rc, moeai_strerror(rc));
	reader_expect(r, MOEAI_EPOCH, &item);
}

void reader_close(struct reader *r)
{
	moeai_monitor_close(r->m);
	r->m = NULL;
}

void reader_drain(struct reader *r)
{
	struct moeai_item item;

	while (!reader_next(r, &item, 1000))
		;
}

const char *message_text(const struct moeai_event *event)
{
	struct moeai_value v;

	assert_string_equal(event->type_name, "user.message");
	assert_int_equal(moeai_values_get(&event->values, "text", &v), 0);
	return v.data;
}

struct moeai *open_unlimited(void)
{
	struct moeai *h;

	assert_int_equal(moeai_open(&h), 0);
	if (moeai_param_set(h, "core.publish_rate", "0"))
		fail_msg("%s", moeai_error(h));
	return h;
}

void flood(struct moeai *h, unsigned int n)
{
	char text[16];

	for (unsigned int i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%u", i);
		if (moeai_publish(h, MOEAI_PRIO_INFO, text))
			fail_msg("publish %u: %s", i, moeai_error(h));
	}
}

uint64_t next_seq(struct moeai *h)
{
	struct moeai_status status;

	assert_int_equal(moeai_status_get(h, &status), 0);
	return status.log_next;
}
