// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "folder.h"
#include "mounts.h"

struct mount {
	char *device, *root, *point, *type;
};

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
static int consider(struct place *p, const struct mount *m, const char *folder, size_t *longest)
{
	const char *below = folder_behind(m->point, folder);
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

static int find_place(struct place *p, FILE *from, const char *folder)
{
	size_t size = 0, longest = 0;
	char *line = NULL;
	struct mount m;
	int err = 0;

	*p = (struct place){ NULL, NULL };
	while (!err && getline(&line, &size, from) > 0)
		if (read_mount(line, &m))
			err = consider(p, &m, folder, &longest);
	free(line);
	return !err && ferror(from) ? -EIO : err;
}

/* Is what is mounted there a part of the folder? */
static bool is_part(const struct place *p, const struct mount *m)
{
	return p->device && !strcmp(p->device, m->device) &&
	       folder_behind(*p->inside ? p->inside : "/", m->root);
}

static int add(struct names *out, const struct place *p, const struct mount *m, const char *folder)
{
	const char *below = folder_behind(folder, m->point);

	if (!below || !below[0] || !below[1] || is_part(p, m) || !strcmp(m->type, "autofs"))
		return 0;
	return names_add(out, m->point);
}

int mounts_below(FILE *from, const char *folder, struct names *out)
{
	struct place p;
	int err = find_place(&p, from, folder);
	size_t size = 0;
	char *line = NULL;
	struct mount m;

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

/* As new_encode_dev() of the kernel: MAJOR:MINOR as the 32 bits of a stat. */
static int parse_device(const char *text, uint32_t *device)
{
	unsigned int major, minor;

	if (sscanf(text, "%u:%u", &major, &minor) != 2)
		return -EPROTO;
	*device = (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
	return 0;
}

int mounts_place(FILE *from, const char *path, uint32_t *device, char **inside)
{
	struct place p;
	int err = find_place(&p, from, path);

	if (!err)
		err = p.device ? parse_device(p.device, device) : -ENOENT;
	*inside = err ? NULL : strdup(*p.inside ? p.inside : "/");
	if (!err && !*inside)
		err = -ENOMEM;
	free(p.device);
	free(p.inside);
	return err;
}
