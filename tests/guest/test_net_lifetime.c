// SPDX-License-Identifier: GPL-2.0
/* net_guard while namespaces, its rules' readers and itself come and go. check: limit=400 slow */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "guard.h"

#define RULES "table net_guard.rules "

/* Ask a port there that nobody has: whether the answer comes. */
static bool answers_there(void)
{
	counts_zero();
	assert_int_equal(sh("bash -c 'echo >/dev/udp/10.9.0.2/9'"), 0);
	for (int i = 0; i < 20 && !counts_read().arrived; i++)
		usleep(50000);
	return counts_read().arrived;
}

static void namespaces(void **state)
{
	assert_true(answers_there());
	moectl(RULES "add prefix=10.9.0.1 action=drop");
	assert_true(answers_there());
	moectl("set net_guard.all_namespaces=1");
	assert_true(guard_number("hooked") >= 2);
	assert_false(answers_there());
	assert_true(rule("10.9.0.1").hits > 0);
	assert_int_equal(sh("ip netns add brief && ip netns exec brief ip link set lo up"), 0);
	assert_true(guard_number("hooked") >= 3);
	assert_int_equal(sh("ip netns del brief"), 0);
	moectl("set net_guard.all_namespaces=0");
	assert_int_equal(guard_number("hooked"), 1);
	assert_true(answers_there());
}

/* They go while packets are on their way to them. */
static void namespaces_go(void **state)
{
	pid_t flood;

	moectl("set net_guard.all_namespaces=1");
	moectl("guard block 10.8.0.1");
	for (int i = 0; i < 3; i++) {
		uint64_t hooked = guard_number("hooked"), hits = rule("10.8.0.1").hits;

		assert_int_equal(sh("ip netns add brief && ip link add to0 type veth peer name from0"
				    " netns brief && ip addr add 10.8.0.1/24 dev to0 &&"
				    "ip link set to0 up && ip -n brief addr add 10.8.0.2/24 dev from0 &&"
				    "ip -n brief link set from0 up"), 0);
		assert_int_equal(guard_number("hooked"), hooked + 1);
		flood = fork();
		if (!flood) {
			execlp("hping3", "hping3", "-q", "-2", "-i", "u200", "-p", "9", "10.8.0.2", NULL);
			_exit(1);
		}
		for (int j = 0; j < 200 && rule("10.8.0.1").hits < hits + 100; j++)
			usleep(100000);
		assert_true(rule("10.8.0.1").hits >= hits + 100);
		assert_int_equal(sh("ip netns del brief"), 0);
		for (int j = 0; j < 100 && guard_number("hooked") > hooked; j++)
			usleep(100000);
		assert_int_equal(guard_number("hooked"), hooked);
		kill(flood, SIGKILL);
		waitpid(flood, NULL, 0);
		sh("ip link del to0 2>/dev/null");
	}
}

static void module_goes(void **state)
{
	struct frame f = udp("10.9.0.2");
	pid_t child = fork();

	if (!child) {
		for (;;)
			frames_send(&f, 100);
	}
	for (int i = 0; i < 3; i++) {
		moectl(RULES "add prefix=10.9.0.2 action=drop");
		moectl(RULES "add prefix=10.9.0.3 action=shadow --confirm 60");
		moectl("set net_guard.mode=shadow");
		usleep(200000);
		assert_int_equal(moeai_module_stop(guard, "net_guard"), 0);
		assert_int_equal(moeai_module_start(guard, "net_guard"), 0);
		assert_int_equal(sh("rmmod moeai_net_guard && modprobe moeai_net_guard"), 0);
		assert_int_equal(rules(), 0);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* A reader of the rules keeps the module; it does not keep it from changing them. */
static void reader_holds(void **state)
{
	struct moeai_values row;
	struct moeai_table *t;
	size_t n = 0;

	assert_int_equal(sh("seq 0 9999 | awk '{ printf \"prefix=10.8.%%d.%%d action=drop\\n\","
			    " $1 / 100, $1 %% 100 }' >/tmp/rules"), 0);
	moectl(RULES "load /tmp/rules");
	assert_int_equal(moeai_table_open(guard, "net_guard.rules", &t), 0);
	assert_int_equal(moeai_table_next(t, &row), 1);
	moectl(RULES "flush");
	assert_int_not_equal(sh("rmmod moeai_net_guard 2>/dev/null"), 0);
	for (n = 1; moeai_table_next(t, &row) > 0; n++)
		;
	assert_int_equal(n, 10000);
	moeai_table_close(t);
	assert_int_equal(rules(), 0);
}

/* What was dropped since the last event is told when there will be no next one. */
static void told_at_the_end(void **state)
{
	struct frame f = udp("10.9.7.3");
	struct moeai_event e;
	uint64_t sum;

	moectl(RULES "add prefix=10.9.7.3 action=drop");
	frames_send(&f, 1);
	e = event_about("blocked", "10.9.7.3");
	assert_int_equal(event_number(&e, "packets"), 1);
	assert_int_equal(passed(&f, 40), 0);
	assert_int_equal(moeai_module_stop(guard, "net_guard"), 0);
	events_sum("blocked", "10.9.7.3", "packets", &sum);
	assert_int_equal(sum, 41);
	assert_int_equal(moeai_module_start(guard, "net_guard"), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, guard_begin, guard_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(namespaces),   CASE(namespaces_go),   CASE(module_goes),
		CASE(reader_holds), CASE(told_at_the_end),
	};

	return cmocka_run_group_tests(tests, guard_setup, guard_teardown);
}
