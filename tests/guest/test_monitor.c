// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Monitors of a module that stays, over each transport: where they begin, what they
 * filter, overruns. check: limit=300
 */
#include <poll.h>
#include <signal.h>
#include <grp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "reader.h"

static struct moeai *h;

static void expect_text(struct reader *r, const char *text)
{
	struct moeai_item item;

	reader_expect(r, MOEAI_EVENT, &item);
	assert_string_equal(message_text(&item.event), text);
}

static void publish(enum moeai_priority priority, const char *text)
{
	if (moeai_publish(h, priority, text))
		fail_msg("%s", moeai_error(h));
}

/* ---- where it begins ---------------------------------------------------------- */

static void since_now(void **state)
{
	struct reader r;
	struct moeai_item item;
	struct moeai_ledger l;
	uint64_t next;

	publish(MOEAI_PRIO_INFO, "before");
	next = next_seq(h);
	reader_open(&r, NULL);
	assert_int_equal(reader_next(&r, &item, 0), -ETIMEDOUT);
	publish(MOEAI_PRIO_NOTICE, "after");
	expect_text(&r, "after");
	moeai_monitor_ledger(r.m, &l);
	assert_true(l.from == next && l.to == next && l.returned == 1 && l.pending == 0);
	reader_close(&r);
}

static void since_a_seq(void **state)
{
	struct moeai_monitor_options options = { .since = next_seq(h) };
	struct reader r;

	publish(MOEAI_PRIO_INFO, "one");
	publish(MOEAI_PRIO_INFO, "two");
	reader_open(&r, &options);
	r.due = options.since;
	expect_text(&r, "one");
	expect_text(&r, "two");
	publish(MOEAI_PRIO_INFO, "three");
	expect_text(&r, "three");
	reader_close(&r);
	options.since++;
	options.epoch = r.epoch; /* as a reader that was restarted */
	reader_open(&r, &options);
	expect_text(&r, "two");
	expect_text(&r, "three");
	reader_close(&r);
}

static void history(void **state)
{
	const struct moeai_monitor_options options = { .since = MOEAI_SINCE_OLDEST,
						       .history = true };
	struct moeai_status status;
	struct moeai_ledger l;
	struct moeai_item item;
	struct reader r;
	int rc;

	assert_int_equal(moeai_status_get(h, &status), 0);
	reader_open(&r, &options);
	while (!(rc = reader_next(&r, &item, PATIENCE)))
		assert_int_equal(item.kind, MOEAI_EVENT);
	assert_int_equal(rc, -ENODATA);
	assert_int_equal(reader_next(&r, &item, 0), -ENODATA);
	moeai_monitor_ledger(r.m, &l);
	assert_true(l.from == status.log_first && l.to == status.log_next - 1);
	assert_true(l.returned == status.log_held && l.pending == 0);
	assert_true(l.replayed == l.returned);
	reader_close(&r);
}

static void stale_epoch(void **state)
{
	struct moeai_monitor_options options = { .since = 1, .transport = reader_transport };
	struct moeai_monitor *m;
	struct moeai_status status;

	assert_int_equal(moeai_status_get(h, &status), 0);
	options.epoch = status.epoch + 1;
	assert_int_equal(moeai_monitor_open(&m, &options), -ESTALE);
	options.since = MOEAI_SINCE_NOW;
	assert_int_equal(moeai_monitor_open(&m, &options), -ESTALE);
	options.epoch = status.epoch;
	assert_int_equal(moeai_monitor_open(&m, &options), 0);
	moeai_monitor_close(m);
}

/* ---- filters ------------------------------------------------------------------ */

/*
 * One event of each of three kinds, one of them wanted; first by replay, then
 * live.
 */
