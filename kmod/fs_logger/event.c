// SPDX-License-Identifier: GPL-2.0
#include "event.h"
#include "field.h"
#include "param.h"
#include "watch.h"
#include "who.h"

const char *const fs_op_names[] = { "create", "modify", "close_write", "delete", "rename",
				    "attrib", "exec",	"open",	       NULL };
static_assert(ARRAY_SIZE(fs_op_names) == __MOEAI_FS_OP_MAX + 1);

const char *const fs_state_names[] = { "watching", "deleted", "unmounted", NULL };
static_assert(ARRAY_SIZE(fs_state_names) == __MOEAI_FS_STATE_MAX + 1);

const char *const fs_change_names[] = { "moved", "deleted", "unmounted", "released", NULL };
static_assert(ARRAY_SIZE(fs_change_names) == __MOEAI_FS_CHANGE_MAX + 1);

#define FILE(n)	   MOEAI_A_FS_FILE_##n
#define CHANGED(n) MOEAI_A_FS_CHANGED_##n

static const struct moeai_field file_fields[] = {
	[FILE(PATH)] = PATH_FIELD("path", "from the root of its file system"),
	[FILE(OLD_PATH)] = OLD_PATH_FIELD("old_path", "what it was called"),
	[FILE(COUNT)] = U64_FIELD("count", COUNT, "so many of them; absent: 1"),
	[FILE(PID)] = PID_FIELD("pid", "of the process"),
	[FILE(COMM)] = COMM_FIELD("comm", "of the thread"),
	[FILE(UID)] = UID_FIELD("uid", "of the process"),
	[FILE(LOGIN_UID)] = UID_FIELD("login_uid", "as who its session began"),
	[FILE(TID)] = U32_FIELD("tid", "of the thread"),
	[FILE(PPID)] = U32_FIELD("ppid", "of the parent process"),
	[FILE(STARTED)] = { "started", "when the process did, after boot", MOEAI_TYPE_U64,
			    MOEAI_UNIT_NS, MOEAI_F_STARTED },
	[FILE(EXE)] = STRING_FIELD("exe", "its program, from the root of its file system"),
	[FILE(KTHREAD)] = BOOL_FIELD("kthread", "a kernel thread did it, for somebody"),
	[FILE(DIR)] = BOOL_FIELD("dir", "it is a folder"),
	[FILE(DEVICE)] = DEVICE_FIELD("device", "of the file system"),
	[FILE(INODE)] = U64_FIELD("inode", NONE, "its number"),
	[FILE(WATCH)] = STRING_FIELD("watch", "that tells it: its path"),
	[FILE(BELOW)] = U32_FIELD("below", "bytes of path that are the watched folder's"),
	[FILE(OLD_BELOW)] = U32_FIELD("old_below", "the same of old_path"),
};

static const struct moeai_field changed_fields[] = {
	[CHANGED(WATCH)] = PATH_FIELD("watch", "its path"),
	[CHANGED(HOLDER)] = PID_FIELD("holder", "its holder"),
	[CHANGED(CHANGE)] = ENUM_FIELD("change", fs_change_names, "what became of it"),
	[CHANGED(INSIDE)] = STRING_FIELD("inside", "where it is now in its file system"),
	[CHANGED(OLD_INSIDE)] = STRING_FIELD("old_inside", "where it was"),
	[CHANGED(PID)] = PID_FIELD("pid", "of who did it"),
	[CHANGED(COMM)] = COMM_FIELD("comm", "of who did it"),
	[CHANGED(UID)] = UID_FIELD("uid", "of who did it"),
};

#define FILE_EVENT(op, n, h)                                                           \
	[op] = { .name = "fs_logger." n, .help = h, .schema = MOEAI_SCHEMA(file_fields) }

#define WATCH_EVENT __MOEAI_FS_OP_MAX

