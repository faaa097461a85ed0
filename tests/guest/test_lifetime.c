// SPDX-License-Identifier: GPL-2.0
/* check: limit=300 */
/* Loading and unloading while everything is in use: clean, or refused, and no leak. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ask.h"
#include "events.h"

/* ---- modules ------------------------------------------------------------------- */

static int load(const char *name)
{
	struct utsname u;
	char path[256];
	int fd, ret;

	uname(&u);
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/%s.ko", u.release, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

/* -EAGAIN: it is in use. */
static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

/* What is in use for a moment only may go on for that moment. */
static int unload_soon(const char *name)
{
	double end = now() + 5;
	int ret;

	do {
		ret = unload(name);
		if (ret == -EAGAIN)
			usleep(1000);
	} while (ret == -EAGAIN && now() < end);
	return ret;
}

static void send_ping(struct wire *s, unsigned int seconds)
{
	struct msg m;
	size_t nest;

	msg_begin(&m, MOEAI_MSG_COMMAND, 0);
	msg_str(&m, MOEAI_A_COMMAND_NAME, "core.ping");
	nest = msg_nest(&m, MOEAI_A_COMMAND_ARGS);
	msg_u64(&m, MOEAI_A_PING_DELAY, seconds * 1000000000ULL);
	msg_nest_end(&m, nest);
	assert_int_equal(wire_send(s, &m), 0);
}

/* What comes next of the family's must be the news that the call is cancelled. */
static void assert_cancelled(struct wire *s)
{
	const struct nlmsghdr *nlh;

	do {
		nlh = wire_next(s, WIRE_WAIT);
		assert_non_null(nlh);
	} while (nlh_cmd(nlh) != MOEAI_MSG_RESPONSE);
	assert_int_equal((int)attr_u32(nlh_attr(nlh, MOEAI_A_RESPONSE_STATUS)), -ECANCELED);
}

/* ---- two hundred times ------------------------------------------------------------- */

static const char *const files[] = { "/proc/moeai/status", "/proc/moeai/log", CONTROL,
				     "/proc/moeai/modules/core" };

#define FILES (sizeof(files) / sizeof(files[0]))

struct readers {
	struct wire monitor, caller;
	int fd[FILES];
};

static void open_readers(struct readers *r)
{
	char buf[100];
	size_t i, skip;

	wire_open(&r->monitor);
	assert_int_equal(wire_join(&r->monitor, MOEAI_GROUP_EVENTS), 0);
	assert_int_equal(wire_join(&r->monitor, MOEAI_GROUP_STATUS), 0);
	wire_open(&r->caller);
	send_ping(&r->caller, 30);
	for (i = 0; i < FILES; i++) {
		r->fd[i] = open(files[i], i < 2 ? O_RDONLY : O_RDWR);
		assert_true(r->fd[i] >= 0);
		skip = i == 3 ? strlen("core.") : 0; /* implied by the file */
		if (i < 2)
			assert_true(read(r->fd[i], buf, sizeof(buf)) > 0);
		else
			assert_int_equal(write(r->fd[i], "core.ping delay=30s" + skip, 19 - skip),
					 19 - skip);
	}
}

/* The last thing that group "status" hears of a core. */
static void assert_stopping(struct wire *monitor)
{
	const struct nlmsghdr *nlh;
	uint32_t state = MOEAI_STATE_OK;

	while ((nlh = wire_next(monitor, 0)))
		if (nlh->nlmsg_type == monitor->family && nlh_cmd(nlh) == MOEAI_MSG_STATUS)
			state = attr_u32(nlh_attr(nlh, MOEAI_A_STATUS_STATE));
	assert_int_equal(state, MOEAI_STATE_STOPPING);
}

static void close_readers(struct readers *r)
{
	size_t i;
	char c;

	for (i = 0; i < FILES; i++) {
		assert_int_equal(read(r->fd[i], &c, 1), -1);
		assert_int_equal(errno, EIO);
		close(r->fd[i]);
	}
	assert_cancelled(&r->caller);
	wire_close(&r->caller);
	assert_stopping(&r->monitor);
	wire_close(&r->monitor);
}

static long meminfo(const char *name)
{
	const char *p = strstr(slurp("/proc/meminfo"), name);

	assert_non_null(p);
	return strtol(p + strlen(name) + 1, NULL, 10);
}

/* KiB that belong to the kernel. */
static long kernel_memory(void)
{
	usleep(200000); /* what RCU still has to free */
	sh("echo 3 >/proc/sys/vm/drop_caches");
	return meminfo("\nSUnreclaim") + meminfo("\nVmallocUsed") + meminfo("\nPercpu");
}

static void test_rounds(void **state)
{
	static struct readers r;
	long before = 0, after;
	int i;

	sh("rmmod moeai_mem_monitor");
	for (i = 0; i < 200; i++) {
		if (i == 20)
			before = kernel_memory();
		open_readers(&r);
		assert_int_equal(unload("moeai"), 0);
		close_readers(&r);
		assert_int_equal(access("/proc/moeai", F_OK), -1);
		assert_int_equal(load("moeai"), 0);
	}
	after = kernel_memory();
	print_message("kernel memory: %ld KiB, then %ld KiB\n", before, after);
	assert_true(after - before < 1024);
}

/* ---- a reader that is slow or dead ------------------------------------------------------ */

/* A dump begun and not read: its first message alone is more than the buffer. */
static void begin_dump(struct wire *s, uint8_t cmd)
{
	int least = 1;
	struct msg m;

	wire_open(s);
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	msg_begin(&m, cmd, NLM_F_DUMP);
	if (cmd == MOEAI_MSG_DATA)
		msg_str(&m, MOEAI_A_DATA_TABLE, "fields");
	assert_int_equal(wire_send(s, &m), 0);
	assert_true(recv(s->fd, s->b, sizeof(s->b), MSG_PEEK) > 0);
}

static void test_dump(void **state)
{
	static const uint8_t cmds[] = { MOEAI_MSG_EVENT, MOEAI_MSG_DATA };
	struct wire s;
	size_t i;

	assert_int_equal(control("param.set name=core.publish_rate value=0"), 0);
	for (i = 0; i < 1000; i++)
		assert_int_equal(control("param.set name=core.publish_rate value=0"), 0);
	for (i = 0; i < 2; i++) {
		begin_dump(&s, cmds[i]);
		assert_int_equal(unload("moeai"), -EAGAIN);
		wire_close(&s);
		assert_int_equal(unload_soon("moeai"), 0);
		assert_int_equal(load("moeai"), 0);
		control("log.clear");
	}
}

/* The one who began it is killed. */
static void test_killed(void **state)
{
	struct wire s;
	int ready[2];
	char c;
	pid_t pid;
	int i;

	for (i = 0; i < 1000; i++)
		assert_int_equal(control("param.set name=core.publish_rate value=0"), 0);
	for (i = 0; i < 20; i++) {
		assert_int_equal(pipe(ready), 0);
		pid = fork();
		if (!pid) {
			begin_dump(&s, i % 2 ? MOEAI_MSG_EVENT : MOEAI_MSG_DATA);
			if (write(ready[1], "x", 1) == 1)
				pause();
		}
		close(ready[1]);
		assert_int_equal(read(ready[0], &c, 1), 1);
		close(ready[0]);
		assert_int_equal(unload("moeai"), -EAGAIN);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	assert_int_equal(unload_soon("moeai"), 0);
	assert_int_equal(load("moeai"), 0);
}

/* ---- readers and callers that wait --------------------------------------------------------- */

static char answer[256];

static void *read_answer(void *fd)
{
	ssize_t n = read(*(int *)fd, answer, sizeof(answer) - 1);

	answer[n > 0 ? n : 0] = 0;
	return (void *)(long)(n < 0 ? -errno : n);
}

/* One who waits in /proc/moeai/control is not left there, and does not hold up the unload. */
static void test_waiting_reader(void **state)
{
	int fd = open(CONTROL, O_RDWR);
	pthread_t thread;
	void *ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "core.ping delay=60s", 19), 19);
	pthread_create(&thread, NULL, read_answer, &fd);
	usleep(100000);
	assert_int_equal(unload_soon("moeai"), 0);
	pthread_join(thread, &ret);
	assert_string_equal(answer, "status -125\n");
	close(fd);
	assert_int_equal(load("moeai"), 0);
}

