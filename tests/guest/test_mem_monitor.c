// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mem_monitor sees real memory pressure and real OOM kills, told through the
 * library. The test itself is protected from the OOM killer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <moeai/moeai.h>

#define MB	 (1024UL * 1024)
#define HOG	 "moeai-hog"
#define HOG_UID	 1234
#define CGROUP	 "/sys/fs/cgroup/test_mem_monitor"
#define RELOADS	 25

static struct moeai *h;
static struct moeai_monitor *monitor;
static int patience = 30000; /* ms; a slow kernel needs more: see tests/vm/kernel */

/* ---- the guest's memory ------------------------------------------------------- */

static unsigned long meminfo(const char *what)
{
	char buf[2048], *s;
	int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	close(fd);
	buf[n > 0 ? n : 0] = 0;
	s = strstr(buf, what);
	return s ? strtoul(s + strlen(what), NULL, 10) * 1024 : 0;
}

static unsigned long available_permille(void)
{
	return meminfo("MemAvailable:") * 1000 / meminfo("MemTotal:");
}

static void sleep_ms(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static char *map(size_t len)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, len, MADV_NOHUGEPAGE);
	return p;
}

/*
 * Take memory, mb_s MB a second, until so little is available; returns how much
 * of p it was.
 */
static size_t eat(char *p, size_t len, unsigned int mb_s, unsigned long permille)
{
	size_t n = 0;

	while (n < len && available_permille() >= permille) {
		memset(p + n, 1, MB);
		n += MB;
		usleep(1000000 / mb_s);
	}
	return n;
}

static void limit_cgroup(const char *max)
{
	write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	assert_true(!mkdir(CGROUP, 0755) || errno == EEXIST);
	assert_true(write_file(CGROUP "/memory.max", max));
}

/* Whoever is killed leaves it a moment later. */
static void end_cgroup(void)
{
	int i;

	for (i = 0; i < 50 && rmdir(CGROUP); i++)
		sleep_ms(100);
	assert_int_not_equal(access(CGROUP, F_OK), 0);
}

struct hog {
	unsigned int mb_s;
	unsigned long permille; /* stop when less is available; 0: never */
	const char *cgroup;
};

static void be_hog(const struct hog *hog)
{
	size_t len = 2 * meminfo("MemTotal:");
	char *p = map(len);

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

static pid_t start_hog(struct hog hog)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		be_hog(&hog);
	return pid;
}

static void end_hog(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void assert_killed(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* ---- events ------------------------------------------------------------------- */

struct seen {
	uint64_t seq;
	enum moeai_priority priority;
	struct moeai_mem_event e;
};

/* The next event of mem_monitor, or -ETIMEDOUT. seq must grow, and nothing be lost. */
static int next(struct seen *s, int timeout)
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
		s->priority = item.event.priority;
		return moeai_mem_event(&item.event, &s->e);
	}
}

/* The next one of that kind; others are passed over. */
static void await(enum moeai_mem_event_kind kind, struct seen *s)
{
	do
		assert_int_equal(next(s, patience), 0);
	while (s->e.kind != kind);
}

static void await_level(enum moeai_mem_level level, struct seen *s)
{
	do
		await(MOEAI_MEM_EVENT_LEVEL, s);
	while (s->e.level.level != level);
}

static void assert_silence(int ms)
{
	struct seen s;

	assert_int_equal(next(&s, ms), -ETIMEDOUT);
}

static void set(const char *param, const char *value)
{
	char name[64];

	snprintf(name, sizeof(name), "mem_monitor.%s", param);
	if (moeai_param_set(h, name, value))
		fail_msg("%s=%s: %s", name, value, moeai_error(h));
}

/* From the lower limits that setup() leaves: in order after every step. */
static void raise_limits(const char *low, const char *medium, const char *critical)
{
	set("low", low);
	set("medium", medium);
	set("critical", critical);
}

static void lower_limits(void)
{
	set("critical", "50");
	set("medium", "100");
	set("low", "200");
}

static void calm(void)
{
	struct seen s;
	struct moeai_mem mem;
	int i;

	for (i = 0; i < 100; i++) {
		assert_int_equal(moeai_mem_get(h, &mem), 0);
		if (mem.level == MOEAI_MEM_NONE)
			break;
		sleep_ms(100);
	}
	assert_int_equal(mem.level, MOEAI_MEM_NONE);
	while (!next(&s, 100))
		;
}

