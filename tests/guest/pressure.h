/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory pressure, made by processes that take it, and what mem_monitor tells of it. */
#ifndef TESTS_PRESSURE_H
#define TESTS_PRESSURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/types.h>
#include <moeai/moeai.h>

#define MB	(1024UL * 1024)
#define HOG	"moeai-hog"
#define HOG_UID 1234
#define CGROUP	"/sys/fs/cgroup" CGROUP_PATH
#define CGROUP_PATH "/test_mem_monitor"

/* A cgroup in it that has no limit. */
#define SUBGROUP CGROUP "/sub"

/* ---- the guest's memory -------------------------------------------------- */

/* A line of /proc/meminfo, "MemTotal:" or so, in bytes. */
unsigned long meminfo(const char *what);
unsigned long available_permille(void);
void sleep_ms(unsigned int ms);

/* A line of /proc/PID/status, "RssAnon:" or so, in bytes; 0: there is none. */
unsigned long status_of(pid_t pid, const char *what);

/* When it began, ns after boot, in the steps of /proc/PID/stat. */
uint64_t start_of(pid_t pid);

bool write_file(const char *path, const char *text);

/* Memory that is not there until it is written; NULL: none can be had. */
char *map_memory(size_t len);

/*
 * Take memory, mb_s MB a second, until so little is available; returns how much
 * of p it was.
 */
size_t eat(char *p, size_t len, unsigned int mb_s, unsigned long permille);

/* CGROUP, with that much memory. Its end, and SUBGROUP's, waits for who is killed in it. */
void limit_cgroup(const char *max);
void end_cgroup(void);

/* A process that takes memory, called HOG, of user HOG_UID. */
struct hog {
	unsigned int mb_s;
	unsigned long permille; /* stop when less is available; 0: never */
	const char *cgroup;
};

pid_t start_hog(struct hog hog);
void end_hog(pid_t pid);
void assert_killed(pid_t pid);

/* ---- events -------------------------------------------------------------- */

struct mem_seen {
	uint64_t seq;
	uint64_t time; /* ns since 1970 */
	enum moeai_priority priority;
	struct moeai_mem_event e;
};

extern int mem_patience; /* ms */

/* The next event of mem_monitor, or -ETIMEDOUT. seq must grow, and nothing be lost. */
int mem_next(struct mem_seen *s, int timeout);

/* The next one of that kind; others are passed over. */
void mem_await(enum moeai_mem_event_kind kind, struct mem_seen *s);
void mem_await_level(enum moeai_mem_level level, struct mem_seen *s);

void assert_silence(int ms);

/* ---- the frame of a test ------------------------------------------------- */

void mem_set(const char *param, const char *value);

/* From the defaults that pressure_ready() sets: in order after every step. "0" is none. */
void raise_limits(const char *low, const char *medium, const char *critical);

/* Wait until mem_monitor sees no pressure; what it has told is dropped. */
void mem_calm(void);

/* A group's setup, returns 0 and the handle; teardown; a case's setup. */
int pressure_open(struct moeai **handle);
int pressure_close(void **state);
int pressure_ready(void **state);

#endif
