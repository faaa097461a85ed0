// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/kdev_t.h>
#include <linux/moeai_compat.h>
#include <linux/namei.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include "place.h"
#include "watch.h"
#include "who.h"

#define BITS 12

static DEFINE_SPINLOCK(lock); /* guards the hash, lists of superblocks, live; innermost */
static struct hlist_head hash[1 << BITS];
static u64 live; /* how many are */
static struct fsnotify_group *group;
static atomic_t marks = ATOMIC_INIT(0); /* not freed yet */

#define COLUMN(n) MOEAI_A_FS_WATCH_##n

/* ---- which are of an inode -------------------------------------------------------- */

static void unhash(struct fs_watch *w)
{
	lockdep_assert_held(&lock);
	if (hlist_unhashed(&w->node))
		return;
	hlist_del_init_rcu(&w->node);
	hlist_del_init_rcu(&w->of_super);
}

/* One whose file is gone stays a row, but its inode's address may be another one's. */
void fs_watch_set_live(struct fs_watch *w, bool on)
{
	spin_lock(&lock);
	live += on - w->live;
	WRITE_ONCE(w->live, on);
	if (!on) {
		unhash(w);
	} else if (hlist_unhashed(&w->node) && READ_ONCE(w->state) == MOEAI_FS_WATCHING) {
		hlist_add_head_rcu(&w->node, &hash[hash_ptr(w->inode, BITS)]);
		hlist_add_head_rcu(&w->of_super, &w->super->watches);
	}
	spin_unlock(&lock);
}

u64 fs_watches_live(void)
{
	return READ_ONCE(live);
}

struct fs_watch *fs_watch_of(const struct inode *inode, struct fs_watch *after)
{
	struct fs_watch *w;

	if (after) {
		w = after;
		hlist_for_each_entry_continue_rcu(w, node)
			if (w->inode == inode)
				return w;
		return NULL;
	}
	hlist_for_each_entry_rcu(w, &hash[hash_ptr(inode, BITS)], node)
		if (w->inode == inode)
			return w;
	return NULL;
}

/* ---- its end ------------------------------------------------------------------------ */

static bool end(struct fs_watch *w, enum moeai_fs_state state)
{
	bool first;

	spin_lock(&lock);
	first = w->state == MOEAI_FS_WATCHING;
	if (first)
		WRITE_ONCE(w->state, state);
	unhash(w);
	first = first && w->live && !w->removed;
	spin_unlock(&lock);
	return first;
}

/* Of one mark: as many marks as a file has, as often this is called. */
static int handle(struct fsnotify_group *g, u32 mask, const void *data, int data_type,
		  struct inode *dir, const struct qstr *name, u32 cookie,
		  struct fsnotify_iter_info *iter)
{
	struct fsnotify_mark *mark = fsnotify_iter_inode_mark(iter);
	struct fs_watch *w;
	struct fs_who who;

	if (!mark || !(mask & FS_DELETE_SELF))
		return 0;
	w = container_of(mark, struct fs_watch, mark);
	if (end(w, MOEAI_FS_DELETED)) {
		fs_who_get(&who);
		fs_event_watch(w, MOEAI_FS_WATCH_DELETED, (struct fs_text){}, (struct fs_text){},
			       &who);
	}
	return 0;
}

/* The inode is let go, so that another may get its address, only after this. */
static void freeing(struct fsnotify_mark *mark, struct fsnotify_group *g)
{
	struct fs_watch *w = container_of(mark, struct fs_watch, mark);
	struct fs_who who;

	if (end(w, MOEAI_FS_UNMOUNTED)) {
		fs_who_get(&who);
		fs_event_watch(w, MOEAI_FS_WATCH_UNMOUNTED, (struct fs_text){}, (struct fs_text){},
			       &who);
	}
}

static void free_watch(struct fs_watch *w)
{
	if (w->super)
		fs_super_put(w->super);
	put_pid(w->process);
	fs_exclude_free(w->exclude);
	kfree(w->exclude_text);
	kfree(w->attrs);
	kfree(w->path);
	kfree(w);
	atomic_dec(&marks);
}

static void free_mark(struct fsnotify_mark *mark)
{
	free_watch(container_of(mark, struct fs_watch, mark));
}

static const struct fsnotify_ops ops = {
	.handle_event = handle,
	.freeing_mark = freeing,
	.free_mark = free_mark,
};

void fs_watch_put(struct fs_watch *w)
{
	if (!refcount_dec_and_test(&w->refs))
		return;
	spin_lock(&lock);
	w->removed = true;
	spin_unlock(&lock);
	fs_watch_set_live(w, false);
	fsnotify_destroy_mark(&w->mark, group);
	fs_super_unwant(w->super, w->ops);
	fsnotify_put_mark(&w->mark);
}

/* ---- its beginning -------------------------------------------------------------------- */

static const struct {
	int error;
	const char *why;
} lookup_errors[] = {
	{ -ENOENT, "there is no such file or folder" },
	{ -ENOTDIR, "something on the way is no folder" },
	{ -ELOOP, "too many symbolic links on the way" },
	{ -EACCES, "you may not read it, or not pass a folder on the way" },
	{ -ENAMETOOLONG, "a name on the way is too long" },
};

static void explain(struct moeai_row_error *wrong, u16 field, const char *why)
{
	wrong->field = field;
	wrong->why = why;
}

