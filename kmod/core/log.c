// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/hardirq.h>
#include <linux/ktime.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include "event.h"
#include "log.h"
#include "pump.h"
#include "ring.h"
#include "wake.h"

static struct {
	raw_spinlock_t lock; /* guards all below but nmi, and writing the rings */
	struct moeai_ring ring;
	struct moeai_ring keep;
	struct moeai_map *map; /* the first of pages: what readers of the mapping see */
	struct page **pages;   /* the mapping: map, ring twice, keep twice */
	unsigned long n_pages;
	struct moeai_index index; /* of ring */
	u64 next_seq;
	u64 first_seq;	 /* of the record at the ring's tail */
	u64 cleared_seq; /* seqs below it are gone by log.clear, if not before */
	struct moeai_cursor live;
	bool asked; /* a reader of the mapping waits … */
	u64 wake_at; /* … for this position */
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

static int alloc_map(u64 size, u64 keep)
{
	store.n_pages = 1 + 2 * ((size + keep) >> PAGE_SHIFT);
	store.pages = kvcalloc(store.n_pages, sizeof(*store.pages), GFP_KERNEL);
	if (!store.pages)
		return -ENOMEM;
	store.pages[0] = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!store.pages[0]) {
		kvfree(store.pages);
		return -ENOMEM;
	}
	store.map = page_address(store.pages[0]);
	static_assert(sizeof(*store.map) <= PAGE_SIZE);
	*store.map = (struct moeai_map){
		.version = MOEAI_MAP_VERSION,
		.size = (u64)store.n_pages << PAGE_SHIFT,
		.log_offset = PAGE_SIZE,
		.log_size = size,
		.keep_offset = PAGE_SIZE + 2 * size,
		.keep_size = keep,
	};
	return 0;
}

static void free_map(void)
{
	put_page(store.pages[0]);
	kvfree(store.pages);
}

int moeai_log_init(u64 size, u64 pos)
{
	u64 keep = clamp_t(u64, size / 16, max_t(u64, SZ_32K, PAGE_SIZE), SZ_1M);
	int ret;

	raw_spin_lock_init(&store.lock);
	store.next_seq = 1;
	store.first_seq = 1;
	store.live = (struct moeai_cursor){ pos, 1 };
	ret = alloc_map(size, keep);
	if (ret)
		return ret;
	ret = moeai_ring_init(&store.ring, size, &store.map->log, store.pages + 1, pos);
	if (ret)
		goto free_map;
	ret = moeai_ring_init(&store.keep, keep, &store.map->keep,
			      store.pages + 1 + 2 * (size >> PAGE_SHIFT), pos);
	if (ret)
		goto free_ring;
	ret = moeai_index_init(&store.index, size, store.live);
	if (!ret)
		return 0;

	moeai_ring_exit(&store.keep);
free_ring:
	moeai_ring_exit(&store.ring);
free_map:
	free_map();
	return ret;
}

void moeai_log_exit(void)
{
	moeai_index_exit(&store.index);
	moeai_ring_exit(&store.keep);
	moeai_ring_exit(&store.ring);
	free_map();
}

void moeai_log_publish(u64 epoch, u16 family)
{
	store.map->epoch = epoch;
	store.map->family = family;
}

struct page **moeai_log_pages(unsigned long *n)
{
	*n = store.n_pages;
	return store.pages;
}

/* Make room for @len bytes; returns how many records went. */
static u64 evict(struct moeai_ring *ring, u32 len)
{
	u64 tail = ring->at->tail, end = ring->at->head + len, n = 0;

	while (end - tail > ring->size) {
		tail += moeai_ring_len(ring, tail);
		n++;
	}
	if (n) {
		WRITE_ONCE(ring->at->tail, tail); /* A */
		smp_wmb();			  /* B, pairs with G in moeai_ring_read() */
	}
	return n;
}

static void commit(struct moeai_ring *ring, u64 head)
{
	smp_store_release(&ring->at->head, head); /* D */
}

static noinline void keep_record(const void *record, u32 len)
{
	u64 n = evict(&store.keep, len), head = store.keep.at->head;

	memcpy(moeai_ring_at(&store.keep, head), record, len);
	commit(&store.keep, head + len);
	store.keep_evicted += n;
	store.keep_held += 1 - n;
	store.kept++;
}

static void put_attr(u8 *p, u16 type, u16 len)
{
	*(struct nlattr *)p = (struct nlattr){ len, type };
}

