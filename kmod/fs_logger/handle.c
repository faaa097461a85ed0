// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include <linux/local_lock.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include "fold.h"
#include "handle.h"
#include "param.h"
#include "place.h"
#include "super.h"
#include "watch.h"
#include "who.h"

/* Of a CPU: where an event is put together. */
struct scratch {
	local_lock_t lock;
	char path[FS_PATH_LEN];
	char old_path[FS_PATH_LEN];
	struct fs_known known;
	/* Who leaves it out: counted when that is sure, and at once of more than fit. */
	struct fs_watch *refused[16];
	unsigned int n_refused;
};

static struct scratch __percpu *scratch;
static bool started;

/* One operation, before it is known whether anybody wants it. */
struct act {
	u32 op;
	bool dir;
	const struct inode *inode; /* or NULL */
	struct fs_place to; /* where it is, after a rename */
	struct fs_place from; /* of a rename: where it was; else dentry is NULL */
};

/* ---- who wants it ------------------------------------------------------------------- */

/*
 * Is what the watch can see of it to be left out? @tail: bytes of the path below it.
 * Sets where the watched folder ends.
 */
static bool excluded(const struct fs_watch *w, u32 tail, struct fs_text path, u32 *below)
{
	*below = FS_OUTSIDE;
	if (tail == FS_OUTSIDE)
		return true;
	*below = path.len > tail ? path.len - tail : 0;
	return w->exclude && path.len && fs_excluded(w->exclude, (char *)path.s + *below);
}

static bool is_own(const struct fs_watch *w)
{
	return w->exclude_self && w->process == task_tgid(current);
}

static void count_refused(struct fs_watch *w)
{
	if (is_own(w)) {
		atomic64_inc(&w->left_out);
		this_cpu_inc(fs_counters.left_out);
	} else {
		atomic64_inc(&w->excluded);
		this_cpu_inc(fs_counters.excluded);
	}
}

/* Does this watch tell it? What it leaves out may be told by one further out. */
static bool wants(struct fs_watch *w, struct scratch *s, struct fs_record *r, u32 tail,
		  u32 old_tail)
{
	bool to, from;

	if (!is_own(w)) {
		to = excluded(w, tail, r->path, &r->below);
		from = excluded(w, old_tail, r->old_path, &r->old_below);
		if (!to || !from)
			return true;
	}
	if (s->n_refused < ARRAY_SIZE(s->refused))
		s->refused[s->n_refused++] = w;
	else
		count_refused(w);
	return false;
}

/* Where the way to the watches of an act begins. */
struct ways {
	struct fs_climb to, from;
};

/* False: there is none. */
static __always_inline bool find_ways(const struct act *a, struct ways *ways)
{
	bool found = fs_place_climb(&a->to, &ways->to);

	if (a->from.dentry)
		found |= fs_place_climb(&a->from, &ways->from);
	return found;
}

static struct fs_watch *who_wants(const struct act *a, struct ways *ways, struct scratch *s,
				  struct fs_record *r)
{
	struct fs_watch *w;
	u32 tail;

	s->n_refused = 0;
	while ((w = fs_place_watch(&a->to, a->op, &ways->to))) {
		tail = a->from.dentry ? fs_place_tail(&a->from, w) : FS_OUTSIDE;
		if (wants(w, s, r, ways->to.tail, tail))
			return w;
	}
	while (a->from.dentry && (w = fs_place_watch(&a->from, a->op, &ways->from)))
		if (fs_place_tail(&a->to, w) == FS_OUTSIDE &&
		    wants(w, s, r, FS_OUTSIDE, ways->from.tail))
			return w;
	return NULL;
}

/* ---- telling ----------------------------------------------------------------------------- */

static void paths(const struct act *a, struct scratch *s, struct fs_record *r)
{
	fs_place_path(&a->to, s->path, &r->path);
	r->old_path = (struct fs_text){};
	if (a->from.dentry)
		fs_place_path(&a->from, s->old_path, &r->old_path);
}

static struct fs_watch *find_once(const struct act *a, struct ways *ways, struct scratch *s,
				  struct fs_record *r)
{
	paths(a, s, r);
	return who_wants(a, ways, s, r);
}

