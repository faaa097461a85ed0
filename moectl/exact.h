/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values as people like to read and write them, and as line_parse() and
 * moeai_value_parse() read them back as exactly what they were.
 */
#ifndef MOECTL_EXACT_H
#define MOECTL_EXACT_H

#include <stdio.h>
#include <moeai/moeai.h>

/* 10m, 64M, 20%, 2026-01-31T23:59:59.5Z, yes, drop, "a \"text\"". Returns 0 or -ENOMEM. */
int exact_write(FILE *to, const struct moeai_value *v);

#endif /* MOECTL_EXACT_H */
