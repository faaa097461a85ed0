// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>
#include <trace/events/oom.h>
#include "asked.h"
#include "event.h"
#include "gauge.h"
#include "group.h"
#include "monitor.h"
#include "oom.h"

/*
 * While a victim dies the kernel calls its OOM killer again and again, to no
 * effect. One event a second tells that as well, and leaves the log to victims.
 */
#define NOTICE_GAP NSEC_PER_SEC

/*
 * Victims of cgroups that are told in a second, and at once. Of those beyond, the
 * next one says how many they were.
 */
#define CGROUP_VICTIMS 20

/*
 * Where the OOM killer was called for the whole system, for when asked.c can't tell:
 * by this task, when it had slept that often. Written by the notifier, read by the
 * probe; the kernel's oom_lock, held around both, is the lock.
 *
 * The notifier is called for the system only, never for a cgroup, first thing in
 * out_of_memory(); the victim is marked later in the same call. The task doesn't
 * sleep between (we are the last in the chain: see the priority). If that call
 * takes no victim, as when an earlier one is still dying, the mark stays; but to
 * run into a cgroup's limit afterwards, the same task would have to reclaim in
 * vain, sixteen times, and not sleep once.
 */
static pid_t system_pid;
static unsigned long system_slept;

static u64 notice_ns; /* the last event mem_monitor.oom; under oom_lock */
static bool noticed; /* since the last call of mem_oom_killed() */
static struct tracepoint *mark_victim;

static u64 second_ns; /* began; under oom_lock, as what follows */
static unsigned int told_in_second;
static u64 untold;

static int notify(struct notifier_block *block, unsigned long unused, void *freed)
{
	u64 available = mem_gauge_available();
	u64 now = ktime_get_ns();

	system_pid = task_pid_nr(current);
	system_slept = current->nvcsw;
	WRITE_ONCE(noticed, true);
	if (!notice_ns || now - notice_ns >= NOTICE_GAP) {
		notice_ns = now;
		mem_event_oom(available);
	}
	mem_monitor_oom(available);
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = notify, .priority = INT_MIN };

static enum moeai_mem_scope guess_scope(void)
{
	return system_pid == task_pid_nr(current) && system_slept == current->nvcsw ?
		       MOEAI_MEM_SCOPE_SYSTEM :
		       MOEAI_MEM_SCOPE_CGROUP;
}

/* Whoever may fill a cgroup could fill the log, too. */
static bool worth_telling(enum moeai_mem_scope scope)
{
	u64 now = ktime_get_ns();

	if (scope != MOEAI_MEM_SCOPE_CGROUP)
		return true;
	if (now - second_ns >= NSEC_PER_SEC) {
		second_ns = now;
		told_in_second = 0;
	}
	if (told_in_second < CGROUP_VICTIMS) {
		told_in_second++;
		return true;
	}
	untold++;
	WRITE_ONCE(mem_stats.untold, mem_stats.untold + 1);
	return false;
}

static u64 bytes(struct mm_struct *mm, int counter)
{
	return (u64)get_mm_counter(mm, counter) << PAGE_SHIFT;
}

/* The process is named by its leader, which an exec could replace. */
static u64 leader(struct task_struct *task, char comm[TASK_COMM_LEN])
{
	u64 started;

	rcu_read_lock();
	strscpy(comm, task->group_leader->comm, TASK_COMM_LEN);
	started = task->group_leader->start_boottime;
	rcu_read_unlock();
	return started;
}

/*
 * Called by mark_oom_victim(): atomic, under oom_lock, and either under
 * task_lock(@task) or with @task current, so that its mm is there. @task is the
 * first thread that still has it.
 */
static void probe(void *unused, struct task_struct *task, uid_t uid)
{
	static char comm[TASK_COMM_LEN], cgroup[MEM_GROUP_LEN]; /* under oom_lock */
	struct mem_asked asked;
	bool known = mem_asked_get(&asked);
	struct mem_victim victim = {
		.pid = task_tgid_nr(task),
		.uid = uid,
		.comm = comm,
		.anon = bytes(task->mm, MM_ANONPAGES),
		.file = bytes(task->mm, MM_FILEPAGES),
		.shmem = bytes(task->mm, MM_SHMEMPAGES),
		.swap = bytes(task->mm, MM_SWAPENTS),
		.page_tables = mm_pgtables_bytes(task->mm),
		.score_adj = task->signal->oom_score_adj,
		.started = leader(task, comm),
		.cgroup = cgroup,
		.scope = known ? asked.scope : guess_scope(),
		.asked = known ? &asked : NULL,
	};

	if (!worth_telling(victim.scope))
		return;
	victim.untold = untold;
	untold = 0;
	mem_group_of_task(task, cgroup);
	mem_event_victim(&victim);
}

/*
 * Without the tracepoint the kernel's count still proves a kill. The system's
 * kills are announced to the notifier, cgroups' are not: with no notice it was a
 * cgroup's; with one, the system's is the likelier.
 */
void mem_oom_killed(u64 n)
{
	const struct mem_victim victim = {
		.uid = (uid_t)-1,
		.comm = "unknown",
		.scope = xchg(&noticed, false) ? MOEAI_MEM_SCOPE_SYSTEM : MOEAI_MEM_SCOPE_CGROUP,
	};

	if (mark_victim)
		return;
	while (n--)
		mem_event_victim(&victim);
}

/* The symbol isn't exported: register_trace_mark_victim() can't be used. */
static void find_mark_victim(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "mark_victim"))
		*(struct tracepoint **)found = tp;
}

static void attach(void)
{
	struct tracepoint *tp = NULL;

	/* No CRC covers a probe's prototype: this fails to build when it is wrong. */
	check_trace_callback_type_mark_victim(probe);
	for_each_kernel_tracepoint(find_mark_victim, &tp);
	if (tp && tracepoint_probe_register(tp, probe, NULL))
		tp = NULL;
	mark_victim = tp;
	if (!tp)
		pr_warn("moeai_mem_monitor: no tracepoint mark_victim: OOM victims stay unknown\n");
}

int mem_oom_start(void)
{
	int ret;

	notice_ns = 0;
	noticed = false;
	second_ns = 0;
	untold = 0;
	ret = register_oom_notifier(&notifier);
	if (ret)
		return ret;
	mem_asked_start();
	attach();
	return 0;
}

void mem_oom_stop(void)
{
	if (mark_victim) {
		tracepoint_probe_unregister(mark_victim, probe, NULL);
		tracepoint_synchronize_unregister();
	}
	mem_asked_stop();
	unregister_oom_notifier(&notifier);
}
