/* SPDX-License-Identifier: GPL-2.0 */
/* What level.c, pace.c and growth.c need of the kernel; tests/unit compiles them for user space. */
#ifndef MEM_PURE_H
#define MEM_PURE_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <uapi/linux/moeai_mem_monitor.h>
#else
#include <linux/moeai_mem_monitor.h>
#include "../../tests/unit/kernel.h"
#endif

#endif /* MEM_PURE_H */