/* ---- tests -------------------------------------------------------------------- */

static void test_sample_agrees_with_meminfo(void **state)
{
	struct moeai_mem mem;
	long off;

	assert_int_equal(moeai_mem_get(h, &mem), 0);
	off = (long)mem.available - (long)meminfo("MemAvailable:");
	assert_true(labs(off) < 16 * (long)MB);
	assert_int_equal(mem.total, meminfo("MemTotal:"));
	assert_int_equal(mem.permille, mem.available * 1000 / mem.total);
	assert_int_equal(mem.level, MOEAI_MEM_NONE);
	assert_true(mem.pid > 0);
	assert_true(mem.comm[0]);
	assert_true(mem.rss > 0);
	assert_true(mem.since > 0);
}

static void test_limits_out_of_order_are_refused(void **state)
{
	static const struct {
		const char *name, *value;
		int error;
	} bad[] = {
		{ "mem_monitor.low", "100", -EINVAL },
		{ "mem_monitor.medium", "200", -EINVAL },
		{ "mem_monitor.critical", "100", -EINVAL },
		{ "mem_monitor.hysteresis", "801", -EINVAL },
		{ "mem_monitor.min_interval_ms", "1001", -EINVAL },
		{ "mem_monitor.low", "1001", -ERANGE },
		{ "mem_monitor.consumers", "11", -ERANGE },
		{ "mem_monitor.available", "1", -EPERM },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(moeai_param_set(h, bad[i].name, bad[i].value), bad[i].error);
		assert_true(strlen(moeai_error(h)) > 10);
	}
}

static void assert_consumers(const struct seen *level, pid_t pid, uint32_t n)
{
	static const enum moeai_priority priorities[] = {
		[MOEAI_MEM_LOW] = MOEAI_PRIO_NOTICE,
		[MOEAI_MEM_MEDIUM] = MOEAI_PRIO_WARNING,
		[MOEAI_MEM_CRITICAL] = MOEAI_PRIO_WARNING,
	};
	uint64_t rss = UINT64_MAX;
	struct seen s;
	uint32_t i;

	for (i = 1; i <= n; i++) {
		assert_int_equal(next(&s, patience), 0);
		assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_CONSUMER);
		assert_int_equal(s.priority, priorities[level->e.level.level]);
		assert_int_equal(s.e.consumer.rank, i);
		assert_true(s.e.consumer.rss <= rss);
		rss = s.e.consumer.rss;
		if (i > 1)
			continue;
		assert_int_equal(s.e.consumer.pid, pid);
		assert_int_equal(s.e.consumer.uid, HOG_UID);
		assert_string_equal(s.e.consumer.comm, HOG);
		assert_true(rss > level->e.level.total / 10);
	}
}

static void test_levels_come_in_order_and_name_the_hog(void **state)
{
	static const enum moeai_priority priorities[] = {
		[MOEAI_MEM_LOW] = MOEAI_PRIO_NOTICE,
		[MOEAI_MEM_MEDIUM] = MOEAI_PRIO_WARNING,
		[MOEAI_MEM_CRITICAL] = MOEAI_PRIO_CRITICAL,
	};
	struct moeai_mem mem;
	struct seen s;
	uint32_t level;
	pid_t pid;

	raise_limits("600", "500", "400");
	pid = start_hog((struct hog){ .mb_s = 100, .permille = 390 });
	for (level = MOEAI_MEM_LOW; level <= MOEAI_MEM_CRITICAL; level++) {
		assert_int_equal(next(&s, patience), 0);
		assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_LEVEL);
		assert_int_equal(s.e.level.level, level);
		assert_int_equal(s.e.level.previous, level - 1);
		assert_int_equal(s.e.level.cause, 1 << MOEAI_MEM_CAUSE_AVAILABLE);
		assert_true(s.e.level.permille < 700 - 100 * level);
		assert_true(s.e.level.held > 0);
		assert_int_equal(s.priority, priorities[level]);
		assert_consumers(&s, pid, 3);
	}

	assert_int_equal(moeai_mem_get(h, &mem), 0);
	assert_int_equal(mem.level, MOEAI_MEM_CRITICAL);
	assert_int_equal(mem.pid, pid);
	assert_string_equal(mem.comm, HOG);

	end_hog(pid);
	await(MOEAI_MEM_EVENT_RECOVERED, &s);
	assert_int_equal(s.e.recovered.worst, MOEAI_MEM_CRITICAL);
	assert_int_equal(s.e.recovered.kills, 0);
	assert_true(s.e.recovered.duration > 0);
	assert_true(s.e.recovered.lowest < mem.total * 4 / 10);
	assert_true(s.e.recovered.available > s.e.recovered.lowest);
	assert_int_equal(s.priority, MOEAI_PRIO_NOTICE);
}

