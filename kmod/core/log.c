// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/ktime.h>
#include <linux/vmalloc.h>
#include "log.h"
#include "pump.h"
#include "ring.h"
#include "value.h"

#define BLOCK_SHIFT 13

/* The first record that starts at or after a block's first byte. */
struct block {
	u64 pos;
	u64 seq;
};

static struct {
	raw_spinlock_t lock; /* guards all below but nmi, and writing the rings */
	struct moeai_ring ring;
	struct moeai_ring keep;
	struct block *blocks; /* by position / block size, modulo their number */
	u64 next_seq;
	u64 first_seq;	 /* of the record at ring.tail */
	u64 cleared_seq; /* seqs below it are gone by log.clear, if not before */
	struct moeai_cursor live;
	u64 attempted;
	u64 logged;
	u64 refused[__MOEAI_REFUSED_MAX];
	u64 overwritten;
	u64 cleared;
	u64 kept;
	u64 keep_held;
	u64 keep_evicted;
	struct moeai_log_stats base; /* what stats.reset subtracts */
	atomic64_t nmi;		     /* refused where the lock can't be taken */
} store;

static u64 n_blocks(void)
{
	return store.ring.size >> BLOCK_SHIFT;
}

static struct block *block_at(u64 index)
{
	return &store.blocks[index & (n_blocks() - 1)];
}

int moeai_log_init(u64 size)
{
	int ret;

	raw_spin_lock_init(&store.lock);
	store.next_seq = 1;
	store.first_seq = 1;
	store.live.seq = 1;
	ret = moeai_ring_init(&store.ring, size);
	if (ret)
		return ret;
	ret = moeai_ring_init(&store.keep, clamp_t(u64, size / 16, SZ_32K, SZ_1M));
	if (ret)
		goto free_ring;
	store.blocks = kvcalloc(n_blocks(), sizeof(*store.blocks), GFP_KERNEL);
	if (!store.blocks) {
		ret = -ENOMEM;
		goto free_keep;
	}
	block_at(0)->seq = 1;
	return 0;

free_keep:
	moeai_ring_exit(&store.keep);
free_ring:
	moeai_ring_exit(&store.ring);
	return ret;
}

void moeai_log_exit(void)
{
	kvfree(store.blocks);
	moeai_ring_exit(&store.keep);
	moeai_ring_exit(&store.ring);
}

/* Make room for @len bytes; returns how many records went. */
static u64 evict(struct moeai_ring *ring, u32 len)
{
	u64 tail = ring->tail, n = 0;

	while (ring->head + len - tail > ring->size) {
		tail += moeai_ring_len(ring, tail);
		n++;
	}
	if (n) {
		WRITE_ONCE(ring->tail, tail); /* A */
		smp_wmb();		      /* B, pairs with G in moeai_ring_read() */
	}
	return n;
}

static void commit(struct moeai_ring *ring, u32 len)
{
	smp_store_release(&ring->head, ring->head + len); /* D */
}

/* The record just committed ends at head: note it for the blocks it reached. */
static void index_blocks(u64 start)
{
	u64 block = (start >> BLOCK_SHIFT) + 1, last = store.ring.head >> BLOCK_SHIFT;

	for (; block <= last; block++)
		*block_at(block) = (struct block){ store.ring.head, store.next_seq };
}

static void put_attr(u8 *p, u16 type, u16 len)
{
	struct nlattr *nla = (struct nlattr *)p;

	nla->nla_len = len;
	nla->nla_type = type;
}

/* C: the record's bytes; @data is what the values take, a multiple of 4. */
static void put_record(u8 *p, const struct moeai_record *r, u32 data, u32 len)
{
	u8 *at = p + r->image_len;
	unsigned int i;

	memcpy(p, r->image, r->image_len);
	((struct nlmsghdr *)p)->nlmsg_len = len;
	*(u64 *)(p + MOEAI_RECORD_SEQ) = store.next_seq;
	*(u64 *)(p + MOEAI_RECORD_TIME) = ktime_get_real_fast_ns();
	*(u32 *)(p + MOEAI_RECORD_PRIORITY) = r->priority;
	put_attr(at, MOEAI_A_EVENT_DATA | NLA_F_NESTED, NLA_HDRLEN + data);
	at += NLA_HDRLEN;
	for (i = 0; i < r->n_values; i++)
		at = moeai_value_put(at, &r->values[i]);
	if (at < p + len)
		put_attr(at, MOEAI_A_EVENT_PAD, NLA_HDRLEN);
}

