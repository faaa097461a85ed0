// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include "table.h"

const struct walked_table *walked;

static int put_rows(struct moeai_txn *t, enum moeai_action action, int n)
{
	size_t columns = action == MOEAI_ACTION_DELETE ? walked->n_key : walked->n_columns;
	int rc = 0;

	for (int i = 0; i < n && !rc; i++) {
		walked->row(i);
		rc = moeai_txn_row(t, action, walked->columns, columns);
	}
	return rc;
}

int change(enum moeai_action action, int n, uint32_t confirm)
{
	struct moeai_txn *t;
	int rc = moeai_txn_open(handle, walked->name, &t);

	if (rc)
		return rc;
	rc = n ? put_rows(t, action, n) : moeai_txn_flush(t);
	if (!rc)
		rc = moeai_txn_commit(t, confirm, NULL);
	moeai_txn_close(t);
	return rc;
}

void empty(void)
{
	open_handle();
	assert_int_equal(change(MOEAI_ACTION_ADD, 0, 0), 0);
}

void filled(void)
{
	empty();
	assert_int_equal(change(MOEAI_ACTION_ADD, walked->rows, 0), 0);
}

static int run_add(const void *arg)
{
	return change(MOEAI_ACTION_ADD, walked->rows, 0);
}

static int run_delete(const void *arg)
{
	return change(MOEAI_ACTION_DELETE, walked->rows - 1, 0);
}

static void added(int error)
{
	all_or_nothing(walked->name, error, walked->rows, 0);
}

static void deleted(int error)
{
	all_or_nothing(walked->name, error, 1, walked->rows);
}

void test_add(void **state)
{
	walk("add", &(struct operation){ run_add, empty, added, NULL });
}

void test_delete(void **state)
{
	walk("delete", &(struct operation){ run_delete, filled, deleted, NULL });
}
