/* SPDX-License-Identifier: GPL-2.0 */
/* The OOM killer: that it is called, and whom it takes. */
#ifndef MEM_OOM_H
#define MEM_OOM_H

#include <linux/types.h>

/* Process context, serialised by the core. */
int mem_oom_start(void);
void mem_oom_stop(void);

/* A sample found @n more kills: tell of those that nobody has named. */
void mem_oom_killed(u64 n);

#endif /* MEM_OOM_H */
