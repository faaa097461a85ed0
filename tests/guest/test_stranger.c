// SPDX-License-Identifier: LGPL-2.1-or-later
/* What others than the kernel send to the library's sockets is not believed. */
#include <sys/socket.h>
#include <unistd.h>
#include "reader.h"
#include "wire.h"

static struct moeai *h;
static int stranger; /* a socket of somebody with the right to send what he likes */

static void answered(void *arg, int status, const char *error, const struct moeai_values *values)
{
	*(int *)arg = status;
}

/* A refusal of whichever call it is: the kernel does not even take it. */
static void refusal(void **state)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("delay", "300ms") };
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} forged = {
		.head = { .nlmsg_len = sizeof(forged), .nlmsg_type = NLMSG_ERROR },
		.error.error = -EINVAL,
	};
	struct sockaddr_nl to;
	socklen_t len = sizeof(to);
	int status = 1;

	assert_int_equal(getsockname(moeai_fd(h), (void *)&to, &len), 0);
	assert_int_equal(moeai_call_begin(h, "core.ping", args, 1, answered, &status), 0);
	for (uint32_t seq = 0; seq < 1000; seq++) {
		forged.head.nlmsg_seq = seq;
		assert_int_equal(sendto(stranger, &forged, sizeof(forged), 0, (void *)&to,
					sizeof(to)), -1);
		assert_int_equal(errno, ECONNREFUSED);
	}
	assert_int_equal(moeai_dispatch(h, PATIENCE), 1);
	assert_int_equal(status, 0);
}

/* An event that is due, to the group. It comes, and is passed over. */
static void event(void **state)
{
	const struct moeai_monitor_options options = { .transport = MOEAI_TRANSPORT_NETLINK };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct moeai_item item;
	struct reader r;
	struct wire w;
	struct msg m;

	wire_open(&w);
	to.nl_groups = 1U << (w.groups[MOEAI_GROUP_EVENTS] - 1);
	reader_open(&r, &options);
	assert_int_equal(reader_next(&r, &item, 0), -ETIMEDOUT);
	msg_begin(&m, MOEAI_MSG_EVENT, 0);
	msg_u64(&m, MOEAI_A_EVENT_SEQ, next_seq(h));
	msg_u64(&m, MOEAI_A_EVENT_TIME, 1);
	msg_u32(&m, MOEAI_A_EVENT_TYPE, MOEAI_EV_MESSAGE);
	msg_u32(&m, MOEAI_A_EVENT_PRIORITY, MOEAI_PRIO_CRITICAL);
	msg_str(&m, MOEAI_A_EVENT_SOURCE, "user");
	msg_head(&m)->nlmsg_type = w.family;
	msg_head(&m)->nlmsg_len = m.len;
	assert_true(sendto(stranger, m.b, m.len, 0, (void *)&to, sizeof(to)) > 0);
	assert_int_equal(reader_next(&r, &item, 300), -ETIMEDOUT);
	assert_int_equal(moeai_publish(h, MOEAI_PRIO_INFO, "true"), 0);
	reader_expect(&r, MOEAI_EVENT, &item);
	assert_string_equal(message_text(&item.event), "true");
	reader_close(&r);
	wire_close(&w);
}

static int open_handle(void **state)
{
	h = open_unlimited();
	stranger = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	return stranger < 0;
}

static int close_handle(void **state)
{
	close(stranger);
	moeai_close(h);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusal),
		cmocka_unit_test(event),
	};

	return cmocka_run_group_tests(tests, open_handle, close_handle);
}