static void check_filter(struct moeai_monitor_options options, const char *wanted)
{
	struct moeai_ledger l;
	struct moeai_item item;
	struct reader r;

	options.since = next_seq(h);
	for (int round = 0; round < 2; round++) {
		publish(MOEAI_PRIO_DEBUG, "debug");
		publish(MOEAI_PRIO_WARNING, "warning");
		assert_int_equal(moeai_param_set(h, "core.publish_rate", "0"), 0);
		if (!round)
			reader_open(&r, &options);
		reader_expect(&r, MOEAI_EVENT, &item);
		assert_string_equal(item.event.type_name, wanted);
		assert_int_equal(reader_next(&r, &item, 200), -ETIMEDOUT);
		moeai_monitor_ledger(r.m, &l);
		assert_true(l.from == options.since && l.to == options.since + 3 * round + 2);
		assert_int_equal(l.returned, round + 1);
		assert_int_equal(l.filtered, 2 * (round + 1));
		assert_int_equal(l.lost + l.pending, 0);
	}
	reader_close(&r);
}

static void filters(void **state)
{
	static const char *const command[] = { "core.command" };
	static const char *const prefix[] = { "nothing.at.all", "core.*" };
	static const char *const dot[] = { "core." };
	struct moeai_monitor_options by_type = { .types = command, .n_types = 1 };
	struct moeai_monitor_options by_prefix = { .types = prefix, .n_types = 2 };
	struct moeai_monitor_options by_dot = { .types = dot, .n_types = 1 };
	struct moeai_monitor_options by_priority = { .min_priority = MOEAI_PRIO_WARNING };
	struct moeai_monitor_options by_source = { .source = "core" };
	struct moeai_monitor_options by_user = { .source = "user",
						 .min_priority = MOEAI_PRIO_INFO };

	check_filter(by_type, "core.command");
	check_filter(by_prefix, "core.command");
	check_filter(by_dot, "core.command");
	check_filter(by_priority, "user.message");
	check_filter(by_source, "core.command");
	check_filter(by_user, "user.message");
}

static void unknown_type(void **state)
{
	static const char *const types[] = { "core.comand" };
	const struct moeai_monitor_options options = { .types = types, .n_types = 1,
						       .history = true };
	struct moeai_monitor *m;

	assert_int_equal(moeai_monitor_open(&m, &options), -ENOENT);
}

/* ---- overruns ----------------------------------------------------------------- */

/* The log holds it all: nothing is lost, though the socket dropped most of it. */
static void overrun_repaired(void **state)
{
	const struct moeai_monitor_options options = { .buffer = 16384,
						       .transport = MOEAI_TRANSPORT_NETLINK };
	struct moeai_ledger l;
	struct reader r;

	reader_open(&r, &options);
	flood(h, 3000);
	reader_drain(&r);
	moeai_monitor_ledger(r.m, &l);
	assert_int_equal(l.returned, 3000);
	assert_int_equal(l.lost + l.pending, 0);
	assert_true(l.overruns > 0 && l.replayed > 0);
	reader_close(&r);
}

/* It does not; and no event follows that would show the gap. */
static void overrun_by_100000(void **state)
{
	const struct moeai_monitor_options options = { .buffer = 65536 };
	struct moeai_item item;
	struct moeai_ledger l;
	struct reader r;
	uint64_t next;

	reader_open(&r, &options);
	assert_int_equal(reader_next(&r, &item, 0), -ETIMEDOUT); /* its replay is over */
	flood(h, 100000);
	next = next_seq(h);
	reader_drain(&r);
	moeai_monitor_ledger(r.m, &l);
	assert_true(l.to == next - 1 && l.pending == 0);
	assert_true(l.returned + l.lost == 100000);
	assert_true(l.lost > 0 && l.overruns > 0);
	print_message("100000: %" PRIu64 " returned, %" PRIu64 " lost, %" PRIu64 " overruns\n",
		      l.returned, l.lost, l.overruns);
	reader_close(&r);
}

