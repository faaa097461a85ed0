// SPDX-License-Identifier: GPL-2.0
#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include <linux/rcupdate.h>
#include "group.h"

#ifdef CONFIG_MEMCG
void mem_group_path(struct mem_cgroup *cgroup, char path[MEM_GROUP_LEN])
{
	static char whole[PATH_MAX]; /* under oom_lock */
	int len = cgroup_path(cgroup->css.cgroup, whole, sizeof(whole));

	*path = '\0';
	if (len < 0 || len >= sizeof(whole)) /* what is too long is one or the other */
		return;
	if (len < MEM_GROUP_LEN)
		strscpy(path, whole, MEM_GROUP_LEN);
	else
		snprintf(path, MEM_GROUP_LEN, "...%s", whole + len - (MEM_GROUP_LEN - 4));
}

void mem_group_of_task(struct task_struct *task, char path[MEM_GROUP_LEN])
{
	struct mem_cgroup *cgroup;

	*path = '\0';
	rcu_read_lock();
	cgroup = mem_cgroup_from_task(task);
	if (cgroup)
		mem_group_path(cgroup, path);
	rcu_read_unlock();
}

u64 mem_group_limit(struct mem_cgroup *cgroup)
{
	unsigned long pages = READ_ONCE(cgroup->memory.max);

	return pages < PAGE_COUNTER_MAX ? (u64)pages << PAGE_SHIFT : 0;
}
#else
void mem_group_of_task(struct task_struct *task, char path[MEM_GROUP_LEN])
{
	*path = '\0';
}

void mem_group_path(struct mem_cgroup *cgroup, char path[MEM_GROUP_LEN])
{
	*path = '\0';
}

u64 mem_group_limit(struct mem_cgroup *cgroup)
{
	return 0;
}
#endif
