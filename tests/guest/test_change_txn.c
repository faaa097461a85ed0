// SPDX-License-Identifier: GPL-2.0
/* Stored tables: changes of many messages, all or nothing. */
#include <errno.h>
#include <stdlib.h>
#include "ask.h"
#include "rows.h"

static struct wire w;
static struct shot before, after;

#define MANY 50000
#define PER  1000 /* in a message */

/* MANY ids from FIRST_OF_MANY on, in no order; the last part commits. */
#define FIRST_OF_MANY 1000

static int send_part(uint32_t part, struct answer *a)
{
	struct msg m;
	uint32_t i;

	change_begin(&m, ROWS, ADD, 7);
	if (part < MANY / PER - 1)
		change_more(&m);
	for (i = part * PER; i < (part + 1) * PER; i++)
		put_row(&m, FIRST_OF_MANY + i * 7919 % MANY, "one of many", i);
	return change(&w, &m, a);
}

static void test_large(void **state)
{
	struct answer a = {};
	uint32_t part, i;

	shot_take(&w, ROWS, &before);
	for (part = 0; part < MANY / PER; part++) {
		if (part == MANY / PER / 2) {
			assert_untouched(&w, &before);
			assert_int_equal(transactions_of(&w, w.portid), 1);
		}
		assert_false(a.committed);
		assert_int_equal(send_part(part, &a), 0);
	}
	assert_true(a.committed);
	assert_int_equal(a.txn, 7);
	assert_int_equal(a.changed, MANY);
	assert_true(a.generation > before.generation);
	assert_int_equal(transactions_of(&w, w.portid), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.generation, a.generation);
	assert_int_equal(after.n, KNOWN + MANY);
	for (i = 0; i < MANY; i++) {
		const struct row *r = &after.rows[KNOWN + i];

		assert_int_equal(r->id, FIRST_OF_MANY + i);
		assert_string_equal(r->name, "one of many");
		assert_int_equal(FIRST_OF_MANY + r->size * 7919 % MANY, r->id);
	}
}

/* What is wrong in the middle is told once; nothing of it is applied. */
static void test_failed(void **state)
{
	struct answer a;
	struct msg m;

	shot_take(&w, ROWS, &before);
	assert_int_equal(stage(&w, ADD, 3, 100, 10, 0), 0);
	change_begin(&m, ROWS, ADD, 3);
	change_more(&m);
	put_row(&m, 200, "good", 0);
	put_row(&m, 201, "forbidden", 0);
	assert_int_equal(change(&w, &m, &a), -EACCES);
	assert_true(a.refused);
	assert_int_equal(a.row, 11);
	assert_int_equal(a.txn, 3);
	assert_int_equal(stage(&w, ADD, 3, 300, 1, 0), -ECANCELED);
	assert_int_equal(stage(&w, FLUSH, 3, 0, 0, 0), -ECANCELED);
	assert_int_equal(transactions_of(&w, w.portid), 1);
	assert_int_equal(change_rows(&w, ADD, 3, 400, 1, 0), -ECANCELED);
	assert_int_equal(transactions_of(&w, w.portid), 0);
	assert_untouched(&w, &before);
	assert_int_equal(stage(&w, ADD, 3, 500, 1, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 3, 501, 1, 0), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 2);
}

/* What shows at the commit only names the row among all of them. */
static void test_failed_commit(void **state)
{
	struct answer a;
	struct msg m;

	shot_take(&w, ROWS, &before);
	assert_int_equal(stage(&w, ADD, 3, 100, 10, 0), 0);
	assert_int_equal(stage(&w, ADD, 3, FIRST + 2, 1, 0), 0);
	change_begin(&m, ROWS, ADD, 3);
	put_rows(&m, 200, 10, 0);
	assert_int_equal(change(&w, &m, &a), -EEXIST);
	assert_true(a.refused);
	assert_int_equal(a.row, 10);
	assert_int_equal(a.txn, 3);
	assert_untouched(&w, &before);
	assert_int_equal(change_rows(&w, ADD, 3, 100, 1, 0), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 1);
}

/* A commit of one row more, that says how many there must be. */
static int commit_counted(uint32_t txn, uint32_t id, uint64_t rows, struct answer *a)
{
	struct msg m;

	change_begin(&m, ROWS, ADD, txn);
	put_row(&m, id, "counted", 0);
	msg_u64(&m, MOEAI_A_DATA_ROWS, rows);
	return change(&w, &m, a);
}