/* A reader that reads as fast as it can, of a buffer that is too small. */
static void overrun_while_reading(void **state)
{
	const struct moeai_monitor_options options = { .buffer = 4096 };
	struct moeai_item item;
	struct moeai_ledger l;
	struct reader r;
	pid_t child;

	reader_open(&r, &options);
	child = fork();
	if (!child) {
		struct moeai *own;

		if (moeai_open(&own))
			_exit(1);
		for (int i = 0; i < 20000; i++)
			if (moeai_publish(own, MOEAI_PRIO_INFO, "x"))
				_exit(1);
		_exit(0);
	}
	while (r.events + r.lost < 20000)
		assert_int_equal(reader_next(&r, &item, PATIENCE), 0);
	assert_int_equal(reader_next(&r, &item, 200), -ETIMEDOUT);
	waitpid(child, NULL, 0);
	moeai_monitor_ledger(r.m, &l);
	assert_true(l.returned + l.lost == 20000 && l.pending == 0);
	print_message("20000 while reading: %" PRIu64 " lost, %" PRIu64 " overruns, %" PRIu64
		      " replayed\n", l.lost, l.overruns, l.replayed);
	reader_close(&r);
}

/* What log.clear took is told, with its reason. */
static void cleared(void **state)
{
	struct moeai_monitor_options options = { .since = next_seq(h) };
	struct moeai_item item;
	struct reader r;

	flood(h, 10);
	if (moeai_call(h, "log.clear", NULL, 0, PATIENCE, NULL))
		fail_msg("%s", moeai_error(h));
	reader_open(&r, &options);
	r.due = options.since;
	reader_expect(&r, MOEAI_LOST, &item);
	assert_int_equal(item.lost.reason, MOEAI_LOST_CLEARED);
	assert_true(item.lost.to >= options.since + 9);
	reader_drain(&r);
	reader_close(&r);
}

/* ---- waiting ------------------------------------------------------------------ */

static void poll_and_next(void **state)
{
	struct moeai_item item;
	struct pollfd p = { .events = POLLIN };
	struct reader r;

	reader_open(&r, NULL);
	assert_int_equal(reader_next(&r, &item, 0), -ETIMEDOUT);
	p.fd = moeai_monitor_fd(r.m);
	assert_int_equal(poll(&p, 1, 0), 0);
	publish(MOEAI_PRIO_INFO, "ready");
	assert_int_equal(poll(&p, 1, PATIENCE), 1);
	assert_int_equal(reader_next(&r, &item, 0), 0);
	assert_string_equal(message_text(&item.event), "ready");
	assert_int_equal(reader_next(&r, &item, 0), -ETIMEDOUT);
	assert_int_equal(poll(&p, 1, 0), 0);
	reader_close(&r);
}

/* As poll_and_next(), for who is told of edges only. */
static void edges(void **state)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(0);
	struct moeai_item item;
	struct reader r;

	reader_open(&r, NULL);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, moeai_monitor_fd(r.m), &e), 0);
	for (int i = 0; i < 20; i++) {
		while (!reader_next(&r, &item, 0))
			;
		while (epoll_wait(epoll, &e, 1, 0))
			;
		publish(MOEAI_PRIO_INFO, "an edge");
		assert_int_equal(epoll_wait(epoll, &e, 1, PATIENCE), 1);
		assert_int_equal(reader_next(&r, &item, PATIENCE), 0);
		assert_string_equal(message_text(&item.event), "an edge");
	}
	close(epoll);
	reader_close(&r);
}

/* Whose filter lets nothing pass is given back control all the same. */
static void time_goes_by(void **state)
{
	static const char *const types[] = { "core.module" };
	const struct moeai_monitor_options options = { .types = types, .n_types = 1 };
	struct moeai_item item;
	struct moeai_ledger l = { 0 };
	struct reader r;
	int given_back = 0;

	reader_open(&r, &options);
	flood(h, 20000);
	while (reader_next(&r, &item, 0) == -ETIMEDOUT && r.m) {
		given_back++;
		moeai_monitor_ledger(r.m, &l);
		if (l.to == next_seq(h) - 1 && !l.pending)
			break;
	}
	/* What came too fast is replayed, and there the kernel passes them over. */
	assert_true(given_back > 1 || l.overruns);
	reader_close(&r);
}

static void on_alarm(int signal)
{
}

