// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "procfs.h"
#include "table.h"

static const struct moeai_field fields[] = {
	{ .name = "name", .type = MOEAI_TYPE_STRING, .id = 1, .flags = MOEAI_F_KEY },
	{ .name = "state", .type = MOEAI_TYPE_STRING, .id = 2 },
};
static const struct moeai_schema schema = { .fields = fields, .n_fields = 2 };

/* A module's row; its state is a line of its file. Returns 0, 1 (told) or -ENOMEM. */
static int add_module(struct grid *g, const char *name)
{
	struct moeai_value cell = fields_string(&fields[0], name);
	struct fields row = { 0 };
	char path[300], *text, *rest, *line, *key, *value;
	int err;

	snprintf(path, sizeof(path), "modules/%s", name);
	if (procfs_read(path, &text))
		return 1;
	err = fields_add(&row, &cell);
	for (rest = text; !err && (line = strsep(&rest, "\n"));) {
		if (procfs_parse_pair(line, &key, &value) || strcmp(key, "state") != 0)
			continue;
		cell = fields_string(&fields[1], value);
		err = fields_add(&row, &cell);
		break;
	}
	if (!err)
		err = grid_add(g, &row);
	fields_free(&row);
	free(text);
	return err;
}

static int run_procfs(struct moectl *ctl)
{
	static const char path[] = PROCFS "/modules";
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct grid *g = NULL;
	int err;

	if (!dir)
		return procfs_complain(path, -errno);
	err = grid_new(&g, &ctl->out, &schema);
	while (!err && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			err = add_module(g, entry->d_name);
	closedir(dir);
	if (err <= 0)
		return table_end(g, err);
	grid_free(g);
	return 1;
}

static int run(struct moectl *ctl, void *input)
{
	return ctl->procfs ? run_procfs(ctl) : table_print(ctl, "modules", &(struct where){ 0 }, NULL);
}

const struct command cmd_modules = {
	.name = "modules",
	.summary = "List the feature modules and their states",
	.details = "This is the table modules. With --procfs only names and states are shown.\n\n"
		   "Examples:\n"
		   "  moectl modules\n"
		   "  moectl modules --json\n"
		   "  moectl modules --procfs",
	.procfs = true,
	.run = run,
};
