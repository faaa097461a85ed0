// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Changes of tables through the library, all or nothing. check: limit=300
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "reader.h"

#define ROWS "test.rows"
#define KNOWN 5 /* rows that stand there when a test begins: ids 10 … 14 */

#define ADD	MOEAI_ACTION_ADD
#define REPLACE MOEAI_ACTION_REPLACE
#define DELETE	MOEAI_ACTION_DELETE

static struct moeai *h;
static uint64_t before; /* the generation that a test begins with */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- rows ------------------------------------------------------------------- */

static struct moeai_txn *begin(const char *table)
{
	struct moeai_txn *t;

	if (moeai_txn_open(h, table, &t))
		fail_msg("%s: %s", table, moeai_error(h));
	return t;
}

static int put(struct moeai_txn *t, enum moeai_action action, uint32_t id, uint64_t size)
{
	const struct moeai_arg row[] = { MOEAI_NUMBER("id", id), MOEAI_TEXT("name", "a name"),
					 MOEAI_NUMBER("size", size) };

	return moeai_txn_row(t, action, row, 3);
}

static int put_many(struct moeai_txn *t, uint32_t from, uint32_t n)
{
	int rc = 0;

	for (uint32_t id = from; !rc && id < from + n; id++)
		rc = put(t, ADD, id, id);
	return rc;
}

static void done(struct moeai_txn *t, uint64_t changed)
{
	struct moeai_commit c;

	if (moeai_txn_commit(t, 0, &c))
		fail_msg("%s", moeai_error(h));
	assert_int_equal(c.changed, changed);
	assert_true(c.generation > before);
	assert_null(moeai_txn_error(t));
	moeai_txn_close(t);
}

/* How many rows the table has; *sum of the column size. */
static size_t count(const char *table, uint64_t *generation, uint64_t *sum)
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

static void assert_rows(size_t n, uint64_t sum)
{
	uint64_t generation, got;

	assert_int_equal(count(ROWS, &generation, &got), n);
	assert_int_equal(got, sum);
}

/* As it was when the test began, and no transaction is left. */
static void assert_untouched(void)
{
	uint64_t generation, sum;

	assert_int_equal(count(ROWS, &generation, &sum), KNOWN);
	assert_int_equal(sum, 10 * KNOWN);
	assert_int_equal(generation, before);
}

static int transactions(void)
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

/* ---- changes ------------------------------------------------------------------ */

static void actions(void **state)
{
	struct moeai_txn *t = begin(ROWS);
	const struct moeai_arg text[] = { MOEAI_TEXT("size", "64K"), MOEAI_TEXT("id", "20"),
					  MOEAI_TEXT("name", "text") };
	const struct moeai_arg key = MOEAI_NUMBER("id", 10);

	assert_string_equal(moeai_txn_schema(t)->owner, ROWS);
	assert_int_equal(moeai_txn_row(t, ADD, text, 3), 0);
	assert_int_equal(put(t, ADD, 21, 1), 0);
	assert_int_equal(put(t, REPLACE, 11, 2), 0);
	assert_int_equal(moeai_txn_row(t, DELETE, &key, 1), 0);
	assert_untouched();
	done(t, 4);
	assert_rows(KNOWN + 1, 65536 + 1 + 2 + 3 * 10);
	t = begin(ROWS);
	assert_int_equal(put(t, ADD, 30, 1), 0);
	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(put(t, ADD, 10, 7), 0);
	done(t, KNOWN + 1 + 1);
	assert_rows(1, 7);
	t = begin(ROWS);
	assert_int_equal(moeai_txn_flush(t), 0);
	done(t, 1);
	assert_rows(0, 0);
}

/* Nothing to do is done at once. */
static void nothing(void **state)
{
	struct moeai_commit c = { 1, 1 };
	struct moeai_txn *t = begin(ROWS);

	assert_int_equal(moeai_txn_commit(t, 0, &c), 0);
	assert_true(c.generation == 0 && c.changed == 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -EINVAL);
	assert_int_equal(put(t, ADD, 1, 1), -EINVAL);
	assert_non_null(strstr(moeai_error(h), "is committed"));
	moeai_txn_close(t);
	moeai_txn_close(NULL);
	assert_untouched();
}

