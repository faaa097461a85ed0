// SPDX-License-Identifier: GPL-2.0
/* check: limit=300 */
/* Regions: what one can't do with them, nor to the kernel by them. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "region.h"
#include "user.h"

#define SIZE (5 * PAGE)
#define W    MOEAI_SHMEM_WRITE
#define MANY 256

/* ---- mapping it --------------------------------------------------------------------------- */

/* Which of them a mapping may have: opened for reading, and for writing. */
static void test_mmap(void **state)
{
	static const struct {
		const char *what;
		size_t size;
		int prot, flags;
		off_t offset;
		int error[2];
	} cases[] = {
		{ "all", SIZE, PROT_READ, MAP_SHARED, 0, { 0, 0 } },
		{ "private", SIZE, PROT_READ, MAP_PRIVATE, 0, { 0, 0 } },
		{ "the last page", PAGE, PROT_READ, MAP_SHARED, SIZE - PAGE, { 0, 0 } },
		{ "nothing of it", SIZE, PROT_NONE, MAP_SHARED, 0, { 0, 0 } },
		{ "writable", SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0, { EACCES, 0 } },
		{ "for writing alone", PAGE, PROT_WRITE, MAP_SHARED, PAGE, { EACCES, 0 } },
		{ "writable, private", SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0,
		  { EPERM, EPERM } },
		{ "executable", SIZE, PROT_READ | PROT_EXEC, MAP_SHARED, 0, { EPERM, EPERM } },
		{ "all of it", SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, 0,
		  { EACCES, EPERM } },
		{ "too large", SIZE + PAGE, PROT_READ, MAP_SHARED, 0, { ENXIO, ENXIO } },
		{ "much too large", 1L << 40, PROT_READ, MAP_SHARED, 0, { ENXIO, ENXIO } },
		{ "from the second page", SIZE, PROT_READ, MAP_SHARED, PAGE, { ENXIO, ENXIO } },
		{ "from the end", PAGE, PROT_READ, MAP_SHARED, SIZE, { ENXIO, ENXIO } },
		{ "far behind", PAGE, PROT_READ, MAP_SHARED, 1L << 50, { ENXIO, ENXIO } },
		{ "the last page of all", PAGE, PROT_READ, MAP_SHARED,
		  0x7ffffffffffff000, { ENXIO, ENXIO } },
		{ "at an odd offset", PAGE, PROT_READ, MAP_SHARED, 100, { EINVAL, EINVAL } },
	};
	int fd, writing;
	size_t i;
	void *p;

	region_make(REGION, SIZE, true, 1);
	for (writing = 0; writing < 2; writing++) {
		fd = region_open(REGION, writing ? W : 0, NULL);
		assert_true(fd >= 0);
		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			errno = 0;
			p = mmap(NULL, cases[i].size, cases[i].prot, cases[i].flags, fd,
				 cases[i].offset);
			if (errno != cases[i].error[writing])
				fail_msg("%s: %s", cases[i].what, strerror(errno));
			if (p != MAP_FAILED)
				munmap(p, cases[i].size);
		}
		close(fd);
	}
	assert_int_equal(region_row(REGION).maps, 0);
	assert_int_equal(region_row(REGION).files, 0);
}

static void assert_stays(unsigned char *p, int prot)
{
	assert_int_equal(mprotect(p, SIZE, prot), -1);
	assert_int_equal(errno, EACCES);
}

/* Another way to write what may only be read: as a debugger does. */
static void assert_not_forced(unsigned char *p)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "x", 1, (off_t)(unsigned long)p), -1);
	assert_int_equal(p[0], 1);
	close(fd);
}