/* The same for a module's own calls: those that wait are told, those that run are waited for. */
static void *call_sleep(void *unused)
{
	return (void *)(long)control("test.sleep ms=1000");
}

static void test_module(void **state)
{
	struct wire s;
	struct msg m;
	pthread_t thread;
	void *ret;
	double t;
	int fd, i;

	wire_open(&s);
	for (i = 0; i < 5; i++) {
		assert_int_equal(load("moeai_test"), 0);
		assert_int_equal(unload("moeai"), -EAGAIN); /* it is in use */
		fd = open("/proc/moeai/modules/test", O_RDWR);
		assert_int_equal(write(fd, "defer how=never", 15), 15);
		msg_begin(&m, MOEAI_MSG_COMMAND, 0);
		msg_str(&m, MOEAI_A_COMMAND_NAME, "test.defer");
		assert_int_equal(control("test.defer how=softirq ms=%d", i), 0);
		msg_put(&m, MOEAI_A_COMMAND_ARGS | NLA_F_NESTED, "\x8\0\1\0\2\0\0", 8); /* never */
		assert_int_equal(wire_ask(&s, &m, NULL), 0);
		t = now();
		pthread_create(&thread, NULL, call_sleep, NULL);
		usleep(300000);
		assert_int_equal(unload_soon("moeai_test"), 0);
		assert_true(now() - t >= 1);
		pthread_join(thread, &ret);
		assert_int_equal((long)ret, 0);
		assert_cancelled(&s);
		assert_int_equal(read(fd, answer, 1), -1);
		close(fd);
	}
	wire_close(&s);
}

