/* SPDX-License-Identifier: GPL-2.0 */
/* What the OOM killer was called for: how much memory, and within which limit. */
#ifndef MEM_ASKED_H
#define MEM_ASKED_H

#include <linux/gfp.h>
#include <uapi/linux/moeai_mem_monitor.h>

struct mem_cgroup;

struct mem_asked {
	enum moeai_mem_scope scope;
	int order; /* -1: nothing was asked for */
	gfp_t gfp;
	struct mem_cgroup *cgroup; /* whose limit was reached, or NULL */
};

/*
 * Process context. Without it, which is told, there is no answer to what follows.
 */
void mem_asked_start(void);
void mem_asked_stop(void);

/*
 * Of the call of the OOM killer by the present task, from within; the cgroup is
 * there until that returns. False: nothing is known. Under oom_lock.
 */
bool mem_asked_get(struct mem_asked *asked);

#endif /* MEM_ASKED_H */
