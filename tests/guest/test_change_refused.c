// SPDX-License-Identifier: GPL-2.0
/* Stored tables: what is refused, in words, and without effect; who may change; limits. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ask.h"
#include "rows.h"
#include "user.h"

static struct wire w;
static struct shot before, after;

/* Each adds the second ROW and returns the offset of what is wrong in it, or -1. */
static int key_is_there(struct msg *m)
{
	put_row(m, FIRST, "x", 1);
	return -1;
}

static int key_is_missing(struct msg *m)
{
	put_row(m, 99, "x", 1);
	return -1;
}

static int too_large(struct msg *m)
{
	return put_row(m, 2, "x", 1ULL << 41) + 5 * NLA_HDRLEN;
}

static int too_long(struct msg *m)
{
	return put_row(m, 2, "12345678901234567890123456789012", 1) + 3 * NLA_HDRLEN;
}

static int forbidden(struct msg *m)
{
	return put_row(m, 2, "forbidden", 1);
}

static int no_name(struct msg *m)
{
	return put_row(m, 2, NULL, 1);
}

static int no_key(struct msg *m)
{
	size_t nest = msg_nest(m, MOEAI_A_DATA_ROW);

	msg_str(m, ROW_NAME, "x");
	msg_nest_end(m, nest);
	return nest;
}

/* A row with one more attribute. */
static int with(struct msg *m, uint16_t type, const void *data, size_t len)
{
	size_t nest = msg_nest(m, MOEAI_A_DATA_ROW), at;

	msg_u32(m, ROW_ID, 2);
	msg_str(m, ROW_NAME, "x");
	at = msg_put(m, type, data, len);
	msg_nest_end(m, nest);
	return at;
}

static int wrong_length(struct msg *m)
{
	return with(m, ROW_SIZE, "1234", 4);
}

static int given_twice(struct msg *m)
{
	return with(m, ROW_NAME, "y", 2);
}

static int unknown_field(struct msg *m)
{
	return with(m, 9, "y", 2);
}

static const struct {
	int (*put)(struct msg *m);
	uint32_t action;
	int error;
	const char *field, *text;
} refusals[] = {
	{ key_is_there, ADD, -EEXIST, "", "a row with this key is there already" },
	{ key_is_missing, DELETE, -ENOENT, "", "no row with this key" },
	{ too_large, ADD, -ERANGE, "size", "size: out of range 0 to 1099511627776" },
	{ too_large, REPLACE, -ERANGE, "size", "size: out of range 0 to 1099511627776" },
	{ too_long, ADD, -ERANGE, "name", "name: too long" },
	{ too_long, DELETE, -ERANGE, "name", "name: too long" },
	{ forbidden, ADD, -EACCES, "", "this name is forbidden" },
	{ forbidden, REPLACE, -EACCES, "", "this name is forbidden" },
	{ no_name, ADD, -EINVAL, "name", "name: missing" },
	{ no_key, ADD, -EINVAL, "id", "id: missing" },
	{ no_key, DELETE, -EINVAL, "id", "id: missing" },
	{ wrong_length, REPLACE, -EINVAL, "size", "size: wrong length for its type" },
	{ given_twice, ADD, -EINVAL, "name", "name: given twice" },
	{ unknown_field, ADD, -EINVAL, "", "no such field" },
};

/* A good row, and a bad one: the message is refused as a whole, and says why. */
static void test_refusals(void **state)
{
	struct answer a;
	struct msg m;
	size_t i;
	int at;

	shot_take(&w, ROWS, &before);
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		print_message("%s\n", refusals[i].text);
		change_begin(&m, ROWS, refusals[i].action, i % 2);
		put_row(&m, refusals[i].action == DELETE ? FIRST + 1 : 1, "good", 0);
		at = refusals[i].put(&m);
		assert_int_equal(change(&w, &m, &a), refusals[i].error);
		assert_true(a.refused);
		assert_int_equal(a.row, 1);
		assert_int_equal(a.txn, i % 2);
		assert_string_equal(a.field, refusals[i].field);
		assert_string_equal(a.message, refusals[i].text);
		assert_string_equal(a.v.text, refusals[i].text);
		assert_int_equal(a.v.offset, at);
		assert_untouched(&w, &before);
	}
}

