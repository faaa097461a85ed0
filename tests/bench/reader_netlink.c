// SPDX-License-Identifier: GPL-2.0
/* One netlink message per event: by recv() and one's own walk, and by libnl. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include "bench.h"

#define RECEIVE_BUFFER (256 << 20)

/* All that an event tells. */
struct event {
	uint64_t seq, time, bytes, stamp;
	uint32_t type, priority, pid, uid, flags;
	const char *source, *name;
};

static void use_event(struct reader *r, const struct event *e)
{
	use(e->seq);
	use(e->time);
	use(e->type);
	use(e->priority);
	use_text(e->source);
	use(e->pid);
	use(e->uid);
	use(e->flags);
	use(e->bytes);
	reader_stamp(r, e->stamp);
	use_text(e->name);
}

static int set_buffer(int fd)
{
	struct timeval timeout = { READ_TIMEOUT / 1000, 0 };
	int size = RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return -errno;
	return 0;
}

static int find_group(const char *family, const char *group)
{
	struct nl_sock *sock = nl_socket_alloc();
	int id = -ENOMEM;

	if (sock && !genl_connect(sock))
		id = genl_ctrl_resolve_grp(sock, family, group);
	nl_socket_free(sock);
	return id < 0 ? -ENOENT : id;
}

int netlink_join(const char *family, const char *group)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int id = find_group(family, group), rc, fd;

	if (id < 0)
		return id;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	rc = bind(fd, (void *)&address, sizeof(address)) ? -errno : set_buffer(fd);
	if (!rc && setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &id, sizeof(id)))
		rc = -errno;
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

/* ---- recv ------------------------------------------------------------------------- */

static int recv_open(struct reader *r)
{
	r->fd = netlink_join(BENCH_FAMILY, BENCH_GROUP);
	return r->fd < 0 ? r->fd : 0;
}

static void recv_close(struct reader *r)
{
	close(r->fd);
}

/* Numbers are not aligned to 8. */
static uint64_t number64(const void *data)
{
	uint64_t v;

	memcpy(&v, data, sizeof(v));
	return v;
}

/* The shortest payload of each attribute. */
static const uint8_t least[BENCH_A_MAX + 1] = {
	[BENCH_A_SEQ] = 8,    [BENCH_A_TIME] = 8,     [BENCH_A_TYPE] = 4, [BENCH_A_PRIORITY] = 4,
	[BENCH_A_SOURCE] = 1, [BENCH_A_PID] = 4,      [BENCH_A_UID] = 4,  [BENCH_A_FLAGS] = 4,
	[BENCH_A_BYTES] = 8,  [BENCH_A_STAMP] = 8,    [BENCH_A_NAME] = 1,
};

static int set_field(struct event *e, const struct nlattr *a)
{
	const void *data = a + 1;

	if (a->nla_type > BENCH_A_MAX || a->nla_len < NLA_HDRLEN + least[a->nla_type])
		return -EPROTO;
	switch (a->nla_type) {
	case BENCH_A_SEQ:
		e->seq = number64(data);
		break;
	case BENCH_A_TIME:
		e->time = number64(data);
		break;
	case BENCH_A_TYPE:
		e->type = *(const uint32_t *)data;
		break;
	case BENCH_A_PRIORITY:
		e->priority = *(const uint32_t *)data;
		break;
	case BENCH_A_SOURCE:
		e->source = data;
		break;
	case BENCH_A_PID:
		e->pid = *(const uint32_t *)data;
		break;
	case BENCH_A_UID:
		e->uid = *(const uint32_t *)data;
		break;
	case BENCH_A_FLAGS:
		e->flags = *(const uint32_t *)data;
		break;
	case BENCH_A_BYTES:
		e->bytes = number64(data);
		break;
	case BENCH_A_STAMP:
		e->stamp = number64(data);
		break;
	case BENCH_A_NAME:
		e->name = data;
		break;
	}
	return 0;
}

static int decode(const struct nlmsghdr *msg, struct event *e)
{
	const char *p = (const char *)msg + NLMSG_HDRLEN + GENL_HDRLEN;
	const char *end = (const char *)msg + msg->nlmsg_len;
	const struct nlattr *a;
	int rc = 0;

	for (; !rc && end - p >= NLA_HDRLEN; p += NLA_ALIGN(a->nla_len)) {
		a = (const void *)p;
		if (a->nla_len < NLA_HDRLEN || a->nla_len > end - p)
			return -EPROTO;
		rc = set_field(e, a);
	}
	return rc;
}

