// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/moeai_compat.h>
#include <linux/string.h>
#include "place.h"
#include "watch.h"

const struct dentry *fs_place_alias(const struct inode *inode)
{
	struct hlist_node *first = READ_ONCE(inode->i_dentry.first);

	return hlist_entry_safe(first, struct dentry, MOEAI_D_ALIAS);
}

/* Few inodes have a mark at all: the others cost no look into the hash. */
static struct fs_watch *of_inode(const struct inode *inode, u32 op, u32 level,
				 struct fs_watch *after)
{
	struct fs_watch *w = after;

	if (!inode || !READ_ONCE(*(void **)&inode->i_fsnotify_marks))
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
	u32 level = c->level;

	if (p->name && !level) {
		w = of_inode(p->self, op, level, w);
		if (w)
			goto found;
		level++;
	}
	for (;; level++) {
		w = of_inode(d_inode_rcu(d), op, level, w);
		if (w)
			goto found;
		parent = READ_ONCE(d->d_parent);
		if (parent == d)
			return NULL;
		d = parent;
	}
found:
	*c = (struct fs_climb){ d, w, level };
	return w;
}

u32 fs_place_level(const struct fs_place *p, const struct fs_watch *w)
{
	const struct dentry *d = p->dentry, *parent;
	u32 level = 0;

	if (p->name && p->self == w->inode)
		return 0;
	for (level = !!p->name; w->recursive || level <= 1; level++) {
		if (d_inode_rcu(d) == w->inode)
			return level;
		parent = READ_ONCE(d->d_parent);
		if (parent == d)
			break;
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

bool fs_place_path(const struct fs_place *p, char *buf, struct fs_text *path)
{
	char *s = dentry_path_raw((struct dentry *)p->dentry, buf, PATH_MAX);
	u32 len;

	*path = (struct fs_text){};
	if (IS_ERR(s))
		return false;
	len = buf + PATH_MAX - 1 - s;
	if (p->name) {
		if (len == 1)
			len = 0; /* of the root */
		s[len++] = '/';
		memcpy(s + len, p->name->name, p->name->len);
		len += p->name->len;
		s[len] = '\0';
	}
	if (len >= PATH_MAX)
		return false;
	*path = (struct fs_text){ s, len };
	return true;
}

u32 fs_path_cut(struct fs_text path, u32 levels)
{
	while (levels-- && path.len)
		do {
			path.len--;
		} while (path.len && path.s[path.len] != '/');
	return path.len;
}
