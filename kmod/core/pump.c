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

#define BATCH_SMALL SKB_WITH_OVERHEAD(2048)
#define RETRY_NS    (10 * NSEC_PER_MSEC)

u32 moeai_flush_us = 1000;

/*
 * An emitter can be in any context, so it only raises an irq_work, and only if
 * that was not under way: the first event since the last flush starts the timer;
 * a full batch or an urgent event that somebody listens for queues the work. Both
 * are no longer under way before the log's lock is taken to see what there is: an
 * event that was logged before that is seen, and who logs one after that kicks
 * again. So none is left behind. Whoever joins may get what was logged a flush ago.
 */
unsigned long moeai_pump_under_way;
static struct irq_work raise;
static struct hrtimer deadline;
static struct work_struct work;
static struct workqueue_struct *queue;
static struct moeai_replay catch_up; /* the work's */
static bool catching;
static struct moeai_pump_stats stats, base; /* written by the work only; base: by reset */

bool moeai_pump_wanted(void)
{
	return moeai_has_listeners(MOEAI_GROUP_EVENTS);
}

void moeai_pump_kick(enum moeai_pump_kick kick)
{
	if (!test_and_set_bit(kick, &moeai_pump_under_way))
		irq_work_queue(&raise);
}

static void raised(struct irq_work *w)
{
	if (test_bit(MOEAI_PUMP_NOW, &moeai_pump_under_way))
		queue_work(queue, &work);
	else
		hrtimer_start(&deadline,
			      ns_to_ktime((u64)READ_ONCE(moeai_flush_us) * NSEC_PER_USEC),
			      HRTIMER_MODE_REL);
}

static enum hrtimer_restart expired(struct hrtimer *timer)
{
	if (moeai_pump_wanted()) {
		queue_work(queue, &work);
	} else {
		clear_bit(MOEAI_PUMP_ARM, &moeai_pump_under_way);
		moeai_log_live_skip();
	}
	return HRTIMER_NORESTART;
}

/* Under memory pressure a small datagram may be had where a large one is not. */
static struct sk_buff *alloc(size_t room)
{
	struct sk_buff *skb = alloc_skb(room, GFP_ATOMIC | __GFP_NOWARN);

	if (!skb && room > BATCH_SMALL)
		skb = alloc_skb(BATCH_SMALL, GFP_ATOMIC | __GFP_NOWARN);
	return skb;
}

/*
 * A datagram of what @fill gives: bytes, 0 for nothing, -EPIPE, or -EMSGSIZE
 * for a record that needs more room. NULL: *ret says why.
 */
static struct sk_buff *datagram(size_t room, int (*fill)(void *buf, size_t room, void *arg),
				void *arg, int *ret)
{
	struct sk_buff *skb = alloc(room);

	*ret = skb ? fill(skb->data, skb_tailroom(skb), arg) : -ENOMEM;
	if (*ret == -EMSGSIZE) {
		kfree_skb(skb);
		skb = alloc_skb(MOEAI_RECORD_MAX, GFP_ATOMIC | __GFP_NOWARN);
		*ret = skb ? fill(skb->data, MOEAI_RECORD_MAX, arg) : -ENOMEM;
	}
	if (*ret > 0) {
		skb_put(skb, *ret);
		return skb;
	}
	kfree_skb(skb);
	return NULL;
}

/* Fails where a subscriber's buffer is full: he is told by ENOBUFS. */
static void send(struct sk_buff *skb)
{
	stats.datagrams++;
	moeai_multicast(skb, MOEAI_GROUP_EVENTS, GFP_ATOMIC | __GFP_NOWARN);
}

static int fill_live(void *buf, size_t room, void *cursor)
{
	struct moeai_gap unused;

	return moeai_log_read(cursor, moeai_log_head(), buf, room, &unused);
}

static int fill_caught(void *buf, size_t room, void *unused)
{
	return moeai_replay_fill(&catch_up, buf, room);
}

/*
 * The log has overtaken the pump: what is gone is told, and what is kept of it
 * is sent, as a replay does; after that, on from where the replay ended.
 */
static int send_caught(void)
{
	int ret;
	struct sk_buff *skb = datagram(MOEAI_PUMP_BATCH, fill_caught, NULL, &ret);
	struct moeai_cursor c = { catch_up.range.end, catch_up.range.next_seq };

	if (skb) {
		send(skb);
		return 1;
	}
	if (ret)
		return ret;
	stats.lost += catch_up.lost;
	stats.events += c.seq - catch_up.filter.since - catch_up.lost;
	moeai_log_live_sent(&c);
	catching = false;
	return 1;
}

/* Send what comes next. Returns 0 at the log's end, 1 if there may be more. */
static int send_next(void)
{
	struct moeai_cursor c, old;
	struct sk_buff *skb;
	u64 pending, room;
	int ret;

	if (catching)
		return send_caught();
	moeai_log_live(&old); /* takes the log's lock: see above */
	pending = moeai_log_pending();
	if (!pending)
		return 0;
	c = old;
	room = pending > 2 * MOEAI_PUMP_BATCH ? MOEAI_PUMP_BATCH_BACKLOG : MOEAI_PUMP_BATCH;
	skb = datagram(min_t(u64, pending, room), fill_live, &c, &ret);
	if (skb) {
		stats.events += c.seq - old.seq;
		moeai_log_live_sent(&c);
		send(skb);
		return 1;
	}
	if (ret != -EPIPE)
		return ret;
	moeai_replay_init(&catch_up, &(struct moeai_filter){ .since = old.seq });
	catch_up.stage = MOEAI_REPLAY_KEPT;
	catching = true;
	return 1;
}

static void flush(struct work_struct *w)
{
	int ret;

	clear_bit(MOEAI_PUMP_ARM, &moeai_pump_under_way);
	clear_bit(MOEAI_PUMP_NOW, &moeai_pump_under_way);
	catching = catching && moeai_pump_wanted();
	while (moeai_pump_wanted()) {
		ret = send_next();
		if (ret < 0) {
			stats.retries++;
			set_bit(MOEAI_PUMP_ARM, &moeai_pump_under_way);
			hrtimer_start(&deadline, ns_to_ktime(RETRY_NS), HRTIMER_MODE_REL);
		}
		if (ret <= 0)
			break;
		cond_resched();
	}
	moeai_log_live_skip();
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

/* No emitter is left. What they logged last is sent while the family stands. */
void moeai_pump_stop(void)
{
	irq_work_sync(&raise);
	hrtimer_cancel(&deadline);
	cancel_work_sync(&work);
	flush(&work);
	hrtimer_cancel(&deadline); /* it may have been set for a retry */
	cancel_work_sync(&work);
}

void moeai_pump_exit(void)
{
	destroy_workqueue(queue);
}
