/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A monitor: live events on one socket, replays on another, or both by way of
 * the device; questions on a handle's. phase.c has the phases, replay.c the
 * way from one to the other.
 */
#ifndef MOEAI_MONITOR_H
#define MOEAI_MONITOR_H

#include "dump.h"
#include "filter.h"
#include "handle.h"
#include "mapped.h"
#include "record.h"
#include "tracker.h"

enum phase {
	PHASE_WAITING, /* there is no module */
	PHASE_REPLAY,  /* a replay is being read; live events queue */
	PHASE_LIVE,
	PHASE_FILE,  /* a file is read, and there is no kernel */
	PHASE_ENDED, /* of a history or file */
};

struct file;

struct moeai_monitor {
	struct error error;
	struct moeai *h;	 /* for questions */
	struct file *file;	 /* that is read; or NULL */
	const struct nlmsghdr *taken; /* the event that was handed out last */
	struct transport live;	 /* group events, and families that come and go */
	struct transport replay;
	struct dump dump;	 /* on replay */
	struct mapped map;	 /* in place of these; the module stays while it is open */
	int epoll;		 /* over what is open of them */
	bool polled;		 /* somebody has asked for epoll */
	enum moeai_transport transport; /* the option's */
	enum phase phase;
	uint64_t epoch;		 /* 0: no module was seen yet */
	uint64_t first;		 /* as the last announcement has it */
	bool tell_epoch;	 /* is the next item */
	bool look;		 /* waiting: it may be there already, unnoticed */
	bool waited;		 /* there was no module at the start */
	struct tracker tracker;
	struct filter filter;
	bool unfiltered; /* it lets all pass */
	uint64_t overruns;
	uint64_t since, since_epoch; /* the options' */
	bool history;
	struct event_type last; /* found last, while the catalog is of last_version */
	uint32_t last_version;
	char type_name[16];   /* of an unknown type */
	uint32_t unknown[32]; /* types that the kernel does not know either */
	size_t n_unknown;
};

static inline bool is_mapped(const struct moeai_monitor *m)
{
	return m->map.fd >= 0;
}

/* What has come and was not read yet. */
static inline struct inbox *monitor_inbox(struct moeai_monitor *m)
{
	if (is_mapped(m))
		return &m->map.in;
	return m->phase == PHASE_REPLAY ? &m->replay.in : &m->live.in;
}

/* May an event be handed out now? Of a replay, only one within its range, with its number. */
static inline bool may_take(const struct moeai_monitor *m, const struct nlmsghdr *msg,
			    uint64_t seq)
{
	if (m->phase == PHASE_LIVE)
		return true;
	return m->phase == PHASE_REPLAY && seq < m->tracker.limit && !m->tracker.opening &&
	       (is_mapped(m) || (m->dump.running && msg->nlmsg_seq == m->dump.seq &&
				 !(msg->nlmsg_flags & NLM_F_DUMP_INTR)));
}

/* The type that was found last, if id is its. */
static inline const struct event_type *last_type(const struct moeai_monitor *m, uint32_t id)
{
	return m->last.id == id && m->last_version == m->h->catalog.version && m->last.schema ?
		       &m->last : NULL;
}

/*
 * One step of the present phase, waiting until deadline. Returns 1 with an item,
 * 0 to go on, or -errno.
 */
int phase_step(struct moeai_monitor *m, int64_t deadline, struct moeai_item *out);

/*
 * A record or notice that was read from in, live or by replay. Returns as
 * phase_step(), or -EINTR, with the message unread.
 */
int monitor_take(struct moeai_monitor *m, struct inbox *in, bool replay,
		 const struct nlmsghdr *msg, const struct record *r, struct moeai_item *out);

/* Wait for the mapped log until deadline; 0: not at all. Returns 0 or -errno. */
int monitor_wait(struct moeai_monitor *m, int64_t deadline);

/*
 * Is the module there? Then get at its log and start the replay that the reader
 * needs; else wait for it. Returns 0 or -errno.
 */
int replay_attach(struct moeai_monitor *m);

/*
 * A replay has ended: events come live from seq on, now by the device if it is
 * wanted and there. Returns 0, -ENOBUFS: some are gone already; or -errno.
 */
int replay_to_live(struct moeai_monitor *m, uint64_t seq);

/* Something was missed: replay from the seq that is due. Returns 0 or -errno. */
int replay_repair(struct moeai_monitor *m);

/* The announcement. Returns 0 or -ESTALE, -EPROTO. */
int replay_announced(struct moeai_monitor *m, const struct record *r);

#endif /* MOEAI_MONITOR_H */