static int look_up(const struct fs_watch_spec *spec, struct path *path,
		   struct moeai_row_error *wrong)
{
	int i, ret = kern_path(spec->path, LOOKUP_FOLLOW, path);

	if (!ret) {
		ret = path_permission(path, MAY_READ);
		if (!ret && path->mnt->mnt_sb->s_flags & SB_NOUSER) {
			explain(wrong, COLUMN(PATH), "it is in no file system: a pipe, a socket");
			ret = -EOPNOTSUPP;
		}
		if (ret)
			path_put(path);
	}
	for (i = 0; i < ARRAY_SIZE(lookup_errors); i++)
		if (ret == lookup_errors[i].error)
			explain(wrong, COLUMN(PATH), lookup_errors[i].why);
	if (ret && !wrong->field)
		wrong->field = COLUMN(PATH);
	return ret;
}

static int allowed(const struct fs_watch_spec *spec, struct moeai_row_error *wrong)
{
	if (spec->recursive && !capable(CAP_DAC_READ_SEARCH)) {
		explain(wrong, COLUMN(RECURSIVE),
			"it tells of folders that you may not read: this needs CAP_DAC_READ_SEARCH");
		return -EPERM;
	}
	if (spec->holder && spec->holder != task_tgid_nr(current) &&
	    spec->holder != task_tgid_vnr(current)) {
		explain(wrong, COLUMN(HOLDER), "this is not the pid of who adds it; 0: it stays");
		return -EINVAL;
	}
	return 0;
}

static struct fs_watch *alloc(const struct fs_watch_spec *spec)
{
	struct fs_watch *w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);

	if (!w)
		return NULL;
	fsnotify_init_mark(&w->mark, group);
	atomic_inc(&marks);
	w->mark.mask = FS_DELETE_SELF;
	refcount_set(&w->refs, 1);
	w->ops = spec->ops;
	w->recursive = spec->recursive;
	w->exclude_self = spec->exclude_self;
	w->fold = spec->fold;
	w->holder = spec->holder;
	w->uid = spec->uid;
	strscpy(w->comm, spec->comm, sizeof(w->comm));
	w->path = kstrdup(spec->path, GFP_KERNEL_ACCOUNT);
	w->path_len = strlen(spec->path);
	w->attrs = kmalloc(FS_WATCH_LEN(w->path_len), GFP_KERNEL_ACCOUNT);
	if (spec->exclude) {
		w->exclude_text = kstrdup(spec->exclude, GFP_KERNEL_ACCOUNT);
		w->exclude = fs_exclude_parse(spec->exclude, NULL);
	}
	if (spec->holder || spec->exclude_self)
		w->process = get_pid(task_tgid(current));
	if (w->path && w->attrs && !spec->exclude == !w->exclude_text && !IS_ERR(w->exclude))
		return w;
	if (IS_ERR(w->exclude))
		w->exclude = NULL;
	fsnotify_put_mark(&w->mark);
	return NULL;
}

static int attach(struct fs_watch *w, const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);
	struct fs_super *super = fs_super_want(inode->i_sb, w->ops);
	int ret;

	if (IS_ERR(super))
		return PTR_ERR(super);
	fs_super_get(super);
	w->super = super;
	w->inode = inode;
	w->ino = inode->i_ino;
	w->device = new_encode_dev(inode->i_sb->s_dev);
	w->attrs_len = fs_event_put_watch(w->attrs, w->device,
					  (struct fs_text){ w->path, w->path_len });
	ret = moeai_fsnotify_add_inode(&w->mark, inode);
	if (ret)
		fs_super_unwant(super, w->ops);
	return ret;
}

struct fs_watch *fs_watch_new(const struct fs_watch_spec *spec, struct moeai_row_error *wrong)
{
	struct fs_watch *w;
	struct path path;
	int ret = allowed(spec, wrong) ?: look_up(spec, &path, wrong);

	if (ret)
		return ERR_PTR(ret);
	w = alloc(spec);
	ret = w ? attach(w, &path) : -ENOMEM;
	path_put(&path);
	if (!ret)
		return w;
	if (w)
		fsnotify_put_mark(&w->mark);
	return ERR_PTR(ret);
}

/* ---- what it is now --------------------------------------------------------------------- */

/*
 * Nothing is held: a reference would be found by an unmount that comes meanwhile. As
 * long as the inode is pinned when we begin, it and its dentries last for this RCU
 * read section.
 */
struct fs_text fs_watch_inside(const struct fs_watch *w, char *buf)
{
	struct fs_place place = {};
	struct fs_text text = {};

	rcu_read_lock();
	if (buf && READ_ONCE(w->state) == MOEAI_FS_WATCHING) {
		place.dentry = fs_place_alias(w->inode);
		if (place.dentry)
			fs_place_path(&place, buf, &text);
	}
	rcu_read_unlock();
	return text;
}

bool fs_watch_abandoned(const struct fs_watch *w)
{
	struct task_struct *task;
	bool ended;

	if (!w->holder)
		return false;
	rcu_read_lock();
	task = pid_task(w->process, PIDTYPE_TGID);
	ended = !task || !atomic_read(&task->signal->live);
	rcu_read_unlock();
	return ended;
}

int fs_watches_init(void)
{
	group = fsnotify_alloc_group(&ops, MOEAI_FSNOTIFY_FLAGS);
	return PTR_ERR_OR_ZERO(group);
}

void fs_watches_exit(void)
{
	fs_marks_drain(&marks);
	fsnotify_put_group(group);
}
