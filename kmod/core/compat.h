/* SPDX-License-Identifier: GPL-2.0 */
/* The one place that knows kernels differ. */
#ifndef MOEAI_COMPAT_H
#define MOEAI_COMPAT_H

#include <linux/hrtimer.h>
#include <net/genetlink.h>

static inline void moeai_hrtimer_setup(struct hrtimer *timer,
				       enum hrtimer_restart (*fn)(struct hrtimer *),
				       clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}

/* NULL: its last reference has gone. */
static inline struct file *moeai_file_get(struct file *file)
{
	return get_file_rcu(file) ? file : NULL;
}

static inline struct nlattr **moeai_dump_attrs(struct netlink_callback *cb)
{
	return genl_dumpit_info(cb)->attrs;
}

#endif
