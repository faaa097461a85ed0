// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record.h"
#include "transport.h"

static int decode_lost(struct attr_run nest, struct moeai_lost *out)
{
	static const struct attr_rule rules[] = {
		ATTR_RULE(MOEAI_A_LOST_FROM, ATTR_U64, true, struct moeai_lost, from),
		ATTR_RULE(MOEAI_A_LOST_TO, ATTR_U64, true, struct moeai_lost, to),
		ATTR_RULE(MOEAI_A_LOST_REASON, ATTR_U32, false, struct moeai_lost, reason),
	};

	*out = (struct moeai_lost){ 0 };
	if (attrs_decode(nest, rules, ARRAY_SIZE(rules), out, NULL) || !seq_valid(out->from) ||
	    !seq_valid(out->to) || out->from > out->to)
		return -EPROTO;
	return 0;
}

enum { SEQ, TIME, TYPE, PRIORITY, SOURCE, DATA, EPOCH, FIRST, NEXT, LOST };

struct walked {
	struct record record;
	struct attr_run lost;
};

#define RULE(id, kind, member) \
	[id] = ATTR_RULE(MOEAI_A_EVENT_##id, kind, false, struct walked, member)

static const struct attr_rule rules[] = {
	RULE(SEQ, ATTR_U64, record.seq),
	RULE(TIME, ATTR_U64, record.time),
	RULE(TYPE, ATTR_U32, record.type),
	RULE(PRIORITY, ATTR_U32, record.priority),
	RULE(SOURCE, ATTR_STRING, record.source),
	RULE(DATA, ATTR_RUN, record.data),
	RULE(EPOCH, ATTR_U64, record.epoch),
	RULE(FIRST, ATTR_U64, record.first),
	RULE(NEXT, ATTR_U64, record.next),
	RULE(LOST, ATTR_RUN, lost),
};

/* What each form must have. */
static const uint64_t required[] = {
	[RECORD_EVENT] = 1 << SEQ | 1 << TIME | 1 << TYPE | 1 << PRIORITY | 1 << SOURCE,
	[RECORD_LOST] = 1 << EPOCH | 1 << LOST,
	[RECORD_ANNOUNCEMENT] = 1 << EPOCH | 1 << FIRST | 1 << NEXT,
};

static enum record_kind kind_of(uint64_t seen)
{
	if (seen & 1 << SEQ)
		return RECORD_EVENT;
	if (seen & 1 << LOST)
		return RECORD_LOST;
	return seen & 1 << NEXT ? RECORD_ANNOUNCEMENT : RECORD_OTHER;
}

static int decode_walking(const struct nlmsghdr *msg, struct record *out)
{
	struct walked w = { 0 };
	uint64_t seen;

	if (attrs_decode(message_attrs(msg), rules, ARRAY_SIZE(rules), &w, &seen))
		return -EPROTO;
	w.record.kind = kind_of(seen);
	if (w.record.kind != RECORD_OTHER &&
	    (seen & required[w.record.kind]) != required[w.record.kind])
		return -EPROTO;
	*out = w.record;
	if (out->kind == RECORD_EVENT)
		return seq_valid(out->seq) ? 0 : -EPROTO;
	if (out->kind == RECORD_LOST)
		return decode_lost(w.lost, &out->lost);
	if (out->kind == RECORD_ANNOUNCEMENT)
		return out->epoch && out->first && out->first <= out->next ? 0 : -EPROTO;
	return 0;
}

int record_parse(const struct nlmsghdr *msg, struct record *out)
{
	return record_fixed(msg, out) ? 0 : decode_walking(msg, out);
}