/* genl refuses a message in the middle, which the transaction never sees. */
static void test_lost_message(void **state)
{
	struct answer a;
	struct msg m;

	shot_take(&w, ROWS, &before);
	assert_int_equal(stage(&w, ADD, 3, 100, 10, 0), 0);
	change_begin(&m, ROWS, ADD, 3);
	change_more(&m);
	put_rows(&m, 200, 5, 0);
	msg_u32(&m, MOEAI_A_DATA_CONFIRM, 0);
	assert_int_equal(change(&w, &m, NULL), -ERANGE);
	assert_int_equal(commit_counted(3, 300, 16, &a), -ECANCELED);
	assert_true(a.refused);
	assert_true(a.row == UINT64_MAX);
	assert_string_equal(a.field, "");
	assert_string_equal(a.v.text, "not as many rows have come as ROWS says: some are lost");
	assert_int_equal(a.txn, 3);
	assert_int_equal(transactions_of(&w, w.portid), 0);
	assert_untouched(&w, &before);
	assert_int_equal(commit_counted(0, 1, 2, &a), -ECANCELED);
	assert_int_equal(commit_counted(0, 1, 0, &a), -ECANCELED);
	assert_untouched(&w, &before);
	assert_int_equal(stage(&w, ADD, 3, 100, 10, 0), 0);
	assert_int_equal(commit_counted(3, 300, 11, &a), 0);
	assert_int_equal(a.changed, 11);
	assert_int_equal(commit_counted(0, 301, 1, &a), 0);
}

static int abort_of(struct wire *wire, uint32_t txn)
{
	struct msg m;

	change_begin(&m, ROWS, 0, txn);
	msg_put(&m, MOEAI_A_DATA_ABORT, NULL, 0);
	return change(wire, &m, NULL);
}

static void test_abort(void **state)
{
	shot_take(&w, ROWS, &before);
	assert_int_equal(abort_of(&w, 4), -ENOENT);
	assert_int_equal(stage(&w, FLUSH, 4, 0, 0, 0), 0);
	assert_int_equal(stage(&w, ADD, 4, 100, 10, 0), 0);
	assert_int_equal(abort_of(&w, 4), 0);
	assert_int_equal(abort_of(&w, 4), -ENOENT);
	assert_int_equal(stage(&w, ADD, 4, 1, 1, 1ULL << 50), -ERANGE);
	assert_int_equal(stage(&w, ADD, 4, 1, 1, 1), -ECANCELED);
	assert_int_equal(abort_of(&w, 4), 0);
	assert_untouched(&w, &before);
	assert_int_equal(change_rows(&w, ADD, 4, 101, 1, 0), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 1);
}

static void test_closed(void **state)
{
	struct wire other;

	shot_take(&w, ROWS, &before);
	wire_open(&other);
	assert_int_equal(stage(&other, FLUSH, 1, 0, 0, 0), 0);
	assert_int_equal(stage(&other, ADD, 2, 100, 500, 0), 0);
	assert_int_equal(transactions_of(&w, other.portid), 2);
	wire_close(&other);
	assert_int_equal(transactions_of(&w, other.portid), 0);
	assert_untouched(&w, &before);
	/* Not even the next socket with that port has them. */
	assert_int_equal(wire_open_port(&other, other.portid), 0);
	assert_int_equal(change_rows(&other, ADD, 2, 1, 1, 0), 0);
	wire_close(&other);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 1);
}

static void test_two_sockets(void **state)
{
	struct wire other;

	wire_open(&other);
	assert_int_equal(stage(&w, ADD, 1, 1, 1, 0), 0);
	assert_int_equal(stage(&other, ADD, 1, 2, 1, 0), 0);
	assert_int_equal(abort_of(&other, 2), -ENOENT);
	assert_int_equal(change_rows(&w, ADD, 1, 3, 1, 0), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 2);
	assert_null(row_of(&after, 2));
	/* Key 3 is there by now: seen at the commit. */
	assert_int_equal(change_rows(&other, ADD, 1, 3, 1, 0), -EEXIST);
	assert_int_equal(stage(&other, ADD, 1, 2, 1, 0), 0);
	assert_int_equal(change_rows(&other, ADD, 1, 4, 1, 0), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 4);
	wire_close(&other);
}

