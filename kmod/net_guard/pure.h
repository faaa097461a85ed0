/* SPDX-License-Identifier: GPL-2.0 */
/* What set.c, gen.c and source.c need of the kernel; tests/unit compiles it for user space. */
#ifndef GUARD_PURE_H
#define GUARD_PURE_H

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <uapi/linux/moeai.h>
#include <uapi/linux/moeai_net_guard.h>
#else
#include <linux/moeai.h>
#include <linux/moeai_net_guard.h>
#include "../../tests/unit/kernel.h"
#endif

#endif
