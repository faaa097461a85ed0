/* SPDX-License-Identifier: GPL-2.0 */
/* Watches of fs_logger: what a command line asks for, added, removed, followed. */
#ifndef MOECTL_WATCHING_H
#define MOECTL_WATCHING_H

#include "exclude.h"
#include "follow.h"
#include "listing.h"

#define WATCHES "fs_logger.watches"

/* ops if none are given. */
#define WATCHING_OPS (((1U << __MOEAI_FS_OP_MAX) - 1) & ~(1U << MOEAI_FS_EXEC | 1U << MOEAI_FS_OPEN))

struct watching {
	const char *path; /* as it was given */
	struct moeai_watch_options options;
	char exclude[EXCLUDE_LEN + 1]; /* options' */
	bool mounts; /* and what is mounted below */
};

/* Names of operations joined by ',' or '|', or "all". Returns 0, -EINVAL. */
int watching_parse_ops(const char *text, uint32_t *ops);

/* One pattern, or several joined by ':', more. Returns 0, -E2BIG. */
int watching_add_exclude(struct watching *w, const char *patterns);

/* All of these return the exit status. */
int watching_add(struct moectl *ctl, const struct watching *w);
int watching_remove(struct moectl *ctl, const struct watching *w);
int watching_follow(struct moectl *ctl, struct watching *w, struct follow *f);

/* ---- for these themselves ------------------------------------------------------------ */

/* A change of the table on its way. */
struct watching_txn {
	struct moectl *ctl;
	struct moeai_txn *t;
	struct names paths; /* of the rows, in their order */
	size_t asked;	    /* so many of them were asked for; the others are mounted below */
	bool removes;
};

/*
 * Find the folder and what is mounted below, and begin a transaction. Undone by
 * watching_end(), which is for one that failed as well. These return 0, or 1 after complaining.
 */
int watching_begin(struct watching_txn *x, struct moectl *ctl, const struct watching *w);
int watching_begin_empty(struct watching_txn *x, struct moectl *ctl);
/* A row to be deleted. */
int watching_put_away(struct watching_txn *x, const char *path, bool held);
int watching_commit(struct watching_txn *x, const struct watching *w, struct moeai_commit *done);
int watching_failed(const struct watching_txn *x, int err);
void watching_end(struct watching_txn *x);

/* Each row, typed. fn returns 0 or an error, which ends it and is returned. */
int watching_rows(struct moectl *ctl, int (*fn)(void *arg, const struct moeai_watch *row), void *arg);

#endif /* MOECTL_WATCHING_H */