/*
 * Renames of folders meanwhile would mix up what is found on the way up. @ways were found
 * after @seq.
 */
static struct fs_watch *find_watch(const struct act *a, struct ways *ways, unsigned int seq,
				   struct scratch *s, struct fs_record *r)
{
	struct fs_watch *w;
	int tries;

	for (tries = 0; tries < 4; tries++) {
		w = find_once(a, ways, s, r);
		if (!read_seqretry(&rename_lock, seq))
			return w;
		seq = read_seqbegin(&rename_lock);
		find_ways(a, ways);
	}
	read_seqlock_excl(&rename_lock);
	find_ways(a, ways);
	w = find_once(a, ways, s, r);
	read_sequnlock_excl(&rename_lock);
	return w;
}

static void tell_with(const struct act *a, struct ways *ways, unsigned int seq, struct scratch *s)
{
	const struct fs_thread *thread = fs_who_thread(&s->known, s->path);
	struct fs_record r = {
		.op = a->op, .dir = a->dir, .inode = a->inode ? a->inode->i_ino : 0,
		.who = { thread->attrs, thread->len },
	};
	struct fs_watch *w = find_watch(a, ways, seq, s, &r);
	unsigned int i;

	for (i = 0; i < s->n_refused; i++)
		count_refused(s->refused[i]);
	if (!w) {
		if (!s->n_refused) /* it was renamed meanwhile */
			this_cpu_inc(fs_counters.outside);
		return;
	}
	r.watch = (struct fs_attrs){ w->attrs, w->attrs_len };
	if (w->fold && fs_fold(&r, &thread->who, a->to.dentry, w->fold)) {
		atomic64_inc(&w->folded);
		this_cpu_inc(fs_counters.folded);
		return;
	}
	fs_event_fit(&r);
	if (!r.path.len || (a->from.dentry && !r.old_path.len))
		this_cpu_inc(fs_counters.too_long);
	atomic64_inc(&w->events);
	this_cpu_inc(fs_counters.events);
	fs_event_file(&r);
}

static void tell(const struct act *a)
{
	unsigned int seq = read_seqbegin(&rename_lock);
	struct ways ways;

	if (!find_ways(a, &ways) && !read_seqretry(&rename_lock, seq)) {
		this_cpu_inc(fs_counters.outside);
		return;
	}
	local_lock(&scratch->lock);
	tell_with(a, &ways, seq, this_cpu_ptr(scratch));
	local_unlock(&scratch->lock);
}

/* ---- watches that move --------------------------------------------------------------------- */

/* @old: where what was renamed was, at the beginning of old_path. */
static void tell_moved(struct fs_watch *w, const struct dentry *d, u32 renamed_len,
		       struct scratch *s, struct fs_text old)
{
	struct fs_place place = { .dentry = d };
	struct fs_text inside;
	struct fs_who who;
	u32 rest;

	if (!fs_place_path(&place, s->path, &inside) || inside.len < renamed_len)
		return;
	rest = inside.len - renamed_len;
	if (old.len && old.len + rest < PATH_MAX) {
		memcpy(s->old_path + old.len, inside.s + renamed_len, rest);
		old.len += rest;
	} else {
		old.len = 0;
	}
	fs_who_get(&who);
	fs_event_watch(w, MOEAI_FS_WATCH_MOVED, inside, old, &who);
}

static void watches_move(const struct act *a, struct fs_super *super)
{
	struct fs_text path, old;
	const struct dentry *d;
	struct fs_watch *w;
	struct scratch *s;

	local_lock(&scratch->lock);
	s = this_cpu_ptr(scratch);
	fs_place_path(&a->to, s->path, &path);
	fs_place_path(&a->from, s->old_path, &old);
	memmove(s->old_path, old.s, old.len);
	old.s = s->old_path;
	hlist_for_each_entry_rcu(w, &super->watches, of_super) {
		d = w->inode == a->inode ? a->to.dentry : fs_place_alias(w->inode);
		if (d && fs_place_below(d, a->to.dentry))
			tell_moved(w, d, path.len, s, old);
	}
	local_unlock(&scratch->lock);
}

