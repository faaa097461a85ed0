// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Why the OOM killer took a process, in one event: compared with what is known of the
 * process beforehand, and with what the kernel says of the kill in its log. The test
 * itself is protected from the OOM killer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pressure.h"

#define HELD_ANON  (48 * MB)
#define HELD_SHMEM (24 * MB)
#define MANY	   100 /* victims at once */
#define BOUND	   20  /* of a second that are told */

static struct moeai *h;

/* ---- what the kernel says ---------------------------------------------------------- */

static char mark[64];

static void mark_log(void)
{
	static int n;

	snprintf(mark, sizeof(mark), "test_mem_monitor_kill %d %d", getpid(), n++);
	assert_true(write_file("/dev/kmsg", mark));
}

static char console[1 << 20];

/* Did the kernel say that, since the mark? */
static void assert_said(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void assert_said(const char *format, ...)
{
	char want[512], *since;
	va_list args;
	int n;

	va_start(args, format);
	vsnprintf(want, sizeof(want), format, args);
	va_end(args);
	n = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, console, sizeof(console) - 1);
	assert_true(n > 0);
	console[n] = 0;
	since = strstr(console, mark);
	assert_non_null(since);
	if (!strstr(since, want))
		fail_msg("the kernel did not say: %s\nbut: %s", want, since);
}

/* The number behind that word, since the mark. */
static unsigned long said_number(const char *word)
{
	const char *at;

	assert_said("%s", word);
	at = strstr(strstr(console, mark), word);
	return strtoul(at + strlen(word), NULL, 10);
}

/*
 * So many bytes, a moment later: by then the victim may run, and count what its thread
 * had not yet, up to 64 pages, or be about to go; and its files are reclaimed.
 */
static void said_about(const char *word, uint64_t bytes)
{
	assert_in_range(said_number(word), bytes / 1024 / 2, bytes / 1024 + 256);
}

static void assert_as_logged(const struct moeai_mem_victim *v)
{
	assert_said("%s invoked oom-killer: gfp_mask=", v->invoker_comm);
	if (v->scope != MOEAI_MEM_SCOPE_SYSRQ)
		assert_said("(%s), order=%u, oom_score_adj=", v->gfp, v->order);
	assert_said("task_memcg=%s,task=%s,pid=%u,uid=%u\n", v->cgroup_path, v->comm, v->pid, v->uid);
	assert_said("Killed process %u (%s) total-vm:", v->pid, v->comm);
	assert_said("UID:%u pgtables:", v->uid);
	assert_said("oom_score_adj:%d", v->score_adj);
	said_about("anon-rss:", v->anon);
	said_about("file-rss:", v->file);
	said_about("shmem-rss:", v->shmem);
	said_about("pgtables:", v->page_tables);
}

static void assert_near(unsigned long a, unsigned long b)
{
	if (a > b + MB || b > a + MB)
		fail_msg("%lu is not %lu", a, b);
}

/* ---- who is killed ------------------------------------------------------------------- */

static void be_holder(void)
{
	char *anon = map_memory(HELD_ANON);
	char *shared = mmap(NULL, HELD_SHMEM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);

	if (!anon || shared == MAP_FAILED || !write_file("/proc/self/oom_score_adj", "1000") ||
	    setgid(HOG_UID) || setuid(HOG_UID))
		_exit(1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, HOG);
	memset(anon, 1, HELD_ANON);
	memset(shared, 1, HELD_SHMEM);
	for (;;)
		pause();
}

/* A process that holds so much and takes no more; returned when it does. */
static pid_t start_holder(void)
{
	pid_t pid = fork();
	int i;

	assert_true(pid >= 0);
	if (!pid)
		be_holder();
	for (i = 0; i < 300 && status_of(pid, "RssShmem:") < HELD_SHMEM; i++)
		sleep_ms(100);
	assert_near(status_of(pid, "RssShmem:"), HELD_SHMEM);
	return pid;
}

