// SPDX-License-Identifier: LGPL-2.1-or-later
#include "monitor.h"

/* As far as it is known: a batch is no time for questions. */
static const struct event_type *known_type(const struct moeai_monitor *m, uint32_t id)
{
	const struct event_type *type = last_type(m, id);

	return type ? type : catalog_type(&m->h->catalog, id);
}

/* ---- the mapped log ----------------------------------------------------------- */

/* The event that is due, of a known type. */
static bool is_due(const struct moeai_monitor *m, const struct moeai_batch *b)
{
	struct record r;

	return record_in_place((const void *)b->at, b->end - b->at, &r) &&
	       r.seq == m->tracker.next && known_type(m, r.type);
}

static int begin_mapped(struct moeai_monitor *m, struct moeai_batch *b, int timeout)
{
	int64_t deadline = 0;
	size_t n;
	int rc;

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

static int end_mapped(struct moeai_monitor *m, const struct moeai_batch *b)
{
	const char *begin;

	mapped_span(&m->map, &begin);
	if (!mapped_intact(&m->map))
		return error_set(&m->error, -ENOBUFS, "the log has overtaken the reader");
	mapped_skip(&m->map, b->at - begin);
	return 0;
}

/* ---- messages ------------------------------------------------------------------- */

/* The first one is checked whole; what follows it is of the same layout, or another batch. */
static int begin_received(struct moeai_monitor *m, struct moeai_batch *b)
{
	const struct inbox *in = monitor_inbox(m);
	const struct nlmsghdr *msg = (const void *)(in->buf + in->pos);
	const size_t left = in->len - in->pos;
	struct record r;

	if (left < sizeof(*msg) || msg->nlmsg_len > left || msg->nlmsg_type != m->h->family.id ||
	    !record_fixed(msg, &r) || r.seq != m->tracker.next || !may_take(m, msg, r.seq) ||
	    !known_type(m, r.type))
		return -EAGAIN;
	b->at = in->buf + in->pos;
	b->end = in->buf + in->len;
	b->due = r.seq;
	return 0;
}

static inline bool follows(const struct moeai_batch *b, const struct record *r)
{
	const struct moeai_monitor *m = b->monitor;
	const struct nlmsghdr *msg = (const void *)b->at;

	return r->seq == b->due + b->n && msg->nlmsg_type == m->h->family.id &&
	       b->at[AT_COMMAND] == MOEAI_MSG_EVENT &&
	       is_attr(b->at + AT_SEQ, MOEAI_A_EVENT_SEQ, sizeof(r->seq)) &&
	       may_take(m, msg, r->seq);
}

static void end_received(struct moeai_monitor *m, const struct moeai_batch *b)
{
	struct inbox *in = monitor_inbox(m);

	in->pos = b->at - in->buf;
	m->tracker.replayed += m->phase == PHASE_REPLAY ? b->n : 0;
}

/* --------------------------------------------------------------------------------- */

int moeai_batch_begin(struct moeai_monitor *m, struct moeai_batch *b, int timeout)
{
	*b = (struct moeai_batch){ .monitor = m };
	if (!m->unfiltered)
		return error_set(&m->error, -EOPNOTSUPP, "there are no batches with a filter");
	if (m->tell_epoch)
		return -EAGAIN;
	if (is_mapped(m) && m->phase == PHASE_LIVE)
		return begin_mapped(m, b, timeout);
	return begin_received(m, b);
}

/* The event at b->at, of that type. */
static inline int take(struct moeai_batch *b, const struct record *r,
		       const struct event_type *type, struct moeai_event *out)
{
	b->at += r->len;
	b->n++;
	*out = (struct moeai_event){
		.seq = r->seq,
		.time = r->time,
		.type = r->type,
		.priority = r->priority,
		.source = type->source,
		.type_name = type->name,
		.values = { type->schema, r->data.data, r->data.len },
	};
	return 1;
}

/* Out of line, so that what is left needs no stack. */
static __attribute__((noinline)) int next_otherwise(struct moeai_batch *b, struct moeai_event *out)
{
	const struct event_type *type;
	struct record r;

	if (!record_in_place((const void *)b->at, b->end - b->at, &r) ||
	    (b->due && !follows(b, &r)))
		return 0;
	type = known_type(b->monitor, r.type);
	return type ? take(b, &r, type, out) : 0;
}

int moeai_batch_next(struct moeai_batch *b, struct moeai_event *out)
{
	const struct event_type *type;
	struct record r;

	if (b->due)
		return next_otherwise(b, out);
	if (!record_in_place((const void *)b->at, b->end - b->at, &r))
		return 0;
	type = last_type(b->monitor, r.type);
	return type ? take(b, &r, type, out) : next_otherwise(b, out);
}

int moeai_batch_end(struct moeai_batch *b)
{
	struct moeai_monitor *m = b->monitor;
	int rc = 0;

	if (b->due)
		end_received(m, b);
	else
		rc = end_mapped(m, b);
	if (!rc)
		tracker_returned(&m->tracker, b->n);
	return rc;
}
