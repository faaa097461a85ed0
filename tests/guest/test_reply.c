// SPDX-License-Identifier: GPL-2.0
/* Answers of commands: what they say, when they come, and whom they do not reach. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "ask.h"

#define MS 1000000ULL

static struct wire w;

static void ping(struct msg *m, const char *text, uint64_t delay)
{
	size_t nest;

	msg_begin(m, MOEAI_MSG_COMMAND, 0);
	msg_str(m, MOEAI_A_COMMAND_NAME, "core.ping");
	nest = msg_nest(m, MOEAI_A_COMMAND_ARGS);
	if (text)
		msg_str(m, MOEAI_A_PING_TEXT, text);
	if (delay)
		msg_u64(m, MOEAI_A_PING_DELAY, delay);
	msg_nest_end(m, nest);
}

static uint64_t real_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000 * MS + t.tv_nsec;
}

/* A good answer to the ping sent last, with that text. */
static void assert_pong(const struct nlmsghdr *nlh, uint32_t seq, const char *text)
{
	const struct nlattr *data, *back;

	assert_non_null(nlh);
	assert_int_equal(nlh->nlmsg_type, w.family);
	assert_int_equal(nlh->nlmsg_flags, 0);
	assert_int_equal(nlh_cmd(nlh), MOEAI_MSG_RESPONSE);
	assert_int_equal(nlh->nlmsg_seq, seq);
	assert_int_equal(attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_ID)), MOEAI_CMD_PING);
	assert_int_equal(attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_STATUS)), 0);
	assert_null(nlh_attr(nlh, MOEAI_A_RESPONSE_MESSAGE));
	data = nlh_attr(nlh, MOEAI_A_RESPONSE_DATA);
	assert_int_equal(data->nla_type, MOEAI_A_RESPONSE_DATA | NLA_F_NESTED);
	back = attr_in(data, MOEAI_A_PING_TEXT);
	assert_true(!back == !text);
	if (text)
		assert_string_equal(attr_data(back), text);
	assert_true(attr_u64(attr_in(data, MOEAI_A_PING_TIME)) <= real_ns());
}

static void test_now(void **state)
{
	struct msg m;

	ping(&m, "hello", 0);
	assert_int_equal(wire_send(&w, &m), 0);
	assert_pong(wire_next(&w, WIRE_WAIT), w.seq, "hello");
	ping(&m, NULL, 0);
	assert_int_equal(wire_send(&w, &m), 0);
	assert_pong(wire_next(&w, WIRE_WAIT), w.seq, NULL);
	assert_null(wire_next(&w, 50)); /* no ACK was asked for */
}

/* By id, an empty text; a text of every length up to the greatest. */
static void test_texts(void **state)
{
	static char text[1025];
	struct msg m;
	size_t len, nest;

	for (len = 0; len <= 1024; len += len < 16 || len > 1016 ? 1 : 40) {
		memset(text, 'x', len);
		text[len] = 0;
		msg_begin(&m, MOEAI_MSG_COMMAND, 0);
		msg_u32(&m, MOEAI_A_COMMAND_ID, MOEAI_CMD_PING);
		nest = msg_nest(&m, MOEAI_A_COMMAND_ARGS);
		msg_str(&m, MOEAI_A_PING_TEXT, text);
		msg_nest_end(&m, nest);
		assert_int_equal(wire_send(&w, &m), 0);
		assert_pong(wire_next(&w, WIRE_WAIT), w.seq, text);
	}
}

static void assert_acked(const struct nlmsghdr *nlh)
{
	struct verdict v;

	assert_non_null(nlh);
	assert_true(wire_verdict(&w, nlh, &v));
	assert_int_equal(v.error, 0);
}

/* An answer at once comes before the ACK, a later one behind it. */
static void test_ack(void **state)
{
	struct msg m;
	double t;

	ping(&m, "now", 0);
	msg_head(&m)->nlmsg_flags |= NLM_F_ACK;
	assert_int_equal(wire_send(&w, &m), 0);
	assert_pong(wire_next(&w, WIRE_WAIT), w.seq, "now");
	assert_acked(wire_next(&w, WIRE_WAIT));

	ping(&m, "later", 100 * MS);
	msg_head(&m)->nlmsg_flags |= NLM_F_ACK;
	t = now();
	assert_int_equal(wire_send(&w, &m), 0);
	assert_acked(wire_next(&w, WIRE_WAIT));
	assert_pong(wire_next(&w, WIRE_WAIT), w.seq, "later");
	assert_true(now() - t >= 0.1);
}