/* Take memory until that process is killed. */
static void eat_until_killed(pid_t pid)
{
	size_t len = 2 * meminfo("MemTotal:"), n = 0;
	char *p = map_memory(len);
	int status;

	assert_non_null(p);
	while (!waitpid(pid, &status, WNOHANG) && n < len) {
		memset(p + n, 1, MB);
		n += MB;
	}
	munmap(p, len);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* The next victim, which must be that process. */
static void victim_of(pid_t pid, struct mem_seen *s)
{
	mem_await(MOEAI_MEM_EVENT_VICTIM, s);
	assert_int_equal(s->e.victim.pid, pid);
	assert_int_equal(s->e.victim.uid, HOG_UID);
	assert_string_equal(s->e.victim.comm, HOG);
	assert_int_equal(s->e.victim.score_adj, 1000);
	assert_int_equal(s->e.victim.total, meminfo("MemTotal:"));
	assert_int_equal(s->e.victim.swap, 0);
	assert_int_equal(s->e.victim.swap_free, meminfo("SwapFree:"));
}

/* ---- the tests ------------------------------------------------------------------------- */

static void test_a_kill_of_the_system_is_explained(void **state)
{
	pid_t pid = start_holder();
	unsigned long anon = status_of(pid, "RssAnon:"), shmem = status_of(pid, "RssShmem:");
	uint64_t started = start_of(pid);
	struct moeai_mem_victim *v;
	struct mem_seen s;

	mark_log();
	eat_until_killed(pid);
	victim_of(pid, &s);
	v = &s.e.victim;
	assert_int_equal(s.priority, MOEAI_PRIO_CRITICAL);
	assert_int_equal(v->scope, MOEAI_MEM_SCOPE_SYSTEM);
	assert_near(v->anon, anon);
	assert_near(v->shmem, shmem);
	assert_in_range(v->started, started, started + 20000000);
	assert_in_range(v->free, MB / 4, v->total / 10);
	assert_true(v->available < v->total / 10);
	assert_true(v->invoker_pid > 0);
	assert_string_equal(v->limit_path, "");
	assert_int_equal(v->limit, 0);
	assert_as_logged(v);
	assert_said("constraint=CONSTRAINT_NONE");
}

static void test_a_kill_of_a_cgroup_is_explained(void **state)
{
	struct moeai_mem_victim *v;
	struct mem_seen s;
	pid_t pid;

	limit_cgroup("32M");
	assert_true(write_file(CGROUP "/cgroup.subtree_control", "+memory"));
	assert_false(mkdir(SUBGROUP, 0755));
	mark_log();
	pid = start_hog((struct hog){ .mb_s = 200, .cgroup = SUBGROUP "/cgroup.procs" });
	victim_of(pid, &s);
	v = &s.e.victim;
	assert_int_equal(s.priority, MOEAI_PRIO_WARNING);
	assert_int_equal(v->scope, MOEAI_MEM_SCOPE_CGROUP);
	assert_true(v->cgroup);
	assert_int_equal(v->invoker_pid, pid); /* nobody else is in there */
	assert_string_equal(v->invoker_comm, HOG);
	assert_string_equal(v->cgroup_path, CGROUP_PATH "/sub");
	assert_string_equal(v->limit_path, CGROUP_PATH);
	assert_int_equal(v->limit, 32 * MB);
	assert_true(v->free > v->total / 10);
	assert_as_logged(v);
	assert_said("constraint=CONSTRAINT_MEMCG");
	assert_said("oom_memcg=%s,task_memcg=", v->limit_path);
	assert_killed(pid);
	end_cgroup();
}

static void test_a_kill_that_somebody_asks_for_is_told_as_such(void **state)
{
	pid_t pid = start_holder();
	struct mem_seen s;

	mark_log();
	assert_true(write_file("/proc/sysrq-trigger", "f"));
	victim_of(pid, &s);
	assert_int_equal(s.priority, MOEAI_PRIO_CRITICAL);
	assert_int_equal(s.e.victim.scope, MOEAI_MEM_SCOPE_SYSRQ);
	assert_string_equal(s.e.victim.gfp, "");
	assert_as_logged(&s.e.victim);
	assert_killed(pid);
}

/* Who turns probes off for the whole kernel is told what can be known without. */
static void test_without_probes_the_limit_is_inferred(void **state)
{
	static const char probes[] = "/sys/kernel/debug/kprobes/enabled";
	struct mem_seen s;
	pid_t pid;

	assert_true(!mount("none", "/sys/kernel/debug", "debugfs", 0, NULL) || errno == EBUSY);
	assert_true(write_file(probes, "0"));
	limit_cgroup("32M");
	pid = start_hog((struct hog){ .mb_s = 200, .cgroup = CGROUP "/cgroup.procs" });
	victim_of(pid, &s);
	assert_true(write_file(probes, "1"));
	assert_int_equal(s.e.victim.scope, MOEAI_MEM_SCOPE_CGROUP);
	assert_int_equal(s.e.victim.invoker_pid, pid);
	assert_string_equal(s.e.victim.cgroup_path, CGROUP_PATH);
	assert_string_equal(s.e.victim.gfp, "");
	assert_string_equal(s.e.victim.limit_path, "");
	assert_int_equal(s.e.victim.limit, 0);
	assert_killed(pid);
	end_cgroup();
}

static void start_idle(pid_t pids[MANY])
{
	for (int i = 0; i < MANY; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!write_file(CGROUP "/cgroup.procs", "0") ||
		    !write_file("/proc/self/oom_score_adj", "0"))
			_exit(1);
		for (;;)
			pause();
	}
}

