/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * fs_logger: field ids of its table and events. Types are found by name, e.g.
 * "fs_logger.create"; their ids differ between epochs.
 *
 * Each operation is an event type of its own, "fs_logger." and the operation's
 * label, so that readers filter by type; all have the same fields,
 * MOEAI_A_FS_FILE_*, and so one encoder and one decoder.
 *
 * A path is told as seen from the root of its file system, wherever that is
 * mounted and whoever looks: the same file has the same path in a bind mount and in
 * a chroot. WATCH and BELOW say what it is called where the watch was added:
 * WATCH, then PATH from byte BELOW on ("/" of WATCH "/" aside). Paths hold any
 * byte but NUL.
 */
#ifndef _UAPI_LINUX_MOEAI_FS_LOGGER_H
#define _UAPI_LINUX_MOEAI_FS_LOGGER_H

/* What was done to a file: an event type each, and bits of OPS, 1 << n. */
enum moeai_fs_op {
	MOEAI_FS_CREATE, /* "create": made, also a folder, a link, a symbolic link */
	MOEAI_FS_MODIFY, /* "modify": written to or cut, but not by mmap */
	MOEAI_FS_CLOSE_WRITE, /* "close_write": closed by who could write to it */
	MOEAI_FS_DELETE, /* "delete": a name of it removed */
	MOEAI_FS_RENAME, /* "rename": within, into, or out of the watched folder */
	MOEAI_FS_ATTRIB, /* "attrib": owner, mode, times, extended attributes */
	MOEAI_FS_EXEC, /* "exec": opened to be executed */
	MOEAI_FS_OPEN, /* "open" */
	__MOEAI_FS_OP_MAX
};

/* What became of a watch. */
enum moeai_fs_state {
	MOEAI_FS_WATCHING, /* "watching" */
	MOEAI_FS_DELETED, /* "deleted": what it watched is no more */
	MOEAI_FS_UNMOUNTED, /* "unmounted": its file system was, for good */
	__MOEAI_FS_STATE_MAX
};

/* What fs_logger.watch tells of a watch. */
enum moeai_fs_change {
	MOEAI_FS_WATCH_MOVED, /* "moved": it, or a folder above; it is followed */
	MOEAI_FS_WATCH_DELETED, /* "deleted" */
	MOEAI_FS_WATCH_UNMOUNTED, /* "unmounted" */
	MOEAI_FS_WATCH_RELEASED, /* "released": its holder has ended; the row is gone */
	__MOEAI_FS_CHANGE_MAX
};

/*
 * Table fs_logger.watches. Added and replaced rows are looked up as the caller sees
 * the path, symbolic links followed, and stand for the file or folder found, not for
 * the path. Other file systems mounted below take a row each.
 */
enum moeai_a_fs_watch {
	MOEAI_A_FS_WATCH_UNSPEC,
	MOEAI_A_FS_WATCH_PATH, /* string, key: absolute, up to 4095 bytes, of a folder or file */
	MOEAI_A_FS_WATCH_HOLDER, /* u32, key: the caller's own pid, with which it goes; 0: stays */
	MOEAI_A_FS_WATCH_OPS, /* flags, bit n: enum moeai_fs_op; absent: all but EXEC, OPEN */
	MOEAI_A_FS_WATCH_RECURSIVE, /* bool; absent: what is in the folder itself */
	/*
	 * string: patterns between ':', in which '\' takes the next byte as it is. One
	 * that begins with '/' is a path below the watched folder: it and all below it
	 * are left out. Others are globs of names: what is called so, and all below it.
	 */
	MOEAI_A_FS_WATCH_EXCLUDE,
	MOEAI_A_FS_WATCH_FOLD, /* u64, ns up to an hour: see COUNT of events; absent, 0: all told */
	MOEAI_A_FS_WATCH_EXCLUDE_SELF, /* bool: what the caller's own process does is left out */
	MOEAI_A_FS_WATCH_STATE, /* enum moeai_fs_state; this and what follows: read only */
	MOEAI_A_FS_WATCH_INSIDE, /* string: where it is now, from the file system's root */
	MOEAI_A_FS_WATCH_DEVICE, /* u32, the file system's own: see MOEAI_F_DEVICE */
	MOEAI_A_FS_WATCH_INODE, /* u64 */
	MOEAI_A_FS_WATCH_UID, /* u32, who added it */
	MOEAI_A_FS_WATCH_COMM, /* string, his process */
	MOEAI_A_FS_WATCH_EVENTS, /* u64, told */
	MOEAI_A_FS_WATCH_FOLDED, /* u64, told by the COUNT of another event */
	MOEAI_A_FS_WATCH_EXCLUDED, /* u64, left out by EXCLUDE */
	MOEAI_A_FS_WATCH_LEFT_OUT, /* u64, left out by EXCLUDE_SELF */
	__MOEAI_A_FS_WATCH_MAX
};

