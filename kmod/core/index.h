/* SPDX-License-Identifier: GPL-2.0 */
/* Where records begin: one for each block of a ring, so that a seq is found by bisection. */
#ifndef MOEAI_INDEX_H
#define MOEAI_INDEX_H

#include <linux/types.h>

#define MOEAI_BLOCK_SHIFT 13

/* A record by its position. */
struct moeai_cursor {
	u64 pos;
	u64 seq;
};

/* Of each block, the first record that starts at or after its first byte. */
struct moeai_index {
	struct moeai_cursor *blocks; /* by position / block size, modulo their number */
	u64 n;
};

/* @size, of the ring: a power of two, of whole blocks. Returns 0 or -ENOMEM. */
int moeai_index_init(struct moeai_index *index, u64 size, struct moeai_cursor first);
void moeai_index_exit(struct moeai_index *index);

void __moeai_index_note(struct moeai_index *index, u64 start, struct moeai_cursor next);

/* A record was written at @start; what comes @next is noted for the blocks it reached. */
static inline void moeai_index_note(struct moeai_index *index, u64 start,
				    struct moeai_cursor next)
{
	if (unlikely((start ^ next.pos) >> MOEAI_BLOCK_SHIFT))
		__moeai_index_note(index, start, next);
}

/* Move @c from @tail to the last record noted before @head that is not beyond @since. */
void moeai_index_seek(const struct moeai_index *index, u64 since, u64 head,
		      struct moeai_cursor *c);

#endif