/* Many in flight at once: each is answered, once. */
static void test_many(void **state)
{
	enum { N = 200 };
	bool answered[N] = {};
	uint32_t first = w.seq + 1;
	struct msg m;
	int i;

	wire_rcvbuf(&w, 1 << 20);
	for (i = 0; i < N; i++) {
		ping(&m, "many", 2500 * MS + (N - i) * 2 * MS);
		assert_int_equal(wire_send(&w, &m), 0);
	}
	assert_int_equal(log_counter(&w, "unanswered"), N);
	for (i = 0; i < N; i++) {
		const struct nlmsghdr *nlh = wire_next(&w, WIRE_WAIT);
		uint32_t n;

		assert_non_null(nlh);
		n = nlh->nlmsg_seq - first;
		assert_true(n < N && !answered[n]);
		answered[n] = true;
		assert_pong(nlh, first + n, "many");
	}
	assert_int_equal(log_counter(&w, "unanswered"), 0);
}

/* One too many: the call is answered at once, with -EBUSY and why. */
static void test_full(void **state)
{
	const struct nlmsghdr *nlh;
	struct wire busy;
	struct msg m;
	int i;

	wire_open(&busy);
	for (i = 0; i < 256; i++) {
		ping(&m, NULL, 30000 * MS);
		assert_int_equal(wire_ask(&busy, &m, NULL), 0);
	}
	ping(&m, NULL, 30000 * MS);
	assert_int_equal(wire_send(&busy, &m), 0);
	nlh = wire_next(&busy, WIRE_WAIT);
	assert_non_null(nlh);
	assert_int_equal(nlh_cmd(nlh), MOEAI_MSG_RESPONSE);
	assert_int_equal((int)attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_STATUS)), -EBUSY);
	assert_string_equal(attr_data(nlh_attr(nlh, MOEAI_A_RESPONSE_MESSAGE)),
			    "too many unanswered calls");
	/* That is this caller's limit and nobody else's. */
	ping(&m, "other", MS);
	assert_int_equal(wire_send(&w, &m), 0);
	assert_pong(wire_next(&w, WIRE_WAIT), w.seq, "other");
	assert_int_equal(log_counter(&w, "unanswered"), 256);
	wire_close(&busy);
	assert_int_equal(log_counter(&w, "unanswered"), 0);
}

/* The caller has gone, and another has its port: it gets no answer of his. */
static void test_gone(void **state)
{
	struct wire old, heir;
	struct msg m;
	int i;

	wire_open(&old);
	for (i = 0; i < 10; i++) {
		ping(&m, "secret", 100 * MS);
		assert_int_equal(wire_send(&old, &m), 0);
	}
	assert_int_equal(log_counter(&w, "unanswered"), 10);
	wire_close(&old);
	assert_int_equal(log_counter(&w, "unanswered"), 0);
	assert_int_equal(wire_open_port(&heir, old.portid), 0);
	assert_null(wire_next(&heir, 400));
	wire_close(&heir);
}

/* ---- the same as a race ------------------------------------------------------------ */

#define RACE_PORT 0x40000001

static atomic_bool racing;
static atomic_int strangers;

static int wait_for_port(struct wire *heir)
{
	int ret;

	do
		ret = wire_open_port(heir, RACE_PORT);
	while (ret == -EADDRINUSE && racing);
	return ret;
}

/* Take the port as soon as it is free, and listen for what was meant for another. */
static void *inherit(void *unused)
{
	const struct nlmsghdr *nlh;
	struct wire heir;

	while (racing) {
		if (wait_for_port(&heir))
			break;
		while ((nlh = wire_next(&heir, 2)))
			if (nlh->nlmsg_type == w.family)
				strangers++;
		wire_close(&heir);
	}
	return NULL;
}

static void test_gone_race(void **state)
{
	double end = now() + 3;
	struct wire caller;
	pthread_t heir;
	struct msg m;
	int i, rounds = 0;

	racing = true;
	pthread_create(&heir, NULL, inherit, NULL);
	while (now() < end) {
		if (wire_open_port(&caller, RACE_PORT))
			continue;
		for (i = 0; i < 20; i++) {
			ping(&m, "secret", 1 + i * MS / 2);
			wire_send(&caller, &m);
		}
		wire_close(&caller);
		rounds++;
	}
	racing = false;
	pthread_join(heir, NULL);
	assert_true(rounds > 0);
	assert_int_equal(strangers, 0);
	assert_int_equal(log_counter(&w, "unanswered"), 0);
}

