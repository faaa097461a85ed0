// SPDX-License-Identifier: GPL-2.0
/* Stored tables: changes, all or nothing, in one message, in transactions, for a while. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ask.h"
#include "events.h"
#include "rows.h"
#include "user.h"

#define FIRST 10 /* ids that stand in test.rows when a test begins … */
#define KNOWN 5	 /* … and how many, all of size FIRST */

enum { ADD = MOEAI_ACTION_ADD, REPLACE, DELETE, FLUSH, CONFIRM, ROLLBACK };

static struct wire w;
static struct shot before, after;

/* Nothing has changed since @before was taken. */
static void assert_untouched(void)
{
	shot_take(&w, ROWS, &after);
	assert_same_shot(&before, &after);
}

static const struct row *row_of(const struct shot *s, uint32_t id)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->rows[i].id == id)
			return &s->rows[i];
	return NULL;
}

/* Rows of test.rows with the ids @from …, in the message of a transaction with MORE. */
static int stage(struct wire *wire, uint32_t action, uint32_t txn, uint32_t from, uint32_t n,
		 uint64_t size)
{
	struct answer a;
	struct msg m;

	change_begin(&m, ROWS, action, txn);
	change_more(&m);
	if (action != FLUSH)
		put_rows(&m, from, n, size);
	change(wire, &m, &a);
	assert_false(a.committed);
	assert_int_equal(!a.refused, !a.v.error || a.v.error == -ECANCELED);
	return a.v.error;
}

/* ---- one message ----------------------------------------------------------------- */

static uint64_t generations(void)
{
	return strtoull(param(&w, "test.changed"), NULL, 10);
}

/* A commit of @n rows from @from on; the table then has @left. */
static void assert_commits(uint32_t action, uint32_t from, uint32_t n, uint64_t size, size_t left)
{
	uint64_t count = generations();
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
	assert_int_equal(generations(), count + 1);
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

/* ---- what is refused ----------------------------------------------------------------- */

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
		assert_untouched();
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
	assert_untouched();
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
	assert_untouched();
	wire_close(&opened);
	assert_int_equal(as(NET_ADMIN, try_to_add, NULL), 0);
}

/* ---- transactions --------------------------------------------------------------------- */

#define MANY 50000
#define PER  1000

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
			assert_untouched();
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
	assert_untouched();
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
	assert_untouched();
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
	assert_untouched();
	assert_int_equal(commit_counted(0, 1, 2, &a), -ECANCELED);
	assert_int_equal(commit_counted(0, 1, 0, &a), -ECANCELED);
	assert_untouched();
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
	assert_untouched();
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
	assert_untouched();
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
	assert_untouched();
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
	assert_untouched();
	assert_int_equal(stage(&w, ADD, 1, 20, 2, 1), 0);
	assert_int_equal(stage(&w, FLUSH, 1, 0, 0, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 1, FIRST, 1, 1), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, 1);
	assert_int_equal(after.rows[0].size, 1);
}

/* ---- limits ------------------------------------------------------------------------------ */

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
	assert_untouched();
	assert_int_equal(change_rows(&other, ADD, 2, 5000, 1, 0), 0);
	assert_int_equal(control("param.set name=core.txn_bytes value=268435456"), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 601);
	wire_close(&other);
}

/* ---- long commits ------------------------------------------------------------------------ */

#define LONG 150000

static atomic_bool committing;

/* Rows in no order, which take their time to be sorted. */
static void *commit_long(void *seconds)
{
	uint32_t i, part;
	struct wire own;
	struct msg m;

	wire_open(&own);
	for (part = 0; part < LONG / PER; part++) {
		change_begin(&m, ROWS, ADD, 1);
		if (part < LONG / PER - 1)
			change_more(&m);
		else
			committing = true;
		for (i = part * PER; i < (part + 1) * PER; i++)
			put_row(&m, FIRST_OF_MANY + i * 7919ULL % LONG, "long", 0);
		*(double *)seconds = now();
		assert_int_equal(change(&own, &m, NULL), 0);
	}
	*(double *)seconds = now() - *(double *)seconds;
	committing = false;
	wire_close(&own);
	return NULL;
}

