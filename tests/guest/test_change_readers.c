// SPDX-License-Identifier: GPL-2.0
/* Stored tables: those who read or change meanwhile, and the module's end. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include "ask.h"
#include "rows.h"

static struct wire w;
static struct shot before, after;

#define PER	      1000 /* rows in a message */
#define FIRST_OF_MANY 1000 /* the id of the first */

/* ---- long commits -------------------------------------------------------- */

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
	assert_true(seconds > 0.05 && n > 20); /* of who waits for it, one at most */
}

/* ---- readers, and the end ------------------------------------------------ */

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

/* The module goes with a transaction open, a change pending and a dump under way. */
static void test_unload(void **state)
{
	struct wire old;
	struct msg m;

	wire_open(&old);
	assert_int_equal(change_rows(&w, ADD, 0, FIRST_OF_MANY, PER, 1), 0);
	assert_int_equal(stage(&w, ADD, 1, 1, PER, 1), 0);
	assert_int_equal(change_for(&w, 1, 100), 0);
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

#define KEPT "test.kept" /* rows are the module's; there are many after any change */

static int change_kept(void)
{
	struct msg m;

	change_begin(&m, KEPT, ADD, 0);
	put_row(&m, 1, "kept", 0);
	return change(&w, &m, NULL);
}

static int ask_kept(struct verdict *v)
{
	struct msg m;

	msg_begin(&m, MOEAI_MSG_DATA, NLM_F_DUMP);
	msg_str(&m, MOEAI_A_DATA_TABLE, KEPT);
	return wire_ask(&w, &m, v);
}

static void *load_in_vain(void *unused)
{
	return (void *)(long)sh("modprobe moeai_test linger=2000 2>/dev/null");
}

/*
 * A module has registered, is used at once, and then fails to load. That goes whoever
 * holds it, so nobody may; who does so later keeps it loaded.
 */
static void test_load_fails(void **state)
{
	struct wire old;
	struct verdict v;
	pthread_t thread;
	void *ret;
	double end;

	assert_int_equal(sh("modprobe -r moeai_test"), 0);
	pthread_create(&thread, NULL, load_in_vain, NULL);
	for (end = now() + 10; change_kept() && now() < end;)
		usleep(10000);
	assert_int_equal(ask_kept(&v), -EAGAIN);
	assert_string_equal(v.text, "the table's module is still being loaded: try again");
	pthread_join(thread, &ret);
	assert_int_not_equal((long)ret, 0);
	assert_int_equal(sh("modprobe moeai_test"), 0);
	assert_int_equal(change_kept(), 0);
	wire_open(&old);
	shot_begin(&old, KEPT);
	assert_int_not_equal(sh("modprobe -r moeai_test 2>/dev/null"), 0);
	wire_close(&old);
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
		TEST(close_meanwhile), TEST(old_dump), TEST(readers), TEST(unload),
		TEST(load_fails),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