static void interrupted(void **state)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval soon = { .it_value.tv_usec = 100000 };
	struct moeai_item item;
	struct reader r;

	reader_open(&r, NULL);
	assert_int_equal(reader_next(&r, &item, 0), -ETIMEDOUT);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_int_equal(reader_next(&r, &item, -1), -EINTR);
	publish(MOEAI_PRIO_INFO, "goes on");
	expect_text(&r, "goes on");
	reader_close(&r);
}

/* As uid 65534 with this group: what moeai_monitor_open() returns. */
static int open_as(gid_t gid, enum moeai_transport transport)
{
	const struct moeai_monitor_options options = { .transport = transport };
	struct moeai_monitor *m;
	int status;
	pid_t child = fork();

	if (!child) {
		if (setgroups(0, NULL) || setgid(gid) || setuid(65534))
			_exit(99);
		_exit(-moeai_monitor_open(&m, &options));
	}
	waitpid(child, &status, 0);
	return -WEXITSTATUS(status);
}

static void not_permitted(void **state)
{
	assert_int_equal(open_as(65534, MOEAI_TRANSPORT_AUTO), -EPERM);
	assert_int_equal(open_as(65534, MOEAI_TRANSPORT_NETLINK), -EPERM);
	assert_int_equal(open_as(65534, MOEAI_TRANSPORT_MAPPED), -EACCES);
}

/* The device's group is all that is needed. */
static void by_group(void **state)
{
	assert_int_equal(chown("/dev/moeai", 0, 4242), 0);
	assert_int_equal(open_as(4242, MOEAI_TRANSPORT_AUTO), 0);
	assert_int_equal(open_as(4242, MOEAI_TRANSPORT_MAPPED), 0);
	assert_int_equal(open_as(4242, MOEAI_TRANSPORT_NETLINK), -EPERM);
	assert_int_equal(chown("/dev/moeai", 0, 0), 0);
}

static void transports(void **state)
{
	static const struct {
		enum moeai_transport wanted, got;
	} cases[] = {
		{ MOEAI_TRANSPORT_AUTO, MOEAI_TRANSPORT_MAPPED },
		{ MOEAI_TRANSPORT_MAPPED, MOEAI_TRANSPORT_MAPPED },
		{ MOEAI_TRANSPORT_NETLINK, MOEAI_TRANSPORT_NETLINK },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct moeai_monitor_options options = { .transport = cases[i].wanted };
		struct moeai_monitor *m;

		assert_int_equal(moeai_monitor_open(&m, &options), 0);
		assert_int_equal(moeai_monitor_transport(m), cases[i].got);
		moeai_monitor_close(m);
	}
}

static int by_netlink(void **state)
{
	reader_transport = MOEAI_TRANSPORT_NETLINK;
	h = open_unlimited();
	return 0;
}

static int mapped(void **state)
{
	reader_transport = MOEAI_TRANSPORT_MAPPED;
	h = open_unlimited();
	return 0;
}

static int close_handle(void **state)
{
	moeai_close(h);
	return 0;
}

int main(void)
{
	const struct CMUnitTest each[] = {
		cmocka_unit_test(since_now),	     cmocka_unit_test(since_a_seq),
		cmocka_unit_test(history),	     cmocka_unit_test(stale_epoch),
		cmocka_unit_test(filters),	     cmocka_unit_test(unknown_type),
		cmocka_unit_test(overrun_by_100000), cmocka_unit_test(overrun_while_reading),
		cmocka_unit_test(cleared),	     cmocka_unit_test(poll_and_next),
		cmocka_unit_test(interrupted),	     cmocka_unit_test(edges),
		cmocka_unit_test(time_goes_by),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overrun_repaired), cmocka_unit_test(not_permitted),
		cmocka_unit_test(by_group),	    cmocka_unit_test(transports),
	};

	return cmocka_run_group_tests_name("netlink", each, by_netlink, close_handle) +
	       cmocka_run_group_tests_name("mapped", each, mapped, close_handle) +
	       cmocka_run_group_tests(tests, by_netlink, close_handle);
}