/* Rows as they are read are rows as they are written. */
static void copied(void **state)
{
	struct moeai_values row;
	struct moeai_table *from;
	uint64_t generation, sum;
	struct moeai_txn *t;

	t = begin(ROWS);
	assert_int_equal(put(t, ADD, 1, 1), 0);
	assert_int_equal(put(t, DELETE, 10, 0), 0);
	assert_int_equal(put(t, DELETE, 11, 0), 0);
	done(t, 3);
	t = begin("test.few");
	assert_int_equal(moeai_table_open(h, ROWS, &from), 0);
	assert_int_equal(moeai_txn_flush(t), 0);
	while (moeai_table_next(from, &row) > 0)
		assert_int_equal(moeai_txn_values(t, ADD, &row), 0);
	moeai_table_close(from);
	done(t, 4);
	assert_int_equal(count("test.few", &generation, &sum), 4);
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
	struct moeai_txn *t = begin(ROWS);

	n_progress = 0;
	last_progress = 0;
	moeai_txn_progress(t, note_progress, &n_progress);
	assert_int_equal(put_many(t, 1000, 10000), 0);
	assert_true(n_progress > 5 && last_progress < 10000);
	assert_int_equal(transactions(), 1);
	assert_untouched();
	done(t, 10000);
	assert_int_equal(last_progress, 10000);
	assert_int_equal(transactions(), 0);
	assert_rows(KNOWN + 10000, 10 * KNOWN + 10000 * 1000ULL + 10000 * 9999ULL / 2);
}

/* ---- what is refused ------------------------------------------------------------ */

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
	struct moeai_txn *t = begin(ROWS);
	char whole[256];
	int rc;

	print_message("%s\n", refusals[i].text);
	assert_int_equal(put_many(t, 1000, 3), 0);
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
	assert_int_equal(put(t, ADD, 50, 1), rc);
	assert_memory_equal(moeai_error(h), whole, strlen(whole));
	assert_int_equal(moeai_txn_flush(t), rc);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), rc);
	moeai_txn_close(t);
	assert_untouched();
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
	struct moeai_txn *t = begin(ROWS);
	int rc;

	assert_int_equal(put_many(t, 1000, 4321), 0);
	assert_int_equal(moeai_txn_row(t, ADD, bad, 2), 0);
	rc = put_many(t, 10000, 4000);
	assert_int_equal(rc, -EACCES);
	assert_int_equal(moeai_txn_error(t)->row, 4321);
	moeai_txn_close(t);
	assert_untouched();

	t = begin(ROWS);
	assert_int_equal(put_many(t, 1000, 2000), 0);
	assert_int_equal(put_many(t, 12, 1), 0);
	assert_int_equal(put_many(t, 4000, 6000), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -EEXIST);
	assert_int_equal(moeai_txn_error(t)->row, 2000);
	moeai_txn_close(t);
	assert_untouched();
}

/* No one row is at fault. */
static void refused_whole(void **state)
{
	struct moeai_txn *t = begin("test.few");
	char name[100];

	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(put_many(t, 1, 5), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -ENOSPC);
	assert_string_equal(moeai_error(h), "table test.few: the table is full");
	assert_false(moeai_txn_error(t)->has_row);
	assert_string_equal(moeai_txn_error(t)->message, "the table is full");
	moeai_txn_close(t);
	t = begin(ROWS);
	assert_int_equal(put_many(t, 1, 5), 0);
	assert_int_equal(moeai_txn_commit(t, MOEAI_CONFIRM_MAX + 1, NULL), -ERANGE);
	moeai_txn_close(t);
	t = begin("modules");
	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -EPERM);
	assert_string_equal(moeai_error(h), "table modules: this table can't be changed");
	moeai_txn_close(t);
	assert_int_equal(moeai_txn_open(h, "chairs", &t), -ENOENT);
	assert_string_equal(moeai_error(h), "table chairs: no such table");
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	assert_int_equal(moeai_txn_open(h, name, &t), -ENOENT);
	assert_untouched();
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
	assert_untouched();
}

/* ---- given up -------------------------------------------------------------------- */

static void closed(void **state)
{
	struct moeai_txn *t = begin(ROWS);

	assert_int_equal(moeai_txn_flush(t), 0);
	assert_int_equal(put_many(t, 1000, 5000), 0);
	assert_int_equal(transactions(), 1);
	moeai_txn_close(t);
	assert_int_equal(transactions(), 0);
	assert_untouched();
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
			if (put(t, ADD, id, 1))
				_exit(2);
	}
	while (!transactions())
		usleep(1000);
	usleep(50000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(transactions(), 0);
	assert_untouched();
}

static int load_test(void)
{
	return system("modprobe moeai_test");
}

