// SPDX-License-Identifier: GPL-2.0
/* check: limit=300 */
/* Regions, from the first to the last of those who have them, in all orders. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <moeai/moeai.h>
#include "region.h"

#define SIZE 20000
#define HAS  20480 /* whole pages */

static int unload(const char *module)
{
	return sh("rmmod %s 2>/dev/null", module);
}

/* ---- what one is ----------------------------------------------------------------------- */

static void test_contents(void **state)
{
	struct moeai_region told;
	struct region_row row;
	unsigned char *p;
	int fd, i;

	assert_int_equal(region_do("do=create name=" REGION " size=%d", SIZE), 0);
	fd = region_open(REGION, 0, &told);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(told.size == HAS && told.flags == 0 && told.id);
	p = region_map(fd, HAS, PROT_READ);
	for (i = 0; i < HAS; i++)
		assert_int_equal(p[i], 0);
	assert_int_equal(region_do("do=fill name=" REGION " byte=165"), 0);
	assert_true(p[0] == 165 && p[SIZE - 1] == 165 && p[SIZE] == 0);
	row = region_row(REGION);
	assert_string_equal(row.module, "test");
	assert_true(row.n == 1 && row.size == HAS && row.id == told.id && row.files == 1 &&
		    row.maps == 1 && row.state == 0 && row.writable == 0);
	assert_int_equal(region_number("core", "shmem_used"), HAS);
	munmap(p, HAS);
	close(fd);
	row = region_row(REGION);
	assert_true(row.n == 1 && row.files == 0 && row.maps == 0);
}

/* Each opens it for himself, and none is in the way of another. */
static void test_several(void **state)
{
	unsigned char *p[20];
	int fds[20];
	size_t i;

	region_make(REGION, SIZE, false, 1);
	for (i = 0; i < 20; i++) {
		fds[i] = region_open(REGION, 0, NULL);
		p[i] = region_map(fds[i], HAS, PROT_READ);
		assert_int_equal(p[i][HAS / 2], 1);
	}
	assert_true(region_row(REGION).files == 20 && region_row(REGION).maps == 20);
	for (i = 0; i < 20; i++)
		close(fds[i]);
	assert_int_equal(region_row(REGION).files, 20); /* which the mappings hold */
	assert_int_equal(region_do("do=destroy name=" REGION), 0);
	assert_true(region_row(REGION).state == 1 && region_row(REGION).files == 20);
	for (i = 0; i < 20; i++)
		munmap(p[i], HAS);
	assert_int_equal(region_row(REGION).n, 0);
}

/* ---- all orders ------------------------------------------------------------------------- */

enum step { CLOSE, UNMAP, UNLOAD, CHILD, STEPS };

/* Who has it, still. */
struct holders {
	bool done[STEPS];
	int fd, end[2];
	unsigned char *p;
	pid_t pid;
};

static bool is_seven(const unsigned char *p)
{
	return p[0] == 7 && p[SIZE - 1] == 7 && p[HAS - 1] == 0;
}

/* The child has what its parent has, and looks at it last. */
static void hold(struct holders *h)
{
	char c;

	*h = (struct holders){ 0 };
	assert_int_equal(sh("modprobe moeai_test"), 0);
	region_make(REGION, SIZE, false, 7);
	h->fd = region_open(REGION, 0, NULL);
	h->p = region_map(h->fd, HAS, PROT_READ);
	assert_int_equal(pipe(h->end), 0);
	h->pid = fork();
	if (!h->pid) {
		close(h->end[1]);
		_exit(read(h->end[0], &c, 1) || !is_seven(h->p));
	}
	close(h->end[0]);
}

static void take(struct holders *h, enum step step)
{
	int status;

	switch (step) {
	case CLOSE:
		close(h->fd);
		break;
	case UNMAP:
		munmap(h->p, HAS);
		break;
	case UNLOAD:
		assert_int_equal(unload("moeai_test"), 0); /* whoever has its region */
		break;
	default:
		close(h->end[1]);
		waitpid(h->pid, &status, 0);
		assert_int_equal(status, 0);
	}
	h->done[step] = true;
}

