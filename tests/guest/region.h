/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of regions share: moeai_test's regions, and what table shmem says of them. */
#ifndef TESTS_REGION_H
#define TESTS_REGION_H

#include "ask.h"

#define PAGE   4096
#define REGION "test.region"

/* For cmocka: moeai_test loaded, without regions; and neither it nor the core. */
int region_ready(void **state);
int region_leave(void **state);

/* "do=create name=… size=…" of command test.shmem; what it returned. */
__attribute__((format(printf, 1, 2))) int region_do(const char *fmt, ...);

/* It must be made, and be filled with that byte. */
void region_make(const char *name, size_t size, bool writable, unsigned int byte);

/* By the device; a descriptor or -errno. out may be NULL. */
int region_open(const char *name, uint32_t flags, struct moeai_region *out);

/* As a pointer; it must succeed. */
unsigned char *region_map(int fd, size_t size, int prot);

/* The latest region of that name in table shmem, and how many of it there are. */
struct region_row {
	char module[32];
	uint64_t size;
	uint32_t id, state, files, maps;
	uint8_t writable;
	unsigned int n;
};

struct region_row region_row(const char *name);

/* A statistic: "core", "shmem_used". */
uint64_t region_number(const char *module, const char *name);

#endif
