/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Netlink attributes from the kernel, none of which is believed before it was
 * checked. Pure: bytes in, values out. A run is attributes back to back.
 */
#ifndef MOEAI_ATTR_H
#define MOEAI_ATTR_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/netlink.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct attr {
	uint16_t type;
	uint16_t len;
	const void *data; /* of any alignment: see get_u32(), get_u64() */
};

struct attr_run {
	const void *data;
	size_t len;
};

static inline uint32_t get_u32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t get_u64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* *pos starts at 0. Returns 1 with *out set, 0 at the end, or -EPROTO. */
static inline int attr_next(const void *run, size_t len, size_t *pos, struct attr *out)
{
	const char *p;
	struct nlattr head;

	if (*pos >= len) /* run may be NULL */
		return 0;
	p = (const char *)run + *pos;
	if (len - *pos < sizeof(head))
		return -EPROTO;
	memcpy(&head, p, sizeof(head));
	if (head.nla_len < NLA_HDRLEN || head.nla_len > len - *pos)
		return -EPROTO;
	out->type = head.nla_type & NLA_TYPE_MASK;
	out->len = head.nla_len - NLA_HDRLEN;
	out->data = p + NLA_HDRLEN;
	*pos += NLA_ALIGN(head.nla_len);
	return 1;
}

/* What an attribute must look like, and where its value goes. */
enum attr_kind {
	ATTR_BOOL,   /* bool */
	ATTR_U16,    /* uint16_t */
	ATTR_U32,    /* uint32_t, int32_t or an enum */
	ATTR_U64,    /* uint64_t, int64_t */
	ATTR_STRING, /* const char *, into the run */
	ATTR_TEXT,   /* char[size], cut if it is longer */
	ATTR_RUN,    /* struct attr_run: a nest, into the run */
};

struct attr_rule {
	uint16_t id;
	uint8_t kind;
	bool required;
	uint16_t offset;
	uint16_t size; /* of the member */
};

#define ATTR_RULE(_id, _kind, _required, _type, _member)                              \
	{ .id = (_id), .kind = (_kind), .required = (_required),                       \
	  .offset = offsetof(_type, _member), .size = sizeof(((_type *)0)->_member) }

/*
 * Take a run apart by a table of at most 64 rules. Unknown attributes are
 * skipped, of repeated ones the last counts, members without one stay as they
 * are. Bit i of *seen, which may be NULL, tells that rule i had its attribute.
 * Returns 0 or -EPROTO: malformed, of a wrong length, or a required one missing.
 */
int attrs_decode(struct attr_run run, const struct attr_rule *rules, size_t n, void *out,
		 uint64_t *seen);

#endif /* MOEAI_ATTR_H */
