/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of fs_logger share: watches, what was told, and processes that act. */
#ifndef TESTS_FS_H
#define TESTS_FS_H

#include <linux/moeai_fs_logger.h>
#include <sys/types.h>
#include "ask.h"
#include "reader.h"

/* A file system of its own, tmpfs; tests work below it, and the folder is the current one. */
#define HERE "/run/fs"

extern struct moeai *fs;

/* For cmocka: the module, HERE, the handle; and their end. */
int fs_setup(void **state);
int fs_teardown(void **state);

/* Before each test: no watch, HERE empty, and what was told so far is of others. */
int fs_begin(void **state);

/*
 * fs_logger.watches add, with words "path=… recursive=true". Without "holder=" it stays.
 * Returns 0 or -errno; watch_error() says of which field and why.
 */
__attribute__((format(printf, 1, 2))) int watch(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) int watch_change(const char *words, ...);
const struct moeai_txn_error *watch_error(void);

/* A row, as it is now. */
struct watched {
	uint32_t state, device, uid, holder;
	uint64_t inode, events, folded, excluded, left_out;
	char inside[4200], comm[16];
};

bool watched_find(const char *path, struct watched *w);
struct watched watched(const char *path); /* there must be */
size_t watches(void); /* how many */

/* A statistic. */
uint64_t fs_number(const char *name);

/* An event; texts "" and numbers 0 where it has none, below -1. */
struct told {
	char op[16]; /* "create" …, "watch" */
	char path[4200], old_path[4200], watch[4200], exe[256], comm[16], change[16];
	uint32_t pid, tid, ppid, uid, login_uid, device;
	int64_t below, old_below;
	uint64_t count, inode, started;
	bool dir, kthread;
};

/* All since the test's begin, or since told_forget(). Valid until the next call. */
const struct told *told(size_t *n);
void told_forget(void);
/* The same, where they are many: @fn of each. */
void told_each(void (*fn)(const struct told *t, void *arg), void *arg);

/* "create /a\nrename /a /b\n": what was told, for comparison; the operations alone. */
const char *told_text(void);
/* That it is so, in the end. */
void assert_told(const char *text);
/* The one event with that operation and path; fails if there are none or several. */
struct told told_one(const char *op, const char *path);
/* The sum of count of that operation on that path. */
uint64_t told_count(const char *op, const char *path);

/* @fn in a process of its own, which ends at once; its pid. It must not fail. */
pid_t act(void (*fn)(void));

/* These must not fail. */
void make_file(const char *path); /* creates it, writes, closes */
void make_folder(const char *path);
void move(const char *from, const char *to);

#endif
