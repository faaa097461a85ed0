// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "ring.h"

int moeai_ring_init(struct moeai_ring *ring, u64 size)
{
	unsigned long i, n = size >> PAGE_SHIFT;

	ring->size = size;
	ring->head = 0;
	ring->tail = 0;
	ring->pages = kvcalloc(2 * n, sizeof(*ring->pages), GFP_KERNEL);
	if (!ring->pages)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		ring->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!ring->pages[i])
			goto free;
		ring->pages[n + i] = ring->pages[i];
	}
	ring->base = vmap(ring->pages, 2 * n, VM_MAP, PAGE_KERNEL);
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
	for (i = 0; i < ring->size >> PAGE_SHIFT && ring->pages && ring->pages[i]; i++)
		__free_page(ring->pages[i]);
	kvfree(ring->pages);
	*ring = (struct moeai_ring){};
}

int moeai_ring_read(const struct moeai_ring *ring, u64 *pos, u64 end, void *buf, size_t room,
		    unsigned int *n)
{
	u64 head = smp_load_acquire(&ring->head); /* E, pairs with D */
	size_t len, off = 0;

	*n = 0;
	end = min(end, head);
	if (*pos >= end)
		return 0;
	len = min3((u64)room, end - *pos, ring->size);
	memcpy(buf, moeai_ring_at(ring, *pos), len);
	smp_rmb(); /* G, pairs with B */
	if (*pos < READ_ONCE(ring->tail))
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
