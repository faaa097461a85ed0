// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "file.h"
#include "monitor.h"

#define RECEIVE_BUFFER (4 << 20)

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
	m->live.anybody = true;
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
		rc = phase_step(m, deadline, &item);
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
	m->map.fd = -1;
	m->transport = options->transport;
	if ((unsigned int)m->transport > MOEAI_TRANSPORT_NETLINK) {
		free(m);
		return -EINVAL;
	}
	m->since = options->since;
	m->since_epoch = options->epoch;
	m->history = options->history;
	rc = filter_init(&m->filter, options);
	m->unfiltered = !rc && filter_is_empty(&m->filter);
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
	mapped_close(&m->map);
	if (m->epoll >= 0)
		close(m->epoll);
	moeai_close(m->h);
	file_close(m->file);
	filter_free(&m->filter);
	free(m);
}

const char *moeai_monitor_error(const struct moeai_monitor *m)
{
	return m ? m->error.text : "no monitor: see moeai_strerror()";
}

int moeai_monitor_fd(struct moeai_monitor *m)
{
	m->polled = true;
	return m->epoll;
}

enum moeai_transport moeai_monitor_transport(const struct moeai_monitor *m)
{
	return is_mapped(m) ? MOEAI_TRANSPORT_MAPPED : MOEAI_TRANSPORT_NETLINK;
}

/* One past the last event of those that have come. */
static uint64_t received_end(const struct inbox *in)
{
	const struct nlmsghdr *msg;
	size_t pos = in->pos;
	uint64_t end = 0;
	struct record r;

	while (message_next(in->buf, in->len, &pos, &msg) > 0)
		if (message_command(msg) == MOEAI_MSG_EVENT && !record_parse(msg, &r) &&
		    r.kind == RECORD_EVENT && r.seq >= end)
			end = r.seq + 1;
	return end;
}

void moeai_monitor_ledger(const struct moeai_monitor *m, struct moeai_ledger *out)
{
	struct tracker t = m->tracker;
	uint64_t end = t.from ? received_end(is_mapped(m) ? &m->map.in : &m->live.in) : 0;

	if (t.end < end)
		t.end = end;
	tracker_ledger(&t, out);
	out->overruns = m->overruns;
	out->buffer = is_mapped(m) ? 0 : m->live.receive_buffer;
}
