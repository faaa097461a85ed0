// SPDX-License-Identifier: GPL-2.0
/* Transactions: all of one is done or nothing. And what moeai_hello.ko answers later. */
/* check: limit=900 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "table.h"

static char name[16];
static struct moeai_arg columns[] = {
	MOEAI_TEXT("name", name),
	MOEAI_TEXT("tone", "loud"),
};

static void row(int i)
{
	snprintf(name, sizeof(name), "%d", i);
}

static const struct walked_table table = { "hello.guests", 200, columns, 2, 1, row };

static void awaits_confirmation(void)
{
	empty();
	assert_int_equal(change(MOEAI_ACTION_ADD, 1, 60), 0);
}

static int run_confirm(const void *arg)
{
	return moeai_table_confirm(handle, walked->name);
}

static int run_rollback(const void *arg)
{
	return moeai_table_rollback(handle, walked->name);
}

/* It was ended one way, or awaits it still. */
static void ended(int error)
{
	int rc = moeai_table_rollback(handle, walked->name);

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
	walked = &table;
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

	return cmocka_run_group_tests(tests, begin, end);
}
