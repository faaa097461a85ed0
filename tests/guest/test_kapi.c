// SPDX-License-Identifier: GPL-2.0
/* check: limit=180 */
/* The kernel API as feature modules see it, through tests/kmod, which uses all of it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>
#include "ask.h"
#include "events.h"

static struct wire w;

static int result_of(const char *line)
{
	int error;
	const char *answer = control_answer(&error, "%s", line);

	if (error)
		fail_msg("%s: %s", line, answer);
	return answer_number(answer, "result");
}

/* ---- descriptions ---------------------------------------------------------------- */

static const struct {
	const char *try;
	int result;
	const char *words; /* in the kernel log */
} descriptions[] = {
	{ "good", 0, NULL },
	{ "no_name", -EINVAL, "module (null): (null): bad module name" },
	{ "nameless", -EINVAL, "bad module name" },
	{ "bad_name", -EINVAL, "Other: bad module name" },
	{ "dotted_name", -EINVAL, "a.b: bad module name" },
	{ "digit_name", -EINVAL, "1a: bad module name" },
	{ "long_name", -EINVAL, "a1234567890123456789012345678901: bad module name" },
	{ "reserved_name", -EINVAL, "core: reserved module name" },
	{ "reserved_name2", -EINVAL, "user: reserved module name" },
	{ "taken_name", -EEXIST, NULL },
	{ "event_no_name", -EINVAL, "(null): not a name" },
	{ "event_no_dot", -EINVAL, "event: not a name" },
	{ "event_prefix", -EINVAL, "test.event: does not begin with the module's name" },
	{ "event_bad", -EINVAL, "other.Event: not a name" },
	{ "event_twice", -EINVAL, "other.event" },
	{ "command_prefix", -EINVAL, "core.pong: does not begin with the module's name" },
	{ "command_twice", -EEXIST, NULL },
	{ "command_no_handler", -EINVAL, "other.command2: no handler" },
	{ "command_no_fields", -EINVAL, NULL },
	{ "command_65_args", -EINVAL, "other.command" },
	{ "field_bad_name", -EINVAL, "\"a b\": bad name" },
	{ "field_long_name", -EINVAL, "\"a1234567890123456789012345678901\": bad name" },
	{ "field_no_type", -EINVAL, "\"field\": bad type" },
	{ "field_bad_type", -EINVAL, "\"field\": bad type" },
	{ "field_bad_unit", -EINVAL, "\"field\": bad unit" },
	{ "field_empty_range", -EINVAL, "\"field\": empty range" },
	{ "field_no_labels", -EINVAL, "\"field\": no labels" },
	{ "field_labels", -EINVAL, "\"field\": labels on a type that has none" },
	{ "field_33_flags", -EINVAL, "\"field\": more than 32 flags" },
	{ "field_twice", -EINVAL, "field" },
	{ "param_bad_name", -EINVAL, "bad name" },
	{ "param_string", -EINVAL, "param: a parameter must be a number" },
	{ "param_no_value", -EINVAL, "param: needs either value or read" },
	{ "param_value_and_read", -EINVAL, "param: needs either value or read" },
	{ "param_stat_write", -EINVAL, "param: a statistic can't be set" },
	{ "param_twice", -EINVAL, "param" },
	{ "good", 0, NULL },
};

enum { KLOG_READ_ALL = 3, KLOG_CLEAR = 5 };

/* Is there a line of moeai's with these words in the kernel log? */
static bool kernel_said(const char *words)
{
	static char log[1 << 18];
	char *line, *rest = log;

	log[klogctl(KLOG_READ_ALL, log, sizeof(log) - 1)] = 0;
	while ((line = strsep(&rest, "\n")))
		if (strstr(line, "moeai: ") && strstr(line, words))
			return true;
	return false;
}

static int try_description(const char *try, const char *words)
{
	char line[64];
	int result;

	assert_int_equal(klogctl(KLOG_CLEAR, NULL, 0), 0);
	snprintf(line, sizeof(line), "test.describe try=%s", try);
	result = result_of(line);
	if (!words || kernel_said(words))
		return result;
	print_error("%s: no \"%s\" in the kernel log\n", try, words);
	return -1;
}

/* Refused as a whole, in words in the kernel log, and nothing of it stays. */
static void test_descriptions(void **state)
{
	size_t i, wrong = 0;
	int result;

	for (i = 0; i < sizeof(descriptions) / sizeof(descriptions[0]); i++) {
		result = try_description(descriptions[i].try, descriptions[i].words);
		if (result != descriptions[i].result) {
			print_error("%s: %d\n", descriptions[i].try, result);
			wrong++;
		}
		assert_int_equal(id_of(&w, "commands", "other.command"), 0);
		assert_int_equal(id_of(&w, "event_types", "other.event"), 0);
		assert_int_equal(access("/proc/moeai/modules/other", F_OK), -1);
	}
	assert_int_equal(wrong, 0);
}

