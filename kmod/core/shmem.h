/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Regions: memory of feature modules that programs map, under names. See the uapi
 * header for what programs may do, moeai_shmem_create() for what modules may.
 */
#ifndef MOEAI_SHMEM_H
#define MOEAI_SHMEM_H

#include <linux/moeai.h>

struct moeai_device_user;
struct moeai_module_priv;

/* Bytes that all regions may have in all, parameter shmem_bytes; that they have. */
extern u64 moeai_shmem_bytes, moeai_shmem_used;
/* How many could not be made. */
extern u64 moeai_shmem_refused;

/* MOEAI_IOC_SHMEM: a file descriptor or -errno. */
long moeai_shmem_open(struct moeai_region __user *arg);

/* The module can't be found any more: what it has left goes, once nobody has it open. */
void moeai_shmem_leave(const struct moeai_module_priv *module);

/* Call @fn for each open file, under a mutex. */
void moeai_shmem_walk(void (*fn)(const char *region, const struct moeai_device_user *user,
				 void *arg), void *arg);

/* How many there are. */
unsigned int moeai_shmem_files(void);

/* Table shmem. */
#define MOEAI_SHMEM_COLUMNS 8
extern const struct moeai_field moeai_shmem_fields[MOEAI_SHMEM_COLUMNS + 1];
void moeai_shmem_fill(const struct moeai_table *table, struct moeai_rows *rows);

#endif
