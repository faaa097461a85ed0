// SPDX-License-Identifier: GPL-2.0
/* Regions: made whole or not at all, and nothing stays of one that could not be opened. */
/* check: limit=900 */
#include <errno.h>
#include <stdlib.h>
#include "walk.h"

#define MODULE "samples" /* which makes a region when it is started */
#define REGION "samples.ring"

/* How many regions there are, and open files of them. */
static void count(uint64_t *regions, uint64_t *files)
{
	struct moeai_values row;
	struct moeai_table *t;
	struct moeai_value v;
	int rc;

	*regions = *files = 0;
	assert_int_equal(moeai_table_open(handle, "shmem", &t), 0);
	while ((rc = moeai_table_next(t, &row)) > 0) {
		assert_int_equal(moeai_values_get(&row, "files", &v), 0);
		*files += v.u64;
		++*regions;
	}
	assert_int_equal(rc, 0);
	moeai_table_close(t);
}

static void stop(void)
{
	int rc = moeai_module_stop(handle, MODULE);

	assert_true(rc == 0 || rc == -EALREADY);
}

static void stopped(void)
{
	open_handle();
	stop();
}

static int run_start(const void *unused)
{
	return moeai_module_start(handle, MODULE);
}

/* An answer that is lost says neither. */
static void made_or_not(int error)
{
	uint64_t regions, files;

	count(&regions, &files);
	if (error != -ENOBUFS && error != -EFAULT)
		assert_int_equal(regions, !error);
	stop();
	count(&regions, &files);
	assert_int_equal(regions, 0);
	close_handle(error);
}

static void test_create(void **state)
{
	walk("create a region", &(struct operation){ run_start, stopped, made_or_not, NULL });
}

static void started(void)
{
	stopped();
	assert_int_equal(moeai_module_start(handle, MODULE), 0);
}

static struct moeai_shmem *opened;

static int run_open(const void *unused)
{
	return moeai_shmem_open(handle, REGION, 0, &opened);
}

/* Unmapping may want memory, too: it is not what is tried here. */
static void all_closed(int error)
{
	uint64_t regions, files;

	count(&regions, &files);
	assert_true(regions == 1 && files == !error);
	if (!error)
		moeai_shmem_close(opened);
	count(&regions, &files);
	assert_true(regions == 1 && files == 0);
	close_handle(error);
}

static void test_open(void **state)
{
	walk("open a region", &(struct operation){ run_open, started, all_closed, NULL });
}

static int begin(void **state)
{
	return walk_setup(state) ? -1 : load(SAMPLES);
}

static int end(void **state)
{
	return unload(SAMPLES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_open),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
