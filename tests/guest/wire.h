/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A raw Generic Netlink client: it sends any bytes, also wrong ones, and shows
 * what comes back as it came. What cannot go wrong ends the test if it does.
 */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/genetlink.h>
#include <linux/moeai.h>
#include <linux/netlink.h>

/* What cmocka wants included before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define WIRE_WAIT 5000 /* ms: longer than any answer takes */

/* ---- a message to be sent ------------------------------------------------ */

struct msg {
	size_t len;
	uint8_t b[1 << 16] __attribute__((aligned(8)));
};

void msg_begin(struct msg *m, uint8_t cmd, uint16_t flags);

/* The type may bear NLA_F_NESTED. Returns the attribute's offset. */
size_t msg_put(struct msg *m, uint16_t type, const void *data, size_t len);
size_t msg_u32(struct msg *m, uint16_t type, uint32_t v);
size_t msg_u64(struct msg *m, uint16_t type, uint64_t v);
size_t msg_str(struct msg *m, uint16_t type, const char *s);

/* Returns the nest's offset, which msg_nest_end() wants. */
size_t msg_nest(struct msg *m, uint16_t type);
void msg_nest_end(struct msg *m, size_t nest);

/* Bytes that are no attribute, not padded. */
void msg_raw(struct msg *m, const void *bytes, size_t len);

struct nlmsghdr *msg_head(struct msg *m);
struct genlmsghdr *msg_genl(struct msg *m);

/* ---- attributes of what came --------------------------------------------- */

/* The first of @type among @len bytes of attributes, or NULL. */
const struct nlattr *attr_find(const void *attrs, size_t len, uint16_t type);
const void *attr_data(const struct nlattr *a);
size_t attr_len(const struct nlattr *a);
uint32_t attr_u32(const struct nlattr *a);
uint64_t attr_u64(const struct nlattr *a);
const struct nlattr *attr_in(const struct nlattr *nest, uint16_t type);

/* @size bytes of them, from offset @at of a buffer: the next, NULL at the end. */
const struct nlattr *attr_next(const void *attrs, size_t len, size_t *at);

/* Attributes of a message of our family. */
const void *nlh_attrs(const struct nlmsghdr *nlh);
size_t nlh_attrs_len(const struct nlmsghdr *nlh);
const struct nlattr *nlh_attr(const struct nlmsghdr *nlh, uint16_t type);
uint8_t nlh_cmd(const struct nlmsghdr *nlh);

/* ---- the socket ----------------------------------------------------------- */

struct wire {
	int fd;
	uint32_t portid;
	uint16_t family;
	uint32_t groups[MOEAI_GROUP_MAX + 1]; /* by enum moeai_netlink_groups */
	uint32_t seq;			      /* of the message sent last */
	size_t at, len;			      /* what is left of the datagram in b */
	uint8_t b[1 << 16] __attribute__((aligned(8)));
};

/* How the kernel refused, or (error 0) agreed. */
struct verdict {
	int error; /* 0 or negative errno */
	char text[256];
	int offset; /* of the attribute at fault, -1: none given */
};

/* A socket, with the family's numbers if it is there. */
void wire_open(struct wire *w);

/* As wire_open(); returns -errno where no family or socket can be had. */
int wire_try_open(struct wire *w);
void wire_close(struct wire *w);

/* A socket with that port. Returns 0 or -errno. */
int wire_open_port(struct wire *w, uint32_t portid);

/* Join a group by setsockopt. Returns 0 or -errno. */
int wire_join(struct wire *w, enum moeai_netlink_groups group);
void wire_rcvbuf(struct wire *w, int bytes);

/* Fills in length, family (unless it is set), seq and sends. Returns 0 or -errno. */
int wire_send(struct wire *w, struct msg *m);

/* Sends the message as it stands. */
int wire_send_raw(struct wire *w, const void *bytes, size_t len);

/*
 * The next message, valid until the next call; NULL: none within @ms; its
 * errno is then EAGAIN, or that of the socket (ENOBUFS).
 */
const struct nlmsghdr *wire_next(struct wire *w, int ms);

/* Is it an NLMSG_ERROR or NLMSG_DONE of the last message sent? Then what it says. */
bool wire_verdict(const struct wire *w, const struct nlmsghdr *nlh, struct verdict *v);

/*
 * Send and drop what comes until the verdict: the ACK (which it asks for), or
 * the end of the dump. Returns its error.
 */
int wire_ask(struct wire *w, struct msg *m, struct verdict *v);

#endif