/* Whoever closes a generic netlink socket does not wait for it; nor do other tables. */
static void test_close_meanwhile(void **state)
{
	double seconds, begun, worst = 0;
	struct wire other;
	pthread_t thread;
	int n = 0;

	pthread_create(&thread, NULL, commit_long, &seconds);
	while (!committing)
		usleep(1000);
	for (; committing; n++) {
		begun = now();
		wire_open(&other);
		assert_int_equal(change_bare(&other, FEW, FLUSH), 0);
		wire_close(&other);
		if (now() - begun > worst)
			worst = now() - begun;
	}
	pthread_join(thread, NULL);
	print_message("commit %.3f s, worst of %d others %.3f s\n", seconds, n, worst);
	assert_true(seconds > 0.05 && n > 1);
	assert_true(worst < seconds / 3);
}

/* ---- confirmation -------------------------------------------------------------------------- */

/* Change row FIRST to @size, for a while. */
static int change_for(uint32_t seconds, uint64_t size)
{
	struct msg m;

	change_begin(&m, ROWS, REPLACE, 0);
	put_rows(&m, FIRST, 1, size);
	msg_u32(&m, MOEAI_A_DATA_CONFIRM, seconds);
	return change(&w, &m, NULL);
}

static uint64_t size_now(void)
{
	shot_take(&w, ROWS, &after);
	return row_of(&after, FIRST)->size;
}

static void test_rolled_back(void **state)
{
	double begun = now();
	uint64_t count;

	shot_take(&w, ROWS, &before);
	assert_int_equal(change_for(1, 100), 0);
	count = generations();
	assert_int_equal(size_now(), 100);
	assert_true(after.generation > before.generation);
	while (size_now() == 100)
		assert_true(now() - begun < 3);
	assert_true(now() - begun > 0.95);
	assert_untouched();
	assert_int_equal(generations(), count + 1);
	assert_int_equal(change_bare(&w, ROWS, CONFIRM), -ENODATA);
	assert_int_equal(change_for(86400, 101), 0);
	assert_int_equal(change_bare(&w, ROWS, ROLLBACK), 0);
	assert_untouched();
}

static void test_confirmed(void **state)
{
	struct wire other;

	assert_int_equal(change_bare(&w, ROWS, CONFIRM), -ENODATA);
	assert_int_equal(change_bare(&w, ROWS, ROLLBACK), -ENODATA);
	assert_int_equal(change_for(1, 100), 0);
	assert_int_equal(change_bare(&w, FEW, CONFIRM), -ENODATA);
	wire_open(&other); /* whoever changed it, anybody may confirm */
	assert_int_equal(change_bare(&other, ROWS, CONFIRM), 0);
	wire_close(&other);
	assert_int_equal(change_bare(&w, ROWS, CONFIRM), -ENODATA);
	assert_int_equal(change_bare(&w, ROWS, ROLLBACK), -ENODATA);
	assert_int_equal(change_rows(&w, REPLACE, 0, FIRST + 1, 1, 8), 0);
	usleep(1300000);
	assert_int_equal(size_now(), 100);
	assert_int_equal(row_of(&after, FIRST + 1)->size, 8);
}

static void test_pending(void **state)
{
	struct answer a;
	struct msg m;

	assert_int_equal(change_for(60, 100), 0);
	shot_take(&w, ROWS, &before);
	change_begin(&m, ROWS, ADD, 0);
	put_rows(&m, 1, 1, 0);
	assert_int_equal(change(&w, &m, &a), -EBUSY);
	assert_string_equal(a.v.text, "a change of this table awaits its confirmation");
	assert_int_equal(change_bare(&w, ROWS, FLUSH), -EBUSY);
	assert_int_equal(change_for(1, 101), -EBUSY);
	assert_int_equal(stage(&w, ADD, 1, 1, 1, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 1, 2, 1, 0), -EBUSY);
	assert_int_equal(stage(&w, ADD, 1, 3, 1, 0), 0);
	assert_untouched();
	assert_int_equal(change_few(ADD, 0, false, 1, 1), 0); /* another table */
	assert_int_equal(change_bare(&w, ROWS, ROLLBACK), 0);
	assert_int_equal(size_now(), FIRST);
	assert_int_equal(change_rows(&w, ADD, 1, 4, 1, 0), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 2);
}

