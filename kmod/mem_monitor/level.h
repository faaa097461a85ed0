/* SPDX-License-Identifier: GPL-2.0 */
/* Which level of pressure a gauge means, with hysteresis. */
#ifndef MEM_LEVEL_H
#define MEM_LEVEL_H

#include <uapi/linux/moeai_mem_monitor.h>
#include "gauge.h"

/* All zero: no pressure. */
struct mem_level {
	enum moeai_mem_level level; /* the worst of @by */
	u32 causes; /* bits of enum moeai_mem_cause: those that account for it */
	enum moeai_mem_level by[__MOEAI_MEM_CAUSE_MAX];
};

/* The next state from the present one. @oom: the OOM killer was called a moment ago. */
void mem_level_update(struct mem_level *level, const struct mem_gauge *gauge, bool oom);

#endif /* MEM_LEVEL_H */
