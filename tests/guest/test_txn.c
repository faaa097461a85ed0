// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Changes of tables through the library, all or nothing. check: limit=300
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "txn.h"

static struct moeai *h;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- changes ------------------------------------------------------------- */

static void actions(void **state)
{
	struct moeai_txn *t = txn_begin(ROWS);
	const struct moeai_arg text[] = { MOEAI_TEXT("size", "64K"), MOEAI_TEXT("id", "20"),
					  MOEAI_TEXT("name", "text") };
	const struct moeai_arg key = MOEAI_NUMBER("id", 10);

	assert_string_equal(moeai_txn_schema(t)->owner, ROWS);
	assert_int_equal(moeai_txn_row(t, ADD, text, 3), 0);
	assert_int_equal(txn_put(t, ADD, 21, 1), 0);
	assert_int_equal(txn_put(t, REPLACE, 11, 2), 0);
	assert_int_equal(moeai_txn_row(t, DELETE, &key, 1), 0);
	assert_unchanged();
	txn_done(t, 4);
	assert_rows(KNOWN + 1, 65536 + 1 + 2 + 3 * 10);
	t = txn_begin(ROWS);
	assert_int_equal(txn_put(t, ADD, 30, 1), 0);
	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(txn_put(t, ADD, 10, 7), 0);
	txn_done(t, KNOWN + 1 + 1);
	assert_rows(1, 7);
	t = txn_begin(ROWS);
	assert_int_equal(moeai_txn_flush(t), 0);
	txn_done(t, 1);
	assert_rows(0, 0);
}

/* What the kernel has against a row, it says before anything is committed. */
static void checked(void **state)
{
	const struct moeai_arg bad[] = { MOEAI_TEXT("id", "21"), MOEAI_TEXT("name", "forbidden") };
	struct moeai_txn *t = txn_begin(ROWS);

	assert_int_equal(moeai_txn_check(t), 0);
	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(moeai_txn_check(t), 0);
	assert_int_equal(txn_put(t, ADD, 20, 1), 0);
	assert_int_equal(moeai_txn_check(t), 0);
	assert_int_equal(moeai_txn_check(t), 0);
	assert_unchanged();
	txn_done(t, KNOWN + 1);
	assert_rows(1, 1);
	t = txn_begin(ROWS);
	assert_int_equal(txn_put(t, ADD, 22, 1), 0);
	assert_int_equal(moeai_txn_row(t, ADD, bad, 2), 0);
	assert_int_equal(moeai_txn_check(t), -EACCES);
	assert_true(moeai_txn_error(t)->has_row && moeai_txn_error(t)->row == 1);
	assert_string_equal(moeai_txn_error(t)->message, "this name is forbidden");
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -EACCES);
	moeai_txn_close(t);
	t = txn_begin(ROWS);
	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(moeai_txn_check(t), 0);
	txn_done(t, 1);
	assert_rows(0, 0);
}

/* Nothing to do is done at once. */
static void nothing(void **state)
{
	struct moeai_commit c = { 1, 1 };
	struct moeai_txn *t = txn_begin(ROWS);

	assert_int_equal(moeai_txn_commit(t, 0, &c), 0);
	assert_true(c.generation == 0 && c.changed == 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -EINVAL);
	assert_int_equal(txn_put(t, ADD, 1, 1), -EINVAL);
	assert_non_null(strstr(moeai_error(h), "is committed"));
	moeai_txn_close(t);
	moeai_txn_close(NULL);
	assert_unchanged();
}

