// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tracker.h"

void tracker_begin(struct tracker *t, uint64_t since)
{
	*t = (struct tracker){ .from = since, .next = since, .end = since };
}

/* All before seq is settled. */
static void advance(struct tracker *t, uint64_t seq)
{
	t->next = seq;
	if (t->end < seq)
		t->end = seq;
}

/* A hole before seq in a replay. */
static enum track hole(struct tracker *t, uint64_t seq, struct moeai_lost *lost)
{
	if (t->sparse) {
		t->filtered += seq - t->next;
		advance(t, seq);
		return TRACK_SKIP;
	}
	/* The replay should have told it; that it is gone is all there is to say. */
	*lost = (struct moeai_lost){ t->next, seq - 1, MOEAI_LOST_OVERWRITTEN };
	t->lost += seq - t->next;
	advance(t, seq);
	return TRACK_LOST;
}

void tracker_announce(struct tracker *t, uint64_t first, uint64_t next, bool sparse)
{
	t->opening = !t->from;
	if (t->opening)
		t->from = t->next = t->end = first;
	t->limit = next;
	t->sparse = sparse;
	if (t->end < next)
		t->end = next;
}

enum track tracker_record(struct tracker *t, uint64_t seq, bool wanted, bool replay,
			  struct moeai_lost *lost)
{
	if (replay && t->opening && seq < t->next)
		t->from = t->next = seq;
	t->opening = false;
	if (seq < t->next)
		return TRACK_SKIP;
	if (seq > t->next && !replay)
		return TRACK_REPAIR;
	if (seq > t->next && hole(t, seq, lost) == TRACK_LOST)
		return TRACK_LOST;
	advance(t, seq + 1);
	if (!wanted) {
		t->filtered++;
		return TRACK_SKIP;
	}
	t->returned++;
	t->replayed += replay;
	return TRACK_RETURN;
}

enum track tracker_notice(struct tracker *t, const struct moeai_lost *notice, bool replay,
			  struct moeai_lost *lost)
{
	uint64_t from = notice->from;

	if (notice->to < t->next)
		return TRACK_SKIP;
	if (from > t->next && !replay)
		return TRACK_REPAIR;
	if (from > t->next && t->sparse)
		hole(t, from, lost);
	/* What was seen of the range is not news; a hole before it is lost too. */
	*lost = (struct moeai_lost){ t->next, notice->to, notice->reason };
	t->lost += notice->to - t->next + 1;
	advance(t, notice->to + 1);
	return TRACK_LOST;
}

enum track tracker_replayed(struct tracker *t, struct moeai_lost *lost)
{
	t->opening = false;
	return t->next < t->limit ? hole(t, t->limit, lost) : TRACK_SKIP;
}

void tracker_ledger(const struct tracker *t, struct moeai_ledger *out)
{
	*out = (struct moeai_ledger){
		.from = t->from ? t->from : 1,
		.to = t->from ? t->end - 1 : 0,
		.returned = t->returned,
		.filtered = t->filtered,
		.lost = t->lost,
		.pending = t->end - t->next,
		.replayed = t->replayed,
	};
}
