// SPDX-License-Identifier: GPL-2.0
/* The functions that the specification gave feature modules, through tests/kmod. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ask.h"

static struct wire w;

/* ---- commands and entries ------------------------------------------------ */

static void test_text_commands(void **state)
{
	static const char *const bad[] = { "",	       "core.x",  "module.x", "param.x", "log.x",
					   "stats.x",  "user.x",  "id.9",     "A",	 "a=b",
					   "'two words'" };
	size_t i;
	int error;

	assert_int_equal(result_of("test.spec do=text_register name=shout"), 0);
	assert_int_equal(result_of("test.spec do=text_register name=shout"), -EEXIST);
	assert_int_equal(result_of("test.spec do=text_register name=test.emit"), -EEXIST);
	assert_int_equal(result_of("test.spec do=text_no_handler name=mute"), -EINVAL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[80];

		snprintf(line, sizeof(line), "test.spec do=text_register name=%s", bad[i]);
		assert_int_equal(result_of(line), -EINVAL);
	}
	/* The rest of the line, as it stands; quotes are its own. */
	assert_int_equal(result_of("test.spec do=create_entry name=test_entry"), 0);
	assert_string_equal(control_answer(&error, "shout a 'b  c' d=e"), "status 0\n");
	assert_string_equal(slurp("/proc/moeai/test_entry"), "a 'b  c' d=e\n");
	assert_int_equal(control("shout"), 0);
	assert_string_equal(slurp("/proc/moeai/test_entry"), "\n");
	assert_string_equal(control_answer(&error, "shout fail"), "status -5\n");
	assert_int_equal(error, -EIO);

	assert_int_equal(result_of("test.spec do=text_unregister name=shout"), 0);
	assert_int_equal(result_of("test.spec do=text_unregister name=shout"), -ENOENT);
	assert_int_equal(result_of("test.spec do=text_unregister name=core.ping"), -ENOENT);
	assert_int_equal(control("shout x"), -ENOENT);
	assert_int_equal(result_of("test.spec do=remove_entry name=test_entry"), 0);
}

/* The same over netlink: a command with the argument "text". */
static void test_text_over_netlink(void **state)
{
	const struct nlmsghdr *nlh;
	struct msg m;
	size_t nest;

	assert_int_equal(result_of("test.spec do=text_register name=shout"), 0);
	msg_begin(&m, MOEAI_MSG_COMMAND, 0);
	msg_str(&m, MOEAI_A_COMMAND_NAME, "shout");
	nest = msg_nest(&m, MOEAI_A_COMMAND_ARGS);
	msg_str(&m, 1, "fail");
	msg_nest_end(&m, nest);
	assert_int_equal(wire_send(&w, &m), 0);
	nlh = wire_next(&w, WIRE_WAIT);
	assert_non_null(nlh);
	assert_int_equal((int)attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_STATUS)), -EIO);
	assert_int_equal(result_of("test.spec do=text_unregister name=shout"), 0);
}

#define ID 0x123456

/* Call id.<ID> with these bytes; returns the answer's status, and its DATA. */
static int call_binary(const char *bytes, size_t len, const struct nlattr **data)
{
	const struct nlmsghdr *nlh;
	struct msg m;
	size_t nest;

	msg_begin(&m, MOEAI_MSG_COMMAND, 0);
	msg_u32(&m, MOEAI_A_COMMAND_ID, ID);
	nest = msg_nest(&m, MOEAI_A_COMMAND_ARGS);
	if (len)
		msg_put(&m, 1, bytes, len);
	msg_nest_end(&m, nest);
	assert_int_equal(wire_send(&w, &m), 0);
	nlh = wire_next(&w, WIRE_WAIT);
	assert_non_null(nlh);
	assert_int_equal(nlh_cmd(nlh), MOEAI_MSG_RESPONSE);
	assert_int_equal(nlh->nlmsg_seq, w.seq);
	assert_int_equal(attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_ID)), ID);
	*data = nlh_attr(nlh, MOEAI_A_RESPONSE_DATA);
	return attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_STATUS));
}

static void test_binary_commands(void **state)
{
	const struct nlattr *data;

	assert_int_equal(result_of("test.spec do=binary_register id=1193046"), 0);
	assert_int_equal(result_of("test.spec do=binary_register id=1193046"), -EEXIST);
	assert_int_equal(result_of("test.spec do=binary_register id=65535"), -EINVAL);
	assert_int_equal(result_of("test.spec do=binary_register id=0"), -EINVAL);
	assert_int_equal(result_of("test.spec do=binary_register id=2147483648"), -EINVAL);
	assert_int_equal(result_of("test.spec do=binary_no_handler id=1193047"), -EINVAL);
	assert_int_equal(id_of(&w, "commands", "id.1193046"), ID);

	assert_int_equal(call_binary("", 0, &data), 0);
	assert_int_equal(call_binary("\0xyz", 4, &data), 0);
	assert_int_equal(call_binary("e", 1, &data), -EIO);
	assert_int_equal(call_binary("l", 1, &data), -ETIME); /* later */
	/* All that moeai_netlink_send_response() refuses, then a good answer. */
	assert_int_equal(call_binary("s", 1, &data), 0);
	assert_non_null(data);
	assert_int_equal(attr_len(attr_in(data, 1)), 1);
	assert_int_equal(control("id.1193046 bytes=65"), -EIO); /* 'e' */
	assert_int_equal(log_counter(&w, "unanswered"), 0);

	assert_int_equal(result_of("test.spec do=binary_unregister id=1193046"), 0);
	assert_int_equal(result_of("test.spec do=binary_unregister id=1193046"), -ENOENT);
	assert_int_equal(result_of("test.spec do=binary_unregister id=1"), -ENOENT);
}

