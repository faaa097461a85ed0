// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "ring.h"

int moeai_ring_init(struct moeai_ring *ring, u64 size, struct moeai_map_ring *at,
		    struct page **pages, u64 pos)
{
	unsigned long i, n = size >> PAGE_SHIFT;

	*ring = (struct moeai_ring){ .size = size, .at = at, .pages = pages };
	at->tail = pos;
	at->head = pos;
	for (i = 0; i < n; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i])
			goto free;
		pages[n + i] = pages[i];
	}
	ring->base = vmap(pages, 2 * n, VM_MAP, PAGE_KERNEL);
	if (ring->base)
		return 0;
free:
	moeai_ring_exit(ring);
	return -ENOMEM;
}

void moeai_ring_exit(struct moeai_ring *ring)
{
	unsigned long i;

	if (ring->base)
		vunmap(ring->base);
	for (i = 0; i < ring->size >> PAGE_SHIFT && ring->pages[i]; i++)
		put_page(ring->pages[i]);
	*ring = (struct moeai_ring){};
}

int moeai_ring_read(const struct moeai_ring *ring, u64 *pos, u64 end, void *buf, size_t room,
		    unsigned int *n)
{
	u64 head = smp_load_acquire(&ring->at->head); /* E, pairs with D */
	size_t len, off = 0;

	*n = 0;
	if (moeai_pos_before(head, end))
		end = head;
	if (!moeai_pos_before(*pos, end))
		return 0;
	len = min3((u64)room, end - *pos, ring->size);
	memcpy(buf, moeai_ring_at(ring, *pos), len);
	smp_rmb(); /* G, pairs with B */
	if (moeai_pos_before(*pos, READ_ONCE(ring->at->tail)))
		return -EPIPE;

	while (len - off >= NLMSG_HDRLEN) {
		u32 record = ((struct nlmsghdr *)(buf + off))->nlmsg_len;

		if (record > len - off)
			break;
		off += record;
		++*n;
	}
	*pos += off;
	return off ? off : -EMSGSIZE;
}
