// SPDX-License-Identifier: GPL-2.0
#include <linux/fs.h>
#include "place.h"
#include "watch.h"

/* ---- watches ---------------------------------------------------------------------------- */

/* Of a name and the '/' before it. */
static u32 name_len(const struct qstr *name)
{
	return READ_ONCE(name->len) + 1;
}

bool fs_place_climb(const struct fs_place *p, struct fs_climb *c)
{
	const struct dentry *d = p->dentry, *parent;
	u32 level = 0, tail = 0;
	bool found;

	*c = (struct fs_climb){};
	if (p->name) {
		if (fs_place_marked(p->self))
			return true;
		level = 1;
		tail = name_len(p->name);
	}
	while (!(found = fs_place_marked(d_inode_rcu(d)))) {
		parent = READ_ONCE(d->d_parent);
		if (parent == d)
			break;
		level++;
		tail += name_len(&d->d_name);
		d = parent;
	}
	*c = (struct fs_climb){ d, NULL, level, tail };
	return found;
}

static struct fs_watch *of_inode(const struct inode *inode, u32 op, u32 level,
				 struct fs_watch *after)
{
	struct fs_watch *w = after;

	if (!fs_place_marked(inode))
		return NULL;
	do {
		w = fs_watch_of(inode, w);
	} while (w && !((w->ops & BIT(op)) && (w->recursive || level <= 1)));
	return w;
}

struct fs_watch *fs_place_watch(const struct fs_place *p, u32 op, struct fs_climb *c)
{
	const struct dentry *d = c->dentry ?: p->dentry, *parent;
	struct fs_watch *w = c->watch;
	u32 level = c->level, tail = c->tail;

	if (p->name && !level) {
		w = of_inode(p->self, op, level, w);
		if (w)
			goto found;
		tail += name_len(p->name);
		level++;
	}
	for (;; level++) {
		w = of_inode(d_inode_rcu(d), op, level, w);
		if (w)
			goto found;
		parent = READ_ONCE(d->d_parent);
		if (parent == d)
			return NULL;
		tail += name_len(&d->d_name);
		d = parent;
	}
found:
	*c = (struct fs_climb){ d, w, level, tail };
	return w;
}

u32 fs_place_tail(const struct fs_place *p, const struct fs_watch *w)
{
	const struct dentry *d = p->dentry, *parent;
	u32 level = !!p->name, tail = p->name ? name_len(p->name) : 0;

	if (p->name && p->self == w->inode)
		return 0;
	for (; w->recursive || level <= 1; level++) {
		if (d_inode_rcu(d) == w->inode)
			return tail;
		parent = READ_ONCE(d->d_parent);
		if (parent == d)
			break;
		tail += name_len(&d->d_name);
		d = parent;
	}
	return FS_OUTSIDE;
}

bool fs_place_below(const struct dentry *d, const struct dentry *folder)
{
	for (; d != folder; d = READ_ONCE(d->d_parent))
		if (d == READ_ONCE(d->d_parent))
			return false;
	return true;
}

/* ---- its path --------------------------------------------------------------------------- */

/* In front of what is at @s. NULL: there is no room. */
static __always_inline char *prepend(char *s, const char *buf, const char *name, u32 len)
{
	if (s - buf <= len)
		return NULL;
	s -= len;
	moeai_copy((u8 *)s, (const u8 *)name, len);
	*--s = '/';
	return s;
}

/*
 * As long as nothing was renamed since @seq, a name and its length belong together,
 * and until the end of this RCU read section nobody frees it, though somebody may write
 * another one over it. False: something was renamed.
 */
static bool write_path(const struct fs_place *p, unsigned int seq, char *buf, struct fs_text *path)
{
	char *end = buf + FS_PATH_LEN - 1, *s = end;
	const struct dentry *d = p->dentry, *parent;
	const char *name;
	u32 len;

	*path = (struct fs_text){};
	*s = '\0';
	if (p->name)
		s = prepend(s, buf, p->name->name, p->name->len);
	for (; s; d = parent) {
		parent = READ_ONCE(d->d_parent);
		if (parent == d)
			break;
		name = READ_ONCE(d->d_name.name);
		len = READ_ONCE(d->d_name.len);
		if (read_seqretry(&rename_lock, seq))
			return false;
		s = prepend(s, buf, name, len);
	}
	if (!s)
		return !read_seqretry(&rename_lock, seq);
	if (s == end)
		*--s = '/';
	*path = (struct fs_text){ s, end - s };
	return !read_seqretry(&rename_lock, seq);
}

bool fs_place_path(const struct fs_place *p, char *buf, struct fs_text *path)
{
	int tries;

	for (tries = 0; tries < 4; tries++)
		if (write_path(p, read_seqbegin(&rename_lock), buf, path))
			return path->len;
	read_seqlock_excl(&rename_lock);
	write_path(p, read_seqbegin(&rename_lock), buf, path);
	read_sequnlock_excl(&rename_lock);
	return path->len;
}