/*
 * fs_logger.create, .modify, .close_write, .delete, .rename, .attrib, .exec, .open: as
 * it happens, and by whom, as the kernel had it in that moment. The innermost watch
 * that wants it tells it, once.
 *
 * With FOLD, the first of its kind is told at once, and when that time is over, one
 * more event says by COUNT how many followed of the same operation by the same
 * process on the same file, if there were any. So the sum of COUNT is their number.
 */
enum moeai_a_fs_file {
	MOEAI_A_FS_FILE_UNSPEC,
	MOEAI_A_FS_FILE_PATH, /* string; absent: over 4095 bytes */
	MOEAI_A_FS_FILE_OLD_PATH, /* string, of a rename: what it was called; absent: no room, too */
	MOEAI_A_FS_FILE_COUNT, /* u64; absent: 1 */
	MOEAI_A_FS_FILE_PID, /* u32, thread group id, in the first namespace */
	MOEAI_A_FS_FILE_COMM, /* string, of the thread */
	MOEAI_A_FS_FILE_UID, /* u32 */
	MOEAI_A_FS_FILE_LOGIN_UID, /* u32, as who the session began; absent: in none */
	MOEAI_A_FS_FILE_TID, /* u32 */
	MOEAI_A_FS_FILE_PPID, /* u32 */
	MOEAI_A_FS_FILE_STARTED, /* u64, ns from boot to the process' start: tells reused pids apart */
	MOEAI_A_FS_FILE_EXE, /* string, from its file system's root; absent: a kernel thread, too long, about to end */
	MOEAI_A_FS_FILE_KTHREAD, /* bool, true: a kernel thread, on whose behalf it does not say; else absent */
	MOEAI_A_FS_FILE_DIR, /* bool, true: it is a folder; else absent */
	MOEAI_A_FS_FILE_DEVICE, /* u32, as the watch's */
	MOEAI_A_FS_FILE_INODE, /* u64 */
	MOEAI_A_FS_FILE_WATCH, /* string, PATH of the watch that tells it */
	MOEAI_A_FS_FILE_BELOW, /* u32, bytes of PATH that are the watched folder's; absent: PATH is outside */
	MOEAI_A_FS_FILE_OLD_BELOW, /* u32, the same of OLD_PATH */
	__MOEAI_A_FS_FILE_MAX
};

/* fs_logger.watch: something became of a watch */
enum moeai_a_fs_changed {
	MOEAI_A_FS_CHANGED_UNSPEC,
	MOEAI_A_FS_CHANGED_WATCH, /* string, its PATH */
	MOEAI_A_FS_CHANGED_HOLDER, /* u32, its HOLDER */
	MOEAI_A_FS_CHANGED_CHANGE, /* enum moeai_fs_change */
	MOEAI_A_FS_CHANGED_INSIDE, /* string, where it is now, when it moved */
	MOEAI_A_FS_CHANGED_OLD_INSIDE, /* string, where it was then; absent: no room, too */
	MOEAI_A_FS_CHANGED_PID, /* u32, whose doing it is; absent: nobody's */
	MOEAI_A_FS_CHANGED_COMM, /* string */
	MOEAI_A_FS_CHANGED_UID, /* u32 */
	__MOEAI_A_FS_CHANGED_MAX
};

#endif /* _UAPI_LINUX_MOEAI_FS_LOGGER_H */