/* Who fills a cgroup again and again shall not fill the log; but all are counted. */
static void test_victims_of_cgroups_are_bounded(void **state)
{
	uint64_t untold = 0, times[MANY + 1] = { 0 };
	unsigned int told = 0;
	struct moeai_mem before, after;
	struct mem_seen s;
	pid_t pids[MANY], pid;
	int i;

	sleep_ms(1000); /* so that none of an earlier case is counted in their second */
	assert_int_equal(moeai_mem_get(h, &before), 0);
	limit_cgroup("128M");
	assert_true(write_file(CGROUP "/memory.oom.group", "1"));
	start_idle(pids);
	pid = start_hog((struct hog){ .mb_s = 1000, .cgroup = CGROUP "/cgroup.procs" });
	assert_killed(pid);
	for (i = 0; i < MANY; i++)
		assert_killed(pids[i]);
	while (!mem_next(&s, 1500)) {
		if (s.e.kind != MOEAI_MEM_EVENT_VICTIM)
			continue;
		assert_true(s.e.victim.cgroup);
		assert_true(told <= MANY);
		untold += s.e.victim.untold;
		times[told++] = s.time;
	}
	/* So many in a second, of which two may meet; fewer die in one where all is slow. */
	assert_true(told >= BOUND);
	for (i = 0; i + 2 * BOUND < (int)told; i++)
		assert_true(times[i + 2 * BOUND] - times[i] >= 900000000);

	pid = start_hog((struct hog){ .mb_s = 1000, .cgroup = CGROUP "/cgroup.procs" });
	victim_of(pid, &s);
	assert_int_equal(s.e.victim.untold + untold, MANY + 1 - told);
	assert_killed(pid);
	end_cgroup();
	assert_int_equal(moeai_mem_get(h, &after), 0);
	/* The kernel counts the one that it chose twice, as one of its group as well. */
	assert_in_range(after.kills - before.kills, MANY + 2, MANY + 4);
}

static int begin(void **state)
{
	return pressure_open(&h);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, pressure_ready)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_kill_of_the_system_is_explained),
		TEST(a_kill_of_a_cgroup_is_explained),
		TEST(a_kill_that_somebody_asks_for_is_told_as_such),
		TEST(without_probes_the_limit_is_inferred),
		TEST(victims_of_cgroups_are_bounded),
	};

	return cmocka_run_group_tests(tests, begin, pressure_close);
}
