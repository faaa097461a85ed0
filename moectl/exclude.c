// SPDX-License-Identifier: GPL-2.0
#include <fnmatch.h>
#include <string.h>

#include "exclude.h"

/* The next of the patterns, as it is written. NULL: there is none. */
static const char *next_pattern(const char **patterns, size_t *len)
{
	const char *begin = *patterns, *s = begin;

	if (!*s)
		return NULL;
	for (; *s && *s != ':'; s++)
		if (*s == '\\' && s[1])
			s++;
	*len = (size_t)(s - begin);
	*patterns = *s ? s + 1 : s;
	return begin;
}

/* A path with its backslashes undone, and without slashes at the end. */
static void read_path(const char *pattern, size_t len, char out[EXCLUDE_LEN + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < EXCLUDE_LEN; i++) {
		if (pattern[i] == '\\' && i + 1 < len)
			i++;
		out[n++] = pattern[i];
	}
	while (n && out[n - 1] == '/')
		n--;
	out[n] = '\0';
}

/* Is it path, or below it? */
static bool leads(const char *path, const char *to)
{
	size_t len = strlen(path);

	return !strncmp(to, path, len) && (!to[len] || to[len] == '/');
}

static bool has_name(const char *pattern, size_t len, const char *below)
{
	char glob[EXCLUDE_LEN + 1], name[256];

	if (len > EXCLUDE_LEN)
		return false;
	memcpy(glob, pattern, len);
	glob[len] = '\0';
	for (const char *at = below, *end; *at == '/'; at = end) {
		end = strchrnul(++at, '/');
		if ((size_t)(end - at) >= sizeof(name))
			continue;
		memcpy(name, at, (size_t)(end - at));
		name[end - at] = '\0';
		if (!fnmatch(glob, name, 0))
			return true;
	}
	return false;
}

bool exclude_matches(const char *patterns, const char *below)
{
	char path[EXCLUDE_LEN + 1];
	const char *pattern;
	size_t len;

	while ((pattern = next_pattern(&patterns, &len))) {
		if (*pattern != '/') {
			if (has_name(pattern, len, below))
				return true;
			continue;
		}
		read_path(pattern, len, path);
		if (*path && *below && leads(path, below))
			return true;
	}
	return false;
}

/* The end of what of the pattern, backslashes and all, stands for below; NULL: it does not. */
static const char *behind(const char *pattern, const char *end, const char *below)
{
	for (; *below; below++, pattern++) {
		if (*pattern == '\\' && pattern + 1 < end)
			pattern++;
		if (pattern == end || *pattern != *below)
			return NULL;
	}
	return pattern < end && *pattern == '/' ? pattern : NULL;
}

void exclude_rebase(const char *patterns, const char *below, char out[EXCLUDE_LEN + 1])
{
	const char *pattern, *end;
	size_t len, n = 0;

	while ((pattern = next_pattern(&patterns, &len))) {
		end = pattern + len;
		if (*pattern == '/')
			pattern = behind(pattern, end, below);
		if (!pattern || pattern == end || n + 1 + (size_t)(end - pattern) > EXCLUDE_LEN)
			continue;
		if (n)
			out[n++] = ':';
		memcpy(out + n, pattern, (size_t)(end - pattern));
		n += (size_t)(end - pattern);
	}
	out[n] = '\0';
}
