/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where packets come by: PRE_ROUTING, before defragmentation and conntrack. The
 * hooks are there as long as there is something to do.
 */
#ifndef GUARD_HOOK_H
#define GUARD_HOOK_H

#include <linux/types.h>

int guard_hooks_init(void);
void guard_hooks_exit(void);

/* Between these two, hooks may be there. When stop returns, no packet is looked at. */
void guard_hooks_start(void);
void guard_hooks_stop(void);

/* Rules or parameters have changed. Process context. */
void guard_hooks_update(void);

struct guard_stats {
	u64 dropped;
	u64 shadowed;
	u64 allowed;
	u64 limited;
};

void guard_stats_read(struct guard_stats *sum);

/* Namespaces in which they are. */
u64 guard_hooks_count(void);

#endif