static void test_a_level_is_left_past_its_margin_only(void **state)
{
	size_t len = meminfo("MemTotal:"), n;
	char *p = map(len);
	struct seen s;

	assert_non_null(p);
	raise_limits("600", "300", "200");
	set("hysteresis", "100");
	n = eat(p, len, 200, 590);
	await_level(MOEAI_MEM_LOW, &s);
	while (!next(&s, 500))
		assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_CONSUMER);

	while (available_permille() < 640)
		madvise(p + (n -= MB), MB, MADV_DONTNEED);
	assert_silence(1500);

	while (available_permille() < 720)
		madvise(p + (n -= MB), MB, MADV_DONTNEED);
	await_level(MOEAI_MEM_NONE, &s);
	assert_int_equal(s.e.level.cause, 0);
	await(MOEAI_MEM_EVENT_RECOVERED, &s);
	assert_int_equal(s.e.recovered.worst, MOEAI_MEM_LOW);
	munmap(p, len);
}

static void test_an_oom_kill_names_its_victim(void **state)
{
	uint64_t anon = meminfo("MemTotal:") / 2;
	struct moeai_mem before, after;
	struct seen s;
	pid_t pid;

	assert_int_equal(moeai_mem_get(h, &before), 0);
	pid = start_hog((struct hog){ .mb_s = 200 });
	await_level(MOEAI_MEM_LOW, &s);
	await(MOEAI_MEM_EVENT_OOM, &s);
	assert_int_equal(s.priority, MOEAI_PRIO_CRITICAL);
	assert_true(s.e.oom.available < s.e.oom.total / 10);

	await(MOEAI_MEM_EVENT_VICTIM, &s);
	assert_int_equal(s.priority, MOEAI_PRIO_CRITICAL);
	assert_int_equal(s.e.victim.pid, pid);
	assert_int_equal(s.e.victim.uid, HOG_UID);
	assert_string_equal(s.e.victim.comm, HOG);
	assert_true(s.e.victim.anon > anon);
	assert_false(s.e.victim.cgroup);
	assert_killed(pid);

	await(MOEAI_MEM_EVENT_RECOVERED, &s);
	assert_int_equal(s.e.recovered.worst, MOEAI_MEM_CRITICAL);
	assert_int_equal(s.e.recovered.kills, 1);
	assert_true(s.e.recovered.duration > 0);
	assert_true(s.e.recovered.lowest < before.total / 20);

	assert_int_equal(moeai_mem_get(h, &after), 0);
	assert_int_equal(after.kills, before.kills + 1);
}

static void test_a_cgroups_kill_is_told_as_such(void **state)
{
	struct moeai_mem mem;
	struct seen s;
	pid_t pid;

	limit_cgroup("32M");
	pid = start_hog((struct hog){ .mb_s = 200, .cgroup = CGROUP "/cgroup.procs" });

	assert_int_equal(next(&s, patience), 0);
	assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_VICTIM);
	assert_int_equal(s.e.victim.pid, pid);
	assert_int_equal(s.e.victim.uid, HOG_UID);
	assert_string_equal(s.e.victim.comm, HOG);
	assert_true(s.e.victim.anon > 16 * MB);
	assert_true(s.e.victim.anon <= 64 * MB); /* what fork() shared isn't charged */
	assert_true(s.e.victim.cgroup);
	assert_killed(pid);
	end_cgroup();

	/* The system as a whole has enough. */
	assert_silence(500);
	assert_int_equal(moeai_mem_get(h, &mem), 0);
	assert_int_equal(mem.level, MOEAI_MEM_NONE);
}

