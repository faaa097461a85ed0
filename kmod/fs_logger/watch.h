/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watches: a file or folder each, known by its inode, which a mark pins until it is
 * deleted, unmounted, or the watch goes.
 */
#ifndef FS_WATCH_H
#define FS_WATCH_H

#include <linux/fsnotify_backend.h>
#include <linux/moeai.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <uapi/linux/moeai_fs_logger.h>
#include "event.h"
#include "exclude.h"
#include "super.h"

#define FS_WATCHES_MAX 4096
#define FS_FOLD_MAX    (3600LL * NSEC_PER_SEC)

/* What a row asks for. */
struct fs_watch_spec {
	const char *path;
	u32 holder;
	u32 ops; /* bits of enum moeai_fs_op */
	bool recursive;
	bool exclude_self;
	u64 fold;
	const char *exclude; /* or NULL */
	u32 uid;
	const char *comm;
};

struct fs_watch {
	struct fsnotify_mark mark; /* holds the memory, too */
	refcount_t refs; /* of the table's generations */
	bool live; /* of the generation that acts; with it, in the hash */
	bool removed; /* by us */
	bool keep; /* table.c's */
	bool released; /* told that its holder has ended */
	u32 state; /* enum moeai_fs_state, changed once */
	struct hlist_node node;
	struct hlist_node of_super;
	const struct inode *inode; /* pinned while watching */
	struct fs_super *super;
	u64 ino;
	u32 device;
	u32 hash; /* of path and holder */
	u32 ops;
	bool recursive;
	u64 fold;
	u32 holder;
	struct pid *process; /* of who added it, if it is the holder or to be left out */
	bool exclude_self;
	u32 path_len;
	char *path;
	u32 attrs_len;
	u8 *attrs; /* what all its events have */
	char *exclude_text; /* or NULL */
	struct fs_exclude *exclude; /* or NULL */
	u32 uid;
	char comm[TASK_COMM_LEN];
	atomic64_t events;
	atomic64_t folded;
	atomic64_t excluded;
	atomic64_t left_out;
};

int fs_watches_init(void);
/* Waits until no watch is left; all must have been put. */
void fs_watches_exit(void);
u64 fs_watches_live(void);

/*
 * Look the path up, as the caller sees it, and watch it; it is not live yet. May
 * sleep. ERR_PTR with @wrong's why and field set.
 */
struct fs_watch *fs_watch_new(const struct fs_watch_spec *spec, struct moeai_row_error *wrong);
void fs_watch_put(struct fs_watch *watch);

void fs_watch_set_live(struct fs_watch *watch, bool live);

/*
 * The live watches of @inode, one after the other: the first one behind @after, NULL:
 * of all. Under rcu_read_lock(), in a handler.
 */
struct fs_watch *fs_watch_of(const struct inode *inode, struct fs_watch *after);

/* Its path from the file system's root, into @buf, of FS_PATH_LEN or NULL; len 0: there is none. */
struct fs_text fs_watch_inside(const struct fs_watch *watch, char *buf);

/* Has who added it ended? */
bool fs_watch_abandoned(const struct fs_watch *watch);

#endif /* FS_WATCH_H */