/* What was mapped for reading stays so. */
static void test_protection(void **state)
{
	int fd, flags[] = { MAP_SHARED, MAP_PRIVATE }, i;
	unsigned char *p;
	char path[40];

	region_make(REGION, SIZE, true, 1);
	fd = region_open(REGION, 0, NULL);
	for (i = 0; i < 2; i++) {
		p = mmap(NULL, SIZE, PROT_READ, flags[i], fd, 0);
		assert_ptr_not_equal(p, MAP_FAILED);
		assert_stays(p, PROT_READ | PROT_WRITE);
		assert_stays(p, PROT_READ | PROT_EXEC);
		assert_not_forced(p);
		munmap(p, SIZE);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(open(path, O_RDWR), -1);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(ftruncate(fd, 10 * SIZE), -1);
	close(fd);
	/* Of one for writing, not even that is executable. */
	fd = region_open(REGION, W, NULL);
	p = region_map(fd, SIZE, PROT_READ);
	assert_int_equal(mprotect(p, SIZE, PROT_READ | PROT_WRITE), 0);
	p[0] = 9;
	assert_stays(p, PROT_READ | PROT_EXEC);
	munmap(p, SIZE);
	close(fd);
}

/* Less of it, in pieces, elsewhere, without its pages; never more. */
static void test_pieces(void **state)
{
	unsigned char *p, *q;
	int fd;

	region_make(REGION, SIZE, false, 1);
	fd = region_open(REGION, 0, NULL);
	p = region_map(fd, SIZE, PROT_READ);
	assert_ptr_equal(mremap(p, SIZE, SIZE + PAGE, MREMAP_MAYMOVE), MAP_FAILED);
	assert_ptr_equal(mremap(p, 0, SIZE, MREMAP_MAYMOVE), MAP_FAILED);
	assert_int_equal(munmap(p + PAGE, PAGE), 0);
	assert_int_equal(region_row(REGION).maps, 2);
	assert_int_equal(p[0] + p[2 * PAGE], 2);
	q = mremap(p + 2 * PAGE, 3 * PAGE, PAGE, 0);
	assert_ptr_equal(q, p + 2 * PAGE);
	q = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	q = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q);
	assert_ptr_not_equal(q, MAP_FAILED);
	assert_int_equal(q[0], 1);
	assert_int_equal(region_do("do=fill name=" REGION " byte=2"), 0);
	assert_int_equal(q[0] + p[2 * PAGE], 4);
	madvise(q, PAGE, MADV_DONTNEED);
	assert_int_equal(region_row(REGION).maps, 2);
	munmap(q, PAGE);
	munmap(p, SIZE);
	assert_int_equal(region_row(REGION).maps, 0);
	close(fd);
}