static int receive(struct reader *r, int flags)
{
	static char buffer[65536] __attribute__((aligned(8)));
	ssize_t len = recv(r->fd, buffer, sizeof(buffer), flags);
	const struct nlmsghdr *msg = (const void *)buffer;
	struct event e = { 0 };
	int n = 0, rc;

	if (len < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	for (; NLMSG_OK(msg, len); msg = NLMSG_NEXT(msg, len), n++) {
		rc = decode(msg, &e);
		if (rc)
			return rc;
		use_event(r, &e);
	}
	return n;
}

static int recv_read(struct reader *r)
{
	return receive(r, 0);
}

static int recv_look(struct reader *r)
{
	return receive(r, MSG_DONTWAIT);
}

static int recv_spin(struct reader *r)
{
	return keep_looking(r, recv_look);
}

const struct reader_kind reader_recv = {
	.name = "one-per-skb-recv", .path = BENCH_NETLINK,
	.open = recv_open, .read = recv_read, .close = recv_close,
};

const struct reader_kind reader_recv_spin = {
	.name = "one-per-skb-recv-spin", .path = BENCH_NETLINK,
	.open = recv_open, .read = recv_spin, .close = recv_close,
};

/* ---- libnl ------------------------------------------------------------------------ */

static int parse(struct nl_msg *msg, struct event *e)
{
	struct nlattr *tb[BENCH_A_MAX + 1];

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, BENCH_A_MAX, NULL) || !tb[BENCH_A_NAME])
		return -EPROTO;
	*e = (struct event){
		.seq = nla_get_u64(tb[BENCH_A_SEQ]),
		.time = nla_get_u64(tb[BENCH_A_TIME]),
		.type = nla_get_u32(tb[BENCH_A_TYPE]),
		.priority = nla_get_u32(tb[BENCH_A_PRIORITY]),
		.source = nla_get_string(tb[BENCH_A_SOURCE]),
		.pid = nla_get_u32(tb[BENCH_A_PID]),
		.uid = nla_get_u32(tb[BENCH_A_UID]),
		.flags = nla_get_u32(tb[BENCH_A_FLAGS]),
		.bytes = nla_get_u64(tb[BENCH_A_BYTES]),
		.stamp = nla_get_u64(tb[BENCH_A_STAMP]),
		.name = nla_get_string(tb[BENCH_A_NAME]),
	};
	return 0;
}

static int libnl_event(struct nl_msg *msg, void *arg)
{
	struct reader *r = arg;
	struct event e;

	if (parse(msg, &e))
		return NL_STOP;
	use_event(r, &e);
	r->events++;
	return NL_OK;
}

static FILE *null;

/* The line that moectl monitor --json prints of an event. */
static int libnl_event_json(struct nl_msg *msg, void *arg)
{
	struct reader *r = arg;
	struct event e;

	if (parse(msg, &e))
		return NL_STOP;
	fprintf(null, "{\"kind\": \"event\", \"seq\": %" PRIu64 ", \"time\": %" PRIu64
		", \"priority\": \"info\", \"type\": \"bench.event\", \"source\": \"%s\", "
		"\"fields\": {\"pid\": %u, \"uid\": %u, \"flags\": %u, \"bytes\": %" PRIu64
		", \"stamp\": %" PRIu64 ", \"name\": \"%s\"}}\n",
		e.seq, e.time, e.source, e.pid, e.uid, e.flags, e.bytes, e.stamp, e.name);
	r->events++;
	return NL_OK;
}

static int libnl_connect(struct reader *r, int (*event)(struct nl_msg *msg, void *arg))
{
	int group = find_group(BENCH_FAMILY, BENCH_GROUP);

	r->sock = nl_socket_alloc();
	if (group < 0 || !r->sock || genl_connect(r->sock))
		return -ENOTCONN;
	nl_socket_disable_seq_check(r->sock);
	nl_socket_modify_cb(r->sock, NL_CB_VALID, NL_CB_CUSTOM, event, r);
	if (nl_socket_add_membership(r->sock, group))
		return -EPERM;
	return set_buffer(nl_socket_get_fd(r->sock));
}

static int libnl_open(struct reader *r)
{
	return libnl_connect(r, libnl_event);
}

static int libnl_json_open(struct reader *r)
{
	null = fopen("/dev/null", "w");
	return null ? libnl_connect(r, libnl_event_json) : -errno;
}

/* The callback counts. */
static int libnl_read(struct reader *r)
{
	uint64_t before = r->events;
	int rc = nl_recvmsgs_default(r->sock);

	if (rc)
		return -EIO;
	return r->events == before ? -ETIMEDOUT : 0;
}

static void libnl_close(struct reader *r)
{
	nl_socket_free(r->sock);
}

static void libnl_json_close(struct reader *r)
{
	libnl_close(r);
	fclose(null);
}

const struct reader_kind reader_libnl = {
	.name = "one-per-skb-libnl", .path = BENCH_NETLINK,
	.open = libnl_open, .read = libnl_read, .close = libnl_close,
};

const struct reader_kind reader_libnl_json = {
	.name = "libnl-json", .path = BENCH_NETLINK,
	.open = libnl_json_open, .read = libnl_read, .close = libnl_json_close,
};
