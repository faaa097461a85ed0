/* SPDX-License-Identifier: GPL-2.0 */
/* Part files: what is done to files, with fs_logger and its peers looking. */
#ifndef MOEAI_BENCH_FILES_H
#define MOEAI_BENCH_FILES_H

#include "bench.h"

/* A tmpfs of its own. Work is done in a folder of a tree, and in one outside of it. */
#define FILES_ROOT   "/run/bench"
#define FILES_TREE   FILES_ROOT "/tree"
#define FILES_FOLDER FILES_TREE "/folder"
#define FILES_OTHER  FILES_ROOT "/else/folder"
#define FILES_MANY   FILES_ROOT "/many" /* and a number: more folders, in which nothing is done */

/* What looks on. Functions return 0 or -errno; those that are NULL do nothing. */
struct watcher {
	const char *name;
	unsigned int watches;
	const char *folder; /* where work is done */
	unsigned int loops; /* 0: as many as usual */
	/* Before the process that works is started, and after its end. */
	int (*begin)(struct bench *b, const struct watcher *w);
	int (*end)(struct bench *b);
	/* A reader, in a thread of its own: read returns when it has read all of the loops. */
	int (*open)(struct bench *b, void **reader);
	int (*read)(void *reader, unsigned int loops);
	void (*close)(void *reader);
};

/* The name that loop @i leaves a file with before it is deleted. */
void files_last_name(char to[16], unsigned int i);

extern const struct watcher watch_moeai, watch_moeai_many, watch_moeai_outside;
extern const struct watcher watch_moeai_mapped, watch_moeai_netlink;
extern const struct watcher watch_mark, watch_inotify, watch_fanotify, watch_audit;

#endif
