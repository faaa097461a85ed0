// SPDX-License-Identifier: GPL-2.0
/* Rules of net_guard, which its module keeps: all of a change is done or nothing. */
/* check: limit=900 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "walk.h"

#define TABLE "net_guard.rules"
#define ROWS  20

static int change(enum moeai_action action, int n)
{
	char prefix[32], reason[16];
	const struct moeai_arg columns[] = {
		MOEAI_TEXT("prefix", prefix),
		MOEAI_TEXT("action", "drop"),
		MOEAI_TEXT("reason", reason),
	};
	struct moeai_txn *t;
	int rc = moeai_txn_open(handle, TABLE, &t);

	if (rc)
		return rc;
	if (!n)
		rc = moeai_txn_flush(t);
	for (int i = 0; i < n && !rc; i++) {
		snprintf(prefix, sizeof(prefix), i % 2 ? "10.77.%d.0/24" : "2001:db8:%x::/48", i);
		snprintf(reason, sizeof(reason), "%d", i);
		rc = moeai_txn_row(t, action, columns, action == MOEAI_ACTION_DELETE ? 1 : 3);
	}
	if (!rc)
		rc = moeai_txn_commit(t, 0, NULL);
	moeai_txn_close(t);
	return rc;
}

static void empty(void)
{
	open_handle();
	assert_int_equal(change(MOEAI_ACTION_ADD, 0), 0);
}

static void filled(void)
{
	empty();
	assert_int_equal(change(MOEAI_ACTION_ADD, ROWS), 0);
}

static int run_add(const void *arg)
{
	return change(MOEAI_ACTION_ADD, ROWS);
}

static int run_delete(const void *arg)
{
	return change(MOEAI_ACTION_DELETE, ROWS - 1);
}

static void added(int error)
{
	all_or_nothing(TABLE, error, ROWS, 0);
}

static void deleted(int error)
{
	all_or_nothing(TABLE, error, 1, ROWS);
}

static void test_add(void **state)
{
	walk("add", &(struct operation){ run_add, empty, added, NULL });
}

static void test_delete(void **state)
{
	walk("delete", &(struct operation){ run_delete, filled, deleted, NULL });
}

static void stopped(void)
{
	open_handle();
	assert_int_equal(moeai_param_set(handle, "net_guard.mode", "off"), 0);
	assert_int_equal(moeai_module_stop(handle, "net_guard"), 0);
	assert_int_equal(moeai_module_start(handle, "net_guard"), 0);
}

static int run_detect(const void *arg)
{
	return moeai_param_set(handle, "net_guard.mode", "shadow");
}

static void detects(int error)
{
	assert_int_equal(moeai_param_set(handle, "net_guard.mode", "enforce"), 0);
	close_handle(error);
}

static void test_detect(void **state)
{
	walk("detect", &(struct operation){ run_detect, stopped, detects, NULL });
}

static void gone(void)
{
	if (loaded(GUARD))
		assert_int_equal(unload(GUARD), 0);
}

static int run_load(const void *arg)
{
	return load(GUARD);
}

/* What failed has left nothing behind that is in the way. */
static void comes(int error)
{
	if (error)
		assert_int_equal(load(GUARD), 0);
	assert_true(loaded(GUARD));
}

static void test_load(void **state)
{
	walk("load", &(struct operation){ run_load, gone, comes, NULL });
}

static int begin(void **state)
{
	both_loaded();
	return walk_setup(state) ? -1 : load(GUARD);
}

static int end(void **state)
{
	return unload(GUARD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_detect),
		cmocka_unit_test(test_load),
	};

	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, begin, end);
}
