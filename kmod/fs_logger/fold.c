// SPDX-License-Identifier: GPL-2.0
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/moeai_compat.h>
#include <linux/workqueue.h>
#include "fold.h"
#include "param.h"

#define SET_BITS 8
#define SETS	 (1 << SET_BITS)
#define WAYS	 4
#define DATA_LEN 448 /* of a record's attributes */
#define TICK	 (HZ / 10)

/*
 * Whether two are the same. A dentry's address says nothing of itself, as it may be
 * another file's meanwhile, but with name and inode number it tells one from another
 * within a window.
 */
struct fold_key {
	u64 started;
	u64 inode;
	u64 name; /* hash and length */
	const struct dentry *dentry;
	u32 pid;
	u32 op;
};

struct entry {
	u64 until; /* 0: free */
	struct fold_key key;
	u64 count; /* so many more, untold */
	u32 len;
	u8 data[DATA_LEN] __aligned(8);
};

struct set {
	spinlock_t lock;
	struct entry ways[WAYS];
};

static struct set *sets; /* while started */
static atomic_t used = ATOMIC_INIT(0); /* entries */

static void flush_expired(struct work_struct *work);
static DECLARE_DELAYED_WORK(flusher, flush_expired);

static bool foldable(u32 op)
{
	return op != MOEAI_FS_CREATE && op != MOEAI_FS_DELETE && op != MOEAI_FS_RENAME;
}

static void fill(struct entry *e, const struct fold_key *key, const struct fs_record *r, u64 until)
{
	e->until = until;
	e->key = *key;
	e->count = 0;
	e->len = fs_event_len(r);
	fs_event_put(e->data, r);
}

static void flush(struct entry *e)
{
	if (e->count)
		fs_event_again(e->key.op, (struct fs_attrs){ e->data, e->len }, e->count);
	e->count = 0;
}

static bool same(const struct fold_key *a, const struct fold_key *b)
{
	return a->dentry == b->dentry && a->op == b->op && a->pid == b->pid &&
	       a->inode == b->inode && a->name == b->name && a->started == b->started;
}

/* The entry of the key, or one to be filled, or NULL. The set's lock is held. */
static struct entry *find(struct set *s, const struct fold_key *key, u64 now)
{
	struct entry *e, *usable = NULL;

	for (e = s->ways; e < s->ways + WAYS; e++) {
		if (e->until && same(&e->key, key))
			return e;
		if (!usable && e->until <= now)
			usable = e;
	}
	return usable;
}

static bool fold_in(struct set *s, const struct fold_key *key, const struct fs_record *r, u64 window)
{
	u64 now = ktime_get_ns();
	struct entry *e = find(s, key, now);

	if (!e) {
		this_cpu_inc(fs_counters.unfolded);
		return false;
	}
	if (now < e->until) {
		e->count++;
		return true;
	}
	if (e->until)
		flush(e);
	else if (atomic_inc_return(&used) == 1)
		queue_delayed_work(MOEAI_SYSTEM_UNBOUND_WQ, &flusher, TICK);
	fill(e, key, r, now + window);
	return false;
}

bool fs_fold(const struct fs_record *r, const struct fs_who *who, const struct dentry *dentry,
	     u64 window)
{
	struct fold_key key = {
		.started = who->started, .inode = r->inode,
		.name = READ_ONCE(dentry->d_name.hash_len), .dentry = dentry,
		.pid = who->pid, .op = r->op,
	};
	struct set *s;
	bool folded;

	if (!foldable(r->op))
		return false;
	if (!r->path.len || fs_event_len(r) > DATA_LEN) {
		this_cpu_inc(fs_counters.unfolded);
		return false;
	}
	s = &sets[hash_64((unsigned long)dentry + ((u64)key.pid << 32) + key.op, SET_BITS)];
	spin_lock(&s->lock);
	folded = fold_in(s, &key, r, window);
	spin_unlock(&s->lock);
	return folded;
}

static void flush_all(u64 now)
{
	struct entry *e;
	int i;

	for (i = 0; i < SETS; i++) {
		spin_lock(&sets[i].lock);
		for (e = sets[i].ways; e < sets[i].ways + WAYS; e++) {
			if (!e->until || e->until > now)
				continue;
			flush(e);
			e->until = 0;
			atomic_dec(&used);
		}
		spin_unlock(&sets[i].lock);
		cond_resched();
	}
}

static void flush_expired(struct work_struct *work)
{
	flush_all(ktime_get_ns());
	if (atomic_read(&used))
		queue_delayed_work(MOEAI_SYSTEM_UNBOUND_WQ, &flusher, TICK);
}

int fs_fold_start(void)
{
	int i;

	sets = kvcalloc(SETS, sizeof(*sets), GFP_KERNEL);
	if (!sets)
		return -ENOMEM;
	for (i = 0; i < SETS; i++)
		spin_lock_init(&sets[i].lock);
	return 0;
}

void fs_fold_stop(void)
{
	cancel_delayed_work_sync(&flusher);
	flush_all(U64_MAX);
	kvfree(sets);
}