static void test_stopped_it_is_silent_and_started_it_looks(void **state)
{
	struct moeai_mem mem;
	struct seen s;
	pid_t pid;

	raise_limits("600", "500", "400");
	set("consumers", "1");
	assert_int_equal(moeai_module_stop(h, "mem_monitor"), 0);
	assert_int_equal(moeai_module_stop(h, "mem_monitor"), -EALREADY);

	pid = start_hog((struct hog){ .mb_s = 400, .permille = 390 });
	while (available_permille() >= 390)
		sleep_ms(50);
	assert_silence(1500);
	assert_int_equal(moeai_mem_get(h, &mem), 0);
	assert_int_equal(mem.level, MOEAI_MEM_NONE);
	assert_true(mem.permille < 450);

	assert_int_equal(moeai_module_start(h, "mem_monitor"), 0);
	assert_int_equal(next(&s, patience), 0);
	assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_LEVEL);
	assert_int_equal(s.e.level.level, MOEAI_MEM_CRITICAL);
	assert_int_equal(s.e.level.previous, MOEAI_MEM_NONE);
	assert_consumers(&s, pid, 1);
	assert_silence(300);

	end_hog(pid);
	await(MOEAI_MEM_EVENT_RECOVERED, &s);
}

static void module_path(char *path, size_t size)
{
	FILE *f = popen("modinfo -n moeai_mem_monitor", "r");

	assert_non_null(f);
	assert_non_null(fgets(path, (int)size, f));
	assert_int_equal(pclose(f), 0);
	path[strcspn(path, "\n")] = 0;
}

static void load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(syscall(SYS_finit_module, fd, "min_interval_ms=1", 0), 0);
	close(fd);
}

/* Makes the kernel reclaim, again and again. */
static void be_tide(void)
{
	size_t len = 2 * meminfo("MemTotal:");
	char *p = map(len);

	if (!p)
		_exit(1);
	for (;;)
		madvise(p, eat(p, len, 2000, 60), MADV_DONTNEED);
}

/* Makes it kill, again and again: in a cgroup, where the next is killed at once. */
static void be_killed(void)
{
	const struct hog hog = { .mb_s = 10000, .cgroup = CGROUP "/cgroup.procs" };

	for (;;)
		waitpid(start_hog(hog), NULL, 0);
}

static pid_t start(void (*what)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		what();
	}
	return pid;
}

/*
 * The kernel log is judged afterwards. By system calls, since this process stays
 * in memory; rmmod would have to be read again and again.
 */
static void test_it_comes_and_goes_under_pressure(void **state)
{
	pid_t tide, killed;
	char path[512];
	int i;

	module_path(path, sizeof(path));
	limit_cgroup("8M");
	tide = start(be_tide);
	killed = start(be_killed);
	for (i = 0; i < RELOADS; i++) {
		assert_int_equal(syscall(SYS_delete_module, "moeai_mem_monitor", O_NONBLOCK), 0);
		load(path);
		sleep_ms(i % 10 * 5);
	}
	end_hog(tide);
	end_hog(killed);
	calm();
	end_cgroup();
}

static int group_setup(void **state)
{
	static const char *const types[] = { "mem_monitor.*" };
	const struct moeai_monitor_options options = { .types = types, .n_types = 1 };

	if (getenv("PATIENCE") && atoi(getenv("PATIENCE")) > 1)
		patience *= atoi(getenv("PATIENCE"));
	/* Neither killed nor slowed down by what it causes. */
	if (!write_file("/proc/self/oom_score_adj", "-1000") || mlockall(MCL_CURRENT))
		return -1;
	return moeai_open(&h) || moeai_monitor_open(&monitor, &options);
}

static int group_teardown(void **state)
{
	moeai_monitor_close(monitor);
	moeai_close(h);
	return 0;
}

static int setup(void **state)
{
	set("hysteresis", "30");
	set("consumers", "3");
	lower_limits();
	calm();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sample_agrees_with_meminfo, setup),
		cmocka_unit_test_setup(test_limits_out_of_order_are_refused, setup),
		cmocka_unit_test_setup(test_levels_come_in_order_and_name_the_hog, setup),
		cmocka_unit_test_setup(test_a_level_is_left_past_its_margin_only, setup),
		cmocka_unit_test_setup(test_an_oom_kill_names_its_victim, setup),
		cmocka_unit_test_setup(test_a_cgroups_kill_is_told_as_such, setup),
		cmocka_unit_test_setup(test_stopped_it_is_silent_and_started_it_looks, setup),
		cmocka_unit_test_setup(test_it_comes_and_goes_under_pressure, setup),
	};

	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