/* Rows as they are read are rows as they are written. */
static void copied(void **state)
{
	struct moeai_values row;
	struct moeai_table *from;
	uint64_t generation, sum;
	struct moeai_txn *t;

	t = txn_begin(ROWS);
	assert_int_equal(txn_put(t, ADD, 1, 1), 0);
	assert_int_equal(txn_put(t, DELETE, 10, 0), 0);
	assert_int_equal(txn_put(t, DELETE, 11, 0), 0);
	txn_done(t, 3);
	t = txn_begin("test.few");
	assert_int_equal(moeai_table_open(h, ROWS, &from), 0);
	assert_int_equal(moeai_txn_flush(t), 0);
	while (moeai_table_next(from, &row) > 0)
		assert_int_equal(moeai_txn_values(t, ADD, &row), 0);
	moeai_table_close(from);
	txn_done(t, 4);
	assert_int_equal(txn_count("test.few", &generation, &sum), 4);
	assert_int_equal(sum, 1 + 3 * 10);
}

static uint64_t last_progress;
static int n_progress;

static void note_progress(void *arg, uint64_t rows)
{
	assert_ptr_equal(arg, &n_progress);
	assert_true(rows > last_progress);
	last_progress = rows;
	n_progress++;
}

/* Many messages, each told of. */
static void progress(void **state)
{
	struct moeai_txn *t = txn_begin(ROWS);

	n_progress = 0;
	last_progress = 0;
	moeai_txn_progress(t, note_progress, &n_progress);
	assert_int_equal(txn_put_many(t, 1000, 10000), 0);
	assert_true(n_progress > 5 && last_progress < 10000);
	assert_int_equal(txn_pending(), 1);
	assert_unchanged();
	txn_done(t, 10000);
	assert_int_equal(last_progress, 10000);
	assert_int_equal(txn_pending(), 0);
	assert_rows(KNOWN + 10000, 10 * KNOWN + 10000 * 1000ULL + 10000 * 9999ULL / 2);
}

/* ---- given up ------------------------------------------------------------ */

static void closed(void **state)
{
	struct moeai_txn *t = txn_begin(ROWS);

	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(txn_put_many(t, 1000, 5000), 0);
	assert_int_equal(txn_pending(), 1);
	moeai_txn_close(t);
	assert_int_equal(txn_pending(), 0);
	assert_unchanged();
}

