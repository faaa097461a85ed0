// SPDX-License-Identifier: GPL-2.0
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include "compat.h"
#include "log.h"
#include "netlink.h"
#include "pump.h"
#include "replay.h"

/* What just fits a kmalloc bucket of 8 KiB, and one of 16 KiB under backlog. */
#define BATCH	      SKB_WITH_OVERHEAD(8192)
#define BATCH_BACKLOG SKB_WITH_OVERHEAD(16384)
#define RETRY_NS      (10 * NSEC_PER_MSEC)

u32 moeai_flush_us = 1000;

/*
 * An emitter can be in any context, so it only raises an irq_work, and only if
 * its bit was clear: ARMED, the first event since the last flush, starts the
 * timer; NOW, a full batch or an urgent event, queues the work. The work clears
 * both before it looks at the log, so no event is left behind.
 */
enum { ARMED, NOW };

static unsigned long wants;
static struct irq_work raise;
static struct hrtimer deadline;
static struct work_struct work;
static struct workqueue_struct *queue;
static struct moeai_pump_stats stats, base; /* written by the work only; base: by reset */

bool moeai_pump_wanted(void)
{
	return moeai_has_listeners(MOEAI_GROUP_EVENTS);
}

void moeai_pump_kick(enum moeai_priority priority)
{
	bool now = priority >= MOEAI_PRIO_WARNING || moeai_log_pending() >= BATCH;
	int bit = now ? NOW : ARMED;

	if (!test_bit(bit, &wants) && !test_and_set_bit(bit, &wants))
		irq_work_queue(&raise);
}

static void raised(struct irq_work *w)
{
	if (test_bit(NOW, &wants))
		queue_work(queue, &work);
	else
		hrtimer_start(&deadline,
			      ns_to_ktime((u64)READ_ONCE(moeai_flush_us) * NSEC_PER_USEC),
			      HRTIMER_MODE_REL);
}

static enum hrtimer_restart expired(struct hrtimer *timer)
{
	queue_work(queue, &work);
	return HRTIMER_NORESTART;
}

static struct sk_buff *span_skb(struct moeai_cursor *c, struct moeai_gap *gap, int *ret)
{
	u64 pending = moeai_log_pending();
	size_t room = pending > 2 * BATCH ? BATCH_BACKLOG : min_t(u64, pending, BATCH);
	struct sk_buff *skb;

	do {
		skb = alloc_skb(room, GFP_ATOMIC | __GFP_NOWARN);
		if (!skb) {
			*ret = -ENOMEM;
			return NULL;
		}
		*ret = moeai_log_read(c, U64_MAX, skb->data, room, gap);
		if (*ret > 0) {
			skb_put(skb, *ret);
			return skb;
		}
		kfree_skb(skb);
		room = MOEAI_RECORD_MAX;
	} while (*ret == -EMSGSIZE);
	return NULL;
}

static struct sk_buff *gap_skb(const struct moeai_gap *gap)
{
	struct sk_buff *skb = alloc_skb(MOEAI_NOTICE_LEN, GFP_ATOMIC | __GFP_NOWARN);

	if (skb)
		skb_put(skb, moeai_replay_notice(skb->data, gap));
	return skb;
}

/* Send what comes next. Returns 0 at the log's end, 1 if there may be more. */
static int send_next(void)
{
	struct moeai_cursor c, old;
	struct moeai_gap gap;
	struct sk_buff *skb;
	int ret;

	moeai_log_live(&old);
	c = old;
	skb = span_skb(&c, &gap, &ret);
	if (ret == -EPIPE)
		skb = gap_skb(&gap);
	if (!skb)
		return ret && ret != -ENOMEM ? -ENOMEM : ret;
	if (ret > 0)
		stats.events += c.seq - old.seq;
	else
		stats.lost += c.seq - old.seq;
	stats.datagrams++;
	moeai_log_live_sent(&c);
	/* Fails where a subscriber's buffer is full: he is told by ENOBUFS. */
	moeai_multicast(skb, MOEAI_GROUP_EVENTS, GFP_ATOMIC | __GFP_NOWARN);
	return 1;
}

static void flush(struct work_struct *w)
{
	int ret;

	clear_bit(ARMED, &wants);
	clear_bit(NOW, &wants);
	smp_mb__after_atomic(); /* pairs with test_and_set_bit(): see the enum */
	while (moeai_pump_wanted()) {
		ret = send_next();
		if (ret == -ENOMEM) {
			stats.retries++;
			set_bit(ARMED, &wants);
			hrtimer_start(&deadline, ns_to_ktime(RETRY_NS), HRTIMER_MODE_REL);
		}
		if (ret <= 0)
			break;
		cond_resched();
	}
}

void moeai_pump_stats(struct moeai_pump_stats *s)
{
	*s = (struct moeai_pump_stats){
		.events = READ_ONCE(stats.events) - base.events,
		.datagrams = READ_ONCE(stats.datagrams) - base.datagrams,
		.lost = READ_ONCE(stats.lost) - base.lost,
		.retries = READ_ONCE(stats.retries) - base.retries,
	};
}

void moeai_pump_stats_reset(void)
{
	base = stats;
}

int moeai_pump_init(void)
{
	queue = alloc_workqueue("moeai", WQ_HIGHPRI | WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	if (!queue)
		return -ENOMEM;
	init_irq_work(&raise, raised);
	moeai_hrtimer_setup(&deadline, expired, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	INIT_WORK(&work, flush);
	return 0;
}

/* No emitter is left: the modules that could emit are gone. */
void moeai_pump_exit(void)
{
	irq_work_sync(&raise);
	hrtimer_cancel(&deadline);
	cancel_work_sync(&work);
	hrtimer_cancel(&deadline); /* the work may have set it for a retry */
	cancel_work_sync(&work);
	destroy_workqueue(queue);
}
