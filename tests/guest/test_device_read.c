// SPDX-License-Identifier: GPL-2.0
/* check: limit=180 */
/* /dev/moeai as a stream, and who sleeps until there is more of it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ask.h"
#include "device.h"

#define PAGE 4096

/* ---- waiting: how often one is woken -------------------------------------------------------- */

static unsigned int wakes;
static double woken_at; /* first */

static void *sleeper(void *wake)
{
	int fd = device_open(0);
	const struct moeai_map *m = device_map(fd);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t pos;

	assert_int_equal(ioctl(fd, MOEAI_IOC_WAKE, wake), 0);
	for (;;) {
		pos = __atomic_load_n(&m->log.head, __ATOMIC_ACQUIRE);
		assert_int_equal(ioctl(fd, MOEAI_IOC_ARM, &pos), 0);
		if (!poll(&p, 1, 2500))
			break;
		if (!wakes++)
			woken_at = now();
	}
	munmap((void *)m, device_layout.size);
	close(fd);
	return NULL;
}

/* How often who waits so is woken while these are logged. */
static unsigned int count_wakes(struct moeai_wake wake, unsigned int count, const char *priority)
{
	pthread_t thread;

	wakes = 0;
	pthread_create(&thread, NULL, sleeper, &wake);
	usleep(300000);
	device_emit(count, 100, priority);
	pthread_join(thread, NULL);
	return wakes;
}

static void test_watermark(void **state)
{
	/* 1000 records of some 200 bytes. */
	struct moeai_wake half = { 100000, 1000000000 }, late = { 1 << 20, MOEAI_WAKE_DELAY_MAX };
	double t;
	unsigned int n = count_wakes(half, 1000, "info");

	assert_in_range(n, 1, 4); /* at 100,000, 200,000, and the rest after a second */
	t = now();
	/* Once; a machine may be so slow that the command's own event comes after that. */
	assert_in_range(count_wakes(late, 10, "info"), 1, 2);
	assert_true(woken_at - t > 1.25); /* 0.3 s before the first event, and a second */
	t = now();
	assert_int_equal(count_wakes(late, 1, "warning"), 1); /* at once */
	assert_true(woken_at - t < 1.25);
}

/* ---- read ------------------------------------------------------------------------------------ */

/* Whole messages that read gave. */
static void tell_read(const char *buf, size_t n, struct tale *t)
{
	size_t pos = 0;
	struct event e;

	while (pos < n) {
		const struct nlmsghdr *nlh = (const void *)(buf + pos);

		assert_true(nlh->nlmsg_len <= n - pos);
		event_read(nlh, &e);
		tell(&e, t);
		pos += nlh->nlmsg_len;
	}
}

static void read_to_end(int fd, size_t room, struct tale *t)
{
	static char buf[1 << 20];
	ssize_t n;

	while ((n = read(fd, buf, room)) > 0)
		tell_read(buf, n, t);
	assert_int_equal(errno, EAGAIN);
}

static void test_read(void **state)
{
	static const size_t rooms[] = { MOEAI_READ_MAX, 20000, 1 << 20 };
	static struct wire w;
	struct tale t, replayed = {};
	size_t i;
	int fd;

	wire_open(&w);
	device_emit(3, 12272, "critical");
	device_emit(100, 50, "info");
	assert_int_equal(replay(&w, &(struct filter){}, tell, &replayed), 0);
	for (i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		fd = device_open(O_NONBLOCK);
		t = (struct tale){};
		read_to_end(fd, rooms[i], &t);
		assert_true(t.epoch == replayed.epoch && t.first == replayed.first);
		assert_true(t.records == replayed.records && t.end == replayed.end);
		device_emit(5, 0, "info"); /* it goes on; the command is an event as well */
		read_to_end(fd, rooms[i], &t);
		assert_true(t.records == replayed.records + 6);
		close(fd);
		replayed.records += 6;
		replayed.end += 6;
	}
	wire_close(&w);
}