static void check(const struct holders *h)
{
	bool held = !h->done[CLOSE] || !h->done[UNMAP] || !h->done[CHILD];
	struct region_row row = region_row(REGION);

	if (!h->done[UNMAP])
		assert_true(is_seven(h->p));
	assert_int_equal(row.n, held || !h->done[UNLOAD]);
	if (row.n) {
		assert_int_equal(row.state, h->done[UNLOAD]);
		assert_int_equal(row.files, held); /* parent and child share it */
		assert_int_equal(row.maps, !h->done[UNMAP] + !h->done[CHILD]);
	}
	assert_int_equal(region_number("core", "shmem_used"), row.n ? HAS : 0);
	if (h->done[UNLOAD] && held)
		assert_int_not_equal(unload("moeai"), 0);
}

static void in_order(const enum step *steps)
{
	struct holders h;
	int i;

	hold(&h);
	check(&h);
	for (i = 0; i < STEPS; i++) {
		take(&h, steps[i]);
		check(&h);
	}
	if (steps[0] != UNLOAD)
		return;
	assert_int_equal(unload("moeai"), 0); /* nobody holds it any more, either */
	assert_int_equal(sh("modprobe moeai"), 0);
}

/* The rest of the steps in each order behind those that are settled. */
static int permute(enum step *steps, int settled)
{
	int i, n = 0;

	if (settled == STEPS) {
		in_order(steps);
		return 1;
	}
	for (i = settled; i < STEPS; i++) {
		enum step first = steps[i];

		steps[i] = steps[settled];
		steps[settled] = first;
		n += permute(steps, settled + 1);
		steps[settled] = steps[i];
		steps[i] = first;
	}
	return n;
}

static void test_orders(void **state)
{
	enum step steps[STEPS] = { CLOSE, UNMAP, UNLOAD, CHILD };

	unload("moeai_test");
	assert_int_equal(permute(steps, 0), 24);
}

/* A pipe has a page of it, and nobody else anything any more. */
static void test_page(void **state)
{
	unsigned char *p, bytes[PAGE];
	struct iovec one;
	int fd, end[2], i;

	region_make(REGION, SIZE, false, 7);
	fd = region_open(REGION, 0, NULL);
	p = region_map(fd, HAS, PROT_READ);
	assert_int_equal(pipe(end), 0);
	one = (struct iovec){ p + PAGE, PAGE };
	assert_int_equal(vmsplice(end[1], &one, 1, 0), PAGE);
	munmap(p, HAS);
	close(fd);
	assert_int_equal(unload("moeai_test"), 0);
	assert_int_equal(region_number("core", "shmem_used"), 0);
	assert_int_equal(unload("moeai"), 0);
	assert_int_equal(read(end[0], bytes, PAGE), PAGE);
	for (i = 0; i < PAGE; i++)
		assert_int_equal(bytes[i], 7);
	close(end[0]);
	close(end[1]);
}

/* What is there now is not what was there before, though it has its name. */
static void test_reload(void **state)
{
	struct moeai_region before, after;
	struct pollfd old = { 0 }, new = { 0 };
	unsigned char *p, *q;

	region_make(REGION, SIZE, false, 1);
	old.fd = region_open(REGION, 0, &before);
	p = region_map(old.fd, HAS, PROT_READ);
	assert_int_equal(poll(&old, 1, 0), 0);
	assert_int_equal(unload("moeai_test"), 0);
	assert_int_equal(poll(&old, 1, 0), 1);
	assert_int_equal(old.revents, POLLHUP);
	assert_int_equal(region_open(REGION, 0, NULL), -ENOENT);
	assert_int_equal(sh("modprobe moeai_test"), 0);
	assert_int_equal(region_open(REGION, 0, NULL), -ENOENT);
	region_make(REGION, PAGE, false, 2);
	new.fd = region_open(REGION, 0, &after);
	q = region_map(new.fd, PAGE, PROT_READ);
	assert_true(p[0] == 1 && q[0] == 2 && after.size == PAGE && after.id > before.id);
	assert_int_equal(region_row(REGION).n, 2);
	assert_int_equal(region_number("core", "shmem_used"), HAS + PAGE);
	assert_int_equal(poll(&new, 1, 0), 0);
	/* The old one can be mapped once more, by those who have it. */
	munmap(p, HAS);
	p = region_map(old.fd, HAS, PROT_READ);
	assert_int_equal(p[SIZE - 1], 1);
	munmap(p, HAS);
	close(old.fd);
	assert_int_equal(region_row(REGION).n, 1);
	munmap(q, PAGE);
	close(new.fd);
}