/* A transaction is of one table. */
static void test_two_tables(void **state)
{
	struct msg m;

	assert_int_equal(stage(&w, ADD, 1, 1, 1, 0), 0);
	change_begin(&m, FEW, ADD, 1);
	put_row(&m, 1, "x", 0);
	assert_int_equal(change(&w, &m, NULL), -EINVAL);
	change_begin(&m, FEW, 0, 1);
	msg_put(&m, MOEAI_A_DATA_ABORT, NULL, 0);
	assert_int_equal(change(&w, &m, NULL), -EINVAL);
	assert_int_equal(change_rows(&w, ADD, 1, 2, 1, 0), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 2);
}

static void test_same_key(void **state)
{
	assert_int_equal(stage(&w, ADD, 1, 20, 1, 1), 0);
	assert_int_equal(stage(&w, REPLACE, 1, 20, 1, 2), 0);
	assert_int_equal(stage(&w, DELETE, 1, 20, 1, 0), 0);
	assert_int_equal(stage(&w, ADD, 1, 20, 1, 3), 0);
	assert_int_equal(stage(&w, DELETE, 1, FIRST, 1, 0), 0);
	assert_int_equal(stage(&w, REPLACE, 1, FIRST + 1, 1, 0), 0);
	assert_int_equal(stage(&w, DELETE, 1, FIRST + 1, 1, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 1, FIRST, 1, 9), 0);
	shot_take(&w, ROWS, &before);
	assert_int_equal(before.n, KNOWN);
	assert_int_equal(row_of(&before, 20)->size, 3);
	assert_int_equal(row_of(&before, FIRST)->size, 9);
	assert_null(row_of(&before, FIRST + 1));

	assert_int_equal(stage(&w, DELETE, 1, FIRST, 1, 0), 0);
	assert_int_equal(change_rows(&w, DELETE, 1, FIRST, 1, 0), -ENOENT);
	assert_int_equal(stage(&w, REPLACE, 1, 30, 1, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 1, 30, 1, 0), -EEXIST);
	assert_untouched(&w, &before);
}

/* What was staged before it goes, too; rows are counted on. */
static void test_flush_within(void **state)
{
	struct answer a;
	struct msg m;

	shot_take(&w, ROWS, &before);
	assert_int_equal(stage(&w, ADD, 1, 20, 2, 1), 0);
	assert_int_equal(stage(&w, FLUSH, 1, 0, 0, 0), 0);
	assert_int_equal(stage(&w, ADD, 1, FIRST, 1, 1), 0);
	change_begin(&m, ROWS, ADD, 1);
	put_row(&m, FIRST, "again", 1);
	assert_int_equal(change(&w, &m, &a), -EEXIST);
	assert_int_equal(a.row, 3);
	assert_untouched(&w, &before);
	assert_int_equal(stage(&w, ADD, 1, 20, 2, 1), 0);
	assert_int_equal(stage(&w, FLUSH, 1, 0, 0, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 1, FIRST, 1, 1), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, 1);
	assert_int_equal(after.rows[0].size, 1);
}

/* A message that commits needs no row, if there is a transaction. */
static void test_bare_commit(void **state)
{
	struct answer a;
	struct msg m;

	assert_int_equal(stage(&w, ADD, 1, 20, 2, 1), 0);
	change_begin(&m, ROWS, ADD, 1);
	msg_u64(&m, MOEAI_A_DATA_ROWS, 2);
	assert_int_equal(change(&w, &m, &a), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 2);
	/* The same again: it is gone. */
	change_begin(&m, ROWS, ADD, 1);
	msg_u64(&m, MOEAI_A_DATA_ROWS, 2);
	assert_int_equal(change(&w, &m, &a), -ECANCELED);
	assert_string_equal(a.v.text, "this transaction was forgotten");
	change_begin(&m, ROWS, ADD, 1);
	assert_int_equal(change(&w, &m, &a), -EINVAL);
	assert_string_equal(a.v.text, "a ROW is missing");
	assert_untouched(&w, &after);
	assert_int_equal(stage(&w, FLUSH, 1, 0, 0, 0), 0);
	change_begin(&m, ROWS, ADD, 1);
	msg_u64(&m, MOEAI_A_DATA_ROWS, 0);
	assert_int_equal(change(&w, &m, &a), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, 0);
}

static int load(void **state)
{
	return rows_load(&w);
}

static int unload(void **state)
{
	return rows_unload(&w);
}

static int begin(void **state)
{
	return rows_begin(&w);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(large), TEST(failed), TEST(failed_commit), TEST(abort),
		TEST(lost_message), TEST(closed), TEST(two_sockets), TEST(two_tables),
		TEST(same_key), TEST(flush_within), TEST(bare_commit),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
