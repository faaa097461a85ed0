/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where something is: the chain of folders up to the root of its file system, which
 * neither mounts nor chroot() change. All under rcu_read_lock(); nothing is held.
 */
#ifndef FS_PLACE_H
#define FS_PLACE_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/moeai_compat.h>
#include "event.h"

#define FS_PATH_LEN PATH_MAX

struct fs_place {
	const struct dentry *dentry; /* the file's; if @name: its folder's */
	const struct qstr *name;     /* in that folder, of a file that may have no dentry */
	const struct inode *self;    /* of what has or had @name, or NULL */
};

/* Where to look on. */
struct fs_climb {
	const struct dentry *dentry; /* NULL: at the beginning */
	struct fs_watch *watch; /* found last, or NULL */
	u32 level; /* how far up: 0: the file itself */
	u32 tail; /* bytes of its path that are below */
};

/* A dentry of @inode, or NULL. */
static inline const struct dentry *fs_place_alias(const struct inode *inode)
{
	struct hlist_node *first = READ_ONCE(inode->i_dentry.first);

	return hlist_entry_safe(first, struct dentry, MOEAI_D_ALIAS);
}

/* Few inodes have a mark at all: the others cost no look into the hash. */
static inline bool fs_place_marked(const struct inode *inode)
{
	return inode && READ_ONCE(*(void **)&inode->i_fsnotify_marks);
}

/* Begins a climb: up to where the first watch may be. False: there is none. */
bool fs_place_climb(const struct fs_place *place, struct fs_climb *climb);

/*
 * The next watch that has @op in its operations and the place in its reach, from the
 * inside outwards; NULL: none. climb->tail says where it is in the path.
 */
struct fs_watch *fs_place_watch(const struct fs_place *place, u32 op, struct fs_climb *climb);

/* The bytes of its path that are below @watch; FS_OUTSIDE: it is not in its reach. */
u32 fs_place_tail(const struct fs_place *place, const struct fs_watch *watch);

bool fs_place_below(const struct dentry *dentry, const struct dentry *folder);

/* Writes its path into @buf, of FS_PATH_LEN; with a NUL. False: it is over 4095 bytes. */
bool fs_place_path(const struct fs_place *place, char *buf, struct fs_text *path);

#endif /* FS_PLACE_H */
