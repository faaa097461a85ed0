// SPDX-License-Identifier: GPL-2.0
/* Loading, unloading, starting and stopping. */
/* check: limit=900 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "walk.h"

static int run_load(const void *module)
{
	return load(module);
}

static int run_unload(const void *module)
{
	return unload(module);
}

static void core_as_said(int error)
{
	assert_int_equal(loaded(CORE), !error);
	assert_int_equal(!access("/proc/moeai", F_OK), !error);
}

static void feature_as_said(int error)
{
	assert_int_equal(loaded(FEATURE), !error);
	assert_int_equal(!access("/proc/moeai/modules/mem_monitor", F_OK),
			 !error);
	next_seq();
}

static void core_gone_as_said(int error)
{
	core_as_said(error ? 0 : -ENOENT);
}

static void feature_gone_as_said(int error)
{
	feature_as_said(error ? 0 : -ENOENT);
}

static void test_load(void **state)
{
	walk("load core",
	     &(struct operation){ run_load, none_loaded, core_as_said, CORE });
}

static void test_unload(void **state)
{
	walk("unload core", &(struct operation){ run_unload, core_loaded,
						 core_gone_as_said, CORE });
}

static void test_load_feature(void **state)
{
	walk("load feature", &(struct operation){ run_load, core_loaded,
						  feature_as_said, FEATURE });
}

static void test_unload_feature(void **state)
{
	walk("unload feature",
	     &(struct operation){ run_unload, both_loaded, feature_gone_as_said,
				  FEATURE });
}

static int run_stop(const void *module)
{
	return moeai_module_stop(handle, module);
}

static int run_start(const void *module)
{
	return moeai_module_start(handle, module);
}

/*
 * Half started or half stopped, it could not be started now. An answer that was
 * lost tells nothing, so it may be stopped already.
 */
static void start_again(int error)
{
	int rc = moeai_module_stop(handle, "mem_monitor");

	assert_true(rc == 0 || rc == -EALREADY);
	assert_int_equal(moeai_module_start(handle, "mem_monitor"), 0);
	close_handle(error);
}

static void test_stop(void **state)
{
	open_handle();
	close_handle(0);
	walk("stop", &(struct operation){ run_stop, open_handle, start_again,
					  "mem_monitor" });
}

static void stopped_handle(void)
{
	open_handle();
	assert_int_equal(moeai_module_stop(handle, "mem_monitor"), 0);
}

static void test_start(void **state)
{
	walk("start", &(struct operation){ run_start, stopped_handle,
					   start_again, "mem_monitor" });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_load_feature),
		cmocka_unit_test(test_unload_feature),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_unload),
	};

	return cmocka_run_group_tests(tests, walk_setup, NULL);
}
