/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every allocation fails once. An operation is done again and again: the first
 * time its first allocation fails (or its first copy from or to user space), then
 * its second, until one goes through with nothing left to fail. Each time it must
 * succeed or say why not, and everything must work afterwards. What leaked, the
 * rig finds in the end.
 *
 * For the debug kernel: see Documentation/fault-injection, fail-nth.
 */
#ifndef TESTS_WALK_H
#define TESTS_WALK_H

#include <stdbool.h>
#include <stdint.h>
#include <moeai/moeai.h>

/* What cmocka wants included before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define CORE	"moeai"
#define FEATURE "moeai_mem_monitor"
#define HELLO	"moeai_hello"
#define GUARD	"moeai_net_guard"
#define LOGGER	"moeai_fs_logger"
#define SAMPLES "moeai_samples"
#define TIMEOUT 3000 /* ms, of calls that get their answer at once */

struct operation {
	int (*run)(const void *arg); /* 0 or -errno; what is made to fail */
	void (*before)(void);	     /* optional; nothing fails in it */
	void (*after)(int error);    /* optional; nothing fails in it */
	const void *arg;
};

void walk(const char *what, const struct operation *o);

/* The group's setup: allocations that may sleep shall fail as well. */
int walk_setup(void **state);

bool loaded(const char *module);
int load(const char *module);	/* 0 or -errno */
int unload(const char *module); /* 0 or -errno */

/* Leaves the core and the feature module loaded or not, with nothing between. */
void want(bool core, bool feature);
void both_loaded(void);
void core_loaded(void);
void none_loaded(void);

/* The log's next seq; its counters must balance. */
uint64_t next_seq(void);

/* A handle of which nothing was asked yet, and the end of it. */
extern struct moeai *handle;
void open_handle(void);
void close_handle(int error);

int rows(const char *table);

/*
 * After a change of a table that ended with error: it has so many rows, or as if there
 * had been none. An answer that is lost says neither.
 */
void all_or_nothing(const char *table, int error, int done, int undone);

#endif