/* ---- the kernel's call ------------------------------------------------------------------------ */

static const u8 op_of_bit[32] = {
	[1] = MOEAI_FS_MODIFY,	[2] = MOEAI_FS_ATTRIB,	[3] = MOEAI_FS_CLOSE_WRITE,
	[5] = MOEAI_FS_OPEN,	[8] = MOEAI_FS_CREATE,	[9] = MOEAI_FS_DELETE,
	[12] = MOEAI_FS_EXEC,	[28] = MOEAI_FS_RENAME,
};

/* False: it is about an inode without a name, as a change of its link count is. */
static bool act_of(struct act *a, u32 mask, const void *data, int data_type,
		   struct dentry *dentry, const struct inode *dir, const struct qstr *name)
{
	a->dir = mask & FS_ISDIR;
	if (dentry) {
		a->inode = d_inode(dentry);
		a->to.dentry = dentry;
	} else if (dir && name) {
		a->inode = fsnotify_data_inode(data, data_type);
		a->to = (struct fs_place){ fs_place_alias(dir), name, a->inode };
	}
	if (mask & FS_RENAME && dir && name)
		a->from = (struct fs_place){ fs_place_alias(dir), name, a->inode };
	return a->to.dentry;
}

static __always_inline bool marked_above(const struct dentry *d)
{
	const struct dentry *below = NULL;

	for (; d != below; below = d, d = READ_ONCE(d->d_parent))
		if (fs_place_marked(d_inode_rcu(d)))
			return true;
	return false;
}

/* Most are, so this is to be quick. False: it may not be, or it moves what is watched. */
static __always_inline bool is_outside(u32 mask, const void *data, int data_type,
				       const struct dentry *dentry, const struct inode *dir)
{
	unsigned int seq = read_seqbegin(&rename_lock);

	if (mask & FS_RENAME && (mask & FS_ISDIR || !dir || marked_above(fs_place_alias(dir))))
		return false;
	if (!dentry && (!dir || fs_place_marked(fsnotify_data_inode(data, data_type))))
		return false;
	return !marked_above(dentry ?: fs_place_alias(dir)) && !read_seqretry(&rename_lock, seq);
}

static noinline void handle(struct fsnotify_mark *mark, u32 mask, const void *data, int data_type,
			    struct dentry *dentry, const struct inode *dir,
			    const struct qstr *name)
{
	unsigned long events = mask & mark->mask;
	struct act a = {};

	if (!act_of(&a, mask, data, data_type, dentry, dir, name)) {
		this_cpu_add(fs_counters.nameless, hweight32(events));
		return;
	}
	for (; events; events &= events - 1) {
		a.op = op_of_bit[__ffs(events)];
		tell(&a);
	}
	if (a.from.dentry && (a.dir || (a.inode && fs_place_marked(a.inode))))
		watches_move(&a, container_of(mark, struct fs_super_mark, mark)->super);
}

int fs_handle(struct fsnotify_group *group, u32 mask, const void *data, int data_type,
	      struct inode *dir, const struct qstr *name, u32 cookie,
	      struct fsnotify_iter_info *iter)
{
	struct fsnotify_mark *mark = fsnotify_iter_sb_mark(iter);
	struct dentry *dentry;

	if (!mark)
		return 0;
	rcu_read_lock(); /* fs_handle_stop() waits for its end */
	if (READ_ONCE(started)) {
		dentry = fsnotify_data_dentry(data, data_type);
		if (is_outside(mask, data, data_type, dentry, dir))
			this_cpu_add(fs_counters.outside, hweight32(mask & mark->mask));
		else
			handle(mark, mask, data, data_type, dentry, dir, name);
	}
	rcu_read_unlock();
	return 0;
}

void fs_handle_start(void)
{
	WRITE_ONCE(started, true);
}

void fs_handle_stop(void)
{
	WRITE_ONCE(started, false);
	synchronize_rcu();
}

int fs_handle_init(void)
{
	int cpu;

	scratch = alloc_percpu(struct scratch);
	if (!scratch)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		local_lock_init(&per_cpu_ptr(scratch, cpu)->lock);
	return 0;
}

void fs_handle_exit(void)
{
	free_percpu(scratch);
}