/* ---- dependents -------------------------------------------------------------------------------- */

static void test_dependent(void **state)
{
	assert_int_equal(load("moeai_mem_monitor"), 0);
	assert_int_equal(unload("moeai"), -EAGAIN);
	assert_int_not_equal(sh("rmmod moeai 2>/dev/null"), 0);
	assert_int_equal(access("/proc/moeai/modules/mem_monitor", F_OK), 0);
	assert_int_equal(unload_soon("moeai_mem_monitor"), 0);
	assert_int_equal(access("/proc/moeai/modules/mem_monitor", F_OK), -1);
	assert_int_equal(unload_soon("moeai"), 0);
	assert_int_equal(load("moeai"), 0);
}

/* ---- everything at once -------------------------------------------------------------------------- */

static atomic_bool busy;

static void *caller(void *unused)
{
	static const char *const lines[] = {
		"test.echo u32=1\n", "test.defer how=softirq ms=1\n", "test.emit count=10\n",
		"core.ping delay=1ms\n", "test.defer how=work\n", "param.set name=test.u32 value=1\n",
		"module.stop name=test\n", "module.start name=test\n", "test.defer how=never\n",
	};
	unsigned int i = 0;

	while (busy) {
		const char *line = lines[i++ % (sizeof(lines) / sizeof(lines[0]))];

		if (put_line(CONTROL, line, strlen(line)) == -ENOENT)
			usleep(1000);
	}
	return NULL;
}

static void *reader(void *unused)
{
	static const char *const paths[] = { "/proc/moeai/log", "/proc/moeai/modules/test",
					     "/proc/moeai/status", "/proc/moeai/modules/core" };
	char buf[4096];
	unsigned int i = 0;
	int fd;

	while (busy) {
		fd = open(paths[i++ % 4], O_RDONLY);
		while (fd >= 0 && read(fd, buf, sizeof(buf)) > 0)
			;
		close(fd);
		usleep(500);
	}
	return NULL;
}

/* Tables and replays, whatever they say. */
static void *dumper(void *unused)
{
	static const char *const tables[] = { "fields", "params", "commands", "event_types",
					      "modules", "log" };
	static struct wire s;
	const struct nlmsghdr *nlh;
	struct verdict v;
	unsigned int i = 0;

	while (busy) {
		struct msg m;

		usleep(500);
		if (wire_try_open(&s))
			continue;
		msg_begin(&m, i % 7 ? MOEAI_MSG_DATA : MOEAI_MSG_EVENT, NLM_F_DUMP);
		if (i % 7)
			msg_str(&m, MOEAI_A_DATA_TABLE, tables[i % 6]);
		i++;
		wire_send(&s, &m);
		while ((nlh = wire_next(&s, 1000)) && !wire_verdict(&s, nlh, &v))
			;
		wire_close(&s);
	}
	return NULL;
}

/* @round again and again while four threads use all there is. */
static void under_load(void (*round)(void), int rounds)
{
	void *(*const jobs[])(void *) = { caller, caller, reader, dumper };
	pthread_t threads[4];
	int i;

	busy = true;
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, jobs[i], NULL);
	for (i = 0; i < rounds; i++)
		round();
	busy = false;
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void reload_test(void)
{
	assert_int_equal(load("moeai_test"), 0);
	usleep(30000);
	assert_int_equal(unload_soon("moeai_test"), 0);
}

static void reload_core(void)
{
	assert_int_equal(unload_soon("moeai"), 0);
	assert_int_equal(load("moeai"), 0);
	usleep(30000);
}

static void test_load_module(void **state)
{
	under_load(reload_test, 30);
}

static void test_load_core(void **state)
{
	under_load(reload_core, 15);
}

/* Two hundred rounds shall not be spent in waiting for grace periods. */
static int begin(void **state)
{
	return sh("echo 1 >/sys/kernel/rcu_expedited");
}

static int end(void **state)
{
	return sh("echo 0 >/sys/kernel/rcu_expedited");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds),	   cmocka_unit_test(test_dump),
		cmocka_unit_test(test_killed),	   cmocka_unit_test(test_waiting_reader),
		cmocka_unit_test(test_module),	   cmocka_unit_test(test_dependent),
		cmocka_unit_test(test_load_module), cmocka_unit_test(test_load_core),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, begin, end);
}
