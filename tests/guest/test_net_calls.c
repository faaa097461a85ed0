// SPDX-License-Identifier: GPL-2.0
/* net_guard by libmoeai's typed calls and by moectl guard. check: limit=300 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "guard.h"

#define RULES "table net_guard.rules "

static void typed_calls(void **state)
{
	const struct moeai_guard_options options = { .timeout = 3600ULL * 1000000000,
						     .reason = "typed" };
	struct frame f = udp("10.9.7.9");
	struct moeai_guard_explanation why;
	struct moeai_guard_event event;
	struct moeai_guard_rule r;
	struct moeai_values row;
	struct moeai_table *t;
	struct moeai_event e;

	assert_int_equal(moeai_guard_put(guard, "10.9.7.0/25", MOEAI_GUARD_DROP, &options), 0);
	assert_int_equal(passed(&f, 4), 0);
	assert_int_equal(moeai_table_open(guard, "net_guard.rules", &t), 0);
	assert_int_equal(moeai_table_next(t, &row), 1);
	assert_int_equal(moeai_guard_rule(&row, &r), 0);
	moeai_table_close(t);
	assert_string_equal(r.prefix, "10.9.7.0/25");
	assert_string_equal(r.reason, "typed");
	assert_int_equal(r.action, MOEAI_GUARD_DROP);
	assert_int_equal(r.hits, 4);
	assert_true(r.expires > 0);
	assert_int_equal(moeai_guard_explain(guard, "10.9.7.9", &why), 0);
	assert_int_equal(why.decision, MOEAI_GUARD_DROP_RULE);
	assert_string_equal(why.rule.prefix, "10.9.7.0/25");
	assert_int_equal(why.rule.hits, 4);
	assert_int_equal(moeai_guard_explain(guard, "10.9.7.0/25", &why), -EINVAL);
	e = event_await("blocked");
	assert_int_equal(moeai_guard_event(&e, &event), 0);
	assert_int_equal(event.kind, MOEAI_GUARD_EVENT_BLOCKED);
	assert_string_equal(event.prefix, "10.9.7.0/25");
	assert_string_equal(event.reason, "typed");
	assert_int_equal(event.packets, 1);
	assert_int_equal(moeai_guard_put(guard, "10.9.7.1/25", MOEAI_GUARD_DROP, NULL), -EINVAL);
	assert_int_equal(moeai_guard_remove(guard, "10.9.7.0/26", 0), -ENOENT);
	assert_int_equal(moeai_guard_remove(guard, "10.9.7.0/25", 0), 0);
	assert_int_equal(passed(&f, 4), 4);
	assert_int_equal(moeai_guard_mode_set(guard, MOEAI_GUARD_WATCH, 0), 0);
	assert_int_equal(guard_number("hooked"), 1);
	assert_int_equal(moeai_guard_mode_set(guard, MOEAI_GUARD_OFF, 0), 0);
	assert_int_equal(guard_number("hooked"), 0);
	/* moectl says the same. */
	moectl("guard block 10.9.7.0/24 --for 1h --reason 'by hand'");
	assert_string_equal(rule("10.9.7.0/24").reason, "by hand");
	assert_int_equal(sh("moectl guard explain 10.9.7.9 --json | grep -q '\"drop\"'"), 0);
	moectl("guard allow 10.9.7.9");
	assert_int_equal(passed(&f, 4), 4);
	assert_int_equal(sh("test $(moectl guard list | wc -l) = 2"), 0);
	moectl("guard remove 10.9.7.9");
	assert_int_equal(passed(&f, 4), 0);
	assert_int_not_equal(sh("moectl guard remove 10.9.7.9 2>/dev/null"), 0);
}

/* Whom the detectors found, and that this goes by what moectl calls offenders. */
static void offenders(void **state)
{
	struct moeai_guard_offender o = { .kind = __MOEAI_GUARD_KIND_MAX };
	struct frame f = syn("10.9.7.66", 80);
	struct moeai_values row;
	struct moeai_table *t;
	bool found = false;

	moectl("set net_guard.syn_rate=1 net_guard.syn_burst=5 net_guard.mode=enforce");
	frames_send(&f, 30);
	await_rule("10.9.7.66");
	assert_int_equal(moeai_table_open(guard, "net_guard.offenders", &t), 0);
	while (!found && moeai_table_next(t, &row) > 0) {
		assert_int_equal(moeai_guard_offender(&row, &o), 0);
		found = !strcmp(o.source, "10.9.7.66/32");
	}
	moeai_table_close(t);
	assert_true(found);
	assert_int_equal(o.kind, MOEAI_GUARD_SYN_FLOOD);
	assert_int_equal(o.offences, 1);
	assert_true(o.first > 0 && o.last >= o.first);
	assert_int_equal(sh("moectl guard offenders | grep -q '^10\\.9\\.7\\.66/32\tsyn_flood\t1\t'"), 0);
}

