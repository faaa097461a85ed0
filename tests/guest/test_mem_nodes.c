// SPDX-License-Identifier: LGPL-2.1-or-later
/* Kills for a node's memory, while the other has enough. check: nodes=2 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pressure.h"

/* linux/mempolicy.h */
#define BIND 2

static struct moeai *h;

/* A process that may have memory of node 1 alone, and takes all of it. */
static void be_bound(void)
{
	unsigned long nodes = 1 << 1;
	size_t len = 2 * meminfo("MemTotal:");
	char *p = map_memory(len);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, HOG);
	if (!p || !write_file("/proc/self/oom_score_adj", "1000") || setuid(HOG_UID) ||
	    syscall(SYS_set_mempolicy, BIND, &nodes, 8 * sizeof(nodes)))
		_exit(1);
	memset(p, 1, len);
	_exit(1);
}

/* The kernel's own word for it, of that process. */
static void assert_constraint(const char *constraint, pid_t pid)
{
	static char log[1 << 20];
	char want[64], *line;
	int n = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, log, sizeof(log) - 1);

	assert_true(n > 0);
	log[n] = 0;
	snprintf(want, sizeof(want), "pid=%d,", pid);
	line = strstr(log, want);
	assert_non_null(line);
	while (line > log && line[-1] != '\n')
		line--;
	line[strcspn(line, "\n")] = 0;
	if (!strstr(line, constraint))
		fail_msg("not %s: %s", constraint, line);
}

static void assert_told(pid_t pid, enum moeai_mem_scope scope)
{
	struct moeai_mem_victim *v;
	struct mem_seen s;

	mem_await(MOEAI_MEM_EVENT_VICTIM, &s);
	v = &s.e.victim;
	assert_int_equal(v->pid, pid);
	assert_string_equal(v->comm, HOG);
	assert_int_equal(v->scope, scope);
	assert_int_equal(s.priority, MOEAI_PRIO_CRITICAL);
	assert_int_equal(v->invoker_pid, pid);
	assert_non_null(strstr(v->gfp, "GFP_"));
	/* Others could have had some. */
	assert_true(v->free > v->total / 10);
	assert_true(v->anon > v->total / 10);
	assert_string_equal(v->limit_path, "");
	assert_int_equal(v->limit, 0);
}

static void test_mempolicy(void **state)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		be_bound();
	assert_killed(pid);
	assert_told(pid, MOEAI_MEM_SCOPE_MEMPOLICY);
	assert_constraint("constraint=CONSTRAINT_MEMORY_POLICY", pid);
}

static void test_cpuset(void **state)
{
	pid_t pid;

	assert_true(write_file("/sys/fs/cgroup/cgroup.subtree_control", "+cpuset"));
	assert_true(!mkdir(CGROUP, 0755) || errno == EEXIST);
	assert_true(write_file(CGROUP "/cpuset.mems", "1"));
	pid = start_hog((struct hog){ .mb_s = 400, .cgroup = CGROUP "/cgroup.procs" });
	assert_killed(pid);
	assert_told(pid, MOEAI_MEM_SCOPE_CPUSET);
	assert_constraint("constraint=CONSTRAINT_CPUSET", pid);
	end_cgroup();
}

static int begin(void **state)
{
	if (access("/sys/devices/system/node/node1", F_OK)) {
		fputs("there is one node: NODES=2\n", stderr);
		exit(77);
	}
	return pressure_open(&h);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, pressure_ready)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(mempolicy), TEST(cpuset) };

	return cmocka_run_group_tests(tests, begin, pressure_close);
}
