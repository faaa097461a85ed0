/* SPDX-License-Identifier: GPL-2.0 */
/* Parameters and statistics. */
#ifndef MEM_PARAM_H
#define MEM_PARAM_H

#include <linux/moeai.h>
#include "level.h"

#define LIMITS_RULE	"critical < medium < low where not 0, low + hysteresis <= all memory"
#define INTERVALS_RULE	"0 < min_interval_ms <= interval_ms"

extern struct mem_params mem_params;

/* -EINVAL: those of the command line make no sense together. */
int mem_params_init(void);

#define MEM_PARAMS 19
extern const struct moeai_param mem_param_table[MEM_PARAMS];

#endif /* MEM_PARAM_H */
