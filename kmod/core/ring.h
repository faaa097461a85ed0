/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A byte ring that holds netlink messages back to back and overwrites the
 * oldest. One writer at a time (the owner's lock); readers, in the kernel and in
 * processes that have it mapped, take no lock.
 *
 * Positions count bytes and may wrap at 64 bits: only differences are compared.
 * [tail, head) is held; both stand in a page that is mapped with the ring.
 * Memory is mapped twice in a row, so a span of up to size bytes is contiguous
 * from any position.
 *
 *   writer                             reader
 *   A  tail = new tail                 E  load head (acquire)
 *   B  smp_wmb()                       F  copy the span
 *   C  store the record                G  smp_rmb()
 *   D  head = new head (release)       H  load tail
 *
 * log.clear does A alone: what it drops is still there, and may be read or not.
 *
 * D pairs with E: a record below head is whole. B pairs with G: if the copy F
 * saw a byte stored by C, then H sees a tail stored by A that is past that
 * byte's old record, and the reader throws its copy away. Lengths are read from
 * the copy, and only after H. tests/unit/test_ring_model.py tries all orders that
 * these leave, and shows that each of the four is needed.
 */
#ifndef MOEAI_RING_H
#define MOEAI_RING_H

#include <linux/moeai.h>

struct page;

struct moeai_ring {
	u8 *base;
	u64 size; /* bytes, a power of two, of whole pages */
	struct moeai_map_ring *at; /* tail and head, where readers see them */
	struct page **pages;	   /* 2 * size's, the second half the first again */
};

/*
 * @pages: room for 2 * size >> PAGE_SHIFT of them, zero; filled. @at: zero, and
 * @pos, a multiple of 8, becomes its first position. Returns 0 or -ENOMEM.
 */
int moeai_ring_init(struct moeai_ring *ring, u64 size, struct moeai_map_ring *at,
		    struct page **pages, u64 pos);
void moeai_ring_exit(struct moeai_ring *ring);

static inline void *moeai_ring_at(const struct moeai_ring *ring, u64 pos)
{
	return ring->base + (pos & (ring->size - 1));
}

/* Bytes of the record at @pos; its message length is a multiple of 8. */
static inline u32 moeai_ring_len(const struct moeai_ring *ring, u64 pos)
{
	return *(u32 *)moeai_ring_at(ring, pos);
}

static inline bool moeai_pos_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/*
 * Copy whole records from *@pos up to @end, at most @room bytes, and move *@pos
 * past them; *@n gets their number. @end is not beyond the head.
 * Returns the bytes copied, 0 at @end; -EPIPE: overtaken, nothing copied;
 * -EMSGSIZE: the first record is larger than @room.
 */
int moeai_ring_read(const struct moeai_ring *ring, u64 *pos, u64 end, void *buf, size_t room,
		    unsigned int *n);

#endif
