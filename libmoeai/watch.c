// SPDX-License-Identifier: LGPL-2.1-or-later
/* fs_logger's table and events as typed calls. */
#include <stdio.h>
#include <unistd.h>
#include "handle.h"
#include "typed.h"

#define WATCHES "fs_logger.watches"

/* ---- changes ------------------------------------------------------------------------ */

static void add_number(struct moeai_arg *columns, size_t *n, const char *name, uint64_t value)
{
	if (value)
		columns[(*n)++] = (struct moeai_arg){ .name = name, .kind = MOEAI_ARG_UNSIGNED,
						      .u64 = value };
}

int moeai_watch_put(struct moeai_txn *t, enum moeai_action action, const char *path,
		    const struct moeai_watch_options *options)
{
	static const struct moeai_watch_options none;
	const struct moeai_watch_options *o = options ?: &none;
	struct moeai_arg columns[7] = { MOEAI_TEXT("path", path),
					MOEAI_NUMBER("holder", o->held ? getpid() : 0) };
	size_t n = 2;

	if (action == MOEAI_ACTION_DELETE)
		return moeai_txn_row(t, action, columns, n);
	add_number(columns, &n, "ops", o->ops);
	add_number(columns, &n, "recursive", o->recursive);
	add_number(columns, &n, "exclude_self", o->exclude_self);
	add_number(columns, &n, "fold", o->fold);
	if (o->exclude)
		columns[n++] = (struct moeai_arg)MOEAI_TEXT("exclude", o->exclude);
	return moeai_txn_row(t, action, columns, n);
}

static int change(struct moeai *h, enum moeai_action action, const char *path,
		  const struct moeai_watch_options *options)
{
	struct moeai_txn *t;
	int rc = moeai_txn_open(h, WATCHES, &t);

	if (rc == -ENOENT)
		return error_set(&h->error, rc, "fs_logger is not loaded: modprobe moeai_fs_logger");
	if (rc)
		return rc;
	rc = moeai_watch_put(t, action, path, options);
	if (!rc)
		rc = moeai_txn_commit(t, 0, NULL);
	moeai_txn_close(t);
	return rc;
}

int moeai_watch_add(struct moeai *h, const char *path, const struct moeai_watch_options *options)
{
	return change(h, MOEAI_ACTION_ADD, path, options);
}

int moeai_watch_remove(struct moeai *h, const char *path, bool held)
{
	const struct moeai_watch_options options = { .held = held };

	return change(h, MOEAI_ACTION_DELETE, path, &options);
}

/* ---- rows --------------------------------------------------------------------------- */

