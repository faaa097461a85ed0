/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel calls at each operation on a file system that is listened to. */
#ifndef FS_HANDLE_H
#define FS_HANDLE_H

#include <linux/fsnotify_backend.h>

int fs_handle_init(void);
void fs_handle_exit(void);

void fs_handle_start(void);
/* Afterwards nothing is told any more. */
void fs_handle_stop(void);

/*
 * Process context, of whoever does it, or of a worker that closes a file for somebody.
 * Folders' locks may be held, and memory may be wanted just now: so it does not sleep,
 * allocate, or hold anything.
 */
int fs_handle(struct fsnotify_group *group, u32 mask, const void *data, int data_type,
	      struct inode *dir, const struct qstr *name, u32 cookie,
	      struct fsnotify_iter_info *iter);

#endif /* FS_HANDLE_H */