static void keep_record(const void *record, u32 len)
{
	u64 n = evict(&store.keep, len);

	memcpy(moeai_ring_at(&store.keep, store.keep.head), record, len);
	commit(&store.keep, len);
	store.keep_evicted += n;
	store.keep_held += 1 - n;
	store.kept++;
}

static void write_record(const struct moeai_record *r, u32 data, u32 len)
{
	u64 start = store.ring.head, n = evict(&store.ring, len);
	void *p = moeai_ring_at(&store.ring, start);

	store.overwritten += n;
	store.first_seq += n;
	put_record(p, r, data, len);
	store.next_seq++;
	store.logged++;
	commit(&store.ring, len);
	index_blocks(start);
	if (r->priority == MOEAI_PRIO_CRITICAL)
		keep_record(p, len);
}

int moeai_log_write(const struct moeai_record *r)
{
	u32 data = 0, len;
	unsigned long flags;
	unsigned int i;
	bool live;

	for (i = 0; i < r->n_values; i++) {
		data += NLA_ALIGN(moeai_value_len(&r->values[i]));
		if (data > MOEAI_DATA_LEN) {
			moeai_log_refuse(MOEAI_REFUSED_SIZE);
			return -EMSGSIZE;
		}
	}
	len = ALIGN(r->image_len + NLA_HDRLEN + data, 8);

	raw_spin_lock_irqsave(&store.lock, flags);
	store.attempted++;
	write_record(r, data, len);
	live = moeai_pump_wanted();
	if (!live)
		store.live = (struct moeai_cursor){ store.ring.head, store.next_seq };
	raw_spin_unlock_irqrestore(&store.lock, flags);
	return live;
}

void moeai_log_refuse(enum moeai_refusal reason)
{
	unsigned long flags;

	if (in_nmi()) {
		atomic64_inc(&store.nmi);
		return;
	}
	raw_spin_lock_irqsave(&store.lock, flags);
	store.attempted++;
	store.refused[reason]++;
	raw_spin_unlock_irqrestore(&store.lock, flags);
}

void moeai_log_clear(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&store.lock, flags);
	store.cleared += store.next_seq - store.first_seq;
	store.first_seq = store.next_seq;
	store.cleared_seq = store.next_seq;
	WRITE_ONCE(store.ring.tail, store.ring.head);
	store.keep_evicted += store.keep_held;
	store.keep_held = 0;
	WRITE_ONCE(store.keep.tail, store.keep.head);
	raw_spin_unlock_irqrestore(&store.lock, flags);
}

static void stats_raw(struct moeai_log_stats *s)
{
	u64 nmi = atomic64_read(&store.nmi);

	lockdep_assert_held(&store.lock);
	*s = (struct moeai_log_stats){
		.size = store.ring.size,
		.attempted = store.attempted + nmi,
		.logged = store.logged,
		.held = store.next_seq - store.first_seq,
		.held_bytes = store.ring.head - store.ring.tail,
		.overwritten = store.overwritten,
		.cleared = store.cleared,
		.first_seq = store.first_seq,
		.next_seq = store.next_seq,
		.keep_size = store.keep.size,
		.kept = store.kept,
		.keep_held = store.keep_held,
		.keep_evicted = store.keep_evicted,
	};
	memcpy(s->refused, store.refused, sizeof(s->refused));
	s->refused[MOEAI_REFUSED_NMI] = nmi;
}

void moeai_log_stats(struct moeai_log_stats *s)
{
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&store.lock, flags);
	stats_raw(s);
	s->attempted -= store.base.attempted;
	s->logged -= store.base.logged;
	s->overwritten -= store.base.overwritten;
	s->cleared -= store.base.cleared;
	s->kept -= store.base.kept;
	s->keep_evicted -= store.base.keep_evicted;
	for (i = 0; i < __MOEAI_REFUSED_MAX; i++)
		s->refused[i] -= store.base.refused[i];
	raw_spin_unlock_irqrestore(&store.lock, flags);
}

/*
 * What is held stays counted as logged, so that the sums still balance: only
 * what was overwritten, cleared or refused is forgotten.
 */
