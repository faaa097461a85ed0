// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monitor.h"

#define RECEIVE_BUFFER (4 << 20)

/*
 * Steps return 1 with an item, 0 to go on with whatever phase it is then, or
 * -errno. A message whose item cannot be finished yet is put back.
 */
typedef int (*step_fn)(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out);

/* ---- items ------------------------------------------------------------------ */

static void unread(struct transport *t, const struct nlmsghdr *msg)
{
	t->pos = (const char *)msg - t->buf;
}

/* The module went. To be told once, however often it is noticed. */
static int gone(struct moeai_monitor *m, struct moeai_item *out)
{
	m->phase = PHASE_WAITING;
	if (m->history)
		return error_set(&m->error, -ENODEV, "%s", moeai_strerror(-ENODEV));
	*out = (struct moeai_item){ .kind = MOEAI_GONE };
	return 1;
}

static int lost(struct moeai_item *out, const struct moeai_lost *range)
{
	*out = (struct moeai_item){ .kind = MOEAI_LOST, .lost = *range };
	return 1;
}

static bool is_unknown(const struct moeai_monitor *m, uint32_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(m->unknown); i++)
		if (m->unknown[i] == id)
			return true;
	return false;
}

/*
 * The type of an event; the kernel is asked if it is new. One that nobody knows
 * (its module is gone) has no schema. Returns 0 or -EINTR.
 */
static int find_type(struct moeai_monitor *m, uint32_t id, struct event_type *out)
{
	const struct event_type *type = catalog_type(&m->h->catalog, id);
	int rc;

	if (!type && !is_unknown(m, id)) {
		rc = catalog_refresh(m->h);
		if (rc == -EINTR)
			return error_set(&m->error, rc, "%s", moeai_strerror(rc));
		type = catalog_type(&m->h->catalog, id);
		if (!rc && !type) /* not to be asked for with every event */
			m->unknown[m->n_unknown++ % ARRAY_SIZE(m->unknown)] = id;
	}
	if (type) {
		*out = *type;
		return 0;
	}
	snprintf(m->type_name, sizeof(m->type_name), "#%u", id);
	*out = (struct event_type){ id, m->type_name, NULL };
	return 0;
}

static void fill_event(struct moeai_item *out, const struct record *r,
		       const struct event_type *type)
{
	*out = (struct moeai_item){
		.kind = MOEAI_EVENT,
		.event = {
			.seq = r->seq,
			.time = r->time,
			.type = r->type,
			.priority = r->priority,
			.source = r->source,
			.type_name = type->name,
			.values = { type->schema, r->data.data, r->data.len },
		},
	};
}

/* A record or notice that came by t, live or in a replay. */
static int take(struct moeai_monitor *m, struct transport *t, const struct nlmsghdr *msg,
		const struct record *r, struct moeai_item *out)
{
	bool replay = t == &m->replay;
	struct event_type type = { 0 };
	struct moeai_lost range;
	enum track what;

	if (r->kind == RECORD_EVENT && find_type(m, r->type, &type)) {
		unread(t, msg);
		return -EINTR;
	}
	if (r->kind == RECORD_LOST)
		what = tracker_notice(&m->tracker, &r->lost, replay, &range);
	else
		what = tracker_record(&m->tracker, r->seq, filter_passes(&m->filter, r, type.name),
				      replay, &range);
	if (what == TRACK_REPAIR)
		return replay_repair(m);
	if (what == TRACK_SKIP)
		return 0;
	if (what == TRACK_LOST && r->kind == RECORD_EVENT)
		unread(t, msg);
	if (what == TRACK_LOST)
		return lost(out, &range);
	fill_event(out, r, &type);
	return 1;
}

/* ---- phases ----------------------------------------------------------------- */

/* The family that m reads went, or gave way to another one. */
static int family_changed(struct moeai_monitor *m, const struct nlmsghdr *msg,
			  struct moeai_item *out)
{
	uint16_t id;
	enum family_change change = family_change(msg, &id);

	if (change == FAMILY_WENT && id == m->h->family.id)
		return gone(m, out);
	if (change == FAMILY_CAME && id != m->h->family.id)
		return replay_attach(m);
	return 0;
}

static int step_waiting(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out)
{
	const struct nlmsghdr *msg;
	uint16_t id;
	int rc;

	if (m->look)
		return replay_attach(m);
	rc = transport_receive(&m->live, deadline, &msg, &m->error);
	if (rc == -ENOBUFS || rc == -EMSGSIZE)
		return replay_attach(m);
	if (rc)
		return rc;
	return family_change(msg, &id) == FAMILY_CAME ? replay_attach(m) : 0;
}

/* A replay that did not come to its end. */
static int replay_failed(struct moeai_monitor *m, int rc, struct moeai_item *out)
{
	switch (rc) {
	case -ESTALE: /* the module was loaded anew, and that was not noticed */
		return replay_attach(m);
	case -ENODEV:
		m->look = m->epoch;
		return m->epoch ? gone(m, out) : replay_attach(m);
	case -ENOBUFS:
	case -EMSGSIZE:
		return m->epoch ? replay_repair(m) : replay_attach(m);
	default:
		return rc;
	}
}

static int step_replay(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out)
{
	const struct nlmsghdr *msg;
	struct moeai_lost range;
	struct record r;
	int rc = dump_next(&m->dump, deadline, &msg, &m->error);

	if (rc < 0)
		return replay_failed(m, rc, out);
	if (rc == 0) {
		m->phase = m->history ? PHASE_ENDED : PHASE_LIVE;
		return tracker_replayed(&m->tracker, &range) == TRACK_LOST ? lost(out, &range) : 0;
	}
	rc = record_parse(msg, &r);
	if (rc)
		return error_set(&m->error, rc, "a malformed event in a replay");
	if (r.kind == RECORD_ANNOUNCEMENT)
		return replay_announced(m, &r);
	return r.kind == RECORD_OTHER || !m->epoch ? 0 : take(m, &m->replay, msg, &r, out);
}

