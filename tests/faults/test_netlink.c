// SPDX-License-Identifier: GPL-2.0
/* What is asked and sent over netlink. */
/* check: limit=900 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "walk.h"

static int run_open(const void *arg)
{
	struct moeai *h;
	int error = moeai_open(&h);

	if (!error)
		moeai_close(h);
	return error;
}

static int run_status(const void *arg)
{
	struct moeai_status s;

	return moeai_status_get(handle, &s);
}

static int run_table(const void *name)
{
	struct moeai_table *t;
	struct moeai_values row;
	int error = moeai_table_open(handle, name, &t);

	if (error)
		return error;
	do
		error = moeai_table_next(t, &row);
	while (error > 0);
	moeai_table_close(t);
	return error;
}

static int run_command(const void *name)
{
	struct moeai_reply *reply = NULL;
	int error = moeai_call(handle, name, NULL, 0, TIMEOUT, &reply);

	if (!error)
		moeai_reply_free(reply);
	return error;
}

static int run_param(const void *value)
{
	return moeai_param_try(handle, "mem_monitor.interval_ms", value, 3600);
}

/* It may have been done, and the acknowledgement have been lost. */
static void undone(int error)
{
	int rolled_back;

	close_handle(error);
	open_handle();
	rolled_back = moeai_param_rollback(handle, "mem_monitor.interval_ms");
	if (!error || rolled_back != -ENODATA)
		assert_int_equal(rolled_back, 0);
	close_handle(0);
}

static uint64_t seq_before;

static void note_seq(void)
{
	open_handle();
	seq_before = next_seq();
}

/*
 * An acknowledgement may be lost (ENOBUFS), or not get into the caller's buffer
 * (EFAULT, as when his request can't be read); but what is refused isn't done.
 */
static void published_as_said(int error)
{
	uint64_t logged = next_seq() - seq_before;

	if (error == -ENOMEM)
		assert_int_equal(logged, 0);
	else if (!error)
		assert_in_range(logged, 1, 3);
	close_handle(error);
	/* The rate limit. */
	usleep(20000);
}

static int run_publish(const void *text)
{
	return moeai_publish(handle, MOEAI_PRIO_INFO, text);
}

static int run_monitor(const void *arg)
{
	const bool *history = arg;
	struct moeai_monitor_options options = {
		.since = MOEAI_SINCE_OLDEST,
		.history = *history,
		.no_wait = true,
	};
	struct moeai_monitor *m;
	struct moeai_item item;
	int error = moeai_monitor_open(&m, &options);

	if (error)
		return error;
	do
		error = moeai_monitor_next(m, &item, *history ? TIMEOUT : 0);
	while (!error);
	moeai_monitor_close(m);
	return error == -ENODATA || error == -EAGAIN || error == -ETIMEDOUT ?
		       0 :
		       error;
}

static void test_open(void **state)
{
	walk("open", &(struct operation){ run_open, both_loaded, NULL, NULL });
}

static void test_status(void **state)
{
	walk("status", &(struct operation){ run_status, open_handle,
					    close_handle, NULL });
}

static void test_tables(void **state)
{
	static const char *const tables[] = { "modules",     "params",
					      "commands",    "event_types",
					      "fields",	     "tables",
					      "subscribers", "log" };
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		walk(tables[i], &(struct operation){ run_table, open_handle,
						     close_handle, tables[i] });
}

static void test_commands(void **state)
{
	static const char *const commands[] = { "core.ping", "log.clear",
						"stats.reset",
						"mem_monitor.sample" };
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		walk(commands[i],
		     &(struct operation){ run_command, open_handle,
					  close_handle, commands[i] });
}

static void test_param(void **state)
{
	walk("param", &(struct operation){ run_param, open_handle, undone, "900" });
}

static void test_publish(void **state)
{
	walk("publish", &(struct operation){ run_publish, note_seq,
					     published_as_said, "a fault" });
}

static void test_replay(void **state)
{
	static const bool yes = true;

	walk("replay",
	     &(struct operation){ run_monitor, both_loaded, NULL, &yes });
}

static void test_join(void **state)
{
	static const bool no;

	walk("join",
	     &(struct operation){ run_monitor, both_loaded, NULL, &no });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),   cmocka_unit_test(test_status),
		cmocka_unit_test(test_tables), cmocka_unit_test(test_commands),
		cmocka_unit_test(test_param),  cmocka_unit_test(test_publish),
		cmocka_unit_test(test_replay), cmocka_unit_test(test_join),
	};

	return cmocka_run_group_tests(tests, walk_setup, NULL);
}
