/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where kernels differ in what a feature module needs: any may use it. It takes
 * nothing from moeai.ko.
 */
#ifndef _LINUX_MOEAI_COMPAT_H
#define _LINUX_MOEAI_COMPAT_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* For alloc_workqueue(), which wants to be told this or WQ_UNBOUND; and the system's own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define MOEAI_WQ_PERCPU		WQ_PERCPU
#define MOEAI_SYSTEM_WQ		system_percpu_wq
#define MOEAI_SYSTEM_UNBOUND_WQ system_dfl_wq
#else
#define MOEAI_WQ_PERCPU		0
#define MOEAI_SYSTEM_WQ		system_wq
#define MOEAI_SYSTEM_UNBOUND_WQ system_unbound_wq
#endif

typedef unsigned long (*moeai_shrinker_fn)(struct shrinker *shrinker, struct shrink_control *sc);

/**
 * moeai_shrinker_register - have the kernel call back when it reclaims memory
 * @name: for debugfs
 * @count: see struct shrinker; runs in whatever reclaims, so takes no lock that
 *	is held while allocating
 * @scan: see struct shrinker
 *
 * Context: process, may sleep.
 * Return: the shrinker, or NULL when there is no memory for it.
 */
static inline struct shrinker *
moeai_shrinker_register(const char *name, moeai_shrinker_fn count, moeai_shrinker_fn scan)
{
#ifdef SHRINKER_ALLOCATED
	struct shrinker *shrinker = shrinker_alloc(0, "%s", name);
#else
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);
#endif

	if (!shrinker)
		return NULL;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker->seeks = DEFAULT_SEEKS;
#ifdef SHRINKER_ALLOCATED
	shrinker_register(shrinker);
#else
	if (register_shrinker(shrinker, "%s", name)) {
		kfree(shrinker);
		return NULL;
	}
#endif
	return shrinker;
}

/* Waits for callbacks in flight. */
static inline void moeai_shrinker_unregister(struct shrinker *shrinker)
{
#ifdef SHRINKER_ALLOCATED
	shrinker_free(shrinker);
#else
	unregister_shrinker(shrinker);
	kfree(shrinker);
#endif
}

/* ---- reclaim -------------------------------------------------------------- */

/*
 * How many pages reclaim has looked at and freed is a VM event, and on later kernels,
 * as of 7.x, a node's statistic, which counts reclaim for cgroups' limits as well. That
 * the event after it in 6.1's list is still near tells them apart.
 */
#define MOEAI_RECLAIM_IS_NODE_STAT                                                    \
	((int)PGSCAN_DIRECT_THROTTLE < (int)PGSCAN_DIRECT ||                          \
	 (int)PGSCAN_DIRECT_THROTTLE > (int)PGSCAN_DIRECT + 4)

/* @item: PGSCAN_* or PGSTEAL_*; @events: of all_vm_events(). Pages since boot. */
static inline unsigned long moeai_reclaim_pages(const unsigned long *events, int item)
{
	return MOEAI_RECLAIM_IS_NODE_STAT ? global_node_page_state_pages(item) : events[item];
}

/* ---- file notification -------------------------------------------------- */

/*
 * Flags for fsnotify_alloc_group(): an object may have several marks of the group,
 * and the group's lock may be wanted in reclaim, which all groups assume by now.
 */
#ifdef FSNOTIFY_GROUP_NOFS
#define MOEAI_FSNOTIFY_FLAGS (FSNOTIFY_GROUP_DUPS | FSNOTIFY_GROUP_NOFS)
#else
#define MOEAI_FSNOTIFY_FLAGS FSNOTIFY_GROUP_DUPS
#endif

static inline int moeai_fsnotify_add_inode(struct fsnotify_mark *mark, struct inode *inode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	return fsnotify_add_mark(mark, inode, FSNOTIFY_OBJ_TYPE_INODE, 0);
#else
	return fsnotify_add_mark(mark, &inode->i_fsnotify_marks, FSNOTIFY_OBJ_TYPE_INODE, 0, NULL);
#endif
}

static inline int moeai_fsnotify_add_super(struct fsnotify_mark *mark, struct super_block *sb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	return fsnotify_add_mark(mark, sb, FSNOTIFY_OBJ_TYPE_SB, 0);
#else
	return fsnotify_add_mark(mark, &sb->s_fsnotify_marks, FSNOTIFY_OBJ_TYPE_SB, 0, NULL);
#endif
}

/* A dentry's node in its inode's list i_dentry. */
#ifdef for_each_alias
#define MOEAI_D_ALIAS d_alias
#else
#define MOEAI_D_ALIAS d_u.d_alias
#endif

/* The program that @mm runs, held, or NULL. Any context. */
static inline struct file *moeai_exe_file(struct mm_struct *mm)
{
	struct file *file;

	rcu_read_lock();
#ifdef get_file_rcu
	file = rcu_dereference(mm->exe_file);
	if (file && !get_file_rcu(file))
		file = NULL;
#else
	file = get_file_rcu(&mm->exe_file);
#endif
	rcu_read_unlock();
	return file;
}

#endif /* _LINUX_MOEAI_COMPAT_H */