/* Who blocks does not shut himself out, also through sudo. */
static void own_session(void **state)
{
	struct frame f = udp("10.9.7.9"), other = udp("10.9.7.8");
	struct rule r;

	assert_int_equal(sh("SSH_CONNECTION='10.9.7.9 1 10.9.0.1 22' sh -c"
			    " 'env -i PATH=$PATH LD_LIBRARY_PATH=$LD_LIBRARY_PATH moectl guard block"
			    " 10.9.7.0/24; true' >/dev/null 2>&1"), 0);
	assert_int_equal(rule("10.9.7.9").action, MOEAI_GUARD_ALLOW);
	assert_int_equal(passed(&f, 5), 5);
	assert_int_equal(passed(&other, 5), 0);
	moectl("table net_guard.rules flush");
	assert_int_equal(sh("SSH_CONNECTION='10.9.7.9 1 10.9.0.1 22' moectl guard block 10.9.7.0/24"
			    " --even-me >/dev/null"), 0);
	assert_false(rule_find("10.9.7.9", &r));
	assert_int_equal(passed(&f, 5), 0);
}

#define FROM "env X=$(printf '\\377') SSH_CONNECTION='10.9.7.9 1 10.9.0.1 22' moectl guard "

/* The rule that keeps the door open is not what is closed, by no way. */
static void own_rule_stays(void **state)
{
	struct rule r;

	assert_int_not_equal(sh(FROM "block 10.9.7.9 2>/dev/null"), 0);
	assert_int_not_equal(sh(FROM "block 10.9.7.9/32 2>/dev/null"), 0);
	assert_int_equal(rules(), 0);
	/* One that ends sooner than the block does not do; one that ends later does. */
	moectl("guard allow 10.9.0.0/16 --for 10m");
	assert_int_equal(sh(FROM "block 10.9.7.0/24 --for 5m >/dev/null 2>&1"), 0);
	assert_false(rule_find("10.9.7.9", &r));
	assert_int_equal(sh(FROM "block 10.9.7.0/24 --for 15m >/dev/null 2>&1"), 0);
	assert_int_equal(rule("10.9.7.9").action, MOEAI_GUARD_ALLOW);
	assert_int_equal(rule("10.9.7.9").expires, 0);
	assert_int_not_equal(sh(FROM "remove 10.9.7.9 2>/dev/null"), 0);
	assert_int_not_equal(sh(FROM "shadow 10.9.7.9 2>/dev/null"), 0);
	assert_int_equal(rule("10.9.7.9").action, MOEAI_GUARD_ALLOW);
	assert_int_equal(sh(FROM "remove 10.9.7.9 --even-me >/dev/null"), 0);
	assert_int_equal(sh(FROM "block 10.9.7.9 --even-me >/dev/null"), 0);
	assert_int_equal(rule("10.9.7.9").action, MOEAI_GUARD_DROP);
	moectl("table net_guard.rules flush");
	/* What is allowed goes with what it was for. */
	assert_int_equal(sh(FROM "block 10.9.7.0/24 --confirm 60 >/dev/null 2>&1"), 0);
	assert_int_equal(rules(), 2);
	moectl("guard rollback");
	assert_int_equal(rules(), 0);
	assert_int_equal(sh(FROM "mode shadow >/dev/null 2>&1"), 0);
	assert_int_equal(rules(), 0);
	assert_int_equal(sh(FROM "mode enforce --even-me >/dev/null 2>&1"), 0);
	assert_int_equal(rules(), 0);
	assert_int_equal(sh(FROM "mode enforce >/dev/null 2>&1"), 0);
	assert_int_equal(rule("10.9.7.9").action, MOEAI_GUARD_ALLOW);
}

static uint64_t generation(void)
{
	struct moeai_table *t;
	uint64_t g;

	assert_int_equal(moeai_table_open(guard, "net_guard.rules", &t), 0);
	g = moeai_table_generation(t);
	moeai_table_close(t);
	return g;
}

#define LIST(text) assert_int_equal(sh("printf '" text "' >/tmp/list"), 0)

/* A list as others publish it; then only what differs is changed. */
static void lists(void **state)
{
	struct frame f = udp("10.9.7.9");
	uint64_t before;
	struct rule r;

	LIST("# who is bad\n10.9.7.0/24 # noise\n2001:db8:7::/48 ; SBL7\n\nallow 10.9.7.1\n"
	     "10.9.6.1\n");
	moectl("guard load /tmp/list --reason bulk");
	assert_int_equal(rules(), 4);
	assert_string_equal(rule("10.9.7.0/24").reason, "noise");
	assert_string_equal(rule("2001:db8:7::/48").reason, "SBL7");
	assert_string_equal(rule("10.9.6.1").reason, "bulk");
	assert_int_equal(rule("10.9.7.1").action, MOEAI_GUARD_ALLOW);
	assert_int_equal(passed(&f, 5), 0);
	before = generation();
	moectl("guard sync /tmp/list --reason bulk");
	assert_int_equal(generation(), before);
	LIST("10.9.7.0/24 # noise\nshadow 10.9.6.1\n10.9.5.0/24");
	moectl("guard sync /tmp/list");
	assert_int_equal(rules(), 3);
	assert_int_equal(rule("10.9.7.0/24").hits, 5);
	assert_int_equal(rule("10.9.6.1").action, MOEAI_GUARD_SHADOW);
	assert_string_equal(rule("10.9.6.1").reason, "");
	assert_false(rule_find("10.9.7.1", &r));
	/* One wrong line, and nothing is changed. */
	LIST("10.9.4.0/24\n allow 10.9.3.1/24\n");
	assert_int_equal(sh("! moectl guard load /tmp/list 2>&1 | tee /tmp/err >/dev/null;"
			    " grep -q '/tmp/list:2:8: bits behind' /tmp/err"), 0);
	assert_int_equal(rules(), 3);
	/* Undone, all of it. */
	LIST("10.9.4.0/24\n");
	moectl("guard sync /tmp/list --confirm 60");
	assert_int_equal(rules(), 1);
	moectl("guard rollback");
	assert_int_equal(rules(), 3);
}

