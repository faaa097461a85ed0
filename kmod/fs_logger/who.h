/* SPDX-License-Identifier: GPL-2.0 */
/* Who does it: the current task, as it is now. */
#ifndef FS_WHO_H
#define FS_WHO_H

#include "event.h"

/*
 * Programs that were looked up of late. A process' program changes by exec alone,
 * which task_struct::self_exec_id tells; what it is called then is what it is told as.
 */
struct fs_exe {
	u64 started;
	u64 exec_id;
	u32 pid; /* 0: nothing is here */
	u32 len;
	char path[256]; /* of longer ones no more than that they are */
};

#define FS_EXES 8

/* All but exe. */
void fs_who_ids(struct fs_who *who);

/* @exes: FS_EXES of them, which @who points into; @buf: of FS_PATH_LEN, to write to. */
void fs_who_get(struct fs_who *who, struct fs_exe *exes, char *buf);

#endif /* FS_WHO_H */
