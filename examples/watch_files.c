// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Print who does what in a folder and below: watch_files FOLDER [N]. Ends after N
 * events, or never; the kernel takes the watch away when this program has ended.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <moeai/moeai.h>

/* Names can hold anything that a terminal would obey. */
static void print_name(const char *name)
{
	for (; *name; name++)
		if (*name < ' ' || *name > '~' || *name == '\\')
			printf("\\x%02x", (unsigned char)*name);
		else
			putchar(*name);
}

static void print_file(const struct moeai_watch_event *e)
{
	char path[8192];

	print_name(e->comm);
	printf("[%" PRIu32 "] uid %" PRIu32 " %s ", e->pid, e->uid, moeai_watch_op_name(e->op));
	if (e->op == MOEAI_FS_RENAME) {
		moeai_watch_path(e, true, path, sizeof(path));
		print_name(path);
		printf(" to ");
	}
	moeai_watch_path(e, false, path, sizeof(path));
	print_name(path);
	printf("\n");
	fflush(stdout);
}

static int follow(struct moeai_monitor *monitor, const char *folder, unsigned long left)
{
	struct moeai_watch_event e;
	struct moeai_item item;
	int rc = 0;

	while (left && !(rc = moeai_monitor_next(monitor, &item, -1))) {
		if (item.kind == MOEAI_LOST)
			printf("%" PRIu64 " events are gone\n", item.lost.to - item.lost.from + 1);
		if (item.kind != MOEAI_EVENT || moeai_watch_event(&item.event, &e))
			continue;
		if (e.kind != MOEAI_WATCH_EVENT_FILE || strcmp(e.watch, folder) != 0)
			continue;
		print_file(&e);
		left--;
	}
	if (rc)
		fprintf(stderr, "watch_files: %s\n", moeai_monitor_error(monitor));
	return rc;
}

int main(int argc, char **argv)
{
	static const char *const types[] = { "fs_logger.*" };
	const struct moeai_monitor_options events = { .types = types, .n_types = 1 };
	const struct moeai_watch_options options = { .recursive = true, .held = true,
						     .exclude_self = true };
	unsigned long left = argc > 2 ? strtoul(argv[2], NULL, 10) : -1UL;
	struct moeai_monitor *monitor = NULL;
	struct moeai *h = NULL;
	int rc;

	if (argc < 2) {
		fprintf(stderr, "usage: watch_files FOLDER [N]\n");
		return 2;
	}
	/* First the monitor, so that nothing of what the watch tells is missed. */
	rc = moeai_open(&h);
	if (!rc)
		rc = moeai_monitor_open(&monitor, &events);
	if (!rc)
		rc = moeai_watch_add(h, argv[1], &options);
	if (rc)
		fprintf(stderr, "watch_files: %s\n", h && *moeai_error(h) ? moeai_error(h) :
									    moeai_strerror(rc));
	else
		rc = follow(monitor, argv[1], left);
	moeai_monitor_close(monitor);
	moeai_close(h);
	return rc ? 1 : 0;
}
