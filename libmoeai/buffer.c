// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

#define FIRST 4096

void *buffer_add(struct buffer *b, size_t len)
{
	size_t size = b->size ? b->size : FIRST;
	char *data;

	while (size - b->len < len)
		size *= 2;
	data = size == b->size ? b->data : realloc(b->data, size);
	if (!data)
		return NULL;
	b->data = data;
	b->size = size;
	b->len += len;
	return memset(data + b->len - len, 0, len);
}
