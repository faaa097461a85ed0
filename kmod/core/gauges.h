/* SPDX-License-Identifier: GPL-2.0 */
/* Readings of the machine: rates since the last sample, levels now. */
#ifndef MOEAI_GAUGES_H
#define MOEAI_GAUGES_H

#include <linux/types.h>

struct moeai_gauges {
	u64 time;	 /* ns since 1970 */
	u32 cpu;	 /* permille of all CPUs */
	u32 memory;	 /* permille not available */
	u64 swap_free;	 /* bytes */
	u64 rx, tx;	 /* bytes/s, without loopback */
	u64 pages_in, pages_out; /* pages/s */
};

int moeai_gauges_init(void);
void moeai_gauges_exit(void);

/* Take a sample. Process context, one caller at a time. */
void moeai_gauges_sample(struct moeai_gauges *gauges);

#endif
