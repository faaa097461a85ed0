// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/slab.h>
#include "index.h"

#define BLOCK_MASK (U64_MAX >> MOEAI_BLOCK_SHIFT)

static struct moeai_cursor *block_at(const struct moeai_index *index, u64 block)
{
	return &index->blocks[block & (index->n - 1)];
}

int moeai_index_init(struct moeai_index *index, u64 size, struct moeai_cursor first)
{
	index->n = size >> MOEAI_BLOCK_SHIFT;
	index->blocks = kvcalloc(index->n, sizeof(*index->blocks), GFP_KERNEL);
	if (!index->blocks)
		return -ENOMEM;
	*block_at(index, first.pos >> MOEAI_BLOCK_SHIFT) = first;
	return 0;
}

void moeai_index_exit(struct moeai_index *index)
{
	kvfree(index->blocks);
}

void __moeai_index_note(struct moeai_index *index, u64 start, struct moeai_cursor next)
{
	u64 block = start >> MOEAI_BLOCK_SHIFT, last = next.pos >> MOEAI_BLOCK_SHIFT;

	while (block != last) {
		block = (block + 1) & BLOCK_MASK;
		*block_at(index, block) = next;
	}
}

void moeai_index_seek(const struct moeai_index *index, u64 since, u64 head,
		      struct moeai_cursor *c)
{
	u64 first = (c->pos + (1 << MOEAI_BLOCK_SHIFT) - 1) >> MOEAI_BLOCK_SHIFT;
	u64 low = 0, high = ((head >> MOEAI_BLOCK_SHIFT) + 1 - first) & BLOCK_MASK;

	while (low < high) {
		u64 mid = low + (high - low) / 2;
		const struct moeai_cursor *block = block_at(index, first + mid);

		if (block->seq <= since) {
			*c = *block;
			low = mid + 1;
		} else {
			high = mid;
		}
	}
}
