/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A feature module that exists to be tested with: each command uses a part of
 * the kernel API and answers with what that part returned.
 */
#ifndef MOEAI_TEST_H
#define MOEAI_TEST_H

#include <linux/moeai.h>

/* The reply of most commands: what the API returned. */
enum { REPLY_RESULT = 1 };
extern const struct moeai_schema test_result_reply;
int test_result(struct moeai_call *call, int result);

/* ---- emit.c: events ---------------------------------------------------------- */

enum { EV_BLOB, EV_ALL, N_EVENTS };
extern struct moeai_event_type test_events[N_EVENTS];

enum { EMIT_COUNT = 1, EMIT_SIZE, EMIT_PRIORITY, EMIT_CONTEXT };
extern const struct moeai_schema test_emit_args;
extern const struct moeai_schema test_emit_reply;
int test_emit(struct moeai_call *call);
int test_emit_all(struct moeai_call *call);

/* ---- answer.c: replies and deferred answers ------------------------------------- */

extern const struct moeai_schema test_all_schema;
int test_echo(struct moeai_call *call);

extern const struct moeai_schema test_fail_args;
int test_fail(struct moeai_call *call);

extern const struct moeai_schema test_sleep_args;
int test_sleep(struct moeai_call *call);

extern const struct moeai_schema test_big_args;
extern const struct moeai_schema test_big_reply;
int test_big(struct moeai_call *call);

extern const struct moeai_schema test_defer_args;
extern const struct moeai_schema test_defer_reply;
int test_defer(struct moeai_call *call);
void test_answer_exit(void);

/* What moeai_answer() returned for the last deferred call, first and second time. */
extern s32 test_first_answer, test_second_answer;

/* ---- spec.c: the specification's functions ----------------------------------------- */

extern const struct moeai_schema test_spec_args;
int test_spec(struct moeai_call *call);
extern const struct moeai_schema test_send_args;
int test_send_event(struct moeai_call *call);
int test_send_status(struct moeai_call *call);
void test_spec_exit(void);

/* ---- describe.c: other modules, good and bad ones ------------------------------------ */

extern const struct moeai_schema test_describe_args;
int test_describe(struct moeai_call *call);
void test_describe_exit(void);

/* ---- table.c: stored tables --------------------------------------------------------------- */

enum { TABLE_ROWS, TABLE_FEW, TABLE_PAIR, TABLE_READ, TABLE_KEPT, N_TABLES };
extern struct moeai_table test_tables[N_TABLES];
extern u64 test_changed; /* generations of test.rows */
extern const struct moeai_schema test_find_args;
extern const struct moeai_schema test_find_reply;
int test_find(struct moeai_call *call);
void test_look_up(bool on);

/* ---- shmem.c: regions ---------------------------------------------------------------------- */

extern const struct moeai_schema test_shmem_args;
int test_shmem(struct moeai_call *call);
void test_shmem_rest(void);
extern u64 test_worked;

/* ---- param.c --------------------------------------------------------------------------- */

extern const struct moeai_param test_params[];
extern const unsigned int test_n_params;
extern bool test_fail_start;

#endif
