// SPDX-License-Identifier: GPL-2.0
/* Commands: round trips, of a question with the shortest answer there is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include "bench.h"

#define FLIGHT 32 /* calls under way at once */
#define TRIPS  (60 * FLIGHT)

/* What the round trips use. */
struct ways {
	struct bench *bench;
	int raw, device, control;
	struct nl_sock *sock;
	int moeai, echo; /* families */
	int answers;
};

/* A request with one attribute, by one's own hands. */
struct request {
	struct nlmsghdr head;
	struct genlmsghdr genl;
	struct nlattr attr;
	char payload[32];
};

static int raw_trip(int fd, int family, int cmd, int attr, const void *data, size_t len)
{
	char answer[8192];
	struct request q = {
		.head = { .nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + NLA_ALIGN(NLA_HDRLEN + len),
			  .nlmsg_type = family, .nlmsg_flags = NLM_F_REQUEST },
		.genl = { .cmd = cmd, .version = 1 },
		.attr = { .nla_len = NLA_HDRLEN + len, .nla_type = attr },
	};
	const struct nlmsghdr *head = (const void *)answer;
	ssize_t n;

	memcpy(q.payload, data, len);
	if (send(fd, &q, q.head.nlmsg_len, 0) < 0)
		return -errno;
	n = recv(fd, answer, sizeof(answer), 0);
	if (n < (ssize_t)sizeof(*head))
		return -errno;
	return head->nlmsg_type == family ? 0 : -EPROTO;
}

static int trip_getfamily(struct ways *w)
{
	uint16_t id = GENL_ID_CTRL;

	return raw_trip(w->raw, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, &id,
			sizeof(id));
}

static int trip_raw(struct ways *w)
{
	uint32_t id = MOEAI_CMD_PING;

	return raw_trip(w->raw, w->moeai, MOEAI_MSG_COMMAND, MOEAI_A_COMMAND_ID, &id, sizeof(id));
}

static int trip_echo(struct ways *w)
{
	uint32_t number = 1;

	return raw_trip(w->raw, w->echo, BENCH_CMD_ECHO, BENCH_A_NUMBER, &number, sizeof(number));
}

static int trip_libnl(struct ways *w)
{
	struct nl_msg *msg = nlmsg_alloc();
	int rc, before = w->answers;

	if (!msg || !genlmsg_put(msg, 0, 0, GENL_ID_CTRL, 0, 0, CTRL_CMD_GETFAMILY, 1) ||
	    nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, GENL_ID_CTRL)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	rc = nl_send_auto(w->sock, msg);
	nlmsg_free(msg);
	while (rc >= 0 && w->answers == before)
		rc = nl_recvmsgs_default(w->sock);
	return rc < 0 ? -EIO : 0;
}

static int libnl_answer(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct ways *w = arg;

	if (!genlmsg_parse(nlmsg_hdr(msg), 0, tb, CTRL_ATTR_MAX, NULL))
		w->answers++;
	return NL_OK;
}

static int trip_ioctl(struct ways *w)
{
	uint32_t number = 1;

	return ioctl(w->device, BENCH_IOC_ECHO, &number) || number != 2 ? -EIO : 0;
}

static int trip_procfs(struct ways *w)
{
	static const char line[] = "core.ping\n";
	char answer[256];

	if (write(w->control, line, sizeof(line) - 1) < 0)
		return -errno;
	return read(w->control, answer, sizeof(answer)) > 0 ? 0 : -EIO;
}

static int trip_call(struct ways *w)
{
	struct moeai_reply *reply;
	int rc = moeai_call(w->bench->h, "core.ping", NULL, 0, READ_TIMEOUT, &reply);

	if (!rc)
		moeai_reply_free(reply);
	return rc;
}

static int trip_call_text(struct ways *w)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("text", "hello") };

	return moeai_call(w->bench->h, "core.ping", args, 1, READ_TIMEOUT, NULL);
}

