// SPDX-License-Identifier: GPL-2.0
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "consumer.h"

static void describe(struct mem_consumer *c, struct task_struct *leader, struct mm_struct *mm)
{
	c->pid = task_tgid_nr(leader);
	c->uid = from_kuid(&init_user_ns, task_uid(leader));
	strscpy(c->comm, leader->comm, sizeof(c->comm));
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

unsigned int mem_consumer_scan(struct mem_consumer *top, unsigned int n)
{
	struct mem_consumer c;
	struct task_struct *leader;
	unsigned int used = 0;

	if (!n)
		return 0;
	rcu_read_lock();
	for_each_process(leader)
		if (!(leader->flags & PF_KTHREAD) && measure(&c, leader))
			used = insert(top, used, n, &c);
	rcu_read_unlock();
	return used;
}
