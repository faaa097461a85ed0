/* SPDX-License-Identifier: GPL-2.0 */
/*
 * File systems that are listened to: marks on superblocks. They pin nothing: at an
 * unmount the kernel takes them off.
 */
#ifndef FS_SUPER_H
#define FS_SUPER_H

#include <linux/fsnotify_backend.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <uapi/linux/moeai_fs_logger.h>

/*
 * One that is listened to. Operations are added while events come in, and none of
 * those may be told twice or not at all: so for what an additional watch wants there
 * is an additional mark, and the marks of a superblock have no operation in common.
 */
struct fs_super {
	struct list_head list;
	struct list_head marks; /* struct fs_super_mark */
	const struct super_block *sb; /* its identity, until it is gone */
	bool gone; /* unmounted */
	u32 wanted[__MOEAI_FS_OP_MAX]; /* by so many watches */
	refcount_t refs; /* its marks and watches, and who is in between */
	struct hlist_head watches; /* live ones; guarded by watch.c */
};

struct fs_super_mark {
	struct fsnotify_mark mark;
	struct list_head list;
	struct fs_super *super;
	u32 ops;
	bool removed; /* by us */
};

/* What the kernel calls an operation. */
extern const u32 fs_op_masks[__MOEAI_FS_OP_MAX];

/*
 * Waits until all of @marks, which counts those not freed yet, are. An unmount may
 * hold one for a while after it was destroyed.
 */
void fs_marks_drain(atomic_t *marks);

int fs_supers_init(void);
/* Waits until no mark is left; all must have been put. */
void fs_supers_exit(void);
u64 fs_supers_count(void);

/*
 * The caller holds a mount of @sb. Listens to @ops, bits of enum moeai_fs_op, until
 * fs_super_unwant(). May sleep. ERR_PTR(-ENOMEM).
 */
struct fs_super *fs_super_want(struct super_block *sb, u32 ops);
void fs_super_unwant(struct fs_super *super, u32 ops);

/* Of memory alone. Any context. */
void fs_super_get(struct fs_super *super);
void fs_super_put(struct fs_super *super);

#endif /* FS_SUPER_H */
