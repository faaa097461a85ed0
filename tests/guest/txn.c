// SPDX-License-Identifier: LGPL-2.1-or-later
#include "txn.h"

static struct moeai *h;
uint64_t txn_before;

struct moeai_txn *txn_begin(const char *table)
{
	struct moeai_txn *t;

	if (moeai_txn_open(h, table, &t))
		fail_msg("%s: %s", table, moeai_error(h));
	return t;
}

int txn_put(struct moeai_txn *t, enum moeai_action action, uint32_t id, uint64_t size)
{
	const struct moeai_arg row[] = { MOEAI_NUMBER("id", id), MOEAI_TEXT("name", "a name"),
					 MOEAI_NUMBER("size", size) };

	return moeai_txn_row(t, action, row, 3);
}

int txn_put_many(struct moeai_txn *t, uint32_t from, uint32_t n)
{
	int rc = 0;

	for (uint32_t id = from; !rc && id < from + n; id++)
		rc = txn_put(t, ADD, id, id);
	return rc;
}

void txn_done(struct moeai_txn *t, uint64_t changed)
{
	struct moeai_commit c;

	if (moeai_txn_commit(t, 0, &c))
		fail_msg("%s", moeai_error(h));
	assert_int_equal(c.changed, changed);
	assert_true(c.generation > txn_before);
	assert_null(moeai_txn_error(t));
	moeai_txn_close(t);
}

size_t txn_count(const char *table, uint64_t *generation, uint64_t *sum)
{
	struct moeai_value size;
	struct moeai_values row;
	struct moeai_table *t;
	size_t n = 0;
	int rc;

	assert_int_equal(moeai_table_open(h, table, &t), 0);
	for (*sum = 0; (rc = moeai_table_next(t, &row)) > 0; n++)
		if (!moeai_values_get(&row, "size", &size))
			*sum += size.u64;
	assert_int_equal(rc, 0);
	*generation = moeai_table_generation(t);
	moeai_table_close(t);
	return n;
}

void assert_rows(size_t n, uint64_t sum)
{
	uint64_t generation, got;

	assert_int_equal(txn_count(ROWS, &generation, &got), n);
	assert_int_equal(got, sum);
}

void assert_unchanged(void)
{
	uint64_t generation, sum;

	assert_int_equal(txn_count(ROWS, &generation, &sum), KNOWN);
	assert_int_equal(sum, 10 * KNOWN);
	assert_int_equal(generation, txn_before);
}

int txn_pending(void)
{
	struct moeai_values row;
	struct moeai_value kind;
	struct moeai_table *t;
	int n = 0;

	assert_int_equal(moeai_table_open(h, "subscribers", &t), 0);
	while (moeai_table_next(t, &row) > 0)
		n += !moeai_values_get(&row, "kind", &kind) && kind.u64 == 1;
	moeai_table_close(t);
	return n;
}

int txn_load(void)
{
	return system("modprobe moeai_test");
}

int txn_open(struct moeai **handle)
{
	if (txn_load() || moeai_open(&h))
		return -1;
	*handle = h;
	return 0;
}

int txn_close(void **state)
{
	moeai_close(h);
	return system("modprobe -r moeai_test");
}

int txn_ready(void **state)
{
	uint64_t sum;
	struct moeai_txn *t;

	moeai_table_confirm(h, ROWS);
	t = txn_begin(ROWS);
	assert_int_equal(moeai_txn_flush(t), 0);
	for (uint32_t id = 10; id < 10 + KNOWN; id++)
		assert_int_equal(txn_put(t, ADD, id, 10), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), 0);
	moeai_txn_close(t);
	return txn_count(ROWS, &txn_before, &sum) != KNOWN;
}