struct moeai_event_type fs_events[FS_EVENTS] = {
	FILE_EVENT(MOEAI_FS_CREATE, "create", "a file, folder or link was made"),
	FILE_EVENT(MOEAI_FS_MODIFY, "modify", "a file was written to or cut"),
	FILE_EVENT(MOEAI_FS_CLOSE_WRITE, "close_write", "closed by who could write to it"),
	FILE_EVENT(MOEAI_FS_DELETE, "delete", "a name was removed"),
	FILE_EVENT(MOEAI_FS_RENAME, "rename", "it has another name or folder"),
	FILE_EVENT(MOEAI_FS_ATTRIB, "attrib", "owner, mode, times or attributes were set"),
	FILE_EVENT(MOEAI_FS_EXEC, "exec", "a file was opened to be executed"),
	FILE_EVENT(MOEAI_FS_OPEN, "open", "a file or folder was opened"),
	[WATCH_EVENT] = { .name = "fs_logger.watch", .help = "something became of a watch",
			  .schema = MOEAI_SCHEMA(changed_fields) },
};

static struct moeai_value text(u16 id, struct fs_text t)
{
	return moeai_strn(id, t.s, t.len);
}

/* ---- files ------------------------------------------------------------------------------ */

static __always_inline u8 *put(u8 *p, struct moeai_value value)
{
	return moeai_value_put(p, &value);
}

/* A few words, of which memcpy() would make bytes. */
static __always_inline u8 *put_attrs(u8 *p, struct fs_attrs attrs)
{
	const u8 *from = attrs.data, *end = from + attrs.len;

	for (; end - from >= 16; from += 16, p += 16) {
		memcpy(p, from, 8);
		memcpy(p + 8, from + 8, 8);
	}
	for (; from < end; from += 4, p += 4)
		memcpy(p, from, 4);
	return p;
}

#define ATTR_LEN(len) NLA_ALIGN(NLA_HDRLEN + (len))

/* Five numbers, comm, started and kthread; then the program. */
static_assert(FS_WHO_LEN(0) == 5 * ATTR_LEN(4) + ATTR_LEN(TASK_COMM_LEN) + ATTR_LEN(8) +
			       ATTR_LEN(1) + ATTR_LEN(1));

u32 fs_event_put_who(u8 *to, const struct fs_who *who, struct fs_text exe)
{
	u8 *p = to;

	p = put(p, moeai_u32(FILE(PID), who->pid));
	p = put(p, moeai_str(FILE(COMM), who->comm));
	p = put(p, moeai_u32(FILE(UID), who->uid));
	if (who->login_uid != U32_MAX)
		p = put(p, moeai_u32(FILE(LOGIN_UID), who->login_uid));
	p = put(p, moeai_u32(FILE(TID), who->tid));
	p = put(p, moeai_u32(FILE(PPID), who->ppid));
	p = put(p, moeai_u64(FILE(STARTED), who->started));
	if (exe.len)
		p = put(p, text(FILE(EXE), exe));
	if (who->kthread)
		p = put(p, moeai_bool(FILE(KTHREAD), true));
	return p - to;
}

#define INODE_AT (8 + NLA_HDRLEN) /* in a watch's attributes */

u32 fs_event_put_watch(u8 *to, u32 device, struct fs_text path)
{
	u8 *p = to;

	p = put(p, moeai_u32(FILE(DEVICE), device));
	p = put(p, moeai_u64(FILE(INODE), 0));
	p = put(p, text(FILE(WATCH), path));
	return p - to;
}

#define TEXT_LEN(len) ATTR_LEN((len) + 1)

static u32 text_len(struct fs_text t)
{
	return t.len ? TEXT_LEN(t.len) : 0;
}

static __always_inline u32 len_of(const struct fs_record *r)
{
	return text_len(r->path) + text_len(r->old_path) + r->who.len + r->watch.len +
	       8 * (r->dir + (r->below != FS_OUTSIDE) + (r->old_below != FS_OUTSIDE));
}

