/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages as the kernel would write them, byte by byte. */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <linux/genetlink.h>
#include <linux/moeai.h>
#include <linux/netlink.h>

#include "attr.h"

#define WIRE_FAMILY 0x1d

/* A message under construction. */
struct wire {
	size_t len;
	char data[32768] __attribute__((aligned(8)));
};

static inline void wire_bytes(struct wire *w, const void *data, size_t len)
{
	assert_true(w->len + len + 3 <= sizeof(w->data));
	if (len)
		memcpy(w->data + w->len, data, len);
	w->len += len;
	while (w->len % 4)
		w->data[w->len++] = 0;
}

static inline void wire_attr(struct wire *w, uint16_t type, const void *data, size_t len)
{
	const struct nlattr head = { NLA_HDRLEN + len, type };

	wire_bytes(w, &head, sizeof(head));
	wire_bytes(w, data, len);
}

static inline void wire_u32(struct wire *w, uint16_t type, uint32_t v)
{
	wire_attr(w, type, &v, sizeof(v));
}

static inline void wire_u64(struct wire *w, uint16_t type, uint64_t v)
{
	wire_attr(w, type, &v, sizeof(v));
}

static inline void wire_string(struct wire *w, uint16_t type, const char *s)
{
	wire_attr(w, type, s, strlen(s) + 1);
}

/* Returns where the nest begins, for wire_nest_end(). */
static inline size_t wire_nest(struct wire *w, uint16_t type)
{
	wire_attr(w, type | NLA_F_NESTED, NULL, 0);
	return w->len - NLA_HDRLEN;
}

static inline void wire_nest_end(struct wire *w, size_t at)
{
	uint16_t len = w->len - at;

	memcpy(w->data + at, &len, sizeof(len));
}

static inline void wire_begin(struct wire *w, uint16_t type, uint8_t cmd)
{
	const struct nlmsghdr head = { .nlmsg_type = type };
	const struct genlmsghdr genl = { .cmd = cmd, .version = 1 };

	w->len = 0;
	wire_bytes(w, &head, sizeof(head));
	wire_bytes(w, &genl, sizeof(genl));
}

static inline const struct nlmsghdr *wire_end(struct wire *w)
{
	uint32_t len = w->len;

	memcpy(w->data, &len, sizeof(len));
	return (const struct nlmsghdr *)w->data;
}

static inline struct attr_run wire_run(const struct wire *w)
{
	return (struct attr_run){ w->data, w->len };
}

/*
 * The first len bytes of a message, as a message of that length in memory of
 * that length: reading past it is an error that ASan sees. To be freed.
 */
static inline struct nlmsghdr *wire_cut(const struct wire *w, size_t len)
{
	struct nlmsghdr *msg = malloc(len);

	assert_non_null(msg);
	memcpy(msg, w->data, len);
	msg->nlmsg_len = len;
	return msg;
}

#endif /* TESTS_WIRE_H */
