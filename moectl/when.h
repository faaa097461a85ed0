/* SPDX-License-Identifier: GPL-2.0 */
/* From when, or until when, events are wanted. */
#ifndef MOECTL_WHEN_H
#define MOECTL_WHEN_H

#include <stdint.h>

/* One of both is 0. */
struct when {
	uint64_t time; /* ns since 1970 */
	uint64_t seq;
};

/*
 * "10m", "2h", "30d": so long before now; "2026-01-31 23:59:59", "2026-01-31", "23:59",
 * local time, or with a T and a Z, UTC; a number alone is a seq; "oldest" is no limit.
 * now: ns since 1970. Returns 0 or -EINVAL.
 */
int when_parse(const char *text, uint64_t now, struct when *out);

#endif /* MOECTL_WHEN_H */