#define RULE(id, kind, required, member) \
	ATTR_RULE(MOEAI_A_FS_WATCH_##id, ATTR_##kind, required, struct moeai_watch, member)

static const struct attr_rule row_rules[] = {
	RULE(PATH, STRING, true, path),
	RULE(HOLDER, U32, false, holder),
	RULE(OPS, U32, false, ops),
	RULE(RECURSIVE, BOOL, false, recursive),
	RULE(EXCLUDE, STRING, false, exclude),
	RULE(FOLD, U64, false, fold),
	RULE(EXCLUDE_SELF, BOOL, false, exclude_self),
	RULE(STATE, U32, false, state),
	RULE(INSIDE, STRING, false, inside),
	RULE(DEVICE, U32, false, device),
	RULE(INODE, U64, false, inode),
	RULE(UID, U32, false, uid),
	RULE(COMM, TEXT, false, comm),
	RULE(EVENTS, U64, false, events),
	RULE(FOLDED, U64, false, folded),
	RULE(EXCLUDED, U64, false, excluded),
	RULE(LEFT_OUT, U64, false, left_out),
};

int moeai_watch_row(const struct moeai_values *row, struct moeai_watch *out)
{
	*out = (struct moeai_watch){ .exclude = "", .inside = "" };
	return attrs_decode((struct attr_run){ row->data, row->len }, row_rules,
			    ARRAY_SIZE(row_rules), out, NULL);
}

/* ---- events ------------------------------------------------------------------------- */

#undef RULE
#define RULE(id, kind, required, member) \
	ATTR_RULE(MOEAI_A_FS_##id, ATTR_##kind, required, struct moeai_watch_event, member)

static const struct attr_rule file_rules[] = {
	RULE(FILE_PATH, STRING, false, path),
	RULE(FILE_OLD_PATH, STRING, false, old_path),
	RULE(FILE_COUNT, U64, false, count),
	RULE(FILE_PID, U32, true, pid),
	RULE(FILE_COMM, TEXT, true, comm),
	RULE(FILE_UID, U32, true, uid),
	RULE(FILE_LOGIN_UID, U32, false, login_uid),
	RULE(FILE_TID, U32, false, tid),
	RULE(FILE_PPID, U32, false, ppid),
	RULE(FILE_STARTED, U64, false, started),
	RULE(FILE_EXE, STRING, false, exe),
	RULE(FILE_KTHREAD, BOOL, false, kthread),
	RULE(FILE_DIR, BOOL, false, dir),
	RULE(FILE_DEVICE, U32, true, device),
	RULE(FILE_INODE, U64, false, inode),
	RULE(FILE_WATCH, STRING, true, watch),
	RULE(FILE_BELOW, U32, false, below),
	RULE(FILE_OLD_BELOW, U32, false, old_below),
};

static const struct attr_rule changed_rules[] = {
	RULE(CHANGED_WATCH, STRING, true, watch),
	RULE(CHANGED_HOLDER, U32, false, holder),
	RULE(CHANGED_CHANGE, U32, true, change),
	RULE(CHANGED_INSIDE, STRING, false, path),
	RULE(CHANGED_OLD_INSIDE, STRING, false, old_path),
	RULE(CHANGED_PID, U32, false, pid),
	RULE(CHANGED_COMM, TEXT, false, comm),
	RULE(CHANGED_UID, U32, false, uid),
};

/* By operation; behind them that of watches. */
static const struct typed_event events[] = {
	[MOEAI_FS_CREATE] = TYPED_EVENT("fs_logger.create", file_rules),
	[MOEAI_FS_MODIFY] = TYPED_EVENT("fs_logger.modify", file_rules),
	[MOEAI_FS_CLOSE_WRITE] = TYPED_EVENT("fs_logger.close_write", file_rules),
	[MOEAI_FS_DELETE] = TYPED_EVENT("fs_logger.delete", file_rules),
	[MOEAI_FS_RENAME] = TYPED_EVENT("fs_logger.rename", file_rules),
	[MOEAI_FS_ATTRIB] = TYPED_EVENT("fs_logger.attrib", file_rules),
	[MOEAI_FS_EXEC] = TYPED_EVENT("fs_logger.exec", file_rules),
	[MOEAI_FS_OPEN] = TYPED_EVENT("fs_logger.open", file_rules),
	[__MOEAI_FS_OP_MAX] = TYPED_EVENT("fs_logger.watch", changed_rules),
};

int moeai_watch_event(const struct moeai_event *event, struct moeai_watch_event *out)
{
	static const struct moeai_watch_event nothing = {
		.watch = "", .path = "", .old_path = "", .exe = "", .count = 1,
		.below = MOEAI_WATCH_OUTSIDE, .old_below = MOEAI_WATCH_OUTSIDE,
		.uid = MOEAI_WATCH_NOBODY, .login_uid = MOEAI_WATCH_NOBODY,
	};
	int kind;

	*out = nothing;
	kind = typed_event(event, events, ARRAY_SIZE(events), out);
	if (kind < 0)
		return kind;
	if (kind == __MOEAI_FS_OP_MAX)
		out->kind = MOEAI_WATCH_EVENT_WATCH;
	else
		out->op = kind;
	return 0;
}

/* ---- paths -------------------------------------------------------------------------- */

/* Is path in a watched folder that takes so many bytes of it? */
static bool is_below(const char *path, uint32_t below)
{
	return below != MOEAI_WATCH_OUTSIDE && below <= strlen(path);
}

/*
 * Outside of the folder: where its file system is mounted is what the watch's path has
 * before the folder's.
 */
static int write_outside(const char *watch, size_t len, const char *path, const char *other,
			 uint32_t below, char *buf, size_t size)
{
	if (!is_below(other, below) || below > len ||
	    memcmp(watch + len - below, other, below) != 0)
		len = below = 0;
	return snprintf(buf, size, "%.*s%s", (int)(len - below), watch, path);
}

int moeai_watch_path(const struct moeai_watch_event *e, bool old, char *buf, size_t size)
{
	const char *path = old ? e->old_path : e->path, *other = old ? e->path : e->old_path;
	uint32_t below = old ? e->old_below : e->below, other_below = old ? e->below : e->old_below;
	size_t len = strcmp(e->watch, "/") ? strlen(e->watch) : 0;

	if (!*path)
		return snprintf(buf, size, "%s", "");
	/* A folder that was itself renamed is called otherwise now. */
	if (!is_below(path, below) || (!old && *other && !path[below]))
		return write_outside(e->watch, len, path, other, other_below, buf, size);
	path += below;
	if (!*path || !strcmp(path, "/")) /* the folder itself, which may be a root */
		path = len ? "" : "/";
	return snprintf(buf, size, "%.*s%s", (int)len, e->watch, path);
}

const char *moeai_watch_op_name(enum moeai_fs_op op)
{
	return op < __MOEAI_FS_OP_MAX ? strchr(events[op].name, '.') + 1 : "?";
}
