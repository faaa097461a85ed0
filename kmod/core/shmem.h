/* SPDX-License-Identifier: GPL-2.0 */
/* The files by which programs map regions. See the uapi header for what they may do. */
#ifndef MOEAI_SHMEM_H
#define MOEAI_SHMEM_H

#include <linux/moeai.h>

struct moeai_device_user;

/* MOEAI_IOC_SHMEM: a file descriptor or -errno. */
long moeai_shmem_open(struct moeai_region __user *arg);

/* Call @fn for each open file, under a mutex. */
void moeai_shmem_walk(void (*fn)(const char *region, const struct moeai_device_user *user,
				 void *arg), void *arg);

/* How many there are. */
unsigned int moeai_shmem_files(void);

#endif
