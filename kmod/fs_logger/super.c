// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/moeai_compat.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "handle.h"
#include "super.h"

static DEFINE_MUTEX(lock); /* guards supers and all in them but watches and refs */
static LIST_HEAD(supers);
static struct fsnotify_group *group;
static atomic_t marks = ATOMIC_INIT(0); /* not freed yet */

/* Folders that are renamed move what is watched in them: of this one is always heard. */
#define ALWAYS BIT(MOEAI_FS_RENAME)

const u32 fs_op_masks[__MOEAI_FS_OP_MAX] = {
	[MOEAI_FS_CREATE] = FS_CREATE,
	[MOEAI_FS_MODIFY] = FS_MODIFY,
	[MOEAI_FS_CLOSE_WRITE] = FS_CLOSE_WRITE,
	[MOEAI_FS_DELETE] = FS_DELETE,
	[MOEAI_FS_RENAME] = FS_RENAME,
	[MOEAI_FS_ATTRIB] = FS_ATTRIB,
	[MOEAI_FS_EXEC] = FS_OPEN_EXEC,
	[MOEAI_FS_OPEN] = FS_OPEN,
};

void fs_super_get(struct fs_super *s)
{
	refcount_inc(&s->refs);
}

void fs_super_put(struct fs_super *s)
{
	if (refcount_dec_and_test(&s->refs))
		kfree(s);
}

/* ---- marks -------------------------------------------------------------------------- */

/* If we did not ask for it, its superblock goes, and another may get its address. */
static void freeing(struct fsnotify_mark *mark, struct fsnotify_group *g)
{
	struct fs_super_mark *m = container_of(mark, struct fs_super_mark, mark);

	if (!READ_ONCE(m->removed))
		WRITE_ONCE(m->super->gone, true);
}

static void free_mark(struct fsnotify_mark *mark)
{
	struct fs_super_mark *m = container_of(mark, struct fs_super_mark, mark);

	fs_super_put(m->super);
	kfree(m);
	atomic_dec(&marks);
}

static const struct fsnotify_ops ops = {
	.handle_event = fs_handle,
	.freeing_mark = freeing,
	.free_mark = free_mark,
};

static int listen(struct fs_super *s, struct super_block *sb, u32 more)
{
	struct fs_super_mark *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);
	int op, ret;

	if (!m)
		return -ENOMEM;
	fsnotify_init_mark(&m->mark, group);
	atomic_inc(&marks);
	fs_super_get(s);
	m->super = s;
	m->ops = more;
	for (op = 0; op < __MOEAI_FS_OP_MAX; op++)
		if (more & BIT(op))
			m->mark.mask |= fs_op_masks[op];
	ret = moeai_fsnotify_add_super(&m->mark, sb);
	if (ret)
		fsnotify_put_mark(&m->mark);
	else
		list_add(&m->list, &s->marks);
	return ret;
}

static void remove_mark(struct fs_super_mark *m)
{
	list_del(&m->list);
	WRITE_ONCE(m->removed, true);
	fsnotify_destroy_mark(&m->mark, group);
	fsnotify_put_mark(&m->mark);
}

/* ---- superblocks --------------------------------------------------------------------- */

static struct fs_super *find(const struct super_block *sb)
{
	struct fs_super *s;

	lockdep_assert_held(&lock);
	list_for_each_entry(s, &supers, list)
		if (s->sb == sb && !READ_ONCE(s->gone))
			return s;
	return NULL;
}

static struct fs_super *find_or_add(struct super_block *sb)
{
	struct fs_super *s = find(sb);

	if (s)
		return s;
	s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	if (!s)
		return NULL;
	INIT_LIST_HEAD(&s->marks);
	INIT_HLIST_HEAD(&s->watches);
	refcount_set(&s->refs, 1);
	s->sb = sb;
	list_add(&s->list, &supers);
	return s;
}

static void count(struct fs_super *s, u32 wanted, int n)
{
	int op;

	for (op = 0; op < __MOEAI_FS_OP_MAX; op++)
		if (wanted & BIT(op))
			s->wanted[op] += n;
}

/* Of each mark of which nobody wants anything any more, rid us. */
static void tidy(struct fs_super *s)
{
	struct fs_super_mark *m, *next;
	u32 wanted = 0;
	int op;

	for (op = 0; op < __MOEAI_FS_OP_MAX; op++)
		if (s->wanted[op])
			wanted |= BIT(op);
	list_for_each_entry_safe(m, next, &s->marks, list)
		if (!(m->ops & wanted))
			remove_mark(m);
	if (wanted)
		return;
	list_del(&s->list);
	fs_super_put(s);
}

struct fs_super *fs_super_want(struct super_block *sb, u32 wanted)
{
	struct fs_super_mark *m;
	struct fs_super *s;
	u32 missing;
	int ret = 0;

	wanted |= ALWAYS;
	mutex_lock(&lock);
	s = find_or_add(sb);
	if (!s) {
		mutex_unlock(&lock);
		return ERR_PTR(-ENOMEM);
	}
	missing = wanted;
	list_for_each_entry(m, &s->marks, list)
		missing &= ~m->ops;
	count(s, wanted, 1);
	if (missing)
		ret = listen(s, sb, missing);
	if (ret) {
		count(s, wanted, -1);
		tidy(s);
		s = ERR_PTR(ret);
	}
	mutex_unlock(&lock);
	return s;
}

void fs_super_unwant(struct fs_super *s, u32 wanted)
{
	mutex_lock(&lock);
	count(s, wanted | ALWAYS, -1);
	tidy(s);
	mutex_unlock(&lock);
}

u64 fs_supers_count(void)
{
	struct fs_super *s;
	u64 n = 0;

	mutex_lock(&lock);
	list_for_each_entry(s, &supers, list)
		n += !READ_ONCE(s->gone);
	mutex_unlock(&lock);
	return n;
}

void fs_marks_drain(atomic_t *left)
{
	while (atomic_read(left)) {
		fsnotify_wait_marks_destroyed();
		schedule_timeout_uninterruptible(1);
	}
	fsnotify_wait_marks_destroyed(); /* the last callback has returned, too */
}

int fs_supers_init(void)
{
	group = fsnotify_alloc_group(&ops, MOEAI_FSNOTIFY_FLAGS);
	return PTR_ERR_OR_ZERO(group);
}

void fs_supers_exit(void)
{
	fs_marks_drain(&marks);
	fsnotify_put_group(group);
}
