/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters and tables out of a file, as save wrote it: read and checked whole, then
 * compared with what there is, then looked at by the kernel, then applied, or none of it.
 */
#ifndef MOECTL_RESTORE_H
#define MOECTL_RESTORE_H

#include "command.h"
#include "inventory.h"
#include "line.h"
#include "listing.h"
#include "rows.h"

struct wanted_param {
	const struct item *param;
	uint64_t value;
	uint32_t line;
	unsigned int column;
	bool set, unsure; /* if it was, as the answer was lost */
};

struct wanted_table {
	char *name;
	uint32_t line;		/* that names it first */
	bool more;		/* its rows come on top of those that are there */
	struct rows rows, now;	/* as it shall be, as it is */
	size_t added, removed;	/* a row that changes is both */
	struct moeai_txn *txn;
	bool committed, unsure; /* if it was, as the answer was lost */
};

struct restore {
	struct moectl *ctl;
	const char *name; /* of the file, for people */
	uint32_t confirm; /* seconds, 0: for good */
	bool skip_missing, no_params, even_me;

	char *text; /* the file */
	size_t len;
	struct line line;
	struct inventory now;
	struct wanted_param *params;
	size_t n_params;
	struct wanted_table *tables;
	size_t n_tables;
	struct names missing; /* modules and things that the kernel does not have … */
	size_t skipped;	      /* … and so many lines are about */
};

/* All of these return 0, or 1 after complaining. */

/* The file, against what the kernel has. */
int restore_read(struct restore *r, FILE *from);

/* Who restores net_guard's rules shall not shut himself out. */
int restore_keep_open(struct restore *r);

/*
 * What would change; parameters that are as they shall be are forgotten. Refused if a change
 * of any awaits its confirmation: what is as it shall be now may be undone.
 */
int restore_compare(struct restore *r);

/* Have the kernel look at all rows of tables that would change. */
int restore_check(struct restore *r);

/* All, or none: what was applied before a refusal is taken back. */
int restore_apply(struct restore *r);

void restore_free(struct restore *r);

/* For the parts of it: the table of that name, made if there is none; NULL: no memory. */
struct wanted_table *restore_table(struct restore *r, const char *name, uint32_t line);

/* Something is wrong in that line, in that field (NULL: none). Returns 1. */
int restore_complain(const struct restore *r, uint32_t line, unsigned int column,
		     const char *field, const char *message);
int restore_complain_field(struct restore *r, uint32_t line, const char *field,
			   const char *message);

static inline bool wanted_changes(const struct wanted_table *t)
{
	return t->added || t->removed;
}

/* Each row that goes, '-', or comes, '+'; of the same key in this order. */
typedef int (*wanted_row_fn)(void *arg, char sign, const struct rows *rows, size_t i);
int wanted_walk(const struct wanted_table *t, wanted_row_fn fn, void *arg);

#endif /* MOECTL_RESTORE_H */
