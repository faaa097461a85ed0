// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record.h"
#include "transport.h"

/* Where a record of the log has what: see build_image() in kmod/core/event.c. */
enum offset {
	AT_SEQ = 20,
	AT_PAD = 32,
	AT_TIME = 36,
	AT_TYPE = 48,
	AT_PRIORITY = 56,
	AT_SOURCE = 64,
};

static bool is_attr(const char *p, uint16_t type, size_t len)
{
	const struct nlattr head = { NLA_HDRLEN + len, type };

	return !memcmp(p, &head, sizeof(head));
}

static bool seq_valid(uint64_t seq)
{
	return seq && seq != UINT64_MAX;
}

/* DATA and at most one PAD after it, and nothing else, from *p to end? */
static bool decode_data(const char *p, const char *end, struct attr_run *data)
{
	struct nlattr head;
	size_t room = end - p;

	if (room < sizeof(head))
		return false;
	memcpy(&head, p, sizeof(head));
	if ((head.nla_type & NLA_TYPE_MASK) != MOEAI_A_EVENT_DATA || head.nla_len < NLA_HDRLEN ||
	    head.nla_len > room)
		return false;
	*data = (struct attr_run){ p + NLA_HDRLEN, head.nla_len - NLA_HDRLEN };
	if (NLA_ALIGN((size_t)head.nla_len) >= room)
		return true;
	p += NLA_ALIGN(head.nla_len);
	return end - p == NLA_HDRLEN && is_attr(p, MOEAI_A_EVENT_PAD, 0);
}

/* The log's own layout. False: it is another one, which may be as valid. */
static bool decode_fixed(const struct nlmsghdr *msg, struct record *out)
{
	const char *p = (const char *)msg, *end = p + msg->nlmsg_len;
	struct nlattr source;

	if (msg->nlmsg_len < AT_SOURCE + NLA_HDRLEN || !is_attr(p + AT_SEQ, MOEAI_A_EVENT_SEQ, 8) ||
	    !is_attr(p + AT_PAD, MOEAI_A_EVENT_PAD, 0) ||
	    !is_attr(p + AT_TIME, MOEAI_A_EVENT_TIME, 8) ||
	    !is_attr(p + AT_TYPE, MOEAI_A_EVENT_TYPE, 4) ||
	    !is_attr(p + AT_PRIORITY, MOEAI_A_EVENT_PRIORITY, 4))
		return false;
	memcpy(&source, p + AT_SOURCE, sizeof(source));
	if (source.nla_type != MOEAI_A_EVENT_SOURCE || source.nla_len <= NLA_HDRLEN ||
	    source.nla_len > msg->nlmsg_len - AT_SOURCE)
		return false;
	out->source = p + AT_SOURCE + NLA_HDRLEN;
	if (!memchr(out->source, 0, source.nla_len - NLA_HDRLEN))
		return false;
	p += AT_SOURCE + NLA_ALIGN(source.nla_len);
	if (p > end || !decode_data(p, end, &out->data))
		return false;
	p = (const char *)msg + NLA_HDRLEN;
	out->kind = RECORD_EVENT;
	out->seq = get_u64(p + AT_SEQ);
	out->time = get_u64(p + AT_TIME);
	out->type = get_u32(p + AT_TYPE);
	out->priority = get_u32(p + AT_PRIORITY);
	return seq_valid(out->seq);
}

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
	return decode_fixed(msg, out) ? 0 : decode_walking(msg, out);
}
