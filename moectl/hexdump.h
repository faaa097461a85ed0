/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes for people to read, as hexdump -C prints them. */
#ifndef MOECTL_HEXDUMP_H
#define MOECTL_HEXDUMP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * 16 bytes a line behind the offset of the first, which is that of data; lines that are
 * as the one before are a '*'; at last the offset of the end. Each byte is read once,
 * as somebody may be writing them. Ends when to can't be written.
 */
void hexdump(FILE *to, const void *data, size_t len, uint64_t offset);

/* Digits alone, of a new string. NULL: out of memory. */
char *hexdump_digits(const void *data, size_t len);

#endif /* MOECTL_HEXDUMP_H */
