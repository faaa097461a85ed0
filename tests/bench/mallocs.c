// SPDX-License-Identifier: GPL-2.0
/* What libraries allocate: this program's malloc() is theirs as well. */
#include <stdatomic.h>
#include <stdlib.h>
#include "bench.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

static atomic_ulong count;

uint64_t mallocs(void)
{
	return atomic_load(&count);
}

static void note(void)
{
	atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
}

void *malloc(size_t size)
{
	note();
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	note();
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	note();
	return __libc_realloc(old, size);
}
