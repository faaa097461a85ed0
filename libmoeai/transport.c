// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <moeai/moeai.h>

#include "transport.h"

/* A dump's datagrams have at most 32 KiB, those of live events too. */
#define BUFFER_LEN  65536
#define REQUEST_LEN 16384

int64_t deadline_after(int timeout)
{
	struct timespec now = { 0 };

	if (timeout < 0)
		return -1;
	/* It fails where a kernel is made to fail, and then once. */
	if (clock_gettime(CLOCK_MONOTONIC, &now))
		clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec + timeout * 1000000LL;
}

/* What is asked for; the kernel may grant less, and tells twice as much. */
static void set_receive_buffer(struct transport *t, size_t size)
{
	int n = size > INT32_MAX / 2 ? INT32_MAX / 2 : (int)size;
	socklen_t len = sizeof(n);

	t->receive_buffer = n;
	if (setsockopt(t->fd, SOL_SOCKET, SO_RCVBUFFORCE, &n, sizeof(n)))
		setsockopt(t->fd, SOL_SOCKET, SO_RCVBUF, &n, sizeof(n));
	if (!getsockopt(t->fd, SOL_SOCKET, SO_RCVBUF, &n, &len))
		t->receive_buffer = n / 2;
}

/* Messages were dropped: at that rate there is need for more room. */
static void grow_receive_buffer(struct transport *t)
{
	size_t size = 2 * t->receive_buffer;

	if (t->receive_buffer < RECEIVE_BUFFER_MAX)
		set_receive_buffer(t, size < RECEIVE_BUFFER_MAX ? size : RECEIVE_BUFFER_MAX);
}