/* Once more what a process that has forked writes, both see, and the kernel. */
static void test_writable(void **state)
{
	struct moeai_region told;
	unsigned char *p;
	int fd, status;
	pid_t pid;

	region_make(REGION, SIZE, true, 1);
	fd = region_open(REGION, W, &told);
	assert_int_equal(told.flags, W);
	assert_int_equal(region_row(REGION).writable, 1);
	p = region_map(fd, SIZE, PROT_READ | PROT_WRITE);
	pid = fork();
	if (!pid) {
		p[SIZE - 1] = 77;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(p[SIZE - 1], 77);
	assert_int_equal(sh("rmmod moeai_test"), 0);
	p[0] = 8; /* what has no module is still the process's */
	assert_int_equal(p[0], 8);
	munmap(p, SIZE);
	close(fd);
}

/* ---- asking for it ------------------------------------------------------------------------- */

static void test_ioctl(void **state)
{
	static const struct {
		const char *what;
		struct moeai_region region;
		int error;
	} cases[] = {
		{ "unknown flags", { .name = REGION, .flags = 2 }, EINVAL },
		{ "all flags", { .name = REGION, .flags = ~0U }, EINVAL },
		{ "reserved", { .name = REGION, .reserved = 1 }, EINVAL },
		{ "no name", { .name = "" }, ENOENT },
		{ "half a name", { .name = "test" }, ENOENT },
		{ "a longer name", { .name = REGION "s" }, ENOENT },
		{ "no text", { .name = "\xff\x01%s\n" }, ENOENT },
		{ "for writing", { .name = REGION, .flags = W }, EACCES },
	};
	unsigned long code = MOEAI_IOC_SHMEM, other[] = { code + (1 << 16), code - (1 << 16),
							   code ^ _IOC(_IOC_READ, 0, 0, 0) };
	void *bad[] = { NULL, (void *)8, (void *)-4096UL, (void *)0xffff888000000000UL };
	int device = open(MOEAI_DEVICE, O_RDONLY), next = dup(device);
	struct moeai_region region, *fixed;
	size_t i;

	close(next);
	region_make(REGION, SIZE, false, 1);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		region = cases[i].region;
		errno = 0;
		if (ioctl(device, code, &region) != -1 || errno != cases[i].error)
			fail_msg("%s: %s", cases[i].what, strerror(errno));
		assert_memory_equal(&region, &cases[i].region, sizeof(region));
	}
	memset(&region, 'a', sizeof(region)); /* no end of the name */
	region.flags = region.reserved = 0;
	assert_int_equal(ioctl(device, code, &region), -1);
	assert_int_equal(errno, EINVAL);
	for (i = 0; i < 3; i++) {
		assert_int_equal(ioctl(device, other[i], &cases[3].region), -1);
		assert_int_equal(errno, ENOTTY);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(ioctl(device, code, bad[i]), -1);
		assert_int_equal(errno, EFAULT);
	}
	/* It can be read, and not be answered. */
	fixed = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(fixed->name, REGION);
	mprotect(fixed, PAGE, PROT_READ);
	assert_int_equal(ioctl(device, code, fixed), -1);
	assert_int_equal(errno, EFAULT);
	munmap(fixed, PAGE);
	assert_int_equal(region_row(REGION).files, 0);
	region = (struct moeai_region){ .name = REGION };
	assert_int_equal(ioctl(device, code, &region), next); /* no descriptor was lost */
	close(next);
	close(device);
}

static int out_of_descriptors(void *unused)
{
	struct rlimit few = { 20, 20 };
	int fd, n = 0;

	setrlimit(RLIMIT_NOFILE, &few);
	while ((fd = region_open(REGION, 0, NULL)) >= 0)
		n++;
	return n > 5 ? fd : -1;
}

static int reading(void *unused)
{
	int fd = region_open(REGION, 0, NULL);

	return fd < 0 ? fd : 0;
}

static int writing(void *unused)
{
	int fd = region_open(REGION, W, NULL);

	return fd < 0 ? fd : 0;
}

/* Who may read the device may read it; who may act may write, if the module lets him. */
static void test_privilege(void **state)
{
	static const int reads[N_WHO] = { 0, 0, -EACCES, -EACCES, -EACCES, -EACCES, -EACCES, 0 };
	static const int writes[N_WHO] = { 0, -EPERM, -EPERM, 0, -EPERM, -EPERM, -EPERM, 0 };
	int who;

	region_make(REGION, SIZE, true, 1);
	for (who = 0; who < N_WHO; who++)
		if (as(who, reading, NULL) != reads[who])
			fail_msg("%s reads: %d", who_names[who], as(who, reading, NULL));
	assert_int_equal(chmod(MOEAI_DEVICE, 0644), 0);
	for (who = 0; who < N_WHO; who++) {
		assert_int_equal(as(who, reading, NULL), 0);
		if (as(who, writing, NULL) != writes[who])
			fail_msg("%s writes: %d", who_names[who], as(who, writing, NULL));
	}
	assert_int_equal(as(NOBODY, out_of_descriptors, NULL), -EMFILE);
	assert_int_equal(chmod(MOEAI_DEVICE, 0640), 0);
	assert_int_equal(region_row(REGION).files, 0);
}

static int open_many(void *count)
{
	int fd, n = 0;

	while (n < *(int *)count && (fd = region_open(n % 2 ? REGION : "test.other", 0, NULL)) >= 0)
		n++;
	return n < *(int *)count ? fd : n;
}

