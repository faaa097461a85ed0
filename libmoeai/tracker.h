/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A reader's account of sequence numbers: what is new, what was seen before,
 * what is missing. Pure: told of records, notices and replays, it says what to
 * do. All below next is settled, what is from next to end is pending:
 *
 *	next - from = returned + filtered + lost
 */
#ifndef MOEAI_TRACKER_H
#define MOEAI_TRACKER_H

#include <stdbool.h>
#include <stdint.h>
#include <moeai/moeai.h>

struct tracker {
	uint64_t from; /* 0: not known before the first replay says so */
	uint64_t next; /* the seq that is due */
	uint64_t end;  /* one past the last that is known to be */
	uint64_t returned, filtered, lost, replayed;

	/* of the replay under way, or the last one */
	uint64_t limit; /* one past its range */
	bool sparse;	/* a filter leaves events out of it, untold */
	bool opening;	/* kept events older than its range may come first */
};

enum track {
	TRACK_RETURN, /* a wanted record that was due: hand it out */
	TRACK_SKIP,   /* seen before, or not wanted */
	TRACK_LOST,   /* hand out *lost; then present the record again */
	TRACK_REPAIR, /* something is missing: replay from next */
};

/* Begin an epoch at since; 0: at the oldest event that the replay brings. */
void tracker_begin(struct tracker *t, uint64_t since);

/* A replay begins: its announcement. sparse: it was asked for with a filter. */
void tracker_announce(struct tracker *t, uint64_t first, uint64_t next, bool sparse);

/* A record, from a replay or live. TRACK_LOST: replay only. */
enum track tracker_record(struct tracker *t, uint64_t seq, bool wanted, bool replay,
			  struct moeai_lost *lost);

/* The next n records, in order, were handed out, live. */
static inline void tracker_returned(struct tracker *t, uint64_t n)
{
	t->next += n;
	if (t->end < t->next)
		t->end = t->next;
	t->returned += n;
}

/* The kernel's notice; *lost is what of it is news. Never TRACK_RETURN. */
enum track tracker_notice(struct tracker *t, const struct moeai_lost *notice, bool replay,
			  struct moeai_lost *lost);

/* The replay is over: TRACK_LOST or TRACK_SKIP. */
enum track tracker_replayed(struct tracker *t, struct moeai_lost *lost);

void tracker_ledger(const struct tracker *t, struct moeai_ledger *out);

#endif /* MOEAI_TRACKER_H */