static __always_inline void put_all(u8 *p, const struct fs_record *r)
{
	u8 *watch;

	if (r->path.len)
		p = put(p, text(FILE(PATH), r->path));
	if (r->old_path.len)
		p = put(p, text(FILE(OLD_PATH), r->old_path));
	p = put_attrs(p, r->who);
	if (r->dir)
		p = put(p, moeai_bool(FILE(DIR), true));
	watch = p;
	p = put_attrs(p, r->watch);
	memcpy(watch + INODE_AT, &r->inode, sizeof(r->inode));
	if (r->below != FS_OUTSIDE)
		p = put(p, moeai_u32(FILE(BELOW), r->below));
	if (r->old_below != FS_OUTSIDE)
		put(p, moeai_u32(FILE(OLD_BELOW), r->old_below));
}

u32 fs_event_len(const struct fs_record *r)
{
	return len_of(r);
}

/* Without old_path there is always room. */
static_assert(TEXT_LEN(PATH_MAX - 1) + FS_WHO_LEN(sizeof_field(struct fs_exe, path)) +
	      FS_WATCH_LEN(PATH_MAX - 1) + 3 * 8 <= MOEAI_DATA_LEN);

void fs_event_fit(struct fs_record *r)
{
	if (len_of(r) <= MOEAI_DATA_LEN)
		return;
	r->old_path.len = 0;
	if (r->old_below != FS_OUTSIDE)
		r->old_below = 0;
}

void fs_event_put(u8 *p, const struct fs_record *r)
{
	put_all(p, r);
}

void fs_event_file(const struct fs_record *r)
{
	struct moeai_slot slot;

	if (moeai_event_reserve(&fs_events[r->op], MOEAI_PRIO_INFO, len_of(r), &slot)) {
		this_cpu_inc(fs_counters.untold);
		return;
	}
	put_all(slot.data, r);
	moeai_event_commit(&slot);
}

/* Its count goes behind its path, which is the first attribute. */
void fs_event_again(u8 op, struct fs_attrs attrs, u64 count)
{
	u32 path_len = nla_total_size(nla_len((struct nlattr *)attrs.data));
	struct fs_attrs rest = { attrs.data + path_len, attrs.len - path_len };
	u32 count_len = count != 1 ? nla_total_size(sizeof(count)) : 0;
	struct moeai_slot slot;
	u8 *p;

	if (moeai_event_reserve(&fs_events[op], MOEAI_PRIO_INFO, attrs.len + count_len, &slot)) {
		this_cpu_inc(fs_counters.untold);
		return;
	}
	p = put_attrs(slot.data, (struct fs_attrs){ attrs.data, path_len });
	if (count_len)
		p = put(p, moeai_u64(FILE(COUNT), count));
	put_attrs(p, rest);
	moeai_event_commit(&slot);
}

/* ---- watches ---------------------------------------------------------------------------- */

void fs_event_watch(const struct fs_watch *w, enum moeai_fs_change change,
		    struct fs_text inside, struct fs_text old, const struct fs_who *who)
{
	struct moeai_value v[__MOEAI_A_FS_CHANGED_MAX];
	unsigned int n = 0;

	v[n++] = moeai_str(CHANGED(WATCH), w->path);
	v[n++] = moeai_u32(CHANGED(HOLDER), w->holder);
	v[n++] = moeai_u32(CHANGED(CHANGE), change);
	if (inside.len)
		v[n++] = text(CHANGED(INSIDE), inside);
	if (who) {
		v[n++] = moeai_u32(CHANGED(PID), who->pid);
		v[n++] = moeai_str(CHANGED(COMM), who->comm);
		v[n++] = moeai_u32(CHANGED(UID), who->uid);
	}
	/* Three paths may be more than an event holds. */
	if (old.len && moeai_values_len(v, n) + text_len(old) <= MOEAI_DATA_LEN)
		v[n++] = text(CHANGED(OLD_INSIDE), old);
	if (moeai_event_emit(&fs_events[WATCH_EVENT], MOEAI_PRIO_NOTICE, v, n))
		this_cpu_inc(fs_counters.untold);
}