/* The table goes in the middle, and comes back empty: no half is committed. */
static void reloaded(void **state)
{
	struct moeai_txn *t = begin(ROWS);

	assert_int_equal(put_many(t, 1000, 5000), 0);
	assert_int_equal(system("modprobe -r moeai_test"), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -ENOENT);
	assert_non_null(strstr(moeai_error(h), "table test.rows: no such table"));
	moeai_txn_close(t);
	assert_int_equal(load_test(), 0);

	t = begin(ROWS);
	assert_int_equal(put_many(t, 1000, 5000), 0);
	assert_int_equal(system("modprobe -r moeai_test && modprobe moeai_test"), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -ECANCELED);
	assert_non_null(strstr(moeai_error(h), "some are lost"));
	moeai_txn_close(t);
	assert_rows(0, 0);

	/* All of it goes and comes. */
	t = begin(ROWS);
	assert_int_equal(put_many(t, 1000, 5000), 0);
	assert_int_equal(system("modprobe -r moeai_test && modprobe -r moeai_mem_monitor && "
				"modprobe -r moeai"), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -ENODEV);
	moeai_txn_close(t);
	assert_int_equal(system("modprobe moeai_mem_monitor"), 0);
	assert_int_equal(load_test(), 0);
	t = begin(ROWS);
	before = 0;
	assert_int_equal(put_many(t, 1000, 10), 0);
	done(t, 10);
}

/* ---- confirmation ------------------------------------------------------------------ */

static void change_for(uint32_t seconds)
{
	struct moeai_txn *t = begin(ROWS);
	struct moeai_commit c;

	assert_int_equal(put(t, ADD, 1, 1), 0);
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
	t = begin(ROWS);
	assert_int_equal(put(t, ADD, 2, 1), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -EBUSY);
	moeai_txn_close(t);
	assert_rows(KNOWN + 1, 10 * KNOWN + 1);
	assert_int_equal(moeai_table_rollback(h, ROWS), 0);
	assert_untouched();

	start = now();
	change_for(1);
	assert_rows(KNOWN + 1, 10 * KNOWN + 1);
	while (now() - start < 1.3)
		usleep(10000);
	assert_untouched();

	change_for(1);
	assert_int_equal(moeai_table_confirm(h, ROWS), 0);
	usleep(1300000);
	assert_rows(KNOWN + 1, 10 * KNOWN + 1);
}

/* ---- a million ------------------------------------------------------------------------ */

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
	struct moeai_txn *t = begin(ROWS);

	for (uint32_t i = 0; i < MILLION; i++)
		if (put(t, ADD, 100 + i * 7919ULL % MILLION, i))
			fail_msg("%s", moeai_error(h));
	staged = now();
	middle = all - number_of("/proc/meminfo", "MemAvailable");
	assert_untouched();
	done(t, MILLION);
	committed = now();
	kernel = all - number_of("/proc/meminfo", "MemAvailable");
	own = number_of("/proc/self/status", "VmHWM") - own;
	print_message("%d rows: staged in %.1f s, committed in %.1f s; library %lu KiB, "
		      "kernel %lu MiB staged, %lu MiB after\n", MILLION, staged - start,
		      committed - staged, own, middle / 1024, kernel / 1024);
	assert_true(own < 1024);
	assert_rows(KNOWN + MILLION, 10 * KNOWN + MILLION * (MILLION - 1ULL) / 2);
	t = begin(ROWS);
	assert_int_equal(moeai_txn_flush(t), 0);
	done(t, KNOWN + MILLION);
	assert_rows(0, 0);
}

/* ---- the frame --------------------------------------------------------------------------- */

/* Rows 10 … of size 10 stand in test.rows, nothing awaits confirmation. */
static int prepare(void **state)
{
	uint64_t sum;
	struct moeai_txn *t;

	moeai_table_confirm(h, ROWS);
	t = begin(ROWS);
	assert_int_equal(moeai_txn_flush(t), 0);
	for (uint32_t id = 10; id < 10 + KNOWN; id++)
		assert_int_equal(put(t, ADD, id, 10), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), 0);
	moeai_txn_close(t);
	return count(ROWS, &before, &sum) != KNOWN;
}

static int load(void **state)
{
	return load_test() ? -1 : moeai_open(&h);
}

static int unload(void **state)
{
	moeai_close(h);
	return system("modprobe -r moeai_test");
}

#define TEST(name) cmocka_unit_test_setup(name, prepare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(actions),	     TEST(nothing),	  TEST(copied),	 TEST(progress),
		TEST(refused),	     TEST(refused_late),  TEST(refused_whole),
		TEST(not_permitted), TEST(closed),	  TEST(killed),	 TEST(confirmed),
		TEST(million),	     TEST(reloaded),
	};

	if (getenv("MOEAI_TEST_FILTER"))
		cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, load, unload);
}
