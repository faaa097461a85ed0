/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where something is: the chain of folders up to the root of its file system, which
 * neither mounts nor chroot() change. All under rcu_read_lock(); nothing is held.
 */
#ifndef FS_PLACE_H
#define FS_PLACE_H

#include <linux/dcache.h>
#include "event.h"

#define FS_PATH_LEN PATH_MAX

struct fs_place {
	const struct dentry *dentry; /* the file's; if @name: its folder's */
	const struct qstr *name;     /* in that folder, of a file that may have no dentry */
	const struct inode *self;    /* of what has or had @name, or NULL */
};

/* Where to look on; zeroed at first. */
struct fs_climb {
	const struct dentry *dentry; /* NULL: at the beginning */
	struct fs_watch *watch; /* found last, or NULL */
	u32 level; /* how far up: 0: the file itself */
	u32 tail; /* bytes of its path that are below */
};

/* A dentry of @inode, or NULL. */
const struct dentry *fs_place_alias(const struct inode *inode);

/* May it be in a watch's reach? Most are not, and this is quickly said. */
bool fs_place_marked(const struct fs_place *place);

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