/* Of all regions together one who has no privileges has so many open; root has more. */
static void test_open_max(void **state)
{
	int many = MOEAI_OPEN_MAX;

	region_make(REGION, PAGE, false, 1);
	region_make("test.other", PAGE, false, 1);
	assert_int_equal(chmod(MOEAI_DEVICE, 0644), 0);
	assert_int_equal(as(NOBODY, open_many, &many), many);
	many++;
	assert_int_equal(as(NOBODY, open_many, &many), -EBUSY);
	assert_int_equal(as(NET_ADMIN, open_many, &many), -EBUSY);
	assert_int_equal(as(ROOT, open_many, &many), many);
	assert_int_equal(as(SYS_ADMIN, open_many, &many), many);
	assert_int_equal(chmod(MOEAI_DEVICE, 0640), 0);
	assert_int_equal(region_row(REGION).files, 0);
}

/* moeai_shmem_export(), called in the handler of a command that we call. */
static void test_export(void **state)
{
	unsigned char *p;
	int fd;

	assert_true(region_do("do=export name=" REGION) == -ENOENT);
	region_make(REGION, SIZE, false, 6);
	fd = region_do("do=export name=" REGION);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	p = region_map(fd, SIZE, PROT_READ);
	assert_int_equal(p[SIZE - 1], 6);
	assert_stays(p, PROT_READ | PROT_WRITE);
	munmap(p, SIZE);
	close(fd);
	assert_int_equal(region_do("do=destroy name=" REGION), 0);
	region_make(REGION, SIZE, true, 6);
	fd = region_do("do=export name=" REGION);
	p = region_map(fd, SIZE, PROT_READ | PROT_WRITE);
	p[0] = 1;
	munmap(p, SIZE);
	close(fd);
	assert_int_equal(region_row(REGION).files, 0);
}

/* ---- making it --------------------------------------------------------------------------------- */

static int make(const char *name, uint64_t size)
{
	return region_do("do=create name=\"%s\" size=%llu", name, (unsigned long long)size);
}

static void test_names(void **state)
{
	static const char *const bad[] = {
		"", "test", "test.", ".region", ".", "test.Region", "test.a.b", "test.1", "test.a b",
		"test.\xc3\xa9", "Test.region", "other.region", "core.region", "tes.region",
		"test.a1234567890123456789012345678901",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!make(bad[i], PAGE))
			fail_msg("'%s' is no name", bad[i]);
	assert_int_equal(region_number("core", "shmem_refused"), i);
	assert_int_equal(make("test.a123456789012345678901234567890", 1), 0);
	assert_int_equal(make(REGION, 1), 0);
	assert_int_not_equal(make(REGION, 1), 0); /* there is one */
	assert_int_equal(region_do("do=destroy name=" REGION), 0);
	assert_int_equal(make(REGION, 1), 0);
	assert_int_equal(region_row(REGION).size, PAGE);
	assert_int_equal(region_do("do=destroy name=test.none"), -ENOENT);
}

static int reset(void **state)
{
	control("stats.reset");
	return region_ready(state);
}

