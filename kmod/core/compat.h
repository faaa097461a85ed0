/* SPDX-License-Identifier: GPL-2.0 */
/* The one place that knows kernels differ. */
#ifndef MOEAI_COMPAT_H
#define MOEAI_COMPAT_H

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/version.h>
#include <net/genetlink.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/hex.h>
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/*
 * A kernel is asked for what it has where its headers let us, not for its
 * version, as stable releases take changes from later ones. Where the version
 * is asked for all the same, it is the one that removed the old way.
 */

static inline void moeai_hrtimer_setup(struct hrtimer *timer,
				       enum hrtimer_restart (*fn)(struct hrtimer *),
				       clockid_t clock, enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	hrtimer_setup(timer, fn, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
#endif
}

static inline void moeai_vm_flags_mod(struct vm_area_struct *vma, unsigned long set,
				      unsigned long clear)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_mod(vma, set, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

/* NULL: its last reference has gone. */
static inline struct file *moeai_file_get(struct file *file)
{
#ifdef get_file_rcu
	return get_file_rcu(file) ? file : NULL;
#else
	return get_file_active(&file);
#endif
}

static inline struct nlattr **moeai_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif
