// SPDX-License-Identifier: LGPL-2.1-or-later
#include "monitor.h"

/* As far as it is known: in place is no time for questions. */
static const struct event_type *known_type(const struct moeai_monitor *m, uint32_t id)
{
	const struct event_type *type = last_type(m, id);

	return type ? type : catalog_type(&m->h->catalog, id);
}

/* The event that is due, of a known type. */
static bool is_due(const struct moeai_monitor *m, const struct moeai_batch *b)
{
	struct record r;

	return record_in_place((const void *)b->at, b->end - b->at, &r) &&
	       r.seq == m->tracker.next && known_type(m, r.type);
}

int moeai_batch_begin(struct moeai_monitor *m, struct moeai_batch *b, int timeout)
{
	int64_t deadline = 0;
	size_t n;
	int rc;

	*b = (struct moeai_batch){ .monitor = m };
	if (m->phase != PHASE_LIVE || m->tell_epoch)
		return -EAGAIN;
	if (!is_mapped(m) || !m->unfiltered)
		return error_set(&m->error, -EOPNOTSUPP, "there are no events in place: the "
				 "transport is netlink, or there is a filter");
	while (!(n = mapped_span(&m->map, &b->at))) {
		if (timeout && !deadline)
			deadline = deadline_after(timeout);
		rc = monitor_wait(m, deadline);
		if (rc)
			return rc;
	}
	b->end = b->at + n;
	return is_due(m, b) && mapped_intact(&m->map) ? 0 : -EAGAIN;
}

int moeai_batch_next(struct moeai_batch *b, struct moeai_event *out)
{
	const struct moeai_monitor *m = b->monitor;
	const struct event_type *type;
	struct record r;

	if (!record_in_place((const void *)b->at, b->end - b->at, &r))
		return 0;
	type = known_type(m, r.type);
	if (!type)
		return 0;
	b->at += r.len;
	b->n++;
	*out = (struct moeai_event){
		.seq = r.seq,
		.time = r.time,
		.type = r.type,
		.priority = r.priority,
		.source = type->source,
		.type_name = type->name,
		.values = { type->schema, r.data.data, r.data.len },
	};
	return 1;
}

int moeai_batch_end(struct moeai_batch *b)
{
	struct moeai_monitor *m = b->monitor;
	const char *begin;

	mapped_span(&m->map, &begin);
	if (!mapped_intact(&m->map))
		return error_set(&m->error, -ENOBUFS, "the log has overtaken the reader");
	mapped_skip(&m->map, b->at - begin);
	tracker_returned(&m->tracker, b->n);
	return 0;
}