/* Registered twice: refused, and the first registration does not suffer. */
static void test_twice(void **state)
{
	assert_int_equal(result_of("test.describe try=good stay=1"), 0);
	assert_int_equal(result_of("test.describe again=1"), -EEXIST);
	assert_int_equal(result_of("test.describe try=good"), -EEXIST);
	assert_int_equal(control("other.command field=1"), 0);
	assert_string_equal(param(&w, "other.param"), "0");
	assert_int_equal(result_of("test.describe leave=1"), 0);
	assert_int_equal(control("other.command"), -ENOENT);
	assert_int_equal(result_of("test.describe try=good"), 0);
}

/* An id is not used again in an epoch, or old records would be read as new ones. */
static void test_ids(void **state)
{
	uint32_t event, command;

	assert_int_equal(result_of("test.describe try=good stay=1"), 0);
	event = id_of(&w, "event_types", "other.event");
	command = id_of(&w, "commands", "other.command");
	assert_true(event >= MOEAI_ID_DYNAMIC && command >= MOEAI_ID_DYNAMIC);
	assert_int_equal(result_of("test.describe leave=1"), 0);
	assert_int_equal(result_of("test.describe try=good stay=1"), 0);
	assert_true(id_of(&w, "event_types", "other.event") > event);
	assert_true(id_of(&w, "commands", "other.command") > command);
	assert_int_equal(result_of("test.describe leave=1"), 0);
}

/* ---- starting --------------------------------------------------------------------------- */

/* A module that can't start is there, says so, and can be started again. */
static void test_failed_start(void **state)
{
	assert_int_equal(control("module.stop name=test"), 0);
	assert_int_equal(control("param.set name=test.fail_start value=1"), 0);
	assert_int_equal(control("module.start name=test"), -EIO);
	assert_int_equal(strncmp(slurp("/proc/moeai/modules/test"), "state: failed\n", 14), 0);
	assert_non_null(strstr(slurp("/proc/moeai/log"),
			       " warning core.module name=\"test\" state=failed status=-5\n"));
	usleep(1200000); /* a sample later */
	assert_int_equal(status_number(&w, MOEAI_A_STATUS_FAILED), 1);
	assert_int_equal(status_number(&w, MOEAI_A_STATUS_STATE), MOEAI_STATE_DEGRADED);
	assert_int_equal(control("module.start name=test"), -EIO);
	assert_int_equal(control("module.stop name=test"), -EALREADY);
	assert_int_equal(control("param.set name=test.fail_start value=0"), 0);
	assert_int_equal(control("module.start name=test"), 0);
	assert_int_equal(strncmp(slurp("/proc/moeai/modules/test"), "state: running\n", 15), 0);
	/* Also when it comes. */
	assert_int_equal(result_of("test.describe try=failing stay=1"), 0);
	assert_int_equal(strncmp(slurp("/proc/moeai/modules/other"), "state: failed\n", 14), 0);
	assert_int_equal(result_of("test.describe leave=1"), 0);
	usleep(1200000);
	assert_int_equal(status_number(&w, MOEAI_A_STATUS_STATE), MOEAI_STATE_OK);
}

/* ---- parameters --------------------------------------------------------------------------- */

static const struct {
	const char *name, *value;
	int error;
	const char *reads; /* afterwards */
} settings[] = {
	{ "bool", "1", 0, "1" },
	{ "bool", "2", -ERANGE, "1" },
	{ "bool", "no", 0, "0" },
	{ "u32", "4294967295", 0, "4294967295" },
	{ "u32", "4294967296", -ERANGE, "4294967295" },
	{ "u32", "0x20", 0, "32" },
	{ "s32", "-10", 0, "-10" },
	{ "s32", "-11", -ERANGE, "-10" },
	{ "s32", "10", 0, "10" },
	{ "u64", "18446744073709551615", 0, "18446744073709551615" },
	{ "u64", "18446744073709551616", -ERANGE, "18446744073709551615" },
	{ "s64", "-9223372036854775808", 0, "-9223372036854775808" },
	{ "s64", "9223372036854775807", 0, "9223372036854775807" },
	{ "s64", "9223372036854775808", -ERANGE, "9223372036854775807" },
	{ "enum", "two", 0, "two" },
	{ "enum", "three", -EINVAL, "two" },
	{ "enum", "3", -ERANGE, "two" },
	{ "enum", "1", 0, "one" },
	{ "flags", "a|c", 0, "a|c" },
	{ "flags", "8", -ERANGE, "a|c" },
	{ "size", "3M", 0, "3145728" },
	{ "checked", "7", 0, "7" },
	{ "checked", "8", -EDOM, "7" },
	{ "checked", "101", -ERANGE, "7" },
	{ "fixed", "1", -EPERM, NULL },
	{ "gauge", "1", -EPERM, NULL },
};

static void test_params(void **state)
{
	char name[64];
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		snprintf(name, sizeof(name), "test.%s", settings[i].name);
		assert_int_equal(control("param.set name=%s value=%s", name, settings[i].value),
				 settings[i].error);
		if (settings[i].reads)
			assert_string_equal(param(&w, name), settings[i].reads);
	}
	assert_int_equal(control("param.set name=test.s32 value=-5"), 0);
}