static void test_sizes(void **state)
{
	static const uint64_t bad[] = { 0, 65537, 1UL << 32, 1UL << 63, UINT64_MAX - PAGE,
					UINT64_MAX };
	size_t i;
	int fd;

	assert_int_equal(control("param.set name=core.shmem_bytes value=65536"), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(make(REGION, bad[i]), 0);
	assert_int_equal(make(REGION, 65536), 0);
	assert_int_not_equal(make("test.other", 1), 0);
	/* What an orphan has is not free. */
	fd = region_open(REGION, 0, NULL);
	assert_int_equal(region_do("do=destroy name=" REGION), 0);
	assert_int_not_equal(make("test.other", 1), 0);
	close(fd);
	assert_int_equal(make("test.other", 61441), 0); /* the last of its pages not whole */
	assert_int_not_equal(make(REGION, 1), 0);
	assert_int_equal(region_do("do=destroy name=test.other"), 0);
	assert_int_equal(control("param.set name=core.shmem_bytes value=0"), 0);
	assert_int_not_equal(make(REGION, 1), 0);
	assert_int_equal(region_number("core", "shmem_refused"), i + 4);
	assert_int_equal(region_number("core", "shmem_used"), 0);
	/* More than there is memory: nobody is killed for it. */
	assert_int_equal(control("param.set name=core.shmem_bytes value=%llu", 1ULL << 40), 0);
	assert_int_not_equal(make(REGION, 1ULL << 38), 0);
	assert_int_equal(control("param.set name=core.shmem_bytes value=%u", 64 << 20), 0);
	assert_int_equal(make(REGION, 64 << 20), 0);
}

/* Others go on while a large one is made: they see it. */
static void test_making(void **state)
{
	const uint64_t size = 64 << 20;
	struct region_row row = { .state = 0 };
	pid_t pid = fork();
	int i;

	while (!pid) {
		make(REGION, size);
		region_do("do=destroy name=" REGION);
	}
	for (i = 0; i < 2000 && row.state != 2; i++)
		row = region_row(REGION);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(row.state == 2 && row.size == size && row.files == 0);
	region_do("do=destroy name=" REGION);
	assert_int_equal(region_number("core", "shmem_used"), 0);
}

static void test_number(void **state)
{
	char name[20];
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "test.r%d", i);
		assert_int_equal(make(name, 1), 0);
	}
	assert_int_not_equal(make(REGION, 1), 0);
	assert_int_equal(region_do("do=destroy name=test.r100"), 0);
	assert_int_equal(make(REGION, 1), 0);
	assert_int_equal(region_number("core", "shmem_used"), MANY * PAGE);
	assert_int_equal(sh("rmmod moeai_test"), 0);
	assert_int_equal(region_number("core", "shmem_used"), 0);
}

/* ---- whatever is written there -------------------------------------------------------------------- */

static void scribble(unsigned int seed)
{
	int fd = region_open(REGION, W, NULL);
	unsigned char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	for (;;) {
		seed = seed * 1103515245 + 12345;
		if (seed % 3)
			*(volatile unsigned int *)p = seed; /* where the module is to go on */
		else
			memset(p, (int)(seed >> 8), SIZE);
	}
}

/* The module works on, and is right about how much it has done. */
static void test_scribble(void **state)
{
	uint64_t before, after;
	pid_t pids[2];
	int i;

	region_make(REGION, SIZE, true, 0);
	assert_int_equal(region_do("do=work name=" REGION), 0);
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i])
			scribble(i);
	}
	for (i = 0; i < 5; i++) {
		before = region_number("test", "worked");
		usleep(400000);
		after = region_number("test", "worked");
		assert_true(after > before && after % 10000 == 0);
	}
	for (i = 0; i < 2; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < 2; i++)
		waitpid(pids[i], NULL, 0);
	assert_int_equal(region_do("do=rest"), 0);
}

/* The module goes while it works, and others write. */
static void test_scribble_unload(void **state)
{
	pid_t pid;
	int i;

	for (i = 0; i < 5; i++) {
		region_make(REGION, SIZE, true, 0);
		assert_int_equal(region_do("do=work name=" REGION), 0);
		pid = fork();
		if (!pid)
			scribble(i);
		usleep(50000);
		assert_int_equal(sh("rmmod moeai_test && modprobe moeai_test"), 0);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	assert_int_equal(region_number("core", "shmem_used"), 0);
}

#define TEST(t) cmocka_unit_test_setup(t, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_mmap),   TEST(test_protection), TEST(test_pieces), TEST(test_writable),
		TEST(test_ioctl),  TEST(test_privilege),  TEST(test_export), TEST(test_names),
		TEST(test_sizes),  TEST(test_number),	  TEST(test_scribble),
		TEST(test_scribble_unload), TEST(test_open_max), TEST(test_making),
	};

	return cmocka_run_group_tests(tests, NULL, region_leave);
}
