// SPDX-License-Identifier: GPL-2.0
/* check: limit=240 */
/*
 * The log when more is written than it holds, from wherever: what is lost is told,
 * what was critical is kept, and the counters add up.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ask.h"
#include "log.h"

static struct wire w;

/* ---- a flood ------------------------------------------------------------- */

/* A hundred times the log's size does not wash away what was critical. */
static void test_flood(void **state)
{
	struct tale t;
	uint64_t critical, next;

	log_reload(&w, "log_size=65536");
	log_emit(3, 100, "debug");
	critical = log_next(&w);
	log_emit(1, 64, "critical");
	log_emit(10, 100, "debug");
	log_emit(1, 64, "critical");
	log_emit(100 * 65536 / 256, 200, "info");
	next = log_next(&w);
	log_tell(&w, 0, &t);
	assert_int_equal(t.begin, critical);
	assert_int_equal(t.end, next);
	assert_int_equal(t.notices, 2); /* between the two, and between them and the log */
	assert_int_equal(t.lost + t.records, next - critical);
	assert_int_equal(t.records, next - t.first + 2);
	assert_int_equal(t.reasons, 1U << MOEAI_LOST_OVERWRITTEN);

	log_tell(&w, 1, &t); /* and before them */
	assert_int_equal(t.begin, 1);
	assert_int_equal(t.notices, 3);
	log_tell(&w, critical + 1, &t); /* the second one only */
	assert_int_equal(t.begin, critical + 1);
	assert_int_equal(t.records, next - t.first + 1);
	log_tell(&w, t.first, &t);
	assert_int_equal(t.notices, 0);
	log_balanced(&w);
}

/* More critical events than the keep ring holds: it keeps the newest. */
static void test_keep_flood(void **state)
{
	struct tale t;

	log_reload(&w, "log_size=65536");
	log_emit(2000, 200, "critical");
	log_emit(3000, 200, "info");
	log_tell(&w, 1, &t);
	assert_int_equal(t.begin, 1);
	assert_int_equal(t.end, log_next(&w));
	assert_int_equal(t.records, log_counter(&w, "keep_held") + log_next(&w) - t.first);
	assert_in_range(log_counter(&w, "keep_held"), 50, 1999);
	log_balanced(&w);
}

/* ---- a reader that is overtaken ------------------------------------------ */

/*
 * A replay is begun, and before it is read the log goes round several times: it
 * ends at the seq that it announced, and tells what it could not send.
 */