/* ---- commands that fail, and what they leave in the log --------------------------------- */

static void test_failure(void **state)
{
	const struct nlmsghdr *nlh;
	struct msg m;
	size_t nest;

	msg_begin(&m, MOEAI_MSG_COMMAND, 0);
	msg_str(&m, MOEAI_A_COMMAND_NAME, "module.start");
	nest = msg_nest(&m, MOEAI_A_COMMAND_ARGS);
	msg_str(&m, MOEAI_A_MODULE_ARG_NAME, "nobody");
	msg_nest_end(&m, nest);
	assert_int_equal(wire_send(&w, &m), 0);
	nlh = wire_next(&w, WIRE_WAIT);
	assert_non_null(nlh);
	assert_int_equal(nlh_cmd(nlh), MOEAI_MSG_RESPONSE);
	assert_int_equal(attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_ID)), MOEAI_CMD_MODULE_START);
	assert_int_equal((int)attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_STATUS)), -ENOENT);
	assert_string_equal(attr_data(nlh_attr(nlh, MOEAI_A_RESPONSE_MESSAGE)),
			    "no such module: see table modules");
	assert_null(nlh_attr(nlh, MOEAI_A_RESPONSE_DATA));
}

static const struct {
	const char *line;
	int error;
	const char *text;
} commands[] = {
	{ "module.start name=core", -EPERM, "the core can't be started or stopped" },
	{ "module.stop name=core", -EPERM, "the core can't be started or stopped" },
	{ "module.start name=test", -EALREADY, "it runs already" },
	{ "module.stop name=nobody", -ENOENT, "no such module: see table modules" },
	{ "param.set name=core.nothing value=1", -ENOENT, "no such parameter: see table params" },
	{ "param.set name=nothing value=1", -ENOENT, "no such parameter: see table params" },
	{ "param.set name=nobody.x value=1", -ENOENT, "no such parameter: see table params" },
	{ "param.set name=core.flush_us value=0", -ERANGE, "flush_us: a number from 1 to 1000000" },
	{ "param.set name=core.flush_us value=x", -EINVAL, "flush_us: a number from 1 to 1000000" },
	{ "param.set name=core.status_ms value=9", -ERANGE,
	  "status_ms: a number from 10 to 3600000" },
	{ "param.set name=core.publish_rate value=-1", -EINVAL,
	  "publish_rate: a number from 0 to 10000000" },
	{ "param.set name=test.fixed value=1", -EPERM, "can't be set" },
	{ "param.set name=test.reads value=1", -EPERM, "can't be set" },
	{ "module.stop name=test", 0, "" },
	{ "module.stop name=test", -EALREADY, "it does not run" },
	{ "module.start name=test", 0, "" },
	{ "log.clear", 0, "" },
	{ "stats.reset", 0, "" },
};

/* Each that is not a mere reader leaves an event behind: who, what, how it ended. */
static void test_events(void **state)
{
	char expected[256];
	size_t i;

	assert_int_equal(sh("modprobe moeai_test"), 0);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *answer, *args = strchr(commands[i].line, ' ');
		int error;

		answer = control_answer(&error, "%s", commands[i].line);
		snprintf(expected, sizeof(expected), "status %d%s%s\n", commands[i].error,
			 *commands[i].text ? " " : "", commands[i].text);
		assert_string_equal(answer, expected);
		assert_int_equal(error, commands[i].error);
		snprintf(expected, sizeof(expected), " status=%d pid=%d uid=0 comm=\"test_reply\" "
						     "via=procfs args=\"",
			 commands[i].error, getpid());
		answer = slurp("/proc/moeai/log");
		if (!strstr(answer, expected))
			fail_msg("%s: no event with %s%s", commands[i].line, expected, args ?: "");
	}
	assert_int_equal(sh("rmmod moeai_test"), 0);
}

static int begin(void **state)
{
	wire_open(&w);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_now),	cmocka_unit_test(test_texts),
		cmocka_unit_test(test_ack),	cmocka_unit_test(test_many),
		cmocka_unit_test(test_full),	cmocka_unit_test(test_gone),
		cmocka_unit_test(test_gone_race), cmocka_unit_test(test_failure),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
