// SPDX-License-Identifier: GPL-2.0
/* Stored tables: what a change does, keys and their order, in one message. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ask.h"
#include "rows.h"

static struct wire w;
static struct shot before, after;

/* A commit of @n rows from @from on; the table then has @left. */
static void assert_commits(uint32_t action, uint32_t from, uint32_t n, uint64_t size, size_t left)
{
	uint64_t count = generations(&w);
	struct answer a;
	struct msg m;

	shot_take(&w, ROWS, &before);
	change_begin(&m, ROWS, action, 0);
	put_rows(&m, from, n, size);
	assert_int_equal(change(&w, &m, &a), 0);
	assert_true(a.committed);
	assert_int_equal(a.txn, 0);
	assert_int_equal(a.changed, action == FLUSH ? before.n : n);
	assert_true(a.generation > before.generation);
	assert_int_equal(generations(&w), count + 1);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, left);
	if (left)
		assert_int_equal(after.generation, a.generation);
}

static void test_actions(void **state)
{
	assert_commits(ADD, 1, 3, 1, KNOWN + 3);
	assert_int_equal(row_of(&after, 3)->size, 1);
	assert_string_equal(row_of(&after, 3)->name, "row 3");
	assert_int_equal(row_of(&after, FIRST)->size, FIRST);
	assert_commits(REPLACE, 3, 2, 7, KNOWN + 4);
	assert_int_equal(row_of(&after, 3)->size, 7);
	assert_int_equal(row_of(&after, 4)->size, 7);
	assert_int_equal(row_of(&after, 2)->size, 1);
	assert_commits(DELETE, 2, 2, 0, KNOWN + 2);
	assert_null(row_of(&after, 2));
	assert_null(row_of(&after, 3));
	assert_commits(FLUSH, 0, 0, 0, 0);
	assert_commits(ADD, FIRST, 1, 2, 1);
}

/* No ACK was asked for: the reply comes all the same, and nothing else. */
static void test_reply(void **state)
{
	const struct nlmsghdr *nlh;
	struct msg m;

	change_begin(&m, ROWS, ADD, 99);
	put_row(&m, 1, "", 0);
	assert_int_equal(wire_send(&w, &m), 0);
	nlh = wire_next(&w, WIRE_WAIT);
	assert_non_null(nlh);
	assert_int_equal(nlh_cmd(nlh), MOEAI_MSG_DATA);
	assert_int_equal(nlh->nlmsg_seq, w.seq);
	assert_string_equal(attr_data(nlh_attr(nlh, MOEAI_A_DATA_TABLE)), ROWS);
	assert_int_equal(attr_u32(nlh_attr(nlh, MOEAI_A_DATA_TXN)), 99);
	assert_int_equal(attr_u64(nlh_attr(nlh, MOEAI_A_DATA_CHANGED)), 1);
	assert_null(nlh_attr(nlh, MOEAI_A_DATA_ERROR));
	assert_null(wire_next(&w, 50));
}

/* By their keys alone, and the last attribute not padded. */
static void test_delete_by_key(void **state)
{
	struct msg m;
	size_t nest;

	change_begin(&m, ROWS, DELETE, 0);
	nest = msg_nest(&m, MOEAI_A_DATA_ROW);
	msg_u32(&m, ROW_ID, FIRST);
	msg_nest_end(&m, nest);
	assert_int_equal(change(&w, &m, NULL), 0);
	change_begin(&m, ROWS, ADD, 0);
	nest = msg_nest(&m, MOEAI_A_DATA_ROW);
	msg_u32(&m, ROW_ID, 1);
	msg_str(&m, ROW_NAME, "a");
	m.len -= 2;
	msg_nest_end(&m, nest);
	assert_int_equal(change(&w, &m, NULL), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN);
	assert_null(row_of(&after, FIRST));
	assert_string_equal(row_of(&after, 1)->name, "a");
	assert_true(row_of(&after, 1)->size == UINT64_MAX);
}

static void test_find(void **state)
{
	const char *answer;
	int error;

	answer = control_answer(&error, "test.find id=%d", FIRST + 1);
	assert_int_equal(error, 0);
	assert_int_equal(answer_number(answer, "size"), FIRST);
	control_answer(&error, "test.find id=1");
	assert_int_equal(error, -ENOENT);
	assert_int_equal(change_rows(&w, REPLACE, 0, FIRST + 1, 1, 77), 0);
	answer = control_answer(&error, "test.find id=%d", FIRST + 1);
	assert_int_equal(answer_number(answer, "size"), 77);
	assert_int_equal(change_bare(&w, ROWS, FLUSH), 0);
	control_answer(&error, "test.find id=%d", FIRST + 1);
	assert_int_equal(error, -ENOENT);
}

static const struct pair {
	const char *name;
	int32_t side;
} ordered[] = {
	{ "", 0 }, { "a", INT32_MIN }, { "a", -1 }, { "a", 0 }, { "a", INT32_MAX }, { "ab", -5 },
	{ "b", 0 }, { "\xff", 1 },
};

#define PAIRS (sizeof(ordered) / sizeof(ordered[0]))

static void compare_pair(const struct nlattr *row, void *arg)
{
	size_t *i = arg;

	assert_true(*i < PAIRS);
	assert_string_equal(attr_data(attr_in(row, 1)), ordered[*i].name);
	assert_int_equal((int)attr_u32(attr_in(row, 2)), ordered[*i].side);
	++*i;
}

/* A key of two fields, a string and a signed number. */
static void test_order(void **state)
{
	size_t nest, i, n = 0;
	struct msg m;

	change_begin(&m, "test.pair", ADD, 0);
	for (i = 0; i < PAIRS; i++) {
		nest = msg_nest(&m, MOEAI_A_DATA_ROW);
		msg_u32(&m, 2, ordered[i * 5 % PAIRS].side);
		msg_str(&m, 1, ordered[i * 5 % PAIRS].name);
		msg_nest_end(&m, nest);
	}
	assert_int_equal(change(&w, &m, NULL), 0);
	assert_int_equal(table_walk(&w, "test.pair", compare_pair, &n), 0);
	assert_int_equal(n, PAIRS);
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
		TEST(actions), TEST(reply), TEST(delete_by_key), TEST(find), TEST(order),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
