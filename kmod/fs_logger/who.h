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

/* A thread of late, and what is told of it as long as nothing of it has changed. */
struct fs_thread {
	struct fs_who who;
	u32 len;
	u8 attrs[FS_WHO_LEN(sizeof_field(struct fs_exe, path))] __aligned(4);
};

#define FS_EXES	   8
#define FS_THREADS 8

/* Of a CPU. */
struct fs_known {
	struct fs_exe exes[FS_EXES];
	struct fs_thread threads[FS_THREADS];
};

void fs_who_get(struct fs_who *who);

/* With its attributes, in @known. @buf: of FS_PATH_LEN, to write to. */
const struct fs_thread *fs_who_thread(struct fs_known *known, char *buf);

#endif /* FS_WHO_H */
