// SPDX-License-Identifier: GPL-2.0
/* Watches of fs_logger: all of a change is done or nothing, and no mark stays. */
/* check: limit=900 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "table.h"

#define HERE "/run/faulty"

static char path[64];
static struct moeai_arg columns[] = {
	MOEAI_TEXT("path", path),
	MOEAI_TEXT("holder", "0"),
	MOEAI_TEXT("exclude", "*.swp"),
	MOEAI_TEXT("exclude_self", "true"),
	MOEAI_TEXT("ops", ""),
};

static void row(int i)
{
	static const char *const ops[] = { "create", "delete,open", "rename,exec", "attrib", "modify" };

	snprintf(path, sizeof(path), HERE "/%d", i);
	columns[4] = (struct moeai_arg)MOEAI_TEXT("ops", ops[i]);
}

static const struct walked_table table = { "fs_logger.watches", 5, columns, 5, 2, row };

static void gone(void)
{
	if (loaded(LOGGER))
		assert_int_equal(unload(LOGGER), 0);
}

static int run_load(const void *arg)
{
	return load(LOGGER);
}

/* What failed has left nothing behind that is in the way. */
static void comes(int error)
{
	if (error)
		assert_int_equal(load(LOGGER), 0);
	assert_true(loaded(LOGGER));
}

static void test_load(void **state)
{
	walk("load", &(struct operation){ run_load, gone, comes, NULL });
}

static int begin(void **state)
{
	walked = &table;

	if (walk_setup(state))
		return -1;
	both_loaded();
	if (load(LOGGER) || mkdir(HERE, 0755) || mount("faulty", HERE, "tmpfs", 0, NULL))
		return -1;
	for (int i = 0; i < walked->rows; i++) {
		snprintf(path, sizeof(path), HERE "/%d", i);
		if (mkdir(path, 0755))
			return -1;
	}
	return 0;
}

static int end(void **state)
{
	return umount(HERE) ?: unload(LOGGER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
