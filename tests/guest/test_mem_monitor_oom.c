// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mem_monitor sees real OOM kills, told through the library, and comes and goes
 * meanwhile. The test itself is protected from the OOM killer.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pressure.h"

#define RELOADS 25

static struct moeai *h;

static void test_an_oom_kill_names_its_victim(void **state)
{
	uint64_t anon = meminfo("MemTotal:") / 2;
	struct moeai_mem before, after;
	struct mem_seen s;
	pid_t pid;

	assert_int_equal(moeai_mem_get(h, &before), 0);
	pid = start_hog((struct hog){ .mb_s = 200 });
	mem_await_level(MOEAI_MEM_LOW, &s);
	mem_await(MOEAI_MEM_EVENT_OOM, &s);
	assert_int_equal(s.priority, MOEAI_PRIO_CRITICAL);
	assert_true(s.e.oom.available < s.e.oom.total / 10);

	mem_await(MOEAI_MEM_EVENT_VICTIM, &s);
	assert_int_equal(s.priority, MOEAI_PRIO_CRITICAL);
	assert_int_equal(s.e.victim.pid, pid);
	assert_int_equal(s.e.victim.uid, HOG_UID);
	assert_string_equal(s.e.victim.comm, HOG);
	assert_true(s.e.victim.anon > anon);
	assert_false(s.e.victim.cgroup);
	assert_killed(pid);

	mem_await(MOEAI_MEM_EVENT_RECOVERED, &s);
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
	struct mem_seen s;
	pid_t pid;

	limit_cgroup("32M");
	pid = start_hog((struct hog){ .mb_s = 200, .cgroup = CGROUP "/cgroup.procs" });

	assert_int_equal(mem_next(&s, mem_patience), 0);
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
	char *p = map_memory(len);

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
	mem_calm();
	end_cgroup();
}

static int begin(void **state)
{
	return pressure_open(&h);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, pressure_ready)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_oom_kill_names_its_victim), TEST(a_cgroups_kill_is_told_as_such),
		TEST(it_comes_and_goes_under_pressure),
	};

	return cmocka_run_group_tests(tests, begin, pressure_close);
}
