/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel made of a file: what the library receives are the file's datagrams,
 * in turn, on whichever socket; what it sends goes nowhere. The calls are
 * wrapped by the linker, so the library is the one that is shipped.
 *
 * The file: for each receive two bytes of length and as many of the datagram,
 * or one of these lengths with nothing behind it. At its end nothing comes.
 */
#ifndef TESTS_KERNEL_H
#define TESTS_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define KERNEL_OVERRUN 0xffff /* -ENOBUFS */
#define KERNEL_LARGE   0xfffe /* larger than the buffer */
#define KERNEL_SIGNAL  0xfffd /* -EINTR */

void kernel_play(const uint8_t *data, size_t size);

/* Bytes that were not received. */
size_t kernel_left(void);

/* Pass everything to the real kernel, and write such a file of what it says. */
void kernel_record(FILE *to);

/* Do something to the real kernel; nothing, when it is a file. */
void kernel_do(const char *shell);

#endif /* TESTS_KERNEL_H */
