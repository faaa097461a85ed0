/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that grow at their end. All zero is empty; data is to be freed. */
#ifndef MOEAI_BUFFER_H
#define MOEAI_BUFFER_H

#include <stddef.h>

struct buffer {
	char *data;
	size_t len, size;
};

/* So many more bytes, zero, at b's end; NULL: out of memory. */
void *buffer_add(struct buffer *b, size_t len);

#endif /* MOEAI_BUFFER_H */