static void test_read_refused(void **state)
{
	char *edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = device_open(O_NONBLOCK);
	struct tale t = {};
	char buf[MOEAI_READ_MAX];

	munmap(edge + PAGE, PAGE);
	assert_int_equal(read(fd, buf, MOEAI_READ_MIN - 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(read(fd, edge + PAGE, sizeof(buf)), -1);
	assert_int_equal(errno, EFAULT);
	read_to_end(fd, sizeof(buf), &t); /* nothing was taken by that */
	assert_true(t.epoch != 0);
	device_emit(1, 5000, "info");
	assert_int_equal(read(fd, buf, 1000), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_true(read(fd, buf, sizeof(buf)) > 5000);
	assert_int_equal(write(fd, buf, 10), -1);
	assert_int_equal(lseek(fd, 0, SEEK_SET), -1);
	munmap(edge, PAGE);
	close(fd);
}

static void test_seek(void **state)
{
	uint64_t sinces[] = { 0, 1, 20, UINT64_MAX };
	int fd = device_open(O_NONBLOCK);
	struct tale t;
	size_t i;

	for (i = 0; i < 4; i++) {
		t = (struct tale){};
		assert_int_equal(ioctl(fd, MOEAI_IOC_SEEK, &sinces[i]), 0);
		read_to_end(fd, 1 << 16, &t);
		assert_true(t.epoch != 0);
		if (i == 1 || i == 2)
			assert_true(t.begin == sinces[i] && t.end == t.next);
	}
	assert_int_equal(t.records, 0);
	device_emit(3, 0, "info");
	read_to_end(fd, 1 << 16, &t);
	assert_int_equal(t.records, 4);
	close(fd);
}

/* Who is overtaken while he reads is told, with kept records in between. */
static void test_read_overtaken(void **state)
{
	struct tale t = {};
	int fd;

	assert_int_equal(device_unload(), 0);
	device_load("log_size=65536");
	fd = device_open(O_NONBLOCK);
	read_to_end(fd, 1 << 16, &t);
	assert_int_equal(t.notices, 0);
	device_emit(5, 100, "critical");
	device_emit(5000, 100, "info");
	read_to_end(fd, 1 << 16, &t);
	assert_true(t.notices > 0 && t.lost > 0);
	close(fd);
	assert_int_equal(device_unload(), 0); /* for other parameters */
}

/* Who is told of edges only is told of each: ARM and a read that finds nothing prepare it. */
static void test_edges(void **state)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	int fd = device_open(O_NONBLOCK), epoll = epoll_create1(0), i;
	const struct moeai_map *m = device_map(fd);
	struct tale t = {};
	uint64_t pos;

	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e), 0);
	assert_int_equal(epoll_wait(epoll, &e, 1, 0), 1);
	for (i = 0; i < 20; i++) {
		if (i % 2) {
			read_to_end(fd, 1 << 16, &t);
		} else {
			pos = __atomic_load_n(&m->log.head, __ATOMIC_ACQUIRE);
			assert_int_equal(ioctl(fd, MOEAI_IOC_ARM, &pos), 0);
		}
		while (epoll_wait(epoll, &e, 1, 0)) /* an edge more does no harm, but not for ever */
			;
		device_emit(1, 0, "debug");
		assert_int_equal(epoll_wait(epoll, &e, 1, WIRE_WAIT), 1);
	}
	close(epoll);
	munmap((void *)m, device_layout.size);
	close(fd);
}

