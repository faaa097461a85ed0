/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* EVENT messages from the kernel, of any of their forms. Pure. */
#ifndef MOEAI_RECORD_H
#define MOEAI_RECORD_H

#include <linux/netlink.h>
#include <moeai/moeai.h>

#include "attr.h"

enum record_kind {
	RECORD_EVENT,
	RECORD_LOST,	     /* a notice: range and reason */
	RECORD_ANNOUNCEMENT, /* a replay's first message */
	RECORD_OTHER,	     /* a newer kernel's: to be skipped */
};

/* Pointers go into the message. */
struct record {
	enum record_kind kind;
	uint32_t type, priority; /* of events */
	uint64_t seq, time;
	const char *source;
	struct attr_run data;
	uint64_t epoch; /* of notices and announcements */
	struct moeai_lost lost;
	uint64_t first, next; /* of announcements */
	size_t len;	      /* of events in place */
};

/* Where a record of the log has what: see build_image() in kmod/core/event.c. */
enum record_offset {
	AT_COMMAND = 16,
	AT_SEQ = 20,
	AT_PAD = 32,
	AT_TIME = 36,
	AT_TYPE = 48,
	AT_PRIORITY = 56,
	AT_SOURCE = 64,
};

static inline bool is_attr(const char *p, uint16_t type, size_t len)
{
	const struct nlattr head = { NLA_HDRLEN + len, type };

	return !memcmp(p, &head, sizeof(head));
}

static inline bool seq_valid(uint64_t seq)
{
	return seq && seq != UINT64_MAX;
}

/* DATA and at most one PAD after it, and nothing else, from p to end? */
static inline bool record_data(const char *p, const char *end, struct attr_run *data)
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

/*
 * A record in the log's own layout, which msg, a whole message, may be. False: it
 * is another one, which may be as valid. Inline, as it is most of what reading an
 * event costs.
 */
static inline bool record_fixed(const struct nlmsghdr *msg, struct record *out)
{
	const char *p = (const char *)msg, *end = p + msg->nlmsg_len;
	struct nlattr source;

	if (msg->nlmsg_len < AT_SOURCE + NLA_HDRLEN || p[AT_COMMAND] != MOEAI_MSG_EVENT ||
	    !is_attr(p + AT_SEQ, MOEAI_A_EVENT_SEQ, 8) ||
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
	if (p[AT_SOURCE + source.nla_len - 1]) /* it ends in NULs */
		return false;
	p += AT_SOURCE + NLA_ALIGN(source.nla_len);
	if (p > end || !record_data(p, end, &out->data))
		return false;
	p = (const char *)msg + NLA_HDRLEN;
	out->kind = RECORD_EVENT;
	out->seq = get_u64(p + AT_SEQ);
	out->time = get_u64(p + AT_TIME);
	out->type = get_u32(p + AT_TYPE);
	out->priority = get_u32(p + AT_PRIORITY);
	return seq_valid(out->seq);
}

/*
 * msg is a whole message of family and command EVENT. Returns 0 or -EPROTO.
 * Sequence numbers are at least 1 and below UINT64_MAX, ranges not empty.
 */
int record_parse(const struct nlmsghdr *msg, struct record *out);

/*
 * An event of the log's own layout that may change at any time: what comes out may be
 * false, but points to no more than room bytes. SOURCE is left out. False: it has
 * changed already.
 */
static inline bool record_in_place(const struct nlmsghdr *msg, size_t room, struct record *out)
{
	const char *p = (const char *)msg;
	struct nlattr data;
	uint32_t word;
	size_t len, at;

	if (room < AT_SOURCE + 2 * NLA_HDRLEN)
		return false;
	/* Each length is loaded once: what was checked is what is used. */
	len = __atomic_load_n(&msg->nlmsg_len, __ATOMIC_RELAXED);
	at = __atomic_load_n((const uint16_t *)(p + AT_SOURCE), __ATOMIC_RELAXED);
	at = AT_SOURCE + NLA_ALIGN(at);
	if (len > room || len % 8 || at + NLA_HDRLEN > len)
		return false;
	word = __atomic_load_n((const uint32_t *)(p + at), __ATOMIC_RELAXED);
	memcpy(&data, &word, sizeof(data));
	if ((data.nla_type & NLA_TYPE_MASK) != MOEAI_A_EVENT_DATA || data.nla_len < NLA_HDRLEN ||
	    at + data.nla_len > len)
		return false;
	out->len = len;
	out->data = (struct attr_run){ p + at + NLA_HDRLEN, data.nla_len - NLA_HDRLEN };
	p += NLA_HDRLEN;
	out->seq = get_u64(p + AT_SEQ);
	out->time = get_u64(p + AT_TIME);
	out->type = get_u32(p + AT_TYPE);
	out->priority = get_u32(p + AT_PRIORITY);
	return true;
}

#endif /* MOEAI_RECORD_H */