/* Lists do not shut out who loads them. */
static void lists_and_own(void **state)
{
	LIST("10.9.7.0/24\n");
	assert_int_equal(sh(FROM "load /tmp/list >/dev/null 2>&1"), 0);
	assert_int_equal(rule("10.9.7.9").action, MOEAI_GUARD_ALLOW);
	assert_int_equal(sh(FROM "sync /tmp/list >/dev/null 2>&1"), 0);
	assert_int_equal(rule("10.9.7.9").action, MOEAI_GUARD_ALLOW);
	assert_int_equal(rules(), 2);
	assert_int_equal(sh(FROM "sync /tmp/list --even-me >/dev/null 2>&1"), 0);
	assert_int_equal(rules(), 1);
	LIST("10.9.7.9\n");
	assert_int_not_equal(sh(FROM "load /tmp/list 2>/dev/null"), 0);
	LIST("10.9.7.9\nallow 10.9.0.0/16\n");
	assert_int_equal(sh(FROM "load /tmp/list >/dev/null 2>&1"), 0);
	assert_int_equal(rule("10.9.7.9").action, MOEAI_GUARD_DROP);
}

/* A connection of loopback's, and a process that has it in its environment, as sshd leaves it. */
static pid_t session_begin(int fds[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[100], *env[] = { text, NULL };
	uint16_t local;
	pid_t pid;

	assert_int_equal(bind(listener, (void *)&a, len) ?: listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (void *)&a, &len), 0);
	local = ntohs(a.sin_port);
	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fds[0], (void *)&a, len), 0);
	assert_int_equal(getsockname(fds[0], (void *)&a, &len), 0);
	fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	snprintf(text, sizeof(text), "SSH_CONNECTION=127.0.0.1 %u 127.0.0.1 %u", ntohs(a.sin_port),
		 local);
	pid = fork();
	if (!pid) {
		execle("/bin/sleep", "sleep", "60", NULL, env);
		_exit(1);
	}
	return pid;
}

/* As of tmux: nothing that moectl comes from knows of the terminal's connection. */
static void other_session(void **state)
{
	bool still;
	struct rule r;
	int fds[2];
	pid_t pid = session_begin(fds);

	while (sh("tr '\\0' '\\n' </proc/%d/environ | grep -q ^SSH_CONNECTION=", pid))
		usleep(10000);
	moectl("guard block 127.0.0.0/8 2>/dev/null");
	assert_int_equal(rule("127.0.0.1").action, MOEAI_GUARD_ALLOW);
	moectl("table net_guard.rules flush");
	/* It has it from a connection that is no more. */
	close(fds[0]);
	close(fds[1]);
	moectl("guard block 127.0.0.0/8 2>/dev/null");
	still = rule_find("127.0.0.1", &r);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(still);
}

/* Rows that were read are rows that can be loaded again. */
static void rows_come_back(void **state)
{
	struct moeai_values row;
	struct moeai_table *t;
	struct moeai_txn *txn;

	moectl(RULES "add prefix=10.9.8.0/24 action=drop timeout=1h reason=kept");
	assert_int_equal(moeai_table_open(guard, "net_guard.rules", &t), 0);
	assert_int_equal(moeai_txn_open(guard, "net_guard.rules", &txn), 0);
	assert_int_equal(moeai_txn_flush(txn), 0);
	while (moeai_table_next(t, &row) > 0)
		assert_int_equal(moeai_txn_values(txn, MOEAI_ACTION_ADD, &row), 0);
	assert_int_equal(moeai_txn_commit(txn, 0, NULL), 0);
	moeai_txn_close(txn);
	moeai_table_close(t);
	assert_string_equal(rule("10.9.8.0/24").reason, "kept");
	assert_true(rule("10.9.8.0/24").expires > 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, guard_begin, guard_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(typed_calls),
		CASE(rows_come_back),
		CASE(offenders),
		CASE(own_session),
		CASE(own_rule_stays),
		CASE(other_session),
		CASE(lists),
		CASE(lists_and_own),
	};

	return cmocka_run_group_tests(tests, guard_setup, guard_teardown);
}
