// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "pressure.h"

static struct moeai *h;
static struct moeai_monitor *monitor;
int mem_patience = 30000; /* a slow kernel needs more: see tests/vm/kernel */

/* ---- the guest's memory -------------------------------------------------- */

/* The number behind a word of a file. */
static unsigned long number_in(const char *path, const char *what)
{
	char buf[4096], *s;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	close(fd);
	buf[n > 0 ? n : 0] = 0;
	s = strstr(buf, what);
	return s ? strtoul(s + strlen(what), NULL, 10) : 0;
}

unsigned long meminfo(const char *what)
{
	return number_in("/proc/meminfo", what) * 1024;
}

unsigned long status_of(pid_t pid, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return number_in(path, what) * 1024;
}

uint64_t start_of(pid_t pid)
{
	char path[64], line[1024];
	unsigned long long ticks = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f) && strrchr(line, ')'))
		sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u "
		       "%*u %*d %*d %*d %*d %*d %*d %llu", &ticks);
	if (f)
		fclose(f);
	return ticks * (1000000000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

unsigned long available_permille(void)
{
	return meminfo("MemAvailable:") * 1000 / meminfo("MemTotal:");
}

void sleep_ms(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

char *map_memory(size_t len)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, len, MADV_NOHUGEPAGE);
	return p;
}

size_t eat(char *p, size_t len, unsigned int mb_s, unsigned long permille)
{
	size_t n = 0;

	while (n < len && available_permille() >= permille) {
		memset(p + n, 1, MB);
		n += MB;
		usleep(1000000 / mb_s);
	}
	return n;
}

void limit_cgroup(const char *max)
{
	write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	assert_true(!mkdir(CGROUP, 0755) || errno == EEXIST);
	assert_true(write_file(CGROUP "/memory.max", max));
}

void end_cgroup(void)
{
	int i;

	for (i = 0; i < 50 && ((rmdir(SUBGROUP) && errno != ENOENT) || rmdir(CGROUP)); i++)
		sleep_ms(100);
	assert_int_not_equal(access(CGROUP, F_OK), 0);
}

static void be_hog(const struct hog *hog)
{
	size_t len = 2 * meminfo("MemTotal:");
	char *p = map_memory(len);

	if (!p || !write_file("/proc/self/oom_score_adj", "1000"))
		_exit(1);
	if (hog->cgroup && !write_file(hog->cgroup, "0"))
		_exit(2);
	if (setgid(HOG_UID) || setuid(HOG_UID))
		_exit(3);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, HOG);
	eat(p, len, hog->mb_s, hog->permille);
	for (;;)
		pause();
}

pid_t start_hog(struct hog hog)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		be_hog(&hog);
	return pid;
}

void end_hog(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

void assert_killed(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* ---- events -------------------------------------------------------------- */

int mem_next(struct mem_seen *s, int timeout)
{
	static uint64_t last_seq, epoch;
	struct moeai_item item;

	for (;;) {
		int ret = moeai_monitor_next(monitor, &item, timeout);

		if (ret)
			return ret;
		assert_int_not_equal(item.kind, MOEAI_LOST);
		assert_int_not_equal(item.kind, MOEAI_GONE);
		if (item.kind == MOEAI_EPOCH && item.epoch != epoch) {
			epoch = item.epoch;
			last_seq = 0;
		}
		if (item.kind != MOEAI_EVENT)
			continue;
		assert_true(item.event.seq > last_seq);
		last_seq = item.event.seq;
		s->seq = item.event.seq;
		s->time = item.event.time;
		s->priority = item.event.priority;
		return moeai_mem_event(&item.event, &s->e);
	}
}

void mem_await(enum moeai_mem_event_kind kind, struct mem_seen *s)
{
	do
		assert_int_equal(mem_next(s, mem_patience), 0);
	while (s->e.kind != kind);
}

void mem_await_level(enum moeai_mem_level level, struct mem_seen *s)
{
	do
		mem_await(MOEAI_MEM_EVENT_LEVEL, s);
	while (s->e.level.level != level);
}

void assert_silence(int ms)
{
	struct mem_seen s;

	assert_int_equal(mem_next(&s, ms), -ETIMEDOUT);
}

/* ---- the frame of a test ------------------------------------------------- */

void mem_set(const char *param, const char *value)
{
	char name[64];

	snprintf(name, sizeof(name), "mem_monitor.%s", param);
	if (moeai_param_set(h, name, value))
		fail_msg("%s=%s: %s", name, value, moeai_error(h));
}

void raise_limits(const char *low, const char *medium, const char *critical)
{
	mem_set("low", low);
	mem_set("medium", medium);
	mem_set("critical", critical);
}

/* As they are when the module is loaded. From any of them to these: each in order. */
static void reset_params(void)
{
	static const char *const bytes[] = { "critical_bytes", "medium_bytes", "low_bytes" };
	size_t i;

	for (i = 0; i < sizeof(bytes) / sizeof(*bytes); i++)
		mem_set(bytes[i], "0");
	mem_set("hysteresis", "30");
	mem_set("hysteresis_bytes", "16777216");
	mem_set("critical", "0");
	mem_set("medium", "0");
	mem_set("low", "200");
	mem_set("medium", "100");
	mem_set("critical", "50");
	mem_set("consumers", "3");
	mem_set("min_interval_ms", "20");
	mem_set("interval_ms", "1000");
}

void mem_calm(void)
{
	struct mem_seen s;
	struct moeai_mem mem;
	int i;

	for (i = 0; i < 100; i++) {
		assert_int_equal(moeai_mem_get(h, &mem), 0);
		if (mem.level == MOEAI_MEM_NONE)
			break;
		sleep_ms(100);
	}
	assert_int_equal(mem.level, MOEAI_MEM_NONE);
	while (!mem_next(&s, 100))
		;
}

int pressure_open(struct moeai **handle)
{
	static const char *const types[] = { "mem_monitor.*" };
	const struct moeai_monitor_options options = { .types = types, .n_types = 1 };

	if (getenv("PATIENCE") && atoi(getenv("PATIENCE")) > 1)
		mem_patience *= atoi(getenv("PATIENCE"));
	/* Neither killed nor slowed down by what it causes. */
	if (!write_file("/proc/self/oom_score_adj", "-1000") || mlockall(MCL_CURRENT))
		return -1;
	if (moeai_open(&h) || moeai_monitor_open(&monitor, &options))
		return -1;
	*handle = h;
	return 0;
}

int pressure_close(void **state)
{
	moeai_monitor_close(monitor);
	moeai_close(h);
	return 0;
}

int pressure_ready(void **state)
{
	reset_params();
	mem_calm();
	return 0;
}
