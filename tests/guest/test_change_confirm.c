// SPDX-License-Identifier: GPL-2.0
/* Stored tables: changes for a while, and the events that tell of changes. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "ask.h"
#include "events.h"
#include "rows.h"

static struct wire w;
static struct shot before, after;

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
	assert_int_equal(change_for(&w, 1, 100), 0);
	count = generations(&w);
	assert_int_equal(size_now(), 100);
	assert_true(after.generation > before.generation);
	while (size_now() == 100)
		assert_true(now() - begun < 3);
	assert_true(now() - begun > 0.95);
	assert_untouched(&w, &before);
	assert_int_equal(generations(&w), count + 1);
	assert_int_equal(change_bare(&w, ROWS, CONFIRM), -ENODATA);
	assert_int_equal(change_for(&w, 86400, 101), 0);
	assert_int_equal(change_bare(&w, ROWS, ROLLBACK), 0);
	assert_untouched(&w, &before);
}

static void test_confirmed(void **state)
{
	struct wire other;

	assert_int_equal(change_bare(&w, ROWS, CONFIRM), -ENODATA);
	assert_int_equal(change_bare(&w, ROWS, ROLLBACK), -ENODATA);
	assert_int_equal(change_for(&w, 1, 100), 0);
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

	assert_int_equal(change_for(&w, 60, 100), 0);
	shot_take(&w, ROWS, &before);
	change_begin(&m, ROWS, ADD, 0);
	put_rows(&m, 1, 1, 0);
	assert_int_equal(change(&w, &m, &a), -EBUSY);
	assert_string_equal(a.v.text, "a change of this table awaits its confirmation");
	assert_int_equal(change_bare(&w, ROWS, FLUSH), -EBUSY);
	assert_int_equal(change_for(&w, 1, 101), -EBUSY);
	assert_int_equal(stage(&w, ADD, 1, 1, 1, 0), 0);
	assert_int_equal(change_rows(&w, ADD, 1, 2, 1, 0), -EBUSY);
	assert_int_equal(stage(&w, ADD, 1, 3, 1, 0), 0);
	assert_untouched(&w, &before);
	change_begin(&m, FEW, ADD, 0); /* another table */
	put_rows(&m, 1, 1, 0);
	assert_int_equal(change(&w, &m, NULL), 0);
	assert_int_equal(change_bare(&w, ROWS, ROLLBACK), 0);
	assert_int_equal(size_now(), FIRST);
	assert_int_equal(change_rows(&w, ADD, 1, 4, 1, 0), 0);
	shot_take(&w, ROWS, &after);
	assert_int_equal(after.n, KNOWN + 2);
}

/* ---- events -------------------------------------------------------------- */

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
	assert_int_equal(change_for(&w, 60, 2), 0);
	assert_int_equal(change_bare(&w, ROWS, CONFIRM), 0);
	assert_int_equal(change_for(&w, 1, 3), 0);
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
		TEST(rolled_back), TEST(confirmed), TEST(pending), TEST(events),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
