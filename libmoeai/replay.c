// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <netlink/attr.h>

#include "monitor.h"

#define RECEIVE_BUFFER (1 << 18)
#define TRIES	       5 /* at a family that changes meanwhile */

/* Who waits for the mapped log is woken by so much of it, or so long after the first event. */
#define WAKE_BYTES 16384
#define WAKE_NS	   1000000

/* A process that was forked meanwhile may have it as well, so close() is not enough. */
static void close_transport(struct moeai_monitor *m, struct transport *t)
{
	if (!t->sock)
		return;
	epoll_ctl(m->epoll, EPOLL_CTL_DEL, t->fd, NULL);
	transport_close(t);
}

/* A socket whose dump was not read to its end is good for no other one. */
static int fresh_socket(struct moeai_monitor *m)
{
	struct epoll_event event = { .events = EPOLLIN };
	int rc;

	if (m->replay.sock && !m->dump.running)
		return 0;
	close_transport(m, &m->replay);
	m->dump.running = false;
	rc = transport_open(&m->replay, RECEIVE_BUFFER, &m->error);
	if (rc)
		return rc;
	if (epoll_ctl(m->epoll, EPOLL_CTL_ADD, m->replay.fd, &event))
		return error_set(&m->error, -errno, "epoll: %s", moeai_strerror(errno));
	return 0;
}

/* since 0: from the oldest. Returns whether the kernel will leave events out. */
static bool put_filter(struct moeai_monitor *m, uint64_t since, uint64_t epoch, bool *failed)
{
	struct nl_msg *request = m->replay.request;
	const struct filter *f = &m->filter;
	uint32_t ids[MOEAI_FILTER_TYPES];
	size_t n = filter_ids(f, &m->h->catalog, !m->history, ids);
	struct nlattr *nest = nla_nest_start(request, NLA_F_NESTED | MOEAI_A_EVENT_FILTER);

	*failed = !nest;
	if (since)
		*failed |= nla_put_u64(request, MOEAI_A_FILTER_SINCE, since) < 0;
	if (epoch)
		*failed |= nla_put_u64(request, MOEAI_A_FILTER_EPOCH, epoch) < 0;
	if (f->min_priority)
		*failed |= nla_put_u32(request, MOEAI_A_FILTER_MIN_PRIORITY, f->min_priority) < 0;
	if (f->source)
		*failed |= nla_put_string(request, MOEAI_A_FILTER_SOURCE, f->source) < 0;
	for (size_t i = 0; i < n; i++)
		*failed |= nla_put_u32(request, MOEAI_A_FILTER_TYPE, ids[i]) < 0;
	if (!*failed)
		nla_nest_end(request, nest);
	return n || f->min_priority || f->source;
}

static int replay_start(struct moeai_monitor *m, uint64_t since, uint64_t epoch)
{
	bool failed;
	int rc;

	if (is_mapped(m)) {
		m->tracker.sparse = false;
		m->phase = PHASE_REPLAY;
		return mapped_seek(&m->map, since, &m->error);
	}
	rc = fresh_socket(m);
	if (rc)
		return rc;
	m->dump = (struct dump){ .t = &m->replay, .family = m->h->family.id,
				 .cmd = MOEAI_MSG_EVENT, .what = "reading events",
				 .capability = NEEDS_READ };
	transport_request(&m->replay, m->dump.family, MOEAI_MSG_EVENT, NLM_F_DUMP);
	m->tracker.sparse = put_filter(m, since, epoch, &failed);
	rc = dump_start(&m->dump, failed, &m->error);
	if (!rc)
		m->phase = PHASE_REPLAY;
	return rc;
}

