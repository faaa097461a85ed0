/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the fuzz targets, each of which is a libFuzzer program (make fuzz) and a
 * test that reads what is kept in corpus/ (make check).
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <moeai/moeai.h>

/* One input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is promised of every input; a broken promise is a find. */
#define promise(condition)                                                              \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__,        \
				__LINE__, #condition);                                  \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* Fields of every type and unit; ids count from 1. */
extern const struct moeai_schema fuzz_schema;

/* size bytes as a string in memory of that length, so that ASan sees its end. */
char *fuzz_string(const uint8_t *data, size_t size);

#endif /* TESTS_FUZZ_H */
