/* SPDX-License-Identifier: GPL-2.0 */
/* The statistics of fs_logger. */
#ifndef FS_PARAM_H
#define FS_PARAM_H

#include <linux/moeai.h>
#include <linux/percpu.h>

struct fs_counters {
	u64 events;
	u64 folded;
	u64 unfolded;
	u64 excluded;
	u64 left_out;
	u64 outside;
	u64 nameless;
	u64 too_long;
	u64 untold;
};

DECLARE_PER_CPU(struct fs_counters, fs_counters);

#define FS_PARAMS 11
extern const struct moeai_param fs_params[FS_PARAMS];

#endif /* FS_PARAM_H */