/* Events were dropped since the queue was full. What is queued comes again. */
static int overrun(struct moeai_monitor *m)
{
	m->overruns++;
	transport_drain(&m->live);
	return replay_repair(m);
}

static int step_live(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out)
{
	const struct nlmsghdr *msg;
	struct record r;
	int rc = transport_receive(&m->live, deadline, &msg, &m->error);

	if (rc == -ENOBUFS || rc == -EMSGSIZE)
		return overrun(m);
	if (rc)
		return rc;
	if (msg->nlmsg_type == GENL_ID_CTRL)
		return family_changed(m, msg, out);
	if (msg->nlmsg_type != m->h->family.id || message_command(msg) != MOEAI_MSG_EVENT)
		return 0;
	rc = record_parse(msg, &r);
	if (rc)
		return error_set(&m->error, rc, "a malformed event");
	if (r.kind != RECORD_EVENT && r.kind != RECORD_LOST)
		return 0;
	return take(m, &m->live, msg, &r, out);
}

static int step_ended(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out)
{
	return error_set(&m->error, -ENODATA, "%s", moeai_strerror(-ENODATA));
}

static const step_fn steps[] = {
	[PHASE_WAITING] = step_waiting,
	[PHASE_REPLAY] = step_replay,
	[PHASE_LIVE] = step_live,
	[PHASE_ENDED] = step_ended,
};

int moeai_monitor_next(struct moeai_monitor *m, struct moeai_item *out, int timeout)
{
	int64_t deadline = deadline_after(timeout);
	int rc = 0;

	while (!rc) {
		if (m->tell_epoch) {
			m->tell_epoch = false;
			*out = (struct moeai_item){ .kind = MOEAI_EPOCH, .epoch = m->epoch };
			return 0;
		}
		rc = steps[m->phase](m, deadline, out);
	}
	return rc > 0 ? 0 : rc;
}

/* ---- open, close ------------------------------------------------------------ */

/* The sockets, of which the live one hears of families from the start. */
static int open_sockets(struct moeai_monitor *m, size_t buffer)
{
	struct epoll_event event = { .events = EPOLLIN };
	uint32_t group = FAMILY_NOTIFY_GROUP;
	int rc;

	m->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (m->epoll < 0)
		return -errno;
	rc = handle_new(&m->h, &m->error);
	if (!rc)
		m->h->pinned = true;
	if (!rc)
		rc = transport_open(&m->live, buffer ? buffer : RECEIVE_BUFFER, &m->error);
	if (rc)
		return rc;
	if (setsockopt(m->live.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) ||
	    epoll_ctl(m->epoll, EPOLL_CTL_ADD, m->live.fd, &event))
		return -errno;
	return 0;
}

/* As far as the announcement, so that open can tell what is wrong. */
static int begin(struct moeai_monitor *m, bool no_wait)
{
	int64_t deadline = deadline_after(ANSWER_TIMEOUT);
	struct moeai_item item;
	int rc = replay_attach(m);

	while (!rc && m->phase == PHASE_REPLAY && !m->epoch)
		rc = step_replay(m, deadline, &item);
	if (!rc && m->phase == PHASE_WAITING) {
		m->waited = true;
		rc = no_wait || m->history ? -ENODEV : 0;
	}
	return rc;
}

int moeai_monitor_open(struct moeai_monitor **out, const struct moeai_monitor_options *options)
{
	static const struct moeai_monitor_options defaults;
	struct moeai_monitor *m = calloc(1, sizeof(*m));
	int rc;

	if (!m)
		return -ENOMEM;
	if (!options)
		options = &defaults;
	m->epoll = -1;
	m->since = options->since;
	m->since_epoch = options->epoch;
	m->history = options->history;
	rc = filter_init(&m->filter, options);
	if (!rc)
		rc = open_sockets(m, options->buffer);
	if (!rc)
		rc = begin(m, options->no_wait);
	if (rc) {
		moeai_monitor_close(m);
		return rc;
	}
	*out = m;
	return 0;
}

void moeai_monitor_close(struct moeai_monitor *m)
{
	if (!m)
		return;
	transport_close(&m->replay);
	transport_close(&m->live);
	if (m->epoll >= 0)
		close(m->epoll);
	moeai_close(m->h);
	filter_free(&m->filter);
	free(m);
}

const char *moeai_monitor_error(const struct moeai_monitor *m)
{
	return m ? m->error.text : "no monitor: see moeai_strerror()";
}

int moeai_monitor_fd(const struct moeai_monitor *m)
{
	return m->epoll;
}

/* One past the last event in the datagram that is being read. */
static uint64_t received_end(const struct transport *t)
{
	const struct nlmsghdr *msg;
	size_t pos = t->pos;
	uint64_t end = 0;
	struct record r;

	while (message_next(t->buf, t->len, &pos, &msg) > 0)
		if (message_command(msg) == MOEAI_MSG_EVENT && !record_parse(msg, &r) &&
		    r.kind == RECORD_EVENT && r.seq >= end)
			end = r.seq + 1;
	return end;
}

void moeai_monitor_ledger(const struct moeai_monitor *m, struct moeai_ledger *out)
{
	struct tracker t = m->tracker;
	uint64_t end = t.from ? received_end(&m->live) : 0;

	if (t.end < end)
		t.end = end;
	tracker_ledger(&t, out);
	out->overruns = m->overruns;
}
