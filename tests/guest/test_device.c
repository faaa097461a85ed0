// SPDX-License-Identifier: GPL-2.0
/* check: limit=300 */
/* /dev/moeai as its header describes it: what it gives, and what it does not let one do. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ask.h"
#include "device.h"
#include "events.h"
#include "user.h"

#define PAGE 4096

static void *map(int fd, size_t size, int prot, int flags, off_t offset)
{
	return mmap(NULL, size, prot, flags, fd, offset);
}

/* ---- what it is --------------------------------------------------------------------- */

static void test_layout(void **state)
{
	int fd = device_open(0);
	const struct moeai_map *m = device_map(fd);
	struct stat st;

	assert_int_equal(stat(MOEAI_DEVICE, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(m->version, MOEAI_MAP_VERSION);
	assert_true(m->epoch && m->family);
	assert_int_equal(m->log_offset, PAGE);
	assert_int_equal(m->keep_offset, m->log_offset + 2 * m->log_size);
	assert_int_equal(m->size, m->keep_offset + 2 * m->keep_size);
	/* Twice in a row. */
	assert_memory_equal((char *)m + m->log_offset, (char *)m + m->log_offset + m->log_size,
			    m->log_size);
	assert_memory_equal((char *)m + m->keep_offset, (char *)m + m->keep_offset + m->keep_size,
			    m->keep_size);
	assert_int_equal(munmap((void *)m, device_layout.size), 0);
	close(fd);
}


static void test_mapped_is_replay(void **state)
{
	static const char *const priorities[] = { "debug", "info", "warning", "critical" };
	struct tale mapped = { .epoch = device_layout.epoch }, replayed = {};
	const struct moeai_map *m;
	static struct wire w;
	int i, fd;

	for (i = 0; i < 60; i++)
		device_emit(3, i * i, priorities[i % 4]);
	fd = device_open(0);
	m = device_map(fd);
	device_tell((char *)m + m->log_offset, &m->log, m->log_size, &mapped);
	wire_open(&w);
	assert_int_equal(replay(&w, &(struct filter){ .since = 0 }, tell, &replayed), 0);
	assert_int_equal(mapped.records, replayed.records);
	assert_true(mapped.begin == replayed.begin && mapped.end == replayed.end);
	wire_close(&w);
	munmap((void *)m, device_layout.size);
	close(fd);
}

/* ---- mapping it --------------------------------------------------------------------- */

static void test_mmap_refused(void **state)
{
	static const struct {
		const char *what;
		long size; /* beyond the whole mapping's */
		int prot, flags;
		off_t offset;
		int error;
	} cases[] = {
		{ "writable, shared", 0, PROT_READ | PROT_WRITE, MAP_SHARED, 0, EACCES },
		{ "writable, private", 0, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0, EPERM },
		{ "executable", 0, PROT_READ | PROT_EXEC, MAP_SHARED, 0, EPERM },
		{ "executable, private", 0, PROT_READ | PROT_EXEC, MAP_PRIVATE, 0, EPERM },
		{ "too large", PAGE, PROT_READ, MAP_SHARED, 0, ENXIO },
		{ "much too large", 1L << 40, PROT_READ, MAP_SHARED, 0, ENXIO },
		{ "from the second page, too large", 0, PROT_READ, MAP_SHARED, PAGE, ENXIO },
		{ "behind the end", 0, PROT_READ, MAP_SHARED, 1L << 40, ENXIO },
		{ "at an odd offset", 0, PROT_READ, MAP_SHARED, 100, EINVAL },
	};
	int fd = device_open(0);
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		errno = 0;
		if (map(fd, device_layout.size + cases[i].size, cases[i].prot, cases[i].flags,
			cases[i].offset) != MAP_FAILED || errno != cases[i].error)
			fail_msg("%s: %s", cases[i].what, strerror(errno));
	}
	close(fd);
}

static void test_mapping_changed(void **state)
{
	int fd = device_open(0), flags[] = { MAP_SHARED, MAP_PRIVATE };
	char *p, *q;
	size_t i;

	for (i = 0; i < 2; i++) {
		p = map(fd, device_layout.size, PROT_READ, flags[i], 0);
		assert_ptr_not_equal(p, MAP_FAILED);
		assert_int_equal(mprotect(p, device_layout.size, PROT_READ | PROT_WRITE), -1);
		assert_int_equal(errno, EACCES);
		assert_int_equal(mprotect(p, device_layout.size, PROT_READ | PROT_EXEC), -1);
		assert_int_equal(errno, EACCES);
		assert_ptr_equal(mremap(p, device_layout.size, device_layout.size + PAGE, MREMAP_MAYMOVE),
				 MAP_FAILED);
		assert_int_equal(mprotect(p, PAGE, PROT_NONE), 0);
		assert_int_equal(mprotect(p, PAGE, PROT_READ), 0);
		/* Less of it, in two pieces, and elsewhere. */
		assert_int_equal(munmap(p + PAGE, PAGE), 0);
		assert_int_equal(((struct moeai_map *)p)->version, MOEAI_MAP_VERSION);
		q = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
		if (q == MAP_FAILED)
			q = p;
		assert_int_equal(((struct moeai_map *)q)->version, MOEAI_MAP_VERSION);
		munmap(q, PAGE);
		munmap(p, device_layout.size);
	}
	close(fd);
}

/* A child has the mapping as well, and may outlive its parent's. */
static void test_fork(void **state)
{
	int fd = device_open(0), end[2], status;
	const struct moeai_map *m = device_map(fd);
	uint64_t head = m->log.head;
	pid_t pid;
	char c;

	assert_int_equal(pipe(end), 0);
	pid = fork();
	if (!pid) {
		close(end[1]);
		_exit(read(end[0], &c, 1) || m->log.head == head);
	}
	close(end[0]);
	munmap((void *)m, device_layout.size);
	close(fd);
	device_emit(1, 0, "info");
	assert_int_not_equal(device_unload(), 0); /* the child's mapping holds it */
	close(end[1]);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(device_unload(), 0);
}

static void *peek(const void *base, size_t offset)
{
	return (char *)base + offset;
}

/* The mapping stays when the file is closed, and keeps the module. */
static void test_close_while_mapped(void **state)
{
	int fd = device_open(0);
	const struct moeai_map *m = device_map(fd);
	uint64_t head = m->log.head;

	close(fd);
	device_emit(10, 0, "info");
	assert_true(m->log.head > head);
	assert_int_not_equal(device_unload(), 0);
	munmap(peek(m, PAGE), device_layout.size - PAGE);
	assert_int_not_equal(device_unload(), 0); /* a page is left */
	munmap((void *)m, PAGE);
	assert_int_equal(device_unload(), 0);
	assert_int_equal(access(MOEAI_DEVICE, F_OK), -1);
}

/* ---- who may ------------------------------------------------------------------------- */

static int try_open(void *flags)
{
	int fd = open(MOEAI_DEVICE, *(int *)flags | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static void test_open(void **state)
{
	int read_only = O_RDONLY, writable = O_RDWR, write_only = O_WRONLY;

	assert_int_equal(as(ROOT, try_open, &read_only), 0);
	assert_int_equal(as(ROOT, try_open, &writable), -EPERM);
	assert_int_equal(as(ROOT, try_open, &write_only), -EPERM);
	assert_int_equal(as(NOBODY, try_open, &read_only), -EACCES);
	assert_int_equal(as(NET_ADMIN, try_open, &read_only), -EACCES);
	assert_int_equal(as(SYS_ADMIN, try_open, &read_only), -EACCES);
	assert_int_equal(as(USERNS_ROOT, try_open, &read_only), -EACCES);
}

static unsigned int devices;

static void count_devices(const struct nlattr *row, void *kind)
{
	const struct nlattr *a = (const void *)((const char *)row + NLA_HDRLEN);
	int len = row->nla_len - NLA_HDRLEN;

	for (; len >= NLA_HDRLEN; len -= NLA_ALIGN(a->nla_len),
				  a = (const void *)((const char *)a + NLA_ALIGN(a->nla_len)))
		if ((a->nla_type & NLA_TYPE_MASK) == *(uint16_t *)kind && attr_u32(a) == 2)
			devices++;
}

/* Table subscribers tells who keeps the module. */
static void test_subscribers(void **state)
{
	static struct wire w;
	uint16_t kind;
	int a, b;

	wire_open(&w);
	kind = column(&w, "subscribers", "kind");
	a = device_open(0);
	b = device_open(0);
	devices = 0;
	assert_int_equal(table_walk(&w, "subscribers", count_devices, &kind), 0);
	assert_int_equal(devices, 2);
	close(a);
	close(b);
	devices = 0;
	assert_int_equal(table_walk(&w, "subscribers", count_devices, &kind), 0);
	assert_int_equal(devices, 0);
	wire_close(&w);
}

static int open_many(void *count)
{
	int n = 0, fd;

	while ((fd = open(MOEAI_DEVICE, O_RDONLY)) >= 0 && n < *(int *)count)
		n++;
	return fd < 0 ? -errno : n;
}

/* One who has no privileges has so many files open, and no more; root has more. */
static void test_open_max(void **state)
{
	int many = 200;

	assert_int_equal(chmod(MOEAI_DEVICE, 0644), 0);
	assert_int_equal(as(NOBODY, open_many, &many), -EBUSY);
	many = MOEAI_OPEN_MAX - 1;
	assert_int_equal(as(NOBODY, open_many, &many), many);
	many = 200;
	assert_int_equal(as(ROOT, open_many, &many), many);
	assert_int_equal(chmod(MOEAI_DEVICE, 0640), 0);
}

/* ---- ioctls ---------------------------------------------------------------------------- */

static void test_ioctls(void **state)
{
	static const struct {
		const char *what;
		unsigned long code;
		int error;
	} codes[] = {
		{ "an unknown number", _IO(MOEAI_IOC_TYPE, 6), ENOTTY },
		{ "the last number", _IO(MOEAI_IOC_TYPE, 255), ENOTTY },
		{ "another type", _IOR('x', 0, struct moeai_map), ENOTTY },
		{ "a shorter map", _IOC(_IOC_READ, MOEAI_IOC_TYPE, 0, 8), ENOTTY },
		{ "the other direction", _IOW(MOEAI_IOC_TYPE, 0, struct moeai_map), ENOTTY },
		{ "a longer position", _IOC(_IOC_WRITE, MOEAI_IOC_TYPE, 3, 16), ENOTTY },
		{ "a terminal's", 0x5401, ENOTTY },
		{ "MAP, bad pointer", MOEAI_IOC_MAP, EFAULT },
		{ "RANGE, bad pointer", MOEAI_IOC_RANGE, EFAULT },
		{ "WAKE, bad pointer", MOEAI_IOC_WAKE, EFAULT },
		{ "ARM, bad pointer", MOEAI_IOC_ARM, EFAULT },
		{ "SEEK, bad pointer", MOEAI_IOC_SEEK, EFAULT },
	};
	void *bad[] = { NULL, (void *)8, (void *)-4096UL, (void *)0xffff888000000000UL };
	int fd = device_open(0);
	size_t i, k;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		for (k = 0; k < 4; k++) {
			errno = 0;
			if (ioctl(fd, codes[i].code, bad[k]) != -1 || errno != codes[i].error)
				fail_msg("%s: %s", codes[i].what, strerror(errno));
		}
	}
	close(fd);
}

static void test_wake_settings(void **state)
{
	const struct {
		struct moeai_wake wake;
		int error;
	} cases[] = {
		{ { 1, 0 }, 0 },
		{ { device_layout.log_size / 2, MOEAI_WAKE_DELAY_MAX }, 0 },
		{ { 0, 0 }, EINVAL },
		{ { device_layout.log_size / 2 + 1, 0 }, EINVAL },
		{ { UINT64_MAX, 0 }, EINVAL },
		{ { 1, MOEAI_WAKE_DELAY_MAX + 1 }, EINVAL },
		{ { 1, UINT64_MAX }, EINVAL },
	};
	int fd = device_open(0);
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		errno = 0;
		ioctl(fd, MOEAI_IOC_WAKE, &cases[i].wake);
		assert_int_equal(errno, cases[i].error);
	}
	close(fd);
}

/* Any number can be asked for; what is told is what is. */
static void test_range(void **state)
{
	static const uint64_t sinces[] = { 0, 1, 50, 100, 1UL << 40, UINT64_MAX };
	int fd = device_open(0);
	const struct moeai_map *m = device_map(fd);
	struct moeai_range r, before = { 0 };
	struct event e;
	size_t i;

	device_emit(200, 0, "info");
	assert_int_equal(ioctl(fd, MOEAI_IOC_RANGE, &before), 0);
	for (i = 0; i < sizeof(sinces) / sizeof(sinces[0]); i++) {
		r = (struct moeai_range){ .since = sinces[i] };
		assert_int_equal(ioctl(fd, MOEAI_IOC_RANGE, &r), 0);
		assert_true(r.first == before.first && r.next == before.next &&
			    r.head == before.head);
		assert_true(r.seq >= r.first && r.seq <= r.next);
		assert_true(r.seq <= sinces[i] || r.seq == r.first);
		if (r.pos != r.head) {
			event_read((void *)((char *)m + m->log_offset + r.pos % m->log_size), &e);
			assert_true(e.seq == r.seq);
		}
	}
	munmap((void *)m, device_layout.size);
	close(fd);
}

static void test_arm(void **state)
{
	int fd = device_open(0);
	const struct moeai_map *m = device_map(fd);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t pos = m->log.head, beyond = pos + 8, far = pos - (1UL << 63);

	assert_int_equal(poll(&p, 1, 0), 1); /* read has not begun */
	assert_int_equal(ioctl(fd, MOEAI_IOC_ARM, &beyond), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(ioctl(fd, MOEAI_IOC_ARM, &far), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(ioctl(fd, MOEAI_IOC_ARM, &pos), 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	device_emit(1, 0, "debug");
	assert_int_equal(poll(&p, 1, WIRE_WAIT), 1);
	assert_int_equal(p.revents, POLLIN);
	munmap((void *)m, device_layout.size);
	close(fd);
}

/* ---- the core goes -------------------------------------------------------------------------- */

/* Readers everywhere, killed: the module can go at once. */
static void test_killed(void **state)
{
	char buf[MOEAI_READ_MAX];
	pid_t pids[9];
	int i, round;

	for (round = 0; round < 10; round++) {
		for (i = 0; i < 9; i++) {
			pids[i] = fork();
			if (pids[i])
				continue;
			int fd = device_open(0);
			const struct moeai_map *m = device_map(fd);
			struct pollfd p = { .fd = fd, .events = POLLIN };

			for (;;) {
				uint64_t pos = m->log.head;

				if (i % 3 == 0 && read(fd, buf, sizeof(buf)) < 0)
					_exit(1);
				if (i % 3 == 1)
					ioctl(fd, MOEAI_IOC_ARM, &pos);
				if (i % 3 != 2)
					poll(&p, 1, 1000);
			}
		}
		device_emit(2000, 100, "info");
		assert_int_not_equal(device_unload(), 0);
		for (i = 0; i < 9; i++)
			kill(pids[i], SIGKILL);
		for (i = 0; i < 9; i++)
			waitpid(pids[i], NULL, 0);
		assert_int_equal(device_unload(), 0);
		device_load("");
	}
}

#define TEST(t) cmocka_unit_test_setup(t, device_ready)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_layout),
		TEST(test_mapped_is_replay),
		TEST(test_mmap_refused),
		TEST(test_mapping_changed),
		TEST(test_fork),
		TEST(test_close_while_mapped),
		TEST(test_open),
		TEST(test_subscribers),
		TEST(test_open_max),
		TEST(test_ioctls),
		TEST(test_wake_settings),
		TEST(test_range),
		TEST(test_arm),
		TEST(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, device_leave);
}