static int refused(struct msg *m, const char *text)
{
	struct answer a;

	change(&w, m, &a);
	assert_false(a.committed);
	if (text)
		assert_string_equal(a.v.text, text);
	return a.v.error;
}

/* Messages that do not make sense. */
static void test_malformed(void **state)
{
	struct msg m;

	shot_take(&w, ROWS, &before);
	change_begin(&m, ROWS, ADD, 0);
	assert_int_equal(refused(&m, "a ROW is missing"), -EINVAL);
	change_begin(&m, ROWS, FLUSH, 0);
	put_row(&m, 1, "x", 1);
	assert_int_equal(refused(&m, "FLUSH takes no ROW"), -EINVAL);
	change_begin(&m, ROWS, 0, 0);
	put_row(&m, 1, "x", 1);
	assert_int_equal(refused(&m, "ACTION is missing"), -EINVAL);
	change_begin(&m, ROWS, ADD, 0);
	change_more(&m);
	put_row(&m, 1, "x", 1);
	assert_int_equal(refused(&m, "MORE goes with TXN"), -EINVAL);
	change_begin(&m, ROWS, MOEAI_ACTION_MAX + 1, 0);
	put_row(&m, 1, "x", 1);
	assert_int_equal(refused(&m, NULL), -ERANGE);
	change_begin(&m, ROWS, ADD, 0);
	msg_u32(&m, MOEAI_A_DATA_TXN, 0);
	put_row(&m, 1, "x", 1);
	assert_int_equal(refused(&m, NULL), -ERANGE);
	change_begin(&m, ROWS, ADD, 0);
	put_row(&m, 1, "x", 1);
	msg_u32(&m, MOEAI_A_DATA_CONFIRM, MOEAI_CONFIRM_MAX + 1);
	assert_int_equal(refused(&m, NULL), -ERANGE);
	msg_begin(&m, MOEAI_MSG_DATA, 0);
	msg_u32(&m, MOEAI_A_DATA_ACTION, FLUSH);
	assert_int_equal(refused(&m, "TABLE is missing"), -EINVAL);
	assert_int_equal(transactions_of(&w, w.portid), 0);
	assert_untouched(&w, &before);
}

static void assert_table_refused(const char *table, int error, const char *text)
{
	struct answer a;
	struct msg m;

	change_begin(&m, table, ADD, 5);
	put_row(&m, 1, "x", 1);
	assert_int_equal(change(&w, &m, &a), error);
	assert_false(a.committed || a.refused);
	assert_string_equal(a.v.text, text);
	assert_int_equal(a.v.offset, NLMSG_HDRLEN + GENL_HDRLEN);
}

static void test_other_tables(void **state)
{
	assert_table_refused("modules", -EPERM, "this table can't be changed");
	assert_table_refused("subscribers", -EPERM, "this table can't be changed");
	assert_table_refused("test.read", -EPERM, "this table can't be changed");
	assert_table_refused("test.chairs", -ENOENT, "no such table: see table tables");
	assert_int_equal(transactions_of(&w, w.portid), 0);
}

/* What would be without effect is refused. */
static void test_misplaced(void **state)
{
	struct msg m;

	change_begin(&m, ROWS, ADD, 1);
	change_more(&m);
	put_row(&m, 1, "x", 0);
	msg_u32(&m, MOEAI_A_DATA_CONFIRM, 5);
	assert_int_equal(change(&w, &m, NULL), -EINVAL);
	change_begin(&m, ROWS, CONFIRM, 1);
	assert_int_equal(change(&w, &m, NULL), -EINVAL);
	change_begin(&m, ROWS, ROLLBACK, 0);
	put_row(&m, 1, "x", 0);
	assert_int_equal(change(&w, &m, NULL), -EINVAL);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN);
}

static int try_to_add(void *arg)
{
	struct wire own;
	int ret;

	wire_open(&own);
	ret = change_rows(&own, ADD, 0, 1, 1, 1);
	wire_close(&own);
	return ret;
}

