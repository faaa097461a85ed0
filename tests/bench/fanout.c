// SPDX-License-Identifier: GPL-2.0
/*
 * Many subscribers: what each further one costs whoever delivers. All but one
 * only let events queue up; the one takes them out, unread, to tell when all are
 * there, and what that costs it is measured apart and left out: which is only
 * right where nothing runs at the same time, on one processor.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>
#include "bench.h"

#define EVENTS 4000

static char buffer[65536];

/* The datagrams of so many events taken from a socket. */
static int take(int fd, unsigned int events)
{
	const struct nlmsghdr *msg;
	ssize_t len;

	while (events) {
		len = recv(fd, buffer, sizeof(buffer), 0);
		if (len < 0)
			return -errno;
		msg = (const void *)buffer;
		for (; NLMSG_OK(msg, len) && events; msg = NLMSG_NEXT(msg, len))
			events--;
	}
	return 0;
}

static int open_all(int fds[], int n, enum bench_path path)
{
	const char *family = path == BENCH_LOG ? MOEAI_NETLINK_FAMILY : BENCH_FAMILY;
	const char *group = path == BENCH_LOG ? MOEAI_GROUP_EVENTS_NAME : BENCH_GROUP;

	for (int i = 0; i < n; i++) {
		fds[i] = netlink_join(family, group);
		if (fds[i] >= 0)
			continue;
		n = fds[i];
		while (i--)
			close(fds[i]);
		return n;
	}
	return 0;
}

/* Emit, with a delay for what is delivered later, then see what taking costs. */
static int taking(struct bench *b, const struct emit *e, int fd, uint64_t *ns)
{
	uint64_t begin, producer;
	int rc = emit(b, e, &producer);

	usleep(200000); /* of which no host can take anything: it is instructions */
	begin = now();
	if (!rc)
		rc = take(fd, e->count);
	*ns = now() - begin;
	return rc;
}

static int measure(struct bench *b, const struct emit *e, int n, double *ns)
{
	int fds[READERS_MAX], rc = open_all(fds, n, e->path);
	uint64_t begin, all = 0, producer, drain = 0;

	if (rc)
		return rc;
	rc = taking(b, e, fds[0], &drain);
	if (!rc) {
		begin = now();
		rc = emit(b, e, &producer);
		if (!rc)
			rc = take(fds[0], e->count);
		all = now() - begin;
	}
	for (int i = 0; i < n; i++)
		close(fds[i]);
	*ns = ((double)all - drain) / e->count;
	return rc;
}

static void subscriber_rows(struct bench *b, const char *name, enum bench_path path)
{
	static const int subscribers[] = { 1, 8, READERS_MAX };
	struct emit e = { .count = EVENTS, .size = 64, .path = path };
	double ns;
	int rc;

	for (size_t n = 0; n < ARRAY_SIZE(subscribers); n++) {
		for (int i = b->first; run_begins(b, i); i++) {
			rc = measure(b, &e, subscribers[n], &ns);
			if (rc) {
				row_failed(name, subscribers[n], "%s", strerror(-rc));
				break;
			}
			if (i >= 0)
				row(name, subscribers[n], ns);
		}
	}
}

void part_fanout(struct bench *b)
{
	fanout_mapped(b);
	if (b->cpus > 1 || b->only_mapped)
		return;
	subscriber_rows(b, "fanout/moeai-netlink", BENCH_LOG);
	subscriber_rows(b, "fanout/one-per-skb", BENCH_NETLINK);
}
