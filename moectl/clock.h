/* SPDX-License-Identifier: GPL-2.0 */
/* Clocks as numbers. */
#ifndef MOECTL_CLOCK_H
#define MOECTL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Of CLOCK_REALTIME that is ns since 1970, as events have it. */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* To wait by: of a clock that nobody sets. */
static inline int64_t clock_ms(void)
{
	return (int64_t)(clock_ns(CLOCK_MONOTONIC) / 1000000);
}

#endif /* MOECTL_CLOCK_H */