/* ---- events ------------------------------------------------------------------------------------ */

#define WANTED 6

struct told {
	uint32_t what[WANTED], pid[WANTED];
	uint64_t changed[WANTED], generation[WANTED];
	int n;
};

static void note(const struct event *e, void *arg)
{
	struct told *t = arg;

	if (!e->seq)
		return;
	assert_true(t->n < WANTED);
	assert_string_equal(attr_data(attr_in(e->data, MOEAI_A_TABLE_EVENT_NAME)), ROWS);
	t->what[t->n] = attr_u32(attr_in(e->data, MOEAI_A_TABLE_EVENT_WHAT));
	t->pid[t->n] = attr_u32(attr_in(e->data, MOEAI_A_TABLE_EVENT_PID));
	t->changed[t->n] = attr_u64(attr_in(e->data, MOEAI_A_TABLE_EVENT_CHANGED));
	t->generation[t->n++] = attr_u64(attr_in(e->data, MOEAI_A_TABLE_EVENT_GENERATION));
}

static void test_events(void **state)
{
	static const uint32_t type = MOEAI_EV_TABLE, what[WANTED] = { 0, 0, 1, 0, 2, 0 };
	static const uint64_t changed[WANTED] = { 3, 1, 0, 1, 0, KNOWN + 3 };
	struct filter f = { .types = &type, .n_types = 1 };
	struct told t = {};
	int i;

	shot_take(&w, ROWS, &before);
	f.since = status_number(&w, MOEAI_A_STATUS_LOG_NEXT);
	assert_int_equal(stage(&w, ADD, 1, 1, 2, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 1, 3, 1, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 0, 3, 1, 0), -EEXIST);
	assert_int_equal(change_for(60, 2), 0);
	assert_int_equal(change_bare(&w, ROWS, CONFIRM), 0);
	assert_int_equal(change_for(1, 3), 0);
	usleep(1300000);
	assert_int_equal(change_bare(&w, ROWS, FLUSH), 0);
	assert_int_equal(replay(&w, &f, note, &t), 0);
	assert_int_equal(t.n, WANTED);
	for (i = 0; i < WANTED; i++) {
		assert_int_equal(t.what[i], what[i]);
		assert_int_equal(t.pid[i], what[i] == 2 ? 0 : getpid());
		if (what[i] == 0)
			assert_int_equal(t.changed[i], changed[i]);
		assert_true(t.generation[i] > before.generation);
	}
	assert_int_equal(t.generation[1], t.generation[2]);
	assert_int_equal(t.generation[1], t.generation[4]); /* the one before is back */
}

/* ---- readers, and the end --------------------------------------------------------------------- */

/* A dump shows what was there when it began, however long ago that is. */
static void test_old_dump(void **state)
{
	struct wire old;
	uint32_t i;

	for (i = 0; i < 20; i++)
		assert_int_equal(stage(&w, ADD, 1, FIRST_OF_MANY + i * PER, PER, 1), 0);
	assert_int_equal(change_rows(&w, DELETE, 1, FIRST, 1, 0), 0);
	shot_take(&w, ROWS, &before);
	assert_int_equal(before.n, KNOWN - 1 + 20 * PER);
	wire_open(&old);
	shot_begin(&old, ROWS);
	for (i = 0; i < 20; i++)
		assert_int_equal(stage(&w, REPLACE, 1, FIRST_OF_MANY + i * PER, PER, 2), 0);
	assert_int_equal(change_rows(&w, ADD, 1, FIRST, 1, 0), 0);
	assert_int_equal(change_bare(&w, ROWS, FLUSH), 0);
	usleep(50000); /* a grace period, that is to wait for the dump */
	shot_read(&old, ROWS, &after);
	assert_same_shot(&before, &after);
	wire_close(&old);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, 0);
}

