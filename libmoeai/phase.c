// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a monitor does for its next item, by the phase that it is in. */
#include <stdio.h>

#include "file.h"
#include "monitor.h"

#define PASSED_AT_ONCE 4096 /* events that are not wanted, between looks at the clock */

/*
 * Steps return 1 with an item, 0 to go on with whatever phase it is then, or
 * -errno. A message whose item cannot be finished yet is put back.
 */
typedef int (*step_fn)(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out);

/* ---- items ------------------------------------------------------------------ */

static void unread(struct inbox *in, const struct nlmsghdr *msg)
{
	in->pos = (const char *)msg - in->buf;
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

/* The kernel is asked if it is new. Returns 0 or -EINTR. */
static int ask_type(struct moeai_monitor *m, uint32_t id, struct event_type *out)
{
	const struct event_type *type = catalog_type(&m->h->catalog, id);
	int rc;

	if (!type && !m->file && !is_unknown(m, id)) {
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
	*out = (struct event_type){ .id = id, .name = m->type_name };
	return 0;
}

/*
 * The type of an event. One that nobody knows (its module is gone) has no schema.
 * Returns NULL when a signal came.
 */
static const struct event_type *find_type(struct moeai_monitor *m, uint32_t id)
{
	if (last_type(m, id))
		return &m->last;
	if (ask_type(m, id, &m->last))
		return NULL;
	m->last_version = m->h->catalog.version;
	return &m->last;
}

static inline void fill_event(struct moeai_item *out, const struct record *r,
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

int monitor_take(struct moeai_monitor *m, struct inbox *in, bool replay,
		 const struct nlmsghdr *msg, const struct record *r, struct moeai_item *out)
{
	const struct event_type *type = NULL;
	struct moeai_lost range;
	enum track what;

	if (r->kind == RECORD_EVENT) {
		type = find_type(m, r->type);
		if (!type) {
			unread(in, msg);
			return -EINTR;
		}
		what = tracker_record(&m->tracker, r->seq, filter_passes(&m->filter, r, type->name),
				      replay, &range);
	} else {
		what = tracker_notice(&m->tracker, &r->lost, replay, &range);
	}
	switch (what) {
	case TRACK_RETURN:
		m->taken = msg;
		fill_event(out, r, type);
		return 1;
	case TRACK_REPAIR:
		return replay_repair(m);
	case TRACK_SKIP:
		return 0;
	case TRACK_LOST:
		break;
	}
	if (type) /* again, after what is lost before it */
		unread(in, msg);
	return lost(out, &range);
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

/* The next message of a replay. Returns 1, 0 at its end, or -errno. */
static int replay_next(struct moeai_monitor *m, int64_t deadline, const struct nlmsghdr **msg,
		       struct record *r)
{
	int rc = is_mapped(m) ? mapped_history(&m->map, msg, &m->error) :
				dump_next(&m->dump, deadline, msg, &m->error);

	if (rc <= 0)
		return rc;
	rc = record_parse(*msg, r);
	if (rc)
		return error_set(&m->error, rc, "a malformed event in a replay");
	/* read(2) goes on with what was logged since. */
	if (is_mapped(m) && m->epoch)
		return r->kind != RECORD_EVENT || r->seq < m->tracker.limit;
	return 1;
}

/* A replay that has come to its end. */
static int replay_ended(struct moeai_monitor *m, struct moeai_item *out)
{
	const struct tracker *t = &m->tracker;
	struct moeai_lost range;
	int rc = 0;

	if (!m->history)
		rc = replay_to_live(m, t->next < t->limit ? t->limit : t->next);
	if (rc == -ENOBUFS) /* it was overtaken */
		return replay_repair(m);
	if (rc)
		return rc;
	m->phase = m->history ? PHASE_ENDED : PHASE_LIVE;
	return tracker_replayed(&m->tracker, &range) == TRACK_LOST ? lost(out, &range) : 0;
}

static int step_replay(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out)
{
	const struct nlmsghdr *msg;
	struct record r;
	int rc = replay_next(m, deadline, &msg, &r);

	if (rc < 0)
		return is_mapped(m) ? rc : replay_failed(m, rc, out);
	if (rc == 0)
		return replay_ended(m, out);
	if (r.kind == RECORD_ANNOUNCEMENT)
		return replay_announced(m, &r);
	if (r.kind == RECORD_OTHER || !m->epoch)
		return 0;
	return monitor_take(m, is_mapped(m) ? &m->map.in : &m->replay.in, true, msg, &r, out);
}

int monitor_wait(struct moeai_monitor *m, int64_t deadline)
{
	int rc = deadline || m->polled ? mapped_arm(&m->map, &m->error) : 0;

	if (rc)
		return rc;
	if (!deadline)
		return error_set(&m->error, -ETIMEDOUT, "%s", moeai_strerror(-ETIMEDOUT));
	return wait_readable(m->map.fd, deadline, &m->error);
}

static int step_mapped(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out)
{
	const struct nlmsghdr *msg;
	struct record r;
	int rc = mapped_next(&m->map, &msg, &m->error);

	if (rc == -ETIMEDOUT)
		return monitor_wait(m, deadline);
	if (rc == -ENOBUFS) {
		m->overruns++;
		return replay_repair(m);
	}
	if (rc)
		return rc;
	if (record_parse(msg, &r) || r.kind != RECORD_EVENT)
		return error_set(&m->error, -EPROTO, "a malformed event in the log");
	return monitor_take(m, &m->map.in, false, msg, &r, out);
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
	int rc;

	if (is_mapped(m))
		return step_mapped(m, deadline, out);
	rc = transport_receive(&m->live, deadline, &msg, &m->error);
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
	return monitor_take(m, &m->live.in, false, msg, &r, out);
}

static int step_file(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out)
{
	return file_step(m, out);
}

static int step_ended(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out)
{
	return error_set(&m->error, -ENODATA, "%s", moeai_strerror(-ENODATA));
}

static const step_fn steps[] = {
	[PHASE_WAITING] = step_waiting,
	[PHASE_REPLAY] = step_replay,
	[PHASE_LIVE] = step_live,
	[PHASE_FILE] = step_file,
	[PHASE_ENDED] = step_ended,
};

int phase_step(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out)
{
	return steps[m->phase](m, deadline, out);
}

/*
 * What nearly every call finds: the event that is due, in the log's own layout, of
 * the same type as the one before, and no filter. Everything else is left to steps.
 */
static bool take_next(struct moeai_monitor *m, struct moeai_item *out)
{
	struct inbox *in = monitor_inbox(m);
	const struct event_type *type;
	const struct nlmsghdr *msg;
	size_t left = in->len - in->pos;
	struct record r;

	if (!m->unfiltered || m->tell_epoch || left < sizeof(*msg))
		return false;
	msg = (const void *)(in->buf + in->pos);
	if (msg->nlmsg_len > left || msg->nlmsg_type != m->h->family.id ||
	    !record_fixed(msg, &r) || r.seq != m->tracker.next || !may_take(m, msg, r.seq))
		return false;
	type = last_type(m, r.type);
	if (!type)
		return false;
	in->pos += msg->nlmsg_len;
	tracker_returned(&m->tracker, 1);
	m->tracker.replayed += m->phase == PHASE_REPLAY;
	m->taken = msg;
	fill_event(out, &r, type);
	return true;
}

/* Is something there already, so that nobody needs to know what time it is? */
static bool has_next(struct moeai_monitor *m)
{
	const struct inbox *in = monitor_inbox(m);

	return m->phase == PHASE_LIVE && (in->pos < in->len || (is_mapped(m) && mapped_ready(&m->map)));
}

/*
 * Time goes by while unwanted events are passed over, too. What is left wakes
 * whoever polls.
 */
static int look_at_time(struct moeai_monitor *m, int timeout, int64_t *deadline)
{
	int rc;

	if (timeout && !*deadline)
		*deadline = deadline_after(timeout);
	if (timeout && (*deadline < 0 || deadline_after(0) < *deadline))
		return 0;
	rc = is_mapped(m) && m->polled && m->phase == PHASE_LIVE ? mapped_arm(&m->map, &m->error) : 0;
	return rc ? rc : error_set(&m->error, -ETIMEDOUT, "%s", moeai_strerror(-ETIMEDOUT));
}

int moeai_monitor_next(struct moeai_monitor *m, struct moeai_item *out, int timeout)
{
	unsigned int passed = 0;
	int64_t deadline = 0;
	int rc = 0;

	if (take_next(m, out))
		return 0;
	while (!rc) {
		if (m->tell_epoch) {
			m->tell_epoch = false;
			*out = (struct moeai_item){ .kind = MOEAI_EPOCH, .epoch = m->epoch };
			return 0;
		}
		if (timeout && !deadline && !has_next(m))
			deadline = deadline_after(timeout);
		rc = phase_step(m, deadline, out);
		if (!rc && ++passed % PASSED_AT_ONCE == 0)
			rc = look_at_time(m, timeout, &deadline);
	}
	return rc > 0 ? 0 : rc;
}
