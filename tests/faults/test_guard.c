// SPDX-License-Identifier: GPL-2.0
/* Rules of net_guard, which its module keeps: all of a change is done or nothing. */
/* check: limit=900 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "table.h"

static char prefix[32], reason[16];
static struct moeai_arg columns[] = {
	MOEAI_TEXT("prefix", prefix),
	MOEAI_TEXT("action", "drop"),
	MOEAI_TEXT("reason", reason),
};

static void row(int i)
{
	snprintf(prefix, sizeof(prefix), i % 2 ? "10.77.%d.0/24" : "2001:db8:%x::/48", i);
	snprintf(reason, sizeof(reason), "%d", i);
}

static const struct walked_table table = { "net_guard.rules", 20, columns, 3, 1, row };

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
	walked = &table;
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

	return cmocka_run_group_tests(tests, begin, end);
}