/* Unregistered with a call open: the caller is told. */
static void test_binary_cancelled(void **state)
{
	const struct nlmsghdr *nlh;
	struct msg m;
	size_t nest;

	assert_int_equal(result_of("test.spec do=binary_register id=1193046"), 0);
	msg_begin(&m, MOEAI_MSG_COMMAND, 0);
	msg_u32(&m, MOEAI_A_COMMAND_ID, ID);
	nest = msg_nest(&m, MOEAI_A_COMMAND_ARGS);
	msg_put(&m, 1, "n", 1);
	msg_nest_end(&m, nest);
	assert_int_equal(wire_ask(&w, &m, NULL), 0);
	assert_int_equal(result_of("test.spec do=binary_unregister id=1193046"), 0);
	nlh = wire_next(&w, WIRE_WAIT);
	assert_non_null(nlh);
	assert_int_equal((int)attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_STATUS)), -ECANCELED);
}

static void test_entry(void **state)
{
	int fd;
	char c;

	assert_int_equal(result_of("test.spec do=create_entry name=test_entry"), 0);
	assert_int_equal(put_line("/proc/moeai/test_entry", "written", 7), 0);
	assert_string_equal(slurp("/proc/moeai/test_entry"), "written\n");
	fd = open("/proc/moeai/test_entry", O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(result_of("test.spec do=remove_entry name=nothing"), 0);
	assert_int_equal(result_of("test.spec do=remove_entry name=test_entry"), 0);
	assert_int_equal(read(fd, &c, 1), -1); /* it is gone, though open */
	assert_int_equal(errno, EIO);
	close(fd);
	assert_int_equal(access("/proc/moeai/test_entry", F_OK), -1);
}

/* ---- moeai_netlink_send_event(), moeai_netlink_send_status() ------------- */

static const struct {
	const char *data;
	unsigned int priority;
	int result;
} sent[] = {
	{ "", 1, 0 },
	{ "0800020007000000", 1, 0 },		       /* number 7 */
	{ "06000100aabb00000800020007000000", 4, 0 },  /* and bytes */
	{ "0800020007000000", 5, -EINVAL },	       /* no such priority */
	{ "08000300070000000", 1, -EINVAL },	       /* half a byte: procfs refuses */
	{ "0800030007000000", 1, -EINVAL },	       /* no such field */
	{ "06000200aabb0000", 1, -EINVAL },	       /* a number of two bytes */
	{ "08000200070000000800020007000000", 1, -EINVAL }, /* twice */
	{ "0800020007", 1, -EINVAL },		       /* truncated */
	{ "ffff020007000000", 1, -EINVAL },
	{ "0000020007000000", 1, -EINVAL },
};

static void test_send_event(void **state)
{
	uint32_t type = id_of(&w, "event_types", "test.blob");
	uint64_t invalid = log_counter(&w, "refused_invalid"), refused = 0, next;
	char line[128];
	size_t i;
	int error;

	next = status_number(&w, MOEAI_A_STATUS_LOG_NEXT);
	for (i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		snprintf(line, sizeof(line), "test.send_event type=%u priority=%u%s%s", type,
			 sent[i].priority, *sent[i].data ? " data=" : "", sent[i].data);
		if (strlen(sent[i].data) % 2) {
			control_answer(&error, "%s", line);
			assert_int_equal(error, -EINVAL);
			continue;
		}
		if (result_of(line) != sent[i].result)
			fail_msg("%s", line);
		next += !sent[i].result;
		refused += !!sent[i].result;
	}
	assert_int_equal(result_of("test.send_event type=0"), -EINVAL);
	assert_int_equal(result_of("test.send_event type=123456789"), -EINVAL);
	refused += 2;
	assert_int_equal(status_number(&w, MOEAI_A_STATUS_LOG_NEXT), next);
	assert_int_equal(log_counter(&w, "refused_invalid"), invalid + refused);
	/* Source and time are the kernel's own. */
	assert_non_null(strstr(slurp("/proc/moeai/log"), " critical test.blob bytes=aabb number=7"));
	log_balanced(&w);
}

static void test_send_status(void **state)
{
	struct wire group;
	const struct nlmsghdr *nlh;

	assert_int_equal(control("param.set name=core.status_ms value=60000"), 0);
	usleep(1100000);
	wire_open(&group);
	assert_int_equal(result_of("test.send_status"), 0); /* nobody listens */
	assert_int_equal(wire_join(&group, MOEAI_GROUP_STATUS), 0);
	assert_null(wire_next(&group, 100));
	assert_int_equal(result_of("test.send_status"), 0);
	nlh = wire_next(&group, WIRE_WAIT);
	assert_non_null(nlh);
	assert_int_equal(nlh_cmd(nlh), MOEAI_MSG_STATUS);
	assert_int_equal(attr_u64(nlh_attr(nlh, MOEAI_A_STATUS_EPOCH)),
			 status_number(&w, MOEAI_A_STATUS_EPOCH));
	wire_close(&group);
	assert_int_equal(control("param.set name=core.status_ms value=1000"), 0);
}

static int begin(void **state)
{
	sh("rmmod moeai_mem_monitor 2>/dev/null");
	wire_open(&w);
	return sh("modprobe moeai_test");
}

static int end(void **state)
{
	return sh("rmmod moeai_test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_commands), cmocka_unit_test(test_text_over_netlink),
		cmocka_unit_test(test_binary_commands), cmocka_unit_test(test_binary_cancelled),
		cmocka_unit_test(test_entry), cmocka_unit_test(test_send_event),
		cmocka_unit_test(test_send_status),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