/* What log.clear takes from under a reader is told, though nothing follows. */
static void test_read_cleared(void **state)
{
	char buf[MOEAI_READ_MAX];
	int fd = device_open(O_NONBLOCK);
	static struct wire w;
	struct tale t = {};
	ssize_t n;

	wire_open(&w);
	read_to_end(fd, 1 << 16, &t);
	device_emit(2000, 100, "info");
	n = read(fd, buf, sizeof(buf));
	assert_true(n > 0);
	tell_read(buf, n, &t);
	device_emit(100, 100, "info");
	assert_int_equal(control("log.clear"), 0);
	read_to_end(fd, 1 << 16, &t);
	assert_int_equal(t.end, status_number(&w, MOEAI_A_STATUS_LOG_NEXT));
	assert_true(t.reasons & 1 << MOEAI_LOST_CLEARED);
	wire_close(&w);
	close(fd);
}

/* Positions wrap at 64 bits, and nobody notices: not read, not poll, not the mapping. */
static void test_positions_wrap(void **state)
{
	static struct wire w;
	struct tale t = {}, mapped = {}, replayed = {};
	const struct moeai_map *m;
	struct pollfd p = { .events = POLLIN };
	uint64_t pos, start;
	int i;

	assert_int_equal(device_unload(), 0);
	device_load("log_size=65536 log_pos=18446744073709420544"); /* 128 KiB before */
	p.fd = device_open(O_NONBLOCK);
	m = device_map(p.fd);
	start = m->log.head;
	assert_true(start > UINT64_MAX - (1 << 17));
	for (i = 0; i < 60; i++) {
		read_to_end(p.fd, 1 << 16, &t);
		pos = __atomic_load_n(&m->log.head, __ATOMIC_ACQUIRE);
		assert_int_equal(ioctl(p.fd, MOEAI_IOC_ARM, &pos), 0);
		assert_int_equal(poll(&p, 1, 0), 0);
		device_emit(i, 100, i % 9 ? "info" : "critical");
		assert_int_equal(poll(&p, 1, WIRE_WAIT), 1);
	}
	read_to_end(p.fd, 1 << 16, &t);
	assert_int_equal(t.lost, 0);
	assert_true(m->log.head < start && m->log.head > 1 << 17);
	mapped.epoch = m->epoch;
	device_tell((char *)m + m->log_offset, &m->log, m->log_size, &mapped);
	wire_open(&w);
	assert_int_equal(replay(&w, &(struct filter){ .since = mapped.begin }, tell, &replayed), 0);
	assert_true(mapped.records == replayed.records && mapped.end == replayed.end);
	assert_int_equal(t.end, mapped.end);
	log_balanced(&w);
	wire_close(&w);
	munmap((void *)m, device_layout.size);
	close(p.fd);
	assert_int_equal(device_unload(), 0);
}

static void on_alarm(int signal)
{
}

/* A reader that waits goes on when there is something, and when a signal comes. */
static void test_read_waits(void **state)
{
	struct sigaction action = { .sa_handler = on_alarm };
	char buf[MOEAI_READ_MAX];
	int fd = device_open(0), status;
	struct tale t = {};
	pid_t pid;
	ssize_t n;

	while (!t.epoch || t.end < t.next) {
		n = read(fd, buf, sizeof(buf));
		assert_true(n > 0);
		tell_read(buf, n, &t);
	}
	pid = fork();
	if (!pid) {
		usleep(200000);
		device_emit(1, 0, "debug");
		_exit(0);
	}
	assert_true(read(fd, buf, sizeof(buf)) > 0);
	waitpid(pid, &status, 0);
	sigaction(SIGALRM, &action, NULL);
	do
		alarm(1);
	while (read(fd, buf, sizeof(buf)) > 0); /* the command's own event, or others' */
	assert_int_equal(errno, EINTR);
	close(fd);
}

#define TEST(t) cmocka_unit_test_setup(t, device_ready)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_watermark),
		TEST(test_read),
		TEST(test_read_refused),
		TEST(test_seek),
		TEST(test_read_overtaken),
		TEST(test_edges),
		TEST(test_read_cleared),
		TEST(test_positions_wrap),
		TEST(test_read_waits),
	};

	return cmocka_run_group_tests(tests, NULL, device_leave);
}
