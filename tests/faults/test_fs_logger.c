// SPDX-License-Identifier: GPL-2.0
/* Watches of fs_logger: all of a change is done or nothing, and no mark stays. */
/* check: limit=900 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "walk.h"

#define TABLE  "fs_logger.watches"
#define HERE   "/run/faulty"
#define ROWS   5

static int change(enum moeai_action action, int n)
{
	static const char *const ops[] = { "create", "delete,open", "rename,exec", "attrib", "modify" };
	char path[64];
	struct moeai_arg columns[] = {
		MOEAI_TEXT("path", path),
		MOEAI_TEXT("holder", "0"),
		MOEAI_TEXT("exclude", "*.swp"),
		MOEAI_TEXT("exclude_self", "true"),
		MOEAI_TEXT("ops", ""),
	};
	struct moeai_txn *t;
	int rc = moeai_txn_open(handle, TABLE, &t);

	if (rc)
		return rc;
	if (!n)
		rc = moeai_txn_flush(t);
	for (int i = 0; i < n && !rc; i++) {
		snprintf(path, sizeof(path), HERE "/%d", i);
		columns[4] = (struct moeai_arg)MOEAI_TEXT("ops", ops[i]);
		rc = moeai_txn_row(t, action, columns, action == MOEAI_ACTION_DELETE ? 2 : 5);
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
	char path[64];

	if (walk_setup(state))
		return -1;
	both_loaded();
	if (load(LOGGER) || mkdir(HERE, 0755) || mount("faulty", HERE, "tmpfs", 0, NULL))
		return -1;
	for (int i = 0; i < ROWS; i++) {
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

	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, begin, end);
}