/* stats.reset: counts begin at 0 again, gauges do not. */
static void test_stats_reset(void **state)
{
	int i;

	for (i = 0; i < 20; i++)
		param(&w, "test.reads");
	assert_true(atoi(param(&w, "test.reads")) > 20);
	assert_int_equal(control("stats.reset"), 0);
	assert_in_range(atoi(param(&w, "test.reads")), 0, 3);
	assert_string_equal(param(&w, "test.gauge"), "-5");
}

/* ---- replies --------------------------------------------------------------------------------- */

static void test_long_reply(void **state)
{
	const char *answer;
	int error;

	answer = control_answer(&error, "test.big size=%d", MOEAI_ARGS_LEN - 4);
	assert_int_equal(error, 0);
	assert_int_equal(strlen(answer), strlen("status 0\nbytes=\n") + 2 * (MOEAI_ARGS_LEN - 4));
	control_answer(&error, "test.big size=%d", MOEAI_ARGS_LEN - 3);
	assert_int_equal(error, -EMSGSIZE);
	control_answer(&error, "test.big size=60000");
	assert_int_equal(error, -EMSGSIZE);
}

static const struct {
	const char *args, *answer;
	int first, second; /* what moeai_answer() returned */
} deferred[] = {
	{ "how=work", "status 0\n", 0, 0 },
	{ "how=softirq", "status 0\n", 0, 0 },
	{ "how=softirq size=4", "status 0\nbytes=00000000\n", 0, 0 },
	{ "how=work status=-62 ms=20", "status -62\n", 0, 0 },
	{ "how=at_once size=1", "status 0\nbytes=00\n", 0, 0 },
	{ "how=softirq twice=1", "status 0\n", 0, -ENOENT },
	{ "how=work twice=1 ms=20", "status 0\n", 0, -ENOENT },
	{ "how=at_once twice=1", "status 0\n", 0, -ENOENT },
	{ "how=softirq size=9000 twice=1", "status -90 the answer is too long\n", -EMSGSIZE,
	  -ENOENT },
	{ "how=void ms=5", "status -5\n", 0, 0 },
};

static void test_deferred(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(deferred) / sizeof(deferred[0]); i++) {
		const char *answer = control_answer(NULL, "test.defer %s", deferred[i].args);

		if (strcmp(answer, deferred[i].answer))
			fail_msg("%s: %s", deferred[i].args, answer);
		if (strstr(deferred[i].args, "void"))
			continue;
		usleep(20000);
		assert_int_equal(atoi(param(&w, "test.first_answer")), deferred[i].first);
		if (strstr(deferred[i].args, "twice"))
			assert_int_equal(atoi(param(&w, "test.second_answer")),
					 deferred[i].second);
	}
	assert_int_equal(log_counter(&w, "unanswered"), 0);
}

/* Its caller is gone before the answer comes. */
static void test_answer_nobody(void **state)
{
	assert_int_equal(control("test.defer how=work ms=100"), 0); /* which closes the file */
	usleep(300000);
	assert_int_equal(atoi(param(&w, "test.first_answer")), -ENOENT);
}

/* ---- the specification's functions ---------------------------------------------------------------- */

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

/* ---- moeai_netlink_send_event(), moeai_netlink_send_status() --------------------------------------------- */

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

/* ---- at the same time -------------------------------------------------------------------------------------- */

static void *slow_call(void *unused)
{
	return (void *)(long)control("test.sleep ms=500");
}

/* Handlers run beside each other: one after the other would take that long at least. */
static void test_concurrent(void **state)
{
	enum { N = 32 };
	pthread_t threads[N];
	double t = now();
	void *ret;
	int i;

	for (i = 0; i < N; i++)
		pthread_create(&threads[i], NULL, slow_call, NULL);
	for (i = 0; i < N; i++) {
		pthread_join(threads[i], &ret);
		assert_int_equal((long)ret, 0);
	}
	assert_true(now() - t < N * 0.5);
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
		cmocka_unit_test(test_descriptions),  cmocka_unit_test(test_twice),
		cmocka_unit_test(test_ids),	      cmocka_unit_test(test_failed_start),
		cmocka_unit_test(test_params),	      cmocka_unit_test(test_stats_reset),
		cmocka_unit_test(test_long_reply),    cmocka_unit_test(test_deferred),
		cmocka_unit_test(test_answer_nobody), cmocka_unit_test(test_text_commands),
		cmocka_unit_test(test_text_over_netlink), cmocka_unit_test(test_binary_commands),
		cmocka_unit_test(test_binary_cancelled),  cmocka_unit_test(test_entry),
		cmocka_unit_test(test_send_event),    cmocka_unit_test(test_send_status),
		cmocka_unit_test(test_concurrent),
	};

	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, begin, end);
}