static void *wait_for_end(void *fd)
{
	struct pollfd p = { .fd = *(int *)fd };

	return (void *)(long)(poll(&p, 1, 60000) == 1 && p.revents == POLLHUP);
}

/* Who sleeps is told. */
static void test_told(void **state)
{
	pthread_t thread;
	void *told;
	int fd;

	region_make(REGION, PAGE, false, 1);
	fd = region_open(REGION, 0, NULL);
	pthread_create(&thread, NULL, wait_for_end, &fd);
	usleep(200000);
	assert_int_equal(region_do("do=destroy name=" REGION), 0);
	assert_int_equal(region_do("do=destroy name=" REGION), -ENOENT);
	pthread_join(thread, &told);
	assert_true(told != NULL);
	close(fd);
	assert_int_equal(region_number("core", "shmem_used"), 0);
}

/* A program that is executed has neither the descriptor nor the mapping. */
static void test_exec(void **state)
{
	int fd, end[2], i;
	unsigned char *p;
	pid_t pid;

	region_make(REGION, PAGE, false, 1);
	fd = region_open(REGION, 0, NULL);
	p = region_map(fd, PAGE, PROT_READ);
	assert_int_equal(pipe(end), 0);
	pid = fork();
	if (!pid) {
		dup2(end[0], 0);
		execlp("cat", "cat", NULL);
		_exit(1);
	}
	close(fd);
	for (i = 0; region_row(REGION).maps > 1 && i < 500; i++)
		usleep(10000);
	assert_int_equal(region_row(REGION).maps, 1);
	munmap(p, PAGE);
	assert_int_equal(region_row(REGION).files, 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(end[0]);
	close(end[1]);
}

/* Killed in the midst of it, nobody leaves anything behind. */
static void test_killed(void **state)
{
	pid_t pids[8];
	int i, round;

	for (round = 0; round < 5; round++) {
		region_make(REGION, SIZE, true, round);
		for (i = 0; i < 8; i++) {
			pids[i] = fork();
			while (!pids[i]) {
				int fd = region_open(REGION, i % 2 ? MOEAI_SHMEM_WRITE : 0, NULL);
				unsigned char *p = mmap(NULL, HAS, PROT_READ, MAP_SHARED, fd, 0);

				if (p != MAP_FAILED)
					munmap(p + PAGE, i % 3 * PAGE);
				if (i % 4)
					close(fd);
			}
		}
		usleep(100000);
		assert_int_equal(region_do("do=destroy name=" REGION), 0);
		for (i = 0; i < 8; i++)
			kill(pids[i], SIGKILL);
		for (i = 0; i < 8; i++)
			waitpid(pids[i], NULL, 0);
		assert_int_equal(region_row(REGION).n, 0);
		assert_int_equal(region_number("core", "shmem_used"), 0);
	}
}

/* ---- at once ------------------------------------------------------------------------------ */

static atomic_bool busy;

static void *use(void *writing)
{
	unsigned int sum = 0;

	while (busy) {
		int fd = region_open(REGION, writing ? MOEAI_SHMEM_WRITE : 0, NULL);
		volatile unsigned char *p;

		if (fd < 0) {
			usleep(100);
			continue;
		}
		p = mmap(NULL, HAS, PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
		if (p == MAP_FAILED)
			break;
		sum += p[0] + p[SIZE - 1];
		munmap((void *)p, HAS);
	}
	return (void *)(long)(busy || !sum);
}

static void *list(void *unused)
{
	struct moeai_values row;
	struct moeai_table *t;
	struct moeai *h;

	while (busy && !moeai_open(&h)) {
		if (!moeai_table_open(h, "shmem", &t)) {
			while (moeai_table_next(t, &row) == 1)
				;
			moeai_table_close(t);
		}
		moeai_close(h);
	}
	return NULL;
}

/* The module comes and goes while others open, map, and read the table. */
static void test_race(void **state)
{
	pthread_t threads[3];
	void *failed;
	int i;

	busy = true;
	pthread_create(&threads[0], NULL, use, NULL);
	pthread_create(&threads[1], NULL, use, &busy);
	pthread_create(&threads[2], NULL, list, NULL);
	for (i = 0; i < 200; i++) {
		region_make(REGION, SIZE, true, i);
		if (i % 20) {
			assert_int_equal(region_do("do=destroy name=" REGION), 0);
			continue;
		}
		assert_int_equal(unload("moeai_test"), 0);
		assert_int_equal(sh("modprobe moeai_test"), 0);
	}
	busy = false;
	for (i = 0; i < 3; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(region_row(REGION).n, 0);
}

/* ---- who holds -------------------------------------------------------------------------------- */

static void count_regions(const struct nlattr *row, void *n)
{
	const struct nlattr *what = attr_in(row, 2);

	*(int *)n += attr_u32(attr_in(row, 1)) == 3 && !strcmp(attr_data(what), REGION);
}

static void test_holders(void **state)
{
	static struct wire w;
	int fd, n = 0;

	region_make(REGION, PAGE, false, 1);
	fd = region_open(REGION, 0, NULL);
	wire_open(&w);
	assert_int_equal(table_walk(&w, "subscribers", count_regions, &n), 0);
	assert_int_equal(n, 1);
	wire_close(&w);
	assert_int_equal(sh("moectl modules | grep -q 'core.*regions=1'"), 0);
	close(fd);
	assert_int_equal(sh("moectl modules | grep -q 'core.*regions='"), 1);
}

/* ---- the library ---------------------------------------------------------------------------- */

static void test_library(void **state)
{
	struct moeai_shmem *s;
	struct moeai *h;
	char name[100];

	region_make(REGION, SIZE, false, 3);
	assert_int_equal(moeai_open(&h), 0);
	assert_int_equal(moeai_shmem_open(h, REGION, 0, &s), 0);
	assert_int_equal(moeai_shmem_size(s), HAS);
	assert_int_equal(((unsigned char *)moeai_shmem_data(s))[SIZE - 1], 3);
	assert_true(moeai_shmem_fd(s) >= 0);
	moeai_shmem_close(s);
	moeai_shmem_close(NULL);
	assert_int_equal(region_row(REGION).files, 0);
	assert_int_equal(moeai_shmem_open(NULL, REGION, 0, &s), 0);
	moeai_shmem_close(s);
	assert_int_equal(moeai_shmem_open(NULL, "test.none", 0, &s), -ENOENT);
	assert_int_equal(moeai_shmem_open(h, "test.none", 0, &s), -ENOENT);
	assert_non_null(strstr(moeai_error(h), "'test.none'"));
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(moeai_shmem_open(h, name, 0, &s), -ENOENT);
	assert_int_equal(moeai_shmem_open(h, REGION, MOEAI_SHMEM_WRITE, &s), -EACCES);
	assert_non_null(strstr(moeai_error(h), "for reading"));
	assert_int_equal(moeai_shmem_open(h, REGION, 8, &s), -EINVAL);
	assert_int_equal(region_do("do=destroy name=" REGION), 0);
	region_make(REGION, PAGE, true, 3);
	assert_int_equal(moeai_shmem_open(h, REGION, MOEAI_SHMEM_WRITE, &s), 0);
	*(unsigned char *)moeai_shmem_data(s) = 4;
	moeai_shmem_close(s);
	moeai_close(h);
}

/* Many reloads shall not be spent in waiting for grace periods. */
static int begin(void **state)
{
	return sh("echo 1 >/sys/kernel/rcu_expedited");
}

static int end(void **state)
{
	return sh("echo 0 >/sys/kernel/rcu_expedited") || region_leave(state);
}

#define TEST(t) cmocka_unit_test_setup(t, region_ready)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_contents), TEST(test_several), TEST(test_orders), TEST(test_page),
		TEST(test_reload),   TEST(test_told),	 TEST(test_exec),   TEST(test_killed),
		TEST(test_race),     TEST(test_holders), TEST(test_library),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
