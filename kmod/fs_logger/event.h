/* SPDX-License-Identifier: GPL-2.0 */
/* The event types of fs_logger, and their encoders. Any context but NMI. */
#ifndef FS_EVENT_H
#define FS_EVENT_H

#include <linux/moeai.h>
#include <uapi/linux/moeai_fs_logger.h>

#define FS_EVENTS (__MOEAI_FS_OP_MAX + 1)
extern struct moeai_event_type fs_events[FS_EVENTS];

struct fs_watch;

/* Any bytes but NUL; not terminated. len 0: there is none. */
struct fs_text {
	const char *s;
	u32 len;
};

/* Who does it. */
struct fs_who {
	u64 started; /* ns after boot */
	u32 pid;
	u32 tid;
	u32 ppid;
	u32 uid;
	u32 login_uid; /* U32_MAX: none */
	bool kthread;
	char comm[TASK_COMM_LEN];
	struct fs_text exe;
};

#define FS_OUTSIDE U32_MAX

/* One operation. */
struct fs_record {
	u8 op; /* enum moeai_fs_op */
	bool dir;
	u32 device;
	u64 inode;
	u64 count;
	u32 below; /* FS_OUTSIDE: path is not below the watch */
	u32 old_below;
	struct fs_text path;
	struct fs_text old_path;
	struct fs_text watch;
	struct fs_who who;
};

void fs_event_file(const struct fs_record *record);

/* @inside, @old: where it is and was, of one that moved; @who: NULL: nobody */
void fs_event_watch(const struct fs_watch *watch, enum moeai_fs_change change,
		    struct fs_text inside, struct fs_text old, const struct fs_who *who);

#endif /* FS_EVENT_H */