void moeai_log_stats_reset(void)
{
	unsigned long flags;
	struct moeai_log_stats *b = &store.base;
	int i;

	raw_spin_lock_irqsave(&store.lock, flags);
	stats_raw(b);
	b->logged = b->overwritten + b->cleared;
	b->attempted = b->logged;
	for (i = 0; i < __MOEAI_REFUSED_MAX; i++)
		b->attempted += b->refused[i];
	b->kept = b->keep_evicted;
	raw_spin_unlock_irqrestore(&store.lock, flags);
}

u64 moeai_log_pending(void)
{
	u64 live = READ_ONCE(store.live.pos), head = READ_ONCE(store.ring.head);

	return head > live ? head - live : 0;
}

/* Fills @gap with the part of @from..@to that went for one reason. */
static void gap_reason(u64 from, u64 to, struct moeai_gap *gap)
{
	lockdep_assert_held(&store.lock);
	gap->from = from;
	gap->to = to;
	gap->reason = MOEAI_LOST_OVERWRITTEN;
	if (from < store.cleared_seq) {
		gap->to = min(to, store.cleared_seq - 1);
		gap->reason = MOEAI_LOST_CLEARED;
	}
}

void moeai_log_gap(u64 from, u64 to, struct moeai_gap *gap)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&store.lock, flags);
	gap_reason(from, to, gap);
	raw_spin_unlock_irqrestore(&store.lock, flags);
}

static void overtaken(struct moeai_cursor *c, struct moeai_gap *gap)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&store.lock, flags);
	gap_reason(c->seq, store.first_seq - 1, gap);
	c->seq = gap->to + 1;
	if (c->seq == store.first_seq)
		c->pos = store.ring.tail;
	raw_spin_unlock_irqrestore(&store.lock, flags);
}

int moeai_log_read(struct moeai_cursor *c, u64 end, void *buf, size_t room, struct moeai_gap *gap)
{
	unsigned int n;
	int ret = moeai_ring_read(&store.ring, &c->pos, end, buf, room, &n);

	if (ret == -EPIPE)
		overtaken(c, gap);
	c->seq += n;
	return ret;
}

int moeai_log_read_kept(u64 *pos, u64 end, void *buf, size_t room)
{
	u64 start = *pos;
	unsigned int n;
	int ret = moeai_ring_read(&store.keep, pos, end, buf, min_t(size_t, room, 512), &n);

	if (ret == -EMSGSIZE) /* most are short: one is wanted, not all that fit */
		ret = moeai_ring_read(&store.keep, pos, end, buf, room, &n);
	if (ret > 0) {
		ret = ((struct nlmsghdr *)buf)->nlmsg_len;
		*pos = start + ret;
	} else if (ret == -EPIPE) {
		*pos = READ_ONCE(store.keep.tail);
	}
	return ret;
}

void moeai_log_live(struct moeai_cursor *c)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&store.lock, flags);
	*c = store.live;
	raw_spin_unlock_irqrestore(&store.lock, flags);
}

void moeai_log_live_sent(const struct moeai_cursor *c)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&store.lock, flags);
	if (c->seq > store.live.seq)
		store.live = *c;
	raw_spin_unlock_irqrestore(&store.lock, flags);
}

/* The last block known to start at or before @since, else the tail. */
static void seek(u64 since, struct moeai_cursor *c)
{
	u64 low = (store.ring.tail + (1 << BLOCK_SHIFT) - 1) >> BLOCK_SHIFT;
	u64 high = (store.ring.head >> BLOCK_SHIFT) + 1;

	lockdep_assert_held(&store.lock);
	*c = (struct moeai_cursor){ store.ring.tail, store.first_seq };
	while (low < high) {
		u64 mid = low + (high - low) / 2;
		struct block *b = block_at(mid);

		if (b->seq <= since) {
			*c = (struct moeai_cursor){ b->pos, b->seq };
			low = mid + 1;
		} else {
			high = mid;
		}
	}
}

void moeai_log_range(u64 since, struct moeai_log_range *r)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&store.lock, flags);
	seek(since, &r->from);
	r->first_seq = store.first_seq;
	r->end = store.ring.head;
	r->next_seq = store.next_seq;
	r->keep_from = store.keep.tail;
	r->keep_end = store.keep.head;
	raw_spin_unlock_irqrestore(&store.lock, flags);
}
