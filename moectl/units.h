/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers with their unit, as people read them: "1.5MiB", "20ms", "43.1%".
 */
#ifndef MOECTL_UNITS_H
#define MOECTL_UNITS_H

#include <stddef.h>
#include <stdint.h>
#include <linux/moeai.h>

#define UNITS_LEN 48 /* holds any of them */

void units_text(char buf[UNITS_LEN], enum moeai_unit unit, uint64_t value);

/* A point in time, ns since 1970: "2026-01-31 23:59:59.999", local time. */
void units_time(char buf[UNITS_LEN], uint64_t ns);

/*
 * "10", "1.5" seconds, or with one of the units ms, s, m, h, d, as milliseconds. In
 * nanoseconds it still fits into 63 bits: 292 years. Returns 0 or -EINVAL.
 */
int units_parse_span(const char *text, int64_t *ms);

/* The same for what can't wait longer than an int says: 596 hours. */
int units_parse_seconds(const char *text, int *ms);

/* "4096", "64K", "16M", "1G", as bytes. Returns 0 or -EINVAL. */
int units_parse_bytes(const char *text, uint64_t *out);

/* A number, decimal or 0x... Returns 0 or -EINVAL. */
int units_parse_u64(const char *text, uint64_t *out);

#endif /* MOECTL_UNITS_H */
