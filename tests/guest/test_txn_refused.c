// SPDX-License-Identifier: LGPL-2.1-or-later
/* Changes of tables through the library: what is refused, and how it says why. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "txn.h"

static struct moeai *h;

#define ROW(...) { __VA_ARGS__ }

static const struct {
	enum moeai_action action;
	struct moeai_arg row[3];
	int error;
	const char *field, *text;
} refusals[] = {
	{ ADD, ROW(MOEAI_TEXT("id", "1"), MOEAI_TEXT("colour", "red")), -EINVAL, "colour",
	  "there is no such column, only id, name, size" },
	{ ADD, ROW(MOEAI_TEXT("id", "1x"), MOEAI_TEXT("name", "n")), -EINVAL, "id",
	  "'1x' is not a number" },
	{ ADD, ROW(MOEAI_TEXT("id", "1"), MOEAI_TEXT("size", "4096G")), -ERANGE, "size",
	  "4096G is out of range: 0 to 1099511627776" },
	{ ADD, ROW(MOEAI_TEXT("id", "1"), MOEAI_TEXT("name", "12345678901234567890123456789012")),
	  -ERANGE, "name", "32 bytes are out of range: 0 to 31" },
	{ ADD, ROW(MOEAI_NUMBER("id", -1), MOEAI_TEXT("name", "n")), -ERANGE, "id",
	  "-1 does not fit its type" },
	{ ADD, ROW(MOEAI_TEXT("id", "1"), MOEAI_TEXT("size", "1")), -EINVAL, "name", "missing" },
	{ DELETE, ROW(MOEAI_TEXT("name", "n"), MOEAI_TEXT("size", "1")), -EINVAL, "id", "missing" },
	{ ADD, ROW(MOEAI_TEXT("id", "1"), MOEAI_TEXT("id", "2")), -EINVAL, "id", "given twice" },
	{ ADD, ROW(MOEAI_TEXT("id", "10"), MOEAI_TEXT("name", "n")), -EEXIST, NULL,
	  "a row with this key is there already" },
	{ DELETE, ROW(MOEAI_TEXT("id", "99"), MOEAI_TEXT("name", "n")), -ENOENT, NULL,
	  "no row with this key" },
	{ REPLACE, ROW(MOEAI_TEXT("id", "10"), MOEAI_TEXT("name", "forbidden")), -EACCES, NULL,
	  "this name is forbidden" },
	{ MOEAI_ACTION_FLUSH, ROW(MOEAI_TEXT("id", "10"), MOEAI_TEXT("name", "n")), -EINVAL, NULL,
	  "not an action for rows" },
};

static void refused_one(size_t i)
{
	const struct moeai_txn_error *e;
	struct moeai_txn *t = txn_begin(ROWS);
	char whole[256];
	int rc;

	print_message("%s\n", refusals[i].text);
	assert_int_equal(txn_put_many(t, 1000, 3), 0);
	rc = moeai_txn_row(t, refusals[i].action, refusals[i].row, 2);
	if (!rc)
		rc = moeai_txn_commit(t, 0, NULL);
	assert_int_equal(rc, refusals[i].error);
	snprintf(whole, sizeof(whole), "table test.rows: row 3: %s%s%s",
		 refusals[i].field ? refusals[i].field : "", refusals[i].field ? ": " : "",
		 refusals[i].text);
	assert_memory_equal(moeai_error(h), whole, strlen(whole));
	e = moeai_txn_error(t);
	assert_true(e->has_row && e->row == 3 && e->status == rc);
	assert_memory_equal(e->message, refusals[i].text, strlen(refusals[i].text));
	if (refusals[i].field)
		assert_string_equal(e->field, refusals[i].field);
	else
		assert_null(e->field);
	/* It is over, and says why whenever it is asked. */
	assert_int_equal(moeai_call(h, "no.body", NULL, 0, PATIENCE, NULL), -ENOENT);
	assert_int_equal(txn_put(t, ADD, 50, 1), rc);
	assert_memory_equal(moeai_error(h), whole, strlen(whole));
	assert_int_equal(moeai_txn_flush(t), rc);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), rc);
	moeai_txn_close(t);
	assert_unchanged();
}

static void refused(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		refused_one(i);
}

/* In one of many messages, in the middle or known at the commit only. */
static void refused_late(void **state)
{
	const struct moeai_arg bad[] = { MOEAI_NUMBER("id", 9000), MOEAI_TEXT("name", "forbidden") };
	struct moeai_txn *t = txn_begin(ROWS);
	int rc;

	assert_int_equal(txn_put_many(t, 1000, 4321), 0);
	assert_int_equal(moeai_txn_row(t, ADD, bad, 2), 0);
	rc = txn_put_many(t, 10000, 4000);
	assert_int_equal(rc, -EACCES);
	assert_int_equal(moeai_txn_error(t)->row, 4321);
	moeai_txn_close(t);
	assert_unchanged();

	t = txn_begin(ROWS);
	assert_int_equal(txn_put_many(t, 1000, 2000), 0);
	assert_int_equal(txn_put_many(t, 12, 1), 0);
	assert_int_equal(txn_put_many(t, 4000, 6000), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -EEXIST);
	assert_int_equal(moeai_txn_error(t)->row, 2000);
	moeai_txn_close(t);
	assert_unchanged();
}

/* No one row is at fault. */
static void refused_whole(void **state)
{
	struct moeai_txn *t = txn_begin("test.few");
	char name[100];

	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(txn_put_many(t, 1, 5), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -ENOSPC);
	assert_string_equal(moeai_error(h), "table test.few: the table is full");
	assert_false(moeai_txn_error(t)->has_row);
	assert_string_equal(moeai_txn_error(t)->message, "the table is full");
	moeai_txn_close(t);
	t = txn_begin(ROWS);
	assert_int_equal(txn_put_many(t, 1, 5), 0);
	assert_int_equal(moeai_txn_commit(t, MOEAI_CONFIRM_MAX + 1, NULL), -ERANGE);
	moeai_txn_close(t);
	t = txn_begin("modules");
	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -EPERM);
	assert_string_equal(moeai_error(h), "table modules: this table can't be changed");
	moeai_txn_close(t);
	assert_int_equal(moeai_txn_open(h, "chairs", &t), -ENOENT);
	assert_string_equal(moeai_error(h), "table chairs: no such table");
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	assert_int_equal(moeai_txn_open(h, name, &t), -ENOENT);
	assert_unchanged();
}

static int as_nobody(void)
{
	struct moeai_txn *t;
	struct moeai *own;

	if (setgid(65534) || setuid(65534) || moeai_open(&own) || moeai_txn_open(own, ROWS, &t))
		return 1;
	if (moeai_txn_flush(t) || moeai_txn_commit(t, 0, NULL) != -EPERM ||
	    !strstr(moeai_error(own), "CAP_NET_ADMIN"))
		return 2;
	return moeai_table_rollback(own, ROWS) == -EPERM ? 0 : 3;
}

static void not_permitted(void **state)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(as_nobody());
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_unchanged();
}

static int load(void **state)
{
	return txn_open(&h);
}

#define TEST(name) cmocka_unit_test_setup(name, txn_ready)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refused), TEST(refused_late), TEST(refused_whole), TEST(not_permitted),
	};

	return cmocka_run_group_tests(tests, load, txn_close);
}