static void answered(void *arg, int status, const char *error, const struct moeai_values *values)
{
	struct ways *w = arg;

	w->answers += !status;
}

static int many(struct ways *w, typeof(moeai_call_begin) *begin)
{
	int rc = 0;

	w->answers = 0;
	for (int i = 0; !rc && i < FLIGHT; i++)
		rc = begin(w->bench->h, "core.ping", NULL, 0, answered, w);
	while (rc >= 0 && w->answers < FLIGHT)
		rc = moeai_dispatch(w->bench->h, READ_TIMEOUT);
	return rc < 0 ? rc : 0;
}

static int trip_flight(struct ways *w)
{
	return many(w, moeai_call_begin);
}

/* In one send. */
static int trip_queue(struct ways *w)
{
	return many(w, moeai_call_queue);
}

static int trip_status(struct ways *w)
{
	struct moeai_status status;

	return moeai_status_get(w->bench->h, &status);
}

static const struct {
	const char *name;
	int (*trip)(struct ways *w);
	int calls; /* of one trip */
} trips[] = {
	{ "command/getfamily-raw", trip_getfamily, 1 },
	{ "command/getfamily-libnl", trip_libnl, 1 },
	{ "command/echo-raw", trip_echo, 1 },
	{ "command/ioctl", trip_ioctl, 1 },
	{ "command/moeai-raw", trip_raw, 1 },
	{ "command/moeai", trip_call, 1 },
	{ "command/moeai-text", trip_call_text, 1 },
	{ "command/moeai-32-in-flight", trip_flight, FLIGHT },
	{ "command/moeai-32-queued", trip_queue, FLIGHT },
	{ "command/moeai-procfs", trip_procfs, 1 },
	{ "status/moeai", trip_status, 1 },
};

static int open_ways(struct ways *w)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	w->raw = -1;
	w->sock = nl_socket_alloc();
	if (!w->sock || genl_connect(w->sock))
		return -ENOTCONN;
	w->moeai = genl_ctrl_resolve(w->sock, MOEAI_NETLINK_FAMILY);
	w->echo = genl_ctrl_resolve(w->sock, BENCH_FAMILY);
	nl_socket_disable_auto_ack(w->sock);
	nl_socket_modify_cb(w->sock, NL_CB_VALID, NL_CB_CUSTOM, libnl_answer, w);
	w->device = open(BENCH_DEVICE, O_RDWR);
	w->control = open("/proc/moeai/control", O_RDWR);
	w->raw = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	if (w->moeai >= 0 && w->echo >= 0 && w->device >= 0 && w->control >= 0 && w->raw >= 0 &&
	    !connect(w->raw, (void *)&kernel, sizeof(kernel)))
		return 0;
	w->raw = -1;
	return -ENODEV;
}

/* A run of round trips: ns for each call, or -errno. */
static double run_trips(struct ways *w, int (*trip)(struct ways *w), int calls)
{
	uint64_t begin = now();
	int rc;

	for (int k = 0; k < TRIPS / calls; k++) {
		rc = trip(w);
		if (rc)
			return rc;
	}
	return (double)(now() - begin) / TRIPS;
}

void part_commands(struct bench *b)
{
	struct ways w = { .bench = b };
	double ns = open_ways(&w);
	uint64_t before;
	char name[64];

	for (size_t t = 0; t < ARRAY_SIZE(trips); t++) {
		snprintf(name, sizeof(name), "malloc/%s", trips[t].name);
		for (int i = b->first; run_begins(b, i); i++) {
			before = mallocs();
			if (w.raw > 0)
				ns = run_trips(&w, trips[t].trip, trips[t].calls);
			if (ns < 0) {
				row_failed(trips[t].name, 0, "%s", strerror((int)-ns));
				break;
			}
			if (i < 0)
				continue;
			row(name, 0, (double)(mallocs() - before) / TRIPS);
			row(trips[t].name, 0, ns);
		}
	}
	close(w.raw);
	close(w.control);
	close(w.device);
	nl_socket_free(w.sock);
}
