// SPDX-License-Identifier: GPL-2.0
#include <linux/kprobes.h>
#include <linux/oom.h>
#include <linux/printk.h>
#include <linux/sched/task_stack.h>
#include "asked.h"

/*
 * Neither the notifier nor the tracepoint mark_victim tells what memory was asked
 * for. The argument of out_of_memory() does, and the kernel fills in which limit
 * it found: so its entry is probed. It is held under oom_lock, which the kernel's
 * callers have, and read by the same task before that returns.
 */
static const struct oom_control *entered;
static const struct task_struct *entered_by;
static struct oom_control copy;

static int enter(struct kprobe *probe, struct pt_regs *regs);
static struct kprobe probe = { .symbol_name = "out_of_memory", .pre_handler = enter };
static bool probed;

#ifdef CONFIG_HAVE_FUNCTION_ARG_ACCESS_API
/* No CRC covers what a probe finds in registers: this fails to build when it is wrong. */
static_assert(__same_type(out_of_memory, bool(struct oom_control *)));

static int enter(struct kprobe *unused, struct pt_regs *regs)
{
	entered = (const void *)regs_get_kernel_argument(regs, 0);
	entered_by = current;
	memcpy(&copy, entered, sizeof(copy));
	return 0;
}
#else
static int enter(struct kprobe *unused, struct pt_regs *regs)
{
	return 0;
}
#endif

/*
 * Probes can be turned off for the whole kernel, and then this one is of an earlier
 * call: it is the present one's only if it is on this task's stack, and as it was.
 */
static bool is_present(void)
{
	const struct oom_control *oc = entered;

	return oc && entered_by == current && object_is_on_stack(oc) &&
	       oc->gfp_mask == copy.gfp_mask && oc->order == copy.order &&
	       oc->memcg == copy.memcg && oc->zonelist == copy.zonelist;
}

bool mem_asked_get(struct mem_asked *asked)
{
	const struct oom_control *oc = entered;

	if (!is_present())
		return false;
	*asked = (struct mem_asked){ .order = oc->order, .gfp = oc->gfp_mask,
				     .cgroup = oc->memcg };
	if (oc->memcg)
		asked->scope = MOEAI_MEM_SCOPE_CGROUP;
	else if (oc->order < 0)
		asked->scope = MOEAI_MEM_SCOPE_SYSRQ;
	else if (oc->constraint == CONSTRAINT_CPUSET)
		asked->scope = MOEAI_MEM_SCOPE_CPUSET;
	else if (oc->constraint == CONSTRAINT_MEMORY_POLICY)
		asked->scope = MOEAI_MEM_SCOPE_MEMPOLICY;
	else
		asked->scope = MOEAI_MEM_SCOPE_SYSTEM;
	return true;
}

void mem_asked_start(void)
{
	int ret = -EOPNOTSUPP;

	entered = NULL;
	if (IS_ENABLED(CONFIG_HAVE_FUNCTION_ARG_ACCESS_API))
		ret = register_kprobe(&probe);
	probed = !ret;
	if (ret)
		pr_warn("moeai_mem_monitor: no probe of out_of_memory(), error %d: what is asked for stays unknown\n",
			ret);
}

void mem_asked_stop(void)
{
	if (probed)
		unregister_kprobe(&probe);
	/* To be registered once more, it has to be as it was. */
	probe = (struct kprobe){ .symbol_name = "out_of_memory", .pre_handler = enter };
}
