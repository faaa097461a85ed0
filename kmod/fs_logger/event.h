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

/* Attributes, as they will be in an event: len is a multiple of 4. */
struct fs_attrs {
	const u8 *data;
	u32 len;
};

/* Who does it; without padding, so that two are the same if their bytes are. */
struct fs_who {
	u64 started; /* ns after boot */
	u64 exec_id; /* another one after each exec */
	u32 pid;
	u32 tid;
	u32 ppid;
	u32 uid;
	u32 login_uid; /* U32_MAX: none */
	u32 kthread;
	char comm[TASK_COMM_LEN];
};

#define FS_OUTSIDE U32_MAX

/* One operation. */
struct fs_record {
	u8 op; /* enum moeai_fs_op */
	bool dir;
	u64 inode;
	u32 below; /* FS_OUTSIDE: path is not below the watch */
	u32 old_below;
	struct fs_text path;
	struct fs_text old_path;
	struct fs_attrs who; /* see fs_event_put_who() */
	struct fs_attrs watch; /* see fs_event_put_watch() */
};

/* What is the same for many events, put at @p, a multiple of 4. They return its length. */
#define FS_WHO_LEN(exe_len) (80 + NLA_ALIGN(NLA_HDRLEN + (exe_len) + 1))
u32 fs_event_put_who(u8 *p, const struct fs_who *who, struct fs_text exe);
#define FS_WATCH_LEN(path_len) (20 + NLA_ALIGN(NLA_HDRLEN + (path_len) + 1))
u32 fs_event_put_watch(u8 *p, u32 device, struct fs_text path);

/* Leave old_path out, if they are more than an event holds. */
void fs_event_fit(struct fs_record *record);

/* All attributes of an event. */
u32 fs_event_len(const struct fs_record *record);
void fs_event_put(u8 *p, const struct fs_record *record);

void fs_event_file(const struct fs_record *record);

/* @attrs: as fs_event_put() has put them: it happened @count times more */
void fs_event_again(u8 op, struct fs_attrs attrs, u64 count);

/* @inside, @old: where it is and was, of one that moved; @who: NULL: nobody */
void fs_event_watch(const struct fs_watch *watch, enum moeai_fs_change change,
		    struct fs_text inside, struct fs_text old, const struct fs_who *who);

#endif /* FS_EVENT_H */
