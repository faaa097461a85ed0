/* SPDX-License-Identifier: GPL-2.0 */
/* Changing the stored tables of moeai_test.ko, and reading them as a whole. */
#ifndef TESTS_ROWS_H
#define TESTS_ROWS_H

#include "wire.h"

#define ROWS "test.rows" /* up to 1048576; "forbidden" is no name there */
#define FEW  "test.few"	 /* the same columns, up to 4 */

enum { ADD = MOEAI_ACTION_ADD, REPLACE, DELETE, FLUSH, CONFIRM, ROLLBACK };
enum { ROW_ID = 1, ROW_NAME, ROW_SIZE };

/* ---- a change --------------------------------------------------------------- */

/* Begin a message of DATA do; @action and @txn are left out if they are 0. */
void change_begin(struct msg *m, const char *table, uint32_t action, uint32_t txn);
void change_more(struct msg *m);

/* A row, without @name if that is NULL. Returns its offset. */
size_t put_row(struct msg *m, uint32_t id, const char *name, uint64_t size);

/* @n of them, from id @from on, all of that size. */
void put_rows(struct msg *m, uint32_t from, uint32_t n, uint64_t size);

/* What came of a message: its verdict, and the reply before it. */
struct answer {
	struct verdict v;
	bool committed;
	uint64_t generation, changed;
	bool refused; /* with an ERROR */
	uint64_t row; /* UINT64_MAX: of none */
	char field[32];
	int status;
	char message[256];
	uint32_t txn; /* of the reply, 0: none */
};

/* Send, and return the verdict's error. @a may be NULL. */
int change(struct wire *w, struct msg *m, struct answer *a);

/* A change in one message: rows of ids @from … with @size. Returns its error. */
int change_rows(struct wire *w, uint32_t action, uint32_t txn, uint32_t from, uint32_t n,
		uint64_t size);

/* The same in a transaction's message with MORE; a FLUSH has no rows. */
int stage(struct wire *w, uint32_t action, uint32_t txn, uint32_t from, uint32_t n, uint64_t size);

/* Change row FIRST to @size, for a while. */
int change_for(struct wire *w, uint32_t seconds, uint64_t size);

/* A message without a ROW: FLUSH, CONFIRM, ROLLBACK. */
int change_bare(struct wire *w, const char *table, uint32_t action);

/* ---- a table as it stands ------------------------------------------------------ */

struct row {
	uint32_t id;
	char name[32];
	uint64_t size; /* UINT64_MAX: it has none */
};

struct shot {
	uint64_t generation; /* 0: there was no row */
	size_t n;
	struct row rows[60000];
};

/* Begin to read it; the answer to that is for shot_read(). */
void shot_begin(struct wire *w, const char *table);

/* All rows, which must be of one generation and in order of their ids. */
void shot_read(struct wire *w, const char *table, struct shot *s);
void shot_take(struct wire *w, const char *table, struct shot *s);
void assert_same_shot(const struct shot *a, const struct shot *b);

const struct row *row_of(const struct shot *s, uint32_t id);

/* test.rows is as it was when @before was taken. */
void assert_untouched(struct wire *w, const struct shot *before);

/* How many transactions @w has open, by table subscribers. */
int transactions_of(struct wire *asker, uint32_t portid);

/* How many generations of test.rows there have been: its statistic test.changed. */
uint64_t generations(struct wire *w);

/* ---- the frame of a test --------------------------------------------------------- */

#define FIRST 10 /* ids that stand in test.rows when a case begins … */
#define KNOWN 5	 /* … and how many, all of size FIRST */

/* A group's setup and teardown: moeai_test and a socket. They return 0. */
int rows_load(struct wire *w);
int rows_unload(struct wire *w);

/* A case's setup: FIRST … are in test.rows, none in test.few, no transaction is open. */
int rows_begin(struct wire *w);

#endif
