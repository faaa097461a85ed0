/* SPDX-License-Identifier: GPL-2.0 */
/* Events as the kernel sends them, live and in replays. */
#ifndef TESTS_EVENTS_H
#define TESTS_EVENTS_H

#include "wire.h"

/* What a message of EVENT says: a record, a notice, or a replay's announcement. */
struct event {
	const struct nlmsghdr *nlh;
	uint64_t seq; /* 0: no record */
	uint64_t time;
	uint32_t type;
	uint32_t priority;
	const char *source;
	const struct nlattr *data;
	uint64_t epoch, first, next; /* announcement */
	uint64_t from, to;	     /* notice: from is not 0 */
	uint32_t reason;
};

void event_read(const struct nlmsghdr *nlh, struct event *e);

/* A request for a replay; what is 0 or NULL is left out of its filter. */
struct filter {
	uint64_t since, epoch;
	const uint32_t *types;
	size_t n_types;
	uint32_t min_priority;
	const char *source;
};

void replay_request(struct msg *m, const struct filter *f);

/* Replay, @fn for each message. Returns 0 or what ended it. */
int replay(struct wire *w, const struct filter *f, void (*fn)(const struct event *e, void *arg),
	   void *arg);

/* What a replay told, summed up; the ranges and records must be in order, without holes. */
struct tale {
	uint64_t epoch, first, next;
	uint64_t records, notices, lost;
	uint64_t begin, end; /* seqs told: [begin, end), as records or as lost */
	uint32_t reasons;    /* bit n: a notice with reason n */
};

/* For replay(), with arg a struct tale. */
void tell(const struct event *e, void *arg);

#endif