/* Options without which the library works less well, but works. */
static void set_options(struct transport *t, size_t receive_buffer)
{
	int on = 1;

	setsockopt(t->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(t->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	set_receive_buffer(t, receive_buffer);
}

int transport_open(struct transport *t, size_t receive_buffer, struct error *e)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int rc;

	*t = (struct transport){ .in.size = BUFFER_LEN, .fd = -1 };
	t->in.buf = malloc(t->in.size);
	t->request = nlmsg_alloc_size(REQUEST_LEN);
	t->sock = nl_socket_alloc();
	if (!t->in.buf || !t->request || !t->sock) {
		transport_close(t);
		return error_set(e, -ENOMEM, "out of memory");
	}
	/* libnl's own codes say -NLE_FAILURE where the errno says which. */
	errno = 0;
	if (genl_connect(t->sock) < 0) {
		rc = errno ? -errno : -EIO;
		transport_close(t);
		return error_set(e, rc, "cannot open a netlink socket: %s", moeai_strerror(rc));
	}
	t->fd = nl_socket_get_fd(t->sock);
	t->anybody = connect(t->fd, (const void *)&kernel, sizeof(kernel));
	set_options(t, receive_buffer);
	return 0;
}

void transport_close(struct transport *t)
{
	nl_socket_free(t->sock);
	nlmsg_free(t->request);
	free(t->in.buf);
	*t = (struct transport){ .fd = -1 };
}

struct nl_msg *transport_request(struct transport *t, uint16_t family, uint8_t cmd,
				 uint16_t flags)
{
	struct nlmsghdr *head = nlmsg_hdr(t->request);

	if (++t->seq == 0) /* the number of notifications */
		t->seq = 1;
	head->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	head->nlmsg_type = family;
	head->nlmsg_flags = NLM_F_REQUEST | flags;
	head->nlmsg_seq = t->seq;
	head->nlmsg_pid = nl_socket_get_local_port(t->sock);
	*(struct genlmsghdr *)NLMSG_DATA(head) = (struct genlmsghdr){ .cmd = cmd, .version = 1 };
	return t->request;
}

int transport_send_all(struct transport *t, const void *requests, size_t len, struct error *e)
{
	ssize_t n;
	int rc;

	do {
		n = send(t->fd, requests, len, 0); /* to the kernel, without an address */
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	rc = errno == ENOBUFS ? -ENOMEM : -errno; /* no overrun */
	return error_set(e, rc, "cannot send: %s", moeai_strerror(rc));
}

int transport_send(struct transport *t, bool failed, struct error *e)
{
	const struct nlmsghdr *head = nlmsg_hdr(t->request);

	if (!head->nlmsg_type) /* see handle_find() */
		return error_set(e, -ENODEV, "%s", moeai_strerror(-ENODEV));
	if (failed)
		return error_set(e, -EMSGSIZE, "the request does not fit %d bytes", REQUEST_LEN);
	return transport_send_all(t, head, head->nlmsg_len, e);
}

int wait_readable(int fd, int64_t deadline, struct error *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec rest;
	int64_t left = 0;
	int n;

	if (deadline >= 0) {
		left = deadline - deadline_after(0);
		if (left < 0)
			left = 0;
		rest = (struct timespec){ left / 1000000000, left % 1000000000 };
	}
	n = ppoll(&p, 1, deadline < 0 ? NULL : &rest, NULL);
	if (n > 0)
		return 0;
	n = n < 0 ? -errno : -ETIMEDOUT;
	return error_set(e, n, "%s", moeai_strerror(n));
}

/* A datagram was longer than the buffer: be ready for the next one. */
static int grow(struct transport *t, size_t size, struct error *e)
{
	char *buf = realloc(t->in.buf, size);

	if (!buf)
		return error_set(e, -ENOMEM, "out of memory");
	t->in.buf = buf;
	t->in.size = size;
	return error_set(e, -EMSGSIZE, "a datagram of %zu bytes did not fit", size);
}

/*
 * Whose socket is connected to the kernel hears of nobody else, except as a member
 * of a group: asking for the sender costs a fiftieth of a call.
 */
static ssize_t receive(struct transport *t)
{
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n;

	if (!t->anybody)
		return recv(t->fd, t->in.buf, t->in.size, MSG_DONTWAIT | MSG_TRUNC);
	do {
		n = recvfrom(t->fd, t->in.buf, t->in.size, MSG_DONTWAIT | MSG_TRUNC, (void *)&from,
			     &from_len);
	} while (n >= 0 && from.nl_pid);
	return n;
}

/* One datagram into the buffer. */
static int fill(struct transport *t, int64_t deadline, struct error *e)
{
	ssize_t n;
	int rc;

	t->in.len = t->in.pos = 0;
	while ((n = receive(t)) < 0) {
		if (errno == ENOBUFS) {
			grow_receive_buffer(t);
			return error_set(e, -ENOBUFS, "%s", moeai_strerror(-ENOBUFS));
		}
		if (errno != EAGAIN)
			return error_set(e, -errno, "cannot receive: %s", moeai_strerror(errno));
		rc = deadline ? wait_readable(t->fd, deadline, e) :
				error_set(e, -ETIMEDOUT, "%s", moeai_strerror(-ETIMEDOUT));
		if (rc)
			return rc;
	}
	if ((size_t)n > t->in.size)
		return grow(t, n, e);
	t->in.len = n;
	return 0;
}

int transport_receive(struct transport *t, int64_t deadline, const struct nlmsghdr **out,
		      struct error *e)
{
	int rc;

	for (;;) {
		rc = message_next(t->in.buf, t->in.len, &t->in.pos, out);
		if (rc > 0)
			return 0;
		if (rc < 0) {
			t->in.len = t->in.pos = 0;
			return error_set(e, rc, "a datagram from the kernel is malformed");
		}
		rc = fill(t, deadline, e);
		if (rc)
			return rc;
	}
}

void transport_drain(struct transport *t)
{
	ssize_t n;

	do {
		n = recv(t->fd, t->in.buf, t->in.size, MSG_DONTWAIT);
	} while (n >= 0 || errno == ENOBUFS || errno == EINTR);
	t->in.len = t->in.pos = 0;
}

int message_next(const void *buf, size_t len, size_t *pos, const struct nlmsghdr **out)
{
	const struct nlmsghdr *msg;

	if (*pos >= len) /* buf may be NULL */
		return 0;
	msg = (const void *)((const char *)buf + *pos);
	if (len - *pos < sizeof(*msg) || msg->nlmsg_len < sizeof(*msg) ||
	    msg->nlmsg_len > len - *pos)
		return -EPROTO;
	*pos += NLMSG_ALIGN((size_t)msg->nlmsg_len);
	*out = msg;
	return 1;
}

int message_command(const struct nlmsghdr *msg)
{
	if (msg->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return -EPROTO;
	return ((const struct genlmsghdr *)NLMSG_DATA(msg))->cmd;
}

struct attr_run message_attrs(const struct nlmsghdr *msg)
{
	const size_t head = NLMSG_HDRLEN + GENL_HDRLEN;

	return (struct attr_run){ (const char *)msg + head, msg->nlmsg_len - head };
}
