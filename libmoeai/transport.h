/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A generic netlink socket, the request that is being built for it, and the
 * datagram that is being read from it, message by message.
 */
#ifndef MOEAI_TRANSPORT_H
#define MOEAI_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/genetlink.h>
#include <netlink/netlink.h>

#include "attr.h"
#include "error.h"

struct nl_msg;

/* Messages that came together, and how far they were read. */
struct inbox {
	char *buf;
	size_t size;
	size_t len, pos;
};

struct transport {
	struct nl_sock *sock; /* NULL: not open */
	struct nl_msg *request;
	int fd;
	bool anybody; /* not only the kernel may send to it */
	uint32_t seq; /* of the last request */
	struct inbox in; /* a datagram */
	size_t receive_buffer; /* bytes that the kernel queues; it may have granted less */
};

/* An overrun doubles a receive buffer that is smaller. */
#define RECEIVE_BUFFER_MAX (64 << 20)

/* receive_buffer: bytes for the kernel to queue at first. */
int transport_open(struct transport *t, size_t receive_buffer, struct error *e);
void transport_close(struct transport *t);

/* Begin a request: attributes are put into t->request by libnl's nla_put…(). */
struct nl_msg *transport_request(struct transport *t, uint16_t family, uint8_t cmd,
				 uint16_t flags);

/*
 * Send it; t->seq tells its number. failed: a put failed. A request for family 0
 * is -ENODEV, as if a family had been there and gone.
 */
int transport_send(struct transport *t, bool failed, struct error *e);

/* Send requests that were built before. */
int transport_send_all(struct transport *t, const void *requests, size_t len, struct error *e);

/*
 * The next message from the kernel; valid until the next receive. A deadline of 0
 * has passed. Returns 0,
 * -ETIMEDOUT, -EINTR, -ENOBUFS (messages were lost), -EMSGSIZE (a datagram was
 * larger than the buffer, which has grown, and is lost), -EPROTO or -errno.
 */
int transport_receive(struct transport *t, int64_t deadline, const struct nlmsghdr **out,
		      struct error *e);

/* Forget all that was received; leaves the socket's queue empty. */
void transport_drain(struct transport *t);

/* Times on CLOCK_MONOTONIC, ns; a timeout in ms, where -1 is for ever. */
int64_t deadline_after(int timeout);

/* Returns 0 when fd is readable, -ETIMEDOUT or -EINTR. */
int wait_readable(int fd, int64_t deadline, struct error *e);

/* How long the library waits where the caller gives no timeout, ms. */
#define ANSWER_TIMEOUT 10000

/* A message walked in a buffer. Pure; returns 1, 0 at the end, -EPROTO. */
int message_next(const void *buf, size_t len, size_t *pos, const struct nlmsghdr **out);

/* The command of a generic netlink message, or -EPROTO; its attributes. */
int message_command(const struct nlmsghdr *msg);
struct attr_run message_attrs(const struct nlmsghdr *msg);

#endif /* MOEAI_TRANSPORT_H */
