/* SPDX-License-Identifier: GPL-2.0 */
/* Parameters and statistics. */
#ifndef MEM_PARAM_H
#define MEM_PARAM_H

#include <linux/moeai.h>
#include <uapi/linux/moeai_mem_monitor.h>

/* Read with READ_ONCE(): they change at any time. */
struct mem_params {
	u32 below[__MOEAI_MEM_LEVEL_MAX]; /* permille: each level's limit */
	u32 hysteresis; /* permille */
	u32 stall_limit; /* a second */
	u32 consumers;
	u32 interval_ms;
	u32 min_interval_ms;
};

extern struct mem_params mem_params;

/* -EINVAL: those of the command line make no sense together. */
int mem_params_init(void);

#define MEM_PARAMS 14
extern const struct moeai_param mem_param_table[MEM_PARAMS];

#endif /* MEM_PARAM_H */