static atomic_bool racing;
static atomic_int wrong, seen;

/* Of each generation, all rows have one size. */
static void *read_on(void *unused)
{
	static struct shot s;
	struct wire own;
	size_t i;

	wire_open(&own);
	while (racing) {
		shot_take(&own, ROWS, &s);
		for (i = 0; i < s.n; i++)
			wrong += s.rows[i].size != s.rows[0].size;
		wrong += s.n != KNOWN + 1000;
		seen++;
	}
	wire_close(&own);
	return NULL;
}

static void test_readers(void **state)
{
	double end = now() + 1.5;
	pthread_t reader;
	uint64_t size = FIRST;

	assert_int_equal(change_rows(&w, ADD, 0, FIRST + KNOWN, 1000, size), 0);
	racing = true;
	pthread_create(&reader, NULL, read_on, NULL);
	while (now() < end || seen <= 5 || size <= FIRST + 5) {
		size++;
		assert_int_equal(stage(&w, REPLACE, 1, FIRST, KNOWN, size), 0);
		assert_int_equal(change_rows(&w, REPLACE, 1, FIRST + KNOWN, 1000, size), 0);
	}
	racing = false;
	pthread_join(reader, NULL);
	assert_int_equal(wrong, 0);
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

/* The module goes with a transaction open, a change pending and a dump under way. */
static void test_unload(void **state)
{
	struct wire old;
	struct msg m;

	wire_open(&old);
	assert_int_equal(change_rows(&w, ADD, 0, FIRST_OF_MANY, PER, 1), 0);
	assert_int_equal(stage(&w, ADD, 1, 1, PER, 1), 0);
	assert_int_equal(change_for(1, 100), 0);
	shot_take(&w, ROWS, &before);
	shot_begin(&old, ROWS);
	assert_int_equal(sh("modprobe -r moeai_test"), 0);
	assert_int_equal(transactions_of(&w, w.portid), 0);
	assert_int_equal(change_bare(&w, ROWS, CONFIRM), -ENOENT);
	usleep(1200000); /* the roll-back would have come by now */
	shot_read(&old, ROWS, &after);
	assert_same_shot(&before, &after);
	wire_close(&old);
	assert_int_equal(sh("modprobe moeai_test"), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, 0);
	change_begin(&m, ROWS, ADD, 1);
	put_row(&m, 1, "new", 0);
	assert_int_equal(change(&w, &m, NULL), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, 1);
}

/* ---- the frame ------------------------------------------------------------------------------------ */

static int load(void **state)
{
	assert_int_equal(sh("modprobe moeai_test"), 0);
	wire_open(&w);
	return 0;
}

static int unload(void **state)
{
	assert_int_equal(sh("modprobe -r moeai_test"), 0);
	wire_close(&w);
	return 0;
}

/* Rows FIRST … are in test.rows, none in test.few, and no transaction is open. */
static int begin(void **state)
{
	wire_close(&w);
	wire_open(&w);
	change_bare(&w, ROWS, CONFIRM);
	control("param.set name=core.txn_bytes value=268435456");
	assert_int_equal(change_bare(&w, FEW, FLUSH), 0);
	assert_int_equal(change_bare(&w, ROWS, FLUSH), 0);
	return change_rows(&w, ADD, 0, FIRST, KNOWN, FIRST);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(actions),	TEST(reply),	   TEST(delete_by_key), TEST(find),
		TEST(refusals), TEST(malformed),   TEST(other_tables),	TEST(privilege),
		TEST(large),	TEST(failed),	   TEST(failed_commit),	TEST(abort),
		TEST(lost_message), TEST(close_meanwhile),
		TEST(closed),	TEST(two_sockets), TEST(two_tables),	TEST(same_key),
		TEST(misplaced),
		TEST(flush_within), TEST(full),	   TEST(bytes),		TEST(rolled_back),
		TEST(confirmed), TEST(pending),	   TEST(events),	TEST(old_dump),
		TEST(readers),	TEST(order),	   TEST(unload),
	};

	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, load, unload);
}
