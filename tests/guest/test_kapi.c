// SPDX-License-Identifier: GPL-2.0
/* check: limit=180 */
/* The kernel API as feature modules see it, through tests/kmod, which uses all of it. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>
#include "ask.h"

static struct wire w;

/* ---- descriptions -------------------------------------------------------- */

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

/* ---- starting ------------------------------------------------------------ */

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

/* ---- parameters ---------------------------------------------------------- */

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

/* ---- replies ------------------------------------------------------------- */

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

/* ---- at the same time ---------------------------------------------------- */

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
		cmocka_unit_test(test_descriptions), cmocka_unit_test(test_twice),
		cmocka_unit_test(test_ids), cmocka_unit_test(test_failed_start),
		cmocka_unit_test(test_params), cmocka_unit_test(test_stats_reset),
		cmocka_unit_test(test_long_reply), cmocka_unit_test(test_deferred),
		cmocka_unit_test(test_answer_nobody), cmocka_unit_test(test_concurrent),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