static void test_overtaken(void **state)
{
	const struct nlmsghdr *nlh;
	struct tale t = {};
	struct verdict v;
	struct event e;
	struct wire slow;
	struct msg m;
	int least = 1, i = 0;

	log_reload(&w, "log_size=65536");
	log_emit(1000, 100, "info");
	wire_open(&slow);
	setsockopt(slow.fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	replay_request(&m, &(struct filter){ .since = 1 });
	assert_int_equal(wire_send(&slow, &m), 0);
	for (;;) {
		if (i++ < 2)
			log_emit(1000, 100, "info");
		nlh = wire_next(&slow, WIRE_WAIT);
		assert_non_null(nlh);
		if (wire_verdict(&slow, nlh, &v))
			break;
		event_read(nlh, &e);
		tell(&e, &t);
	}
	assert_int_equal(v.error, 0);
	assert_int_equal(t.begin, 1);
	assert_int_equal(t.end, t.next); /* what came later is not part of it */
	assert_int_equal(t.records + t.lost, t.next - 1);
	assert_true(t.lost > 500 && t.records > 0);
	wire_close(&slow);
}

/* ---- counters ------------------------------------------------------------ */

static pid_t publisher(void)
{
	pid_t pid = fork();
	struct wire s;
	struct msg m;
	size_t nest;

	if (pid)
		return pid;
	wire_open(&s);
	msg_begin(&m, MOEAI_MSG_EVENT, 0);
	nest = msg_nest(&m, MOEAI_A_EVENT_DATA);
	msg_str(&m, MOEAI_A_MESSAGE_TEXT, "as fast as possible");
	msg_nest_end(&m, nest);
	for (;;)
		wire_send(&s, &m);
}

static void assert_status_balanced(void)
{
	struct status s;

	status_read(&w, &s);
	assert_int_equal(s.n[MOEAI_A_STATUS_LOG_ATTEMPTED],
			 s.n[MOEAI_A_STATUS_LOG_LOGGED] + s.n[MOEAI_A_STATUS_LOG_REFUSED]);
	assert_int_equal(s.n[MOEAI_A_STATUS_LOG_LOGGED],
			 s.n[MOEAI_A_STATUS_LOG_HELD] + s.n[MOEAI_A_STATUS_LOG_OVERWRITTEN] +
				 s.n[MOEAI_A_STATUS_LOG_CLEARED]);
	assert_int_equal(s.n[MOEAI_A_STATUS_LOG_HELD],
			 s.n[MOEAI_A_STATUS_LOG_NEXT] - s.n[MOEAI_A_STATUS_LOG_FIRST]);
}

/* They balance in every snapshot, while two write and somebody clears and resets. */
static void test_balance(void **state)
{
	uint64_t next, last = 0;
	pid_t a, b;
	int i;

	log_reload(&w, "log_size=65536 publish_rate=0");
	a = publisher();
	b = publisher();
	for (i = 0; i < 1500; i++) {
		next = log_balanced(&w);
		assert_true(next >= last);
		last = next;
		assert_status_balanced();
		if (i % 100 == 50)
			assert_int_equal(control("log.clear"), 0);
		if (i % 100 == 99)
			assert_int_equal(control("stats.reset"), 0);
		if (i % 200 == 0)
			log_emit(1, 100, "critical");
	}
	kill(a, SIGKILL);
	kill(b, SIGKILL);
	waitpid(a, NULL, 0);
	waitpid(b, NULL, 0);
	assert_true(last > 5000);
}

/* Only a baseline moves: what is held stays counted, seqs go on. */
static void test_reset(void **state)
{
	uint64_t next;

	log_reload(&w, "log_size=65536");
	log_emit(3000, 100, "info");
	control("test.emit size=12289");
	control("test.emit priority=unknown");
	assert_int_equal(log_counter(&w, "refused_too_long"), 1);
	assert_int_equal(log_counter(&w, "refused_invalid"), 1);
	next = log_next(&w);
	assert_int_equal(control("stats.reset"), 0);
	assert_int_equal(log_next(&w), next + 1);
	assert_int_equal(log_counter(&w, "refused_too_long"), 0);
	assert_int_equal(log_counter(&w, "refused_invalid"), 0);
	assert_in_range(log_counter(&w, "overwritten"), 0, 3);
	assert_int_equal(log_counter(&w, "cleared"), 0);
	log_balanced(&w);
}

/* ---- where events come from ---------------------------------------------- */

static void test_contexts(void **state)
{
	static const char *const contexts[] = { "process", "softirq", "hardirq" };
	const char *answer;
	uint64_t next, nmi;
	size_t i;

	log_reload(&w, "");
	for (i = 0; i < 3; i++) {
		next = log_next(&w);
		answer = control_answer(NULL, "test.emit count=100 size=50 context=%s", contexts[i]);
		assert_int_equal(answer_number(answer, "emitted"), 100);
		assert_int_equal(log_next(&w), next + 101); /* and core.command */
	}
	nmi = log_counter(&w, "refused_nmi");
	next = log_next(&w);
	answer = control_answer(NULL, "test.emit count=100 context=nmi");
	assert_int_equal(answer_number(answer, "emitted"), 0);
	assert_int_equal(answer_number(answer, "error"), -EPERM);
	assert_int_equal(log_counter(&w, "refused_nmi"), nmi + 100);
	assert_int_equal(log_next(&w), next + 1);
	log_balanced(&w);
}

static int begin(void **state)
{
	wire_open(&w);
	return 0;
}

static int end(void **state)
{
	return sh("rmmod moeai_test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood), cmocka_unit_test(test_keep_flood),
		cmocka_unit_test(test_overtaken), cmocka_unit_test(test_balance),
		cmocka_unit_test(test_reset), cmocka_unit_test(test_contexts),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