static void killed(void **state)
{
	struct moeai_txn *t;
	struct moeai *own;
	pid_t child = fork();

	if (!child) {
		if (moeai_open(&own) || moeai_txn_open(own, ROWS, &t) || moeai_txn_flush(t))
			_exit(1);
		for (uint32_t id = 1000;; id++)
			if (txn_put(t, ADD, id, 1))
				_exit(2);
	}
	while (!txn_pending())
		usleep(1000);
	usleep(50000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(txn_pending(), 0);
	assert_unchanged();
}

/* The table goes in the middle, and comes back empty: no half is committed. */
static void reloaded(void **state)
{
	struct moeai_txn *t = txn_begin(ROWS);

	assert_int_equal(txn_put_many(t, 1000, 5000), 0);
	assert_int_equal(system("modprobe -r moeai_test"), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -ENOENT);
	assert_non_null(strstr(moeai_error(h), "table test.rows: no such table"));
	moeai_txn_close(t);
	assert_int_equal(txn_load(), 0);

	t = txn_begin(ROWS);
	assert_int_equal(txn_put_many(t, 1000, 5000), 0);
	assert_int_equal(system("modprobe -r moeai_test && modprobe moeai_test"), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -ECANCELED);
	assert_non_null(strstr(moeai_error(h), "some are lost"));
	moeai_txn_close(t);
	assert_rows(0, 0);

	/* All of it goes and comes. */
	t = txn_begin(ROWS);
	assert_int_equal(txn_put_many(t, 1000, 5000), 0);
	assert_int_equal(system("modprobe -r moeai_test && modprobe -r moeai_mem_monitor && "
				"modprobe -r moeai"), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -ENODEV);
	moeai_txn_close(t);
	assert_int_equal(system("modprobe moeai_mem_monitor"), 0);
	assert_int_equal(txn_load(), 0);
	t = txn_begin(ROWS);
	txn_before = 0;
	assert_int_equal(txn_put_many(t, 1000, 10), 0);
	txn_done(t, 10);
}

/* ---- confirmation -------------------------------------------------------- */

static void change_for(uint32_t seconds)
{
	struct moeai_txn *t = txn_begin(ROWS);
	struct moeai_commit c;

	assert_int_equal(txn_put(t, ADD, 1, 1), 0);
	assert_int_equal(moeai_txn_commit(t, seconds, &c), 0);
	assert_int_equal(c.changed, 1);
	moeai_txn_close(t);
}

static void confirmed(void **state)
{
	struct moeai_txn *t;
	double start;

	assert_int_equal(moeai_table_confirm(h, ROWS), -ENODATA);
	assert_non_null(strstr(moeai_error(h), "no change of this table awaits confirmation"));
	assert_int_equal(moeai_table_rollback(h, ROWS), -ENODATA);
	assert_int_equal(moeai_table_rollback(h, "chairs"), -ENOENT);

	change_for(60);
	t = txn_begin(ROWS);
	assert_int_equal(txn_put(t, ADD, 2, 1), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -EBUSY);
	moeai_txn_close(t);
	assert_rows(KNOWN + 1, 10 * KNOWN + 1);
	assert_int_equal(moeai_table_rollback(h, ROWS), 0);
	assert_unchanged();

	start = now();
	change_for(1);
	assert_rows(KNOWN + 1, 10 * KNOWN + 1);
	while (now() - start < 1.3)
		usleep(10000);
	assert_unchanged();

	change_for(1);
	assert_int_equal(moeai_table_confirm(h, ROWS), 0);
	usleep(1300000);
	assert_rows(KNOWN + 1, 10 * KNOWN + 1);
}

/* ---- a million ----------------------------------------------------------- */

#define MILLION 1000000

static unsigned long number_of(const char *path, const char *name)
{
	FILE *f = fopen(path, "r");
	unsigned long v = 0;
	char line[128];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			v = strtoul(line + strlen(name) + 1, NULL, 10);
	fclose(f);
	return v;
}

/* Out of order, and the library's memory does not grow with them. */
static void million(void **state)
{
	unsigned long own = number_of("/proc/self/status", "VmHWM"), kernel, middle;
	unsigned long all = number_of("/proc/meminfo", "MemAvailable");
	double start = now(), staged, committed;
	struct moeai_txn *t = txn_begin(ROWS);

	for (uint32_t i = 0; i < MILLION; i++)
		if (txn_put(t, ADD, 100 + i * 7919ULL % MILLION, i))
			fail_msg("%s", moeai_error(h));
	staged = now();
	middle = all - number_of("/proc/meminfo", "MemAvailable");
	assert_unchanged();
	txn_done(t, MILLION);
	committed = now();
	kernel = all - number_of("/proc/meminfo", "MemAvailable");
	own = number_of("/proc/self/status", "VmHWM") - own;
	print_message("%d rows: staged in %.1f s, committed in %.1f s; library %lu KiB, "
		      "kernel %lu MiB staged, %lu MiB after\n", MILLION, staged - start,
		      committed - staged, own, middle / 1024, kernel / 1024);
	assert_true(own < 1024);
	assert_rows(KNOWN + MILLION, 10 * KNOWN + MILLION * (MILLION - 1ULL) / 2);
	t = txn_begin(ROWS);
	assert_int_equal(moeai_txn_flush(t), 0);
	txn_done(t, KNOWN + MILLION);
	assert_rows(0, 0);
}

static int load(void **state)
{
	return txn_open(&h);
}

#define TEST(name) cmocka_unit_test_setup(name, txn_ready)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(actions), TEST(checked), TEST(nothing), TEST(copied), TEST(progress), TEST(closed),
		TEST(killed), TEST(confirmed), TEST(million), TEST(reloaded),
	};

	return cmocka_run_group_tests(tests, load, txn_close);
}
