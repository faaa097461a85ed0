/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/moeai, and modules whose events can be read there. */
#ifndef TESTS_DEVICE_H
#define TESTS_DEVICE_H

#include "events.h"

/* What the mapping says of itself, since device_load(). */
extern struct moeai_map device_layout;

/* For reading; fails the test if it can't. */
int device_open(int flags);
const struct moeai_map *device_map(int fd);

/* Records of [tail, head) of a ring at base, as the tale has it. */
void device_tell(const void *base, const struct moeai_map_ring *ring, uint64_t size,
		 struct tale *t);

/* Events of moeai_test; the command itself is one more. */
void device_emit(unsigned int count, unsigned int size, const char *priority);

/* The core with these parameters, and moeai_test. */
void device_load(const char *args);

/* Both of them, and whoever else uses the core. Returns 0, or not: it is in use. */
int device_unload(void);

/* A case's setup, a group's teardown. */
int device_ready(void **state);
int device_leave(void **state);

#endif
