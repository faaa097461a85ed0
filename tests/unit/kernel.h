/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's pure parts need of the kernel, for user space. */
#ifndef TESTS_KERNEL_H
#define TESTS_KERNEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define U32_MAX UINT32_MAX
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define likely(x)   (x)
#define unlikely(x) (x)
#define clamp_t(t, v, low, high) ((t)(v) < (t)(low) ? (t)(low) : (t)(v) > (t)(high) ? (t)(high) : (t)(v))

#define min(a, b)   ((a) < (b) ? (a) : (b))
#define max(a, b)   ((a) > (b) ? (a) : (b))
#define max_t(t, a, b) max((t)(a), (t)(b))

#define READ_ONCE(x)	   (x)
#define BIT(n)		   (1U << (n))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define div_u64(a, b)	   ((u64)(a) / (u32)(b))
#define div64_u64(a, b)	   ((u64)(a) / (u64)(b))
#define div64_s64(a, b)	   ((s64)(a) / (s64)(b))

#define NSEC_PER_SEC  1000000000L
#define NSEC_PER_MSEC 1000000L

#define GFP_KERNEL_ACCOUNT 0
#define __GFP_NOWARN	   0
#define kvmalloc(n, flags) malloc(n)
#define kvfree(p)	   free(p)
#define kzalloc(n, flags)  calloc(1, n)
#define kfree(p)	   free(p)
#define cond_resched()	   ((void)0)

typedef struct {
	int refs;
} refcount_t;

static inline void refcount_set(refcount_t *r, int n)
{
	r->refs = n;
}

static inline void refcount_inc(refcount_t *r)
{
	r->refs++;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	return !--r->refs;
}

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p >= (unsigned long)-4095;
}

#define sort(base, n, size, compare, swap) qsort(base, n, size, compare)

static inline u64 roundup_pow_of_two(u64 n)
{
	u64 p = 1;

	while (p < n)
		p *= 2;
	return p;
}

#endif
