/* SPDX-License-Identifier: GPL-2.0 */
/* What tests ask of the core besides what they test: over procfs and netlink. */
#ifndef TESTS_ASK_H
#define TESTS_ASK_H

#include "wire.h"

#define CONTROL "/proc/moeai/control"

/* Write one line to /proc/moeai/control. Returns 0 or what write() failed with. */
__attribute__((format(printf, 1, 2))) int control(const char *fmt, ...);

/* As control(), and read the answer; returns its text, valid until the next call. */
__attribute__((format(printf, 2, 3))) const char *control_answer(int *error, const char *fmt, ...);

/* The number behind "name=" in the last answer; fails the test if there is none. */
long long answer_number(const char *answer, const char *name);

/* The number behind "result=" that a command answers with; fails the test if it fails. */
int result_of(const char *line);

/* A whole file; valid until the next call. NULL and errno if it can't be read. */
const char *slurp(const char *path);

/* Write once; returns 0 or -errno. */
int put_line(const char *path, const char *bytes, size_t len);

/* Runs a shell command; returns its exit status. */
__attribute__((format(printf, 1, 2))) int sh(const char *fmt, ...);

/* A number of STATUS, by attribute. */
uint64_t status_number(struct wire *w, uint16_t attr);

/* All numbers of STATUS, of one moment, by attribute. */
struct status {
	uint64_t n[MOEAI_A_STATUS_MAX + 1];
};

void status_read(struct wire *w, struct status *s);

/* A counter of table log, by its name in table fields. */
uint64_t log_counter(struct wire *w, const char *name);

/* Reads table log; its sums must balance. Returns next_seq. */
uint64_t log_balanced(struct wire *w);

/* The dump of a table: @fn for each row. Returns 0 or -errno. */
int table_walk(struct wire *w, const char *table, void (*fn)(const struct nlattr *row, void *arg),
	       void *arg);

/* The id of table @table's column @name, from table fields. */
uint16_t column(struct wire *w, const char *table, const char *name);

/* The id of a command or an event type, by name; 0: there is none. */
uint32_t id_of(struct wire *w, const char *table, const char *name);

double now(void); /* seconds, monotonic */

/* A module's parameter or statistic, as table params has it as text. */
const char *param(struct wire *w, const char *name);

#endif
