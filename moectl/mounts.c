// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "mounts.h"

struct mount {
	char *device, *root, *point, *type;
};

/* What of path is behind folder, from a slash on, or nothing; NULL: it is elsewhere. */
static const char *behind(const char *folder, const char *path)
{
	size_t len = strcmp(folder, "/") ? strlen(folder) : 0;

	if (strncmp(path, folder, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

/* "ID PARENT DEVICE ROOT POINT OPTIONS TAGS... - TYPE SOURCE OPTIONS", which it cuts. */
static bool read_mount(char *line, struct mount *m)
{
	char *words[6] = { 0 }, *dash = strstr(line, " - "), *rest = line;

	if (!dash)
		return false;
	m->type = dash + 3;
	*dash = '\0';
	m->type[strcspn(m->type, " ")] = '\0';
	for (size_t i = 0; i < 5; i++) {
		words[i] = strsep(&rest, " ");
		if (!words[i])
			return false;
	}
	m->device = words[2];
	m->root = words[3];
	m->point = words[4];
	escape_undo(m->root);
	escape_undo(m->point);
	return true;
}

/* Where the folder is: its file system, and its path there. */
struct place {
	char *device, *inside;
};

/* The mount that has the folder is the longest, of equal ones the last. */
static int find_place(struct place *p, const struct mount *m, const char *folder, size_t *longest)
{
	const char *below = behind(m->point, folder);
	size_t len = strlen(m->point);

	if (!below || len < *longest)
		return 0;
	*longest = len;
	free(p->device);
	free(p->inside);
	p->device = strdup(m->device);
	if (asprintf(&p->inside, "%s%s", strcmp(m->root, "/") ? m->root : "", below) < 0)
		p->inside = NULL;
	return p->device && p->inside ? 0 : -ENOMEM;
}

/* Is what is mounted there a part of the folder? */
static bool is_part(const struct place *p, const struct mount *m)
{
	return p->device && !strcmp(p->device, m->device) &&
	       behind(*p->inside ? p->inside : "/", m->root);
}

static int add(struct names *out, const struct place *p, const struct mount *m, const char *folder)
{
	const char *below = behind(folder, m->point);

	if (!below || !below[0] || !below[1] || is_part(p, m) || !strcmp(m->type, "autofs"))
		return 0;
	return names_add(out, m->point);
}

int mounts_below(FILE *from, const char *folder, struct names *out)
{
	struct place p = { NULL, NULL };
	size_t size = 0, longest = 0;
	char *line = NULL;
	struct mount m;
	int err = 0;

	while (!err && getline(&line, &size, from) > 0)
		if (read_mount(line, &m))
			err = find_place(&p, &m, folder, &longest);
	rewind(from);
	while (!err && getline(&line, &size, from) > 0)
		if (read_mount(line, &m))
			err = add(out, &p, &m, folder);
	if (!err && ferror(from))
		err = -EIO;
	free(line);
	free(p.device);
	free(p.inside);
	return err;
}
