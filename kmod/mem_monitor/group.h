/* SPDX-License-Identifier: GPL-2.0 */
/* Memory cgroups by name. */
#ifndef MEM_GROUP_H
#define MEM_GROUP_H

#include <linux/types.h>

struct mem_cgroup;
struct task_struct;

#define MEM_GROUP_LEN 256 /* bytes of a path that are told */

/*
 * The path of a cgroup, from the root of its hierarchy; of a longer one, "..." and
 * its end. "" if the kernel has no memory cgroups, or the path is over 4095 bytes.
 * The first is that of a task. Any context but NMI, under oom_lock.
 */
void mem_group_of_task(struct task_struct *task, char path[MEM_GROUP_LEN]);
void mem_group_path(struct mem_cgroup *cgroup, char path[MEM_GROUP_LEN]);

/* Its memory limit in bytes, not that of version 1 for memory and swap; 0: none. */
u64 mem_group_limit(struct mem_cgroup *cgroup);

#endif /* MEM_GROUP_H */