/* A socket that root opened does not help. */
static int try_by_root(void *arg)
{
	return change_rows(arg, ADD, 0, 1, 1, 1);
}

static void test_privilege(void **state)
{
	static const enum who others[] = { BARE_ROOT, NOBODY, SYS_ADMIN, USERNS_ROOT };
	struct wire opened;
	size_t i;

	wire_open(&opened);
	shot_take(&w, ROWS, &before);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(as(others[i], try_to_add, NULL), -EPERM);
		assert_int_equal(as(others[i], try_by_root, &opened), -EPERM);
	}
	assert_untouched(&w, &before);
	wire_close(&opened);
	assert_int_equal(as(NET_ADMIN, try_to_add, NULL), 0);
}

/* ---- limits -------------------------------------------------------------- */

static int change_few(uint32_t action, uint32_t txn, bool more, uint32_t from, uint32_t n)
{
	struct answer a;
	struct msg m;

	change_begin(&m, FEW, action, txn);
	if (more)
		change_more(&m);
	put_rows(&m, from, n, 0);
	change(&w, &m, &a);
	if (a.v.error == -ENOSPC) {
		assert_true(a.refused);
		assert_true(a.row == UINT64_MAX);
		assert_string_equal(a.message, "the table is full");
	}
	return a.v.error;
}

static void test_full(void **state)
{
	assert_int_equal(change_few(ADD, 0, false, 1, 3), 0);
	shot_take(&w, FEW, &before);
	assert_int_equal(change_few(ADD, 0, false, 4, 2), -ENOSPC);
	assert_int_equal(change_few(ADD, 1, true, 4, 1), 0);
	assert_int_equal(change_few(ADD, 1, false, 5, 1), -ENOSPC);
	shot_take(&w, FEW, &after);
	assert_same_shot(&before, &after);
	assert_int_equal(change_few(ADD, 0, false, 4, 1), 0);
	/* It is full. What counts is what is there in the end. */
	assert_int_equal(change_few(REPLACE, 0, false, 1, 4), 0);
	assert_int_equal(change_few(REPLACE, 0, false, 5, 1), -ENOSPC);
	assert_int_equal(change_few(ADD, 1, true, 5, 4), 0);
	assert_int_equal(change_few(DELETE, 1, false, 1, 4), 0);
	shot_take(&w, FEW, &after);
	assert_int_equal(after.n, 4);
	assert_int_equal(after.rows[0].id, 5);
}

static void test_bytes(void **state)
{
	struct wire other;
	struct answer a;
	struct msg m;

	wire_open(&other);
	assert_int_equal(control("param.set name=core.txn_bytes value=65536"), 0);
	shot_take(&w, ROWS, &before);
	change_begin(&m, ROWS, ADD, 0);
	put_rows(&m, 1000, 1500, 0);
	assert_int_equal(change(&w, &m, &a), -EFBIG);
	assert_true(a.refused);
	assert_non_null(strstr(a.message, "core.txn_bytes"));
	assert_int_equal(stage(&w, ADD, 1, 1000, 500, 0), 0);
	/* The limit is for all together; another's failure takes nothing with it. */
	assert_int_equal(stage(&other, ADD, 1, 2000, 1000, 0), -EFBIG);
	assert_int_equal(stage(&w, ADD, 1, 3000, 100, 0), 0);
	assert_int_equal(stage(&w, ADD, 1, 4000, 1000, 0), -EFBIG);
	assert_int_equal(stage(&other, ADD, 2, 2000, 600, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 1, 5000, 1, 0), -ECANCELED);
	assert_int_equal(change_rows(&other, ADD, 1, 5000, 1, 0), -ECANCELED);
	assert_untouched(&w, &before);
	assert_int_equal(change_rows(&other, ADD, 2, 5000, 1, 0), 0);
	assert_int_equal(control("param.set name=core.txn_bytes value=268435456"), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 601);
	wire_close(&other);
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
		TEST(refusals), TEST(malformed), TEST(other_tables), TEST(misplaced),
		TEST(privilege), TEST(full), TEST(bytes),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
