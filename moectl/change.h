/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of a table's rows. */
#ifndef MOECTL_CHANGE_H
#define MOECTL_CHANGE_H

#include "command.h"

struct change {
	const char *table;
	enum moeai_action action;
	char **words;	  /* key=value, of one row */
	size_t n;
	const char *file; /* load: of rows; "-": standard input */
	bool flush;	  /* load: before them */
	uint32_t confirm; /* seconds, 0: for good */
	const struct change *with; /* more rows, in the same transaction, or NULL */
	bool silent; /* what was done is not reported */
};

/* All of these return 0, or 1 after complaining. */

/* One row, or none for FLUSH; CONFIRM and ROLLBACK end what awaits confirmation. */
int change_run(struct moectl *ctl, const struct change *c);

/* All rows of a file. */
int change_load(struct moectl *ctl, const struct change *c);

/* Begin a transaction; commit it and say so. */
int change_open(struct moectl *ctl, const struct change *c, struct moeai_txn **out);
int change_report(struct moectl *ctl, const struct change *c, const char *what,
		  const struct moeai_commit *done);

#endif /* MOECTL_CHANGE_H */
