// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/glob.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "exclude.h"

/* One after the other: "/subtree\0glob\0\0" */
struct fs_exclude {
	char patterns[FS_EXCLUDE_LEN + 2];
};

/*
 * One pattern, up to the ':' behind it. Globs keep their '\', which means the same to
 * glob_match().
 */
static const char *parse_one(const char *s, char **to, const char **why)
{
	bool subtree = *s == '/';
	char *begin = *to;

	for (; *s && *s != ':'; s++) {
		if (!subtree && *s == '/')
			*why = "a name has no '/'; a path begins with it";
		if (*s == '\\' && !s[1])
			*why = "there is nothing behind the last '\\'";
		if (*s == '\\' && s[1] && subtree)
			s++;
		else if (*s == '\\' && s[1])
			*(*to)++ = *s++;
		*(*to)++ = *s;
	}
	while (subtree && *to > begin && (*to)[-1] == '/')
		--*to;
	if (*to == begin)
		*why = "a pattern is empty";
	*(*to)++ = '\0';
	return s;
}

struct fs_exclude *fs_exclude_parse(const char *text, const char **why)
{
	struct fs_exclude *x = kzalloc(sizeof(*x), GFP_KERNEL_ACCOUNT);
	char *to = x ? x->patterns : NULL;
	const char *wrong = NULL;

	if (!x)
		return ERR_PTR(-ENOMEM);
	for (;; text++) {
		text = parse_one(text, &to, &wrong);
		if (wrong || !*text)
			break;
	}
	if (!wrong)
		return x;
	kfree(x);
	if (why)
		*why = wrong;
	return ERR_PTR(-EINVAL);
}

void fs_exclude_free(struct fs_exclude *x)
{
	kfree(x);
}

static bool in_subtree(const char *subtree, size_t len, const char *below)
{
	return !strncmp(below, subtree, len) && (!below[len] || below[len] == '/');
}

static bool has_name(const char *glob, char *below)
{
	bool found = false;

	while (*below == '/' && !found) {
		char *end = strchrnul(++below, '/'), c = *end;

		*end = '\0';
		found = glob_match(glob, below);
		*end = c;
		below = end;
	}
	return found;
}

bool fs_excluded(const struct fs_exclude *x, char *below)
{
	const char *p;
	size_t len;

	for (p = x->patterns; *p; p += len + 1) {
		len = strlen(p);
		if (*p == '/' ? in_subtree(p, len, below) : has_name(p, below))
			return true;
	}
	return false;
}
