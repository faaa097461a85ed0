// SPDX-License-Identifier: GPL-2.0
/* Transactions: all of one is done or nothing. And what moeai_hello.ko answers later. */
/* check: limit=900 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "walk.h"

#define TABLE "hello.guests"
#define ROWS  200

/* How many rows there are; all of one generation, or the library would say so. */
/* Rows "0", "1" …, until one is refused. */
static int put_rows(struct moeai_txn *t, enum moeai_action action, int n)
{
	char name[16];
	const struct moeai_arg columns[] = {
		MOEAI_TEXT("name", name),
		MOEAI_TEXT("tone", "loud"),
	};
	int rc = 0;

	for (int i = 0; i < n && !rc; i++) {
		snprintf(name, sizeof(name), "%d", i);
		rc = moeai_txn_row(t, action, columns, action == MOEAI_ACTION_DELETE ? 1 : 2);
	}
	return rc;
}

static int change(enum moeai_action action, int n, uint32_t confirm)
{
	struct moeai_txn *t;
	int rc = moeai_txn_open(handle, TABLE, &t);

	if (rc)
		return rc;
	rc = action == MOEAI_ACTION_FLUSH ? moeai_txn_flush(t) : put_rows(t, action, n);
	if (!rc)
		rc = moeai_txn_commit(t, confirm, NULL);
	moeai_txn_close(t);
	return rc;
}

static void empty(void)
{
	open_handle();
	assert_int_equal(change(MOEAI_ACTION_FLUSH, 0, 0), 0);
}

static void filled(void)
{
	empty();
	assert_int_equal(change(MOEAI_ACTION_ADD, ROWS, 0), 0);
}

static int run_add(const void *arg)
{
	return change(MOEAI_ACTION_ADD, ROWS, 0);
}

static int run_delete(const void *arg)
{
	return change(MOEAI_ACTION_DELETE, ROWS - 1, 0);
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

static void awaits_confirmation(void)
{
	empty();
	assert_int_equal(change(MOEAI_ACTION_ADD, 1, 60), 0);
}

static int run_confirm(const void *arg)
{
	return moeai_table_confirm(handle, TABLE);
}

static int run_rollback(const void *arg)
{
	return moeai_table_rollback(handle, TABLE);
}

/* It was ended one way, or awaits it still. */
static void ended(int error)
{
	int rc = moeai_table_rollback(handle, TABLE);

	assert_true(rc == 0 || rc == -ENODATA);
	if (!error)
		assert_int_equal(rc, -ENODATA);
	close_handle(error);
}

static void test_confirm(void **state)
{
	walk("confirm", &(struct operation){ run_confirm, awaits_confirmation, ended, NULL });
}

static void test_rollback(void **state)
{
	walk("rollback", &(struct operation){ run_rollback, awaits_confirmation, ended, NULL });
}

static int run_greet(const void *arg)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("name", "anna"), MOEAI_TEXT("delay", "0") };

	return moeai_call(handle, "hello.greet", args, 2, TIMEOUT, NULL);
}

/* The next one is greeted as ever: who failed has left nobody busy. */
static void greets(int error)
{
	int rc, tries = 100;

	do
		rc = run_greet(NULL);
	while (rc == -EBUSY && --tries);
	assert_int_equal(rc, 0);
	close_handle(error);
}

static void test_answer_later(void **state)
{
	walk("answer later", &(struct operation){ run_greet, open_handle, greets, NULL });
}

static int begin(void **state)
{
	both_loaded();
	return walk_setup(state) ? -1 : load(HELLO);
}

static int end(void **state)
{
	return unload(HELLO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_confirm),
		cmocka_unit_test(test_rollback),
		cmocka_unit_test(test_answer_later),
	};

	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, begin, end);
}
