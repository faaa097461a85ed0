// SPDX-License-Identifier: GPL-2.0
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/timekeeping.h>
#include "consumer.h"

/* Looking at all processes may take this part of one processor's time: 0.02 %. */
#define SCAN_SHARE 5000

/* What was seen so long ago says how fast somebody grows; less is noise. */
#define PERIOD_MIN (100 * NSEC_PER_MSEC)

static struct mem_past pasts[2]; /* the newer one at @newer */
static unsigned int newer;
static u64 scan_ns; /* what remembering took the last time */

static void describe(struct mem_consumer *c, struct task_struct *leader, struct mm_struct *mm)
{
	c->pid = task_tgid_nr(leader);
	c->started = leader->start_boottime;
	c->rss = (u64)get_mm_rss(mm) << PAGE_SHIFT;
	c->swap = (u64)get_mm_counter(mm, MM_SWAPENTS) << PAGE_SHIFT;
}

/*
 * A leader that has exited leaves its memory to its threads: take the first that
 * still has it. task_lock() keeps the memory there while it is looked at.
 */
static bool measure(struct mem_consumer *c, struct task_struct *leader)
{
	struct task_struct *t;

	for_each_thread(leader, t) {
		bool found = false;

		task_lock(t);
		if (t->mm) {
			describe(c, leader, t->mm);
			found = true;
		}
		task_unlock(t);
		if (found)
			return true;
	}
	return false;
}

static struct mem_seen seen(const struct mem_consumer *c)
{
	return (struct mem_seen){ c->started, c->rss + c->swap, c->pid };
}

/* Insert into @top, sorted, of @n entries of which @used are. */
static unsigned int insert(struct mem_consumer *top, unsigned int used, unsigned int n,
			   const struct mem_consumer *c)
{
	unsigned int i = used;

	if (used == n) {
		if (c->rss <= top[n - 1].rss)
			return used;
		i = n - 1;
	}
	for (; i && top[i - 1].rss < c->rss; i--)
		top[i] = top[i - 1];
	top[i] = *c;
	return min(used + 1, n);
}

/* Who it is matters only of those who are told. */
static void name(struct mem_consumer *c, struct task_struct *leader)
{
	c->uid = from_kuid(&init_user_ns, task_uid(leader));
	strscpy(c->comm, leader->comm, sizeof(c->comm));
}

static void compare(struct mem_consumer *c, u64 now)
{
	const struct mem_past *past = &pasts[newer];
	struct mem_seen s = seen(c);

	if (now - past->time < PERIOD_MIN && pasts[!newer].time)
		past = &pasts[!newer];
	c->growth = mem_past_compare(past, &s, now);
}

void mem_consumer_reset(void)
{
	mem_past_begin(&pasts[0], 0);
	mem_past_begin(&pasts[1], 0);
	scan_ns = 0;
}

unsigned int mem_consumer_scan(struct mem_consumer *top, unsigned int n)
{
	struct mem_consumer c = {};
	struct task_struct *leader;
	unsigned int i, used = 0;
	u64 now;

	if (!n)
		return 0;
	rcu_read_lock();
	for_each_process(leader) {
		if ((leader->flags & PF_KTHREAD) || !measure(&c, leader))
			continue;
		if (used == n && c.rss <= top[n - 1].rss)
			continue;
		name(&c, leader);
		used = insert(top, used, n, &c);
	}
	rcu_read_unlock();
	now = ktime_get_boottime_ns();
	for (i = 0; i < used; i++)
		compare(&top[i], now);
	return used;
}

void mem_consumer_remember(u64 interval)
{
	u64 now = ktime_get_boottime_ns(), newest = pasts[newer].time;
	struct mem_consumer c = {};
	struct task_struct *leader;
	struct mem_past *past;

	if (newest && now - newest < max(interval, scan_ns * SCAN_SHARE))
		return;
	newer = !newer;
	past = &pasts[newer];
	mem_past_begin(past, now);
	rcu_read_lock();
	for_each_process(leader) {
		struct mem_seen s;

		if ((leader->flags & PF_KTHREAD) || !measure(&c, leader))
			continue;
		s = seen(&c);
		mem_past_add(past, &s);
	}
	rcu_read_unlock();
	scan_ns = ktime_get_boottime_ns() - now;
}