/* C: all of a record but its values. Returns where these go. */
static u8 *put_head(u8 *p, const struct moeai_event_type *type, u32 image_len, u32 priority,
		    u32 data, u32 len)
{
	const u8 *image = type->image;
	u8 *end = p + image_len;
	u32 at = MOEAI_RECORD_TIME + 8; /* a multiple of 8, as SEQ and TIME are */

	memcpy(p, image, MOEAI_RECORD_SEQ);
	((struct nlmsghdr *)p)->nlmsg_len = len;
	*(u64 *)(p + MOEAI_RECORD_SEQ) = store.next_seq;
	memcpy(p + MOEAI_RECORD_SEQ + 8, image + MOEAI_RECORD_SEQ + 8, 8);
	*(u64 *)(p + MOEAI_RECORD_TIME) = ktime_get_real_fast_ns();
	static_assert(MOEAI_RECORD_SEQ + 16 == MOEAI_RECORD_TIME && !(MOEAI_RECORD_TIME % 8));
	for (; at < image_len; at += 8)
		*(u64 *)(p + at) = *(u64 *)(image + at);
	*(u32 *)(p + MOEAI_RECORD_PRIORITY) = priority;
	put_attr(end, MOEAI_A_EVENT_DATA | NLA_F_NESTED, NLA_HDRLEN + data);
	if (image_len + NLA_HDRLEN + data < len)
		put_attr(p + len - NLA_HDRLEN, MOEAI_A_EVENT_PAD, NLA_HDRLEN);
	return end + NLA_HDRLEN;
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

static int refuse(enum moeai_refusal reason, int err)
{
	moeai_log_refuse(reason);
	return err;
}

int moeai_event_reserve(const struct moeai_event_type *type, enum moeai_priority priority,
			u32 data, struct moeai_slot *slot)
{
	u32 image_len = READ_ONCE(type->image_len), len; /* 0 once it is unregistered */
	u64 n;

	if (unlikely(in_nmi()))
		return refuse(MOEAI_REFUSED_NMI, -EPERM);
	if (unlikely(!image_len || (u32)priority > MOEAI_PRIO_MAX))
		return refuse(MOEAI_REFUSED_INVALID, -EINVAL);
	if (unlikely(data > MOEAI_DATA_LEN))
		return refuse(MOEAI_REFUSED_SIZE, -EMSGSIZE);
	len = ALIGN(image_len + NLA_HDRLEN + data, 8);

	raw_spin_lock_irqsave(&store.lock, slot->irq);
	n = evict(&store.ring, len);
	store.overwritten += n;
	store.first_seq += n;
	slot->len = len;
	slot->priority = priority;
	slot->data = put_head(moeai_ring_at(&store.ring, store.ring.at->head), type, image_len,
			      priority, data, len);
	__release(&store.lock); /* moeai_event_commit() has it */
	return 0;
}
EXPORT_SYMBOL_GPL(moeai_event_reserve);

/* The pump is not under way, or there is reason to hurry. */
static noinline enum moeai_pump_kick tell_pump(u64 head, u32 priority)
{
	if (priority < MOEAI_PRIO_WARNING && head - store.live.pos < MOEAI_PUMP_BATCH)
		return MOEAI_PUMP_ARM;
	if (moeai_pump_wanted())
		return MOEAI_PUMP_NOW;
	store.live = (struct moeai_cursor){ head, store.next_seq };
	return MOEAI_PUMP_NOTHING;
}

void moeai_event_commit(const struct moeai_slot *slot)
{
	u64 start = store.ring.at->head, head = start + slot->len;
	enum moeai_pump_kick kick = MOEAI_PUMP_NOTHING;
	const char *wrong = moeai_event_wrong(moeai_ring_at(&store.ring, start));
	bool wake = false;

	__acquire(&store.lock);
	store.attempted++;
	store.logged++;
	store.next_seq++;
	if (unlikely(slot->priority == MOEAI_PRIO_CRITICAL))
		keep_record(moeai_ring_at(&store.ring, start), slot->len);
	commit(&store.ring, head);
	moeai_index_note(&store.index, start, (struct moeai_cursor){ head, store.next_seq });
	if (unlikely(moeai_pump_due(head - store.live.pos, slot->priority)))
		kick = tell_pump(head, slot->priority);
	if (unlikely(store.asked) && !moeai_pos_before(head, store.wake_at)) {
		store.asked = false;
		wake = true;
	}
	raw_spin_unlock_irqrestore(&store.lock, slot->irq);

	WARN_ONCE(wrong, "moeai: %s: bad values", wrong);
	if (unlikely(kick != MOEAI_PUMP_NOTHING))
		moeai_pump_kick(kick);
	if (unlikely(wake || slot->priority >= MOEAI_PRIO_WARNING))
		moeai_wake_kick(wake, slot->priority);
}
EXPORT_SYMBOL_GPL(moeai_event_commit);

bool moeai_log_ask(u64 at)
{
	unsigned long flags;
	bool ahead;

	raw_spin_lock_irqsave(&store.lock, flags);
	ahead = moeai_pos_before(store.ring.at->head, at);
	if (ahead && (!store.asked || moeai_pos_before(at, store.wake_at))) {
		store.wake_at = at;
		store.asked = true;
	}
	raw_spin_unlock_irqrestore(&store.lock, flags);
	return ahead;
}

void moeai_log_clear(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&store.lock, flags);
	store.cleared += store.next_seq - store.first_seq;
	store.first_seq = store.next_seq;
	store.cleared_seq = store.next_seq;
	WRITE_ONCE(store.ring.at->tail, store.ring.at->head);
	store.keep_evicted += store.keep_held;
	store.keep_held = 0;
	WRITE_ONCE(store.keep.at->tail, store.keep.at->head);
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
		.held_bytes = store.ring.at->head - store.ring.at->tail,
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

u64 moeai_log_head(void)
{
	return READ_ONCE(store.ring.at->head);
}

void moeai_log_live_skip(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&store.lock, flags);
	if (!moeai_pump_wanted())
		store.live = (struct moeai_cursor){ store.ring.at->head, store.next_seq };
	raw_spin_unlock_irqrestore(&store.lock, flags);
}

u64 moeai_log_pending(void)
{
	u64 live = READ_ONCE(store.live.pos), head = moeai_log_head();

	return moeai_pos_before(live, head) ? head - live : 0;
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
		c->pos = store.ring.at->tail;
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
		*pos = READ_ONCE(store.keep.at->tail);
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

void moeai_log_range(u64 since, struct moeai_log_range *r)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&store.lock, flags);
	r->from = (struct moeai_cursor){ store.ring.at->tail, store.first_seq };
	moeai_index_seek(&store.index, since, store.ring.at->head, &r->from);
	r->first_seq = store.first_seq;
	r->end = store.ring.at->head;
	r->next_seq = store.next_seq;
	r->keep_from = store.keep.at->tail;
	r->keep_end = store.keep.at->head;
	raw_spin_unlock_irqrestore(&store.lock, flags);
}