/* Returns 0, -ENODEV: the family went meanwhile, or -errno. */
static int join(struct moeai_monitor *m)
{
	uint32_t group = m->h->family.events;

	if (!group)
		return error_set(&m->error, -EPROTO, "the MOEAI family has no group of events");
	if (!setsockopt(m->live.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return 0;
	if (errno == EPERM)
		return error_set(&m->error, -EPERM, "reading events needs %s: run as root or with "
				 "that capability", NEEDS_READ);
	return error_set(&m->error, errno == ENOMEM ? -ENOMEM : -ENODEV,
			 "cannot join the group of events: %s", moeai_strerror(errno));
}

static int use_mapped(struct moeai_monitor *m)
{
	const struct moeai_wake wake = { WAKE_BYTES, WAKE_NS };
	struct epoll_event event = { .events = EPOLLIN };
	int rc = mapped_open(&m->map, &m->error);

	if (rc)
		return rc;
	if (!ioctl(m->map.fd, MOEAI_IOC_WAKE, &wake) &&
	    !epoll_ctl(m->epoll, EPOLL_CTL_ADD, m->map.fd, &event))
		return 0;
	rc = error_set(&m->error, -errno, "cannot wait for the log: %s", moeai_strerror(errno));
	mapped_close(&m->map);
	return rc;
}

/*
 * Only the device will do: that of a module that has just come, and the right to
 * read it, may take a moment.
 */
static int wait_mapped(struct moeai_monitor *m)
{
	static const struct timespec moment = { 0, 5000000 };
	int rc, tries = m->epoch || m->waited ? 60 : 1;

	while ((rc = use_mapped(m)) && --tries && (rc == -ENODEV || rc == -EACCES))
		nanosleep(&moment, NULL);
	return rc;
}

/* The mapped log if it is wanted and may be had, else the group. */
static int get_log(struct moeai_monitor *m)
{
	int rc;

	if (is_mapped(m))
		return 0;
	if (m->transport == MOEAI_TRANSPORT_MAPPED)
		return wait_mapped(m);
	/* A history is read, and filtered by the kernel: mapping the log would cost more. */
	if (m->transport == MOEAI_TRANSPORT_AUTO && !m->history && !use_mapped(m))
		return 0;
	rc = join(m);
	if (rc == -EPERM && m->transport == MOEAI_TRANSPORT_AUTO && !wait_mapped(m))
		return 0;
	return rc;
}

int replay_to_live(struct moeai_monitor *m, uint64_t seq)
{
	/* It was not there yet when the family came. */
	if (m->transport == MOEAI_TRANSPORT_AUTO && !is_mapped(m) && !use_mapped(m)) {
		close_transport(m, &m->live);
		close_transport(m, &m->replay);
	}
	return is_mapped(m) ? mapped_live(&m->map, seq, &m->error) : 0;
}

/*
 * What there is to know while the module is there. Wanted names must be known,
 * for a history at least.
 */
static int learn_names(struct moeai_monitor *m)
{
	const char *unknown;
	int rc = catalog_refresh(m->h);

	if (rc) {
		m->error = m->h->error;
		return rc == -ERESTART ? -EAGAIN : rc;
	}
	unknown = m->history ? filter_unknown(&m->filter, &m->h->catalog) : NULL;
	return unknown ? error_set(&m->error, -ENOENT, "%s: no such event type", unknown) : 0;
}

/* What the first replay begins with. */
static int start_first(struct moeai_monitor *m)
{
	if (m->since_epoch)
		return replay_start(m, m->since ? m->since : UINT64_MAX, m->since_epoch);
	if (m->waited)
		return replay_start(m, 1, 0);
	if (m->since == MOEAI_SINCE_NOW)
		return replay_start(m, UINT64_MAX, 0);
	return replay_start(m, m->since == MOEAI_SINCE_OLDEST ? 0 : m->since, 0);
}

int replay_attach(struct moeai_monitor *m)
{
	int rc, tries = TRIES;

	/* Until it is done: a signal may come between, and the next call goes on. */
	m->phase = PHASE_WAITING;
	m->look = true;
	do {
		rc = handle_find(m->h);
		if (rc) {
			m->error = m->h->error;
			break;
		}
		rc = get_log(m);
		if (!rc)
			rc = learn_names(m);
		if (!rc)
			rc = m->epoch ? replay_start(m, 1, 0) : start_first(m);
	} while (rc == -ENODEV && --tries);
	if (rc && rc != -ENODEV)
		return rc;
	m->look = false;
	if (is_mapped(m)) { /* which the family can't leave */
		close_transport(m, &m->live);
		close_transport(m, &m->replay);
		m->dump.running = false;
	}
	return 0;
}

int replay_repair(struct moeai_monitor *m)
{
	return replay_start(m, m->tracker.next, m->epoch);
}

static uint64_t first_seq(const struct moeai_monitor *m, const struct record *r)
{
	if (m->since_epoch)
		return m->since ? m->since : r->next;
	if (m->waited)
		return 1;
	if (m->since == MOEAI_SINCE_NOW)
		return r->next;
	return m->since == MOEAI_SINCE_OLDEST ? 0 : m->since;
}

int replay_announced(struct moeai_monitor *m, const struct record *r)
{
	bool sparse = m->tracker.sparse;

	if (!m->epoch) {
		if (m->since_epoch && m->since_epoch != r->epoch)
			return error_set(&m->error, -ESTALE, "%s", moeai_strerror(-ESTALE));
		tracker_begin(&m->tracker, first_seq(m, r));
	} else if (m->epoch != r->epoch) {
		tracker_begin(&m->tracker, 1);
		memset(m->unknown, 0, sizeof(m->unknown));
		m->overruns = 0;
	}
	m->tell_epoch |= m->epoch != r->epoch;
	m->epoch = r->epoch;
	m->first = r->first;
	tracker_announce(&m->tracker, r->first, r->next, sparse);
	return 0;
}
