/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of moeai_test's table test.rows through the library. */
#ifndef TESTS_TXN_H
#define TESTS_TXN_H

#include "reader.h"

#define ROWS  "test.rows"
#define KNOWN 5 /* rows that stand there when a case begins: ids 10 … 14 */

#define ADD	MOEAI_ACTION_ADD
#define REPLACE MOEAI_ACTION_REPLACE
#define DELETE	MOEAI_ACTION_DELETE

extern uint64_t txn_before; /* the generation that a case begins with */

/* Fails the test if it can't be opened. */
struct moeai_txn *txn_begin(const char *table);

/* A row, and n of them to be added, from that id on. Return 0 or -errno. */
int txn_put(struct moeai_txn *t, enum moeai_action action, uint32_t id, uint64_t size);
int txn_put_many(struct moeai_txn *t, uint32_t from, uint32_t n);

/* Commit, which must succeed, and close. */
void txn_done(struct moeai_txn *t, uint64_t changed);

/* How many rows the table has; *sum of the column size. */
size_t txn_count(const char *table, uint64_t *generation, uint64_t *sum);
void assert_rows(size_t n, uint64_t sum);

/* test.rows is as it was when the case began. */
void assert_unchanged(void);

/* How many transactions the kernel has open. */
int txn_pending(void);

/* moeai_test. Returns 0 if it is there. */
int txn_load(void);

/* A group's setup, returns 0 and the handle; teardown. */
int txn_open(struct moeai **handle);
int txn_close(void **state);

/* A case's setup: rows 10 … of size 10 are in test.rows, nothing awaits confirmation. */
int txn_ready(void **state);

#endif
