// SPDX-License-Identifier: GPL-2.0
#include <linux/irq_work.h>
#include <linux/spinlock.h>
#include "compat.h"
#include "log.h"
#include "ring.h"
#include "wake.h"

/*
 * Whoever sleeps is in armed, and the log has been asked for a position that is
 * not beyond what he waits for: under the log's lock, so that either the asking
 * sees a writer's record, or the writer the question. The question is answered
 * once; look() then asks again for those who are still there.
 */
static DEFINE_SPINLOCK(lock); /* guards armed and its entries; outside the log's */
static LIST_HEAD(armed);
static unsigned long urgent; /* bit 0: who has anything to read is to be woken */
static struct irq_work raise;

static void wake(struct moeai_waiter *w)
{
	lockdep_assert_held(&lock);
	list_del_init(&w->list);
	wake_up_all(&w->queue);
}

/* Is there, for @w? If not, @at is what it waits for. The first event starts its deadline. */
static bool enough(struct moeai_waiter *w, u64 head, bool now, u64 *at)
{
	*at = w->pos + 1;
	if (!moeai_pos_before(w->pos, head))
		return false;
	if (now || !w->settings.delay_ns || head - w->pos >= w->settings.bytes)
		return true;
	if (!w->started)
		hrtimer_start(&w->deadline, ns_to_ktime(w->settings.delay_ns), HRTIMER_MODE_REL);
	w->started = true;
	*at = w->pos + w->settings.bytes;
	return false;
}

/* Wake whom there is enough for. Returns whether others are left, and what they wait for. */
static bool wake_some(bool now, u64 *least)
{
	struct moeai_waiter *w, *next;
	u64 head = moeai_log_head(), at;
	bool any = false;

	list_for_each_entry_safe(w, next, &armed, list) {
		if (enough(w, head, now, &at)) {
			wake(w);
			continue;
		}
		if (!any || moeai_pos_before(at, *least))
			*least = at;
		any = true;
	}
	return any;
}

static void look(struct irq_work *unused)
{
	unsigned long flags;
	u64 at = 0;

	spin_lock_irqsave(&lock, flags);
	while (wake_some(test_and_clear_bit(0, &urgent), &at) && !moeai_log_ask(at))
		;
	spin_unlock_irqrestore(&lock, flags);
}

void moeai_wake_kick(bool asked, u32 priority)
{
	bool now = priority >= MOEAI_PRIO_WARNING && !list_empty(&armed);

	if (likely(!asked && !now))
		return;
	if (now)
		set_bit(0, &urgent);
	irq_work_queue(&raise);
}

static enum hrtimer_restart expired(struct hrtimer *timer)
{
	struct moeai_waiter *w = container_of(timer, struct moeai_waiter, deadline);
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	if (!list_empty(&w->list))
		wake(w);
	spin_unlock_irqrestore(&lock, flags);
	return HRTIMER_NORESTART;
}

/* Returns whether it was armed. */
static bool disarm(struct moeai_waiter *w)
{
	unsigned long flags;
	bool was;

	spin_lock_irqsave(&lock, flags);
	was = !list_empty(&w->list);
	list_del_init(&w->list);
	spin_unlock_irqrestore(&lock, flags);
	hrtimer_cancel(&w->deadline); /* nobody starts it any more */
	return was;
}

bool moeai_waiter_arm(struct moeai_waiter *w, u64 pos)
{
	unsigned long flags;
	bool was = disarm(w), waits;

	spin_lock_irqsave(&lock, flags);
	w->pos = pos;
	w->started = false;
	if (list_empty(&w->list)) /* two may wait, though that is of no use */
		list_add_tail(&w->list, &armed);
	waits = !moeai_pos_before(pos, moeai_log_head()) && moeai_log_ask(pos + 1);
	if (!waits)
		list_del_init(&w->list);
	spin_unlock_irqrestore(&lock, flags);
	if (!waits && was) /* another thread may sleep on it */
		wake_up_all(&w->queue);
	return !waits;
}

void moeai_waiter_set(struct moeai_waiter *w, const struct moeai_wake *settings)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	w->settings = *settings;
	spin_unlock_irqrestore(&lock, flags);
}

void moeai_waiter_init(struct moeai_waiter *w)
{
	INIT_LIST_HEAD(&w->list);
	init_waitqueue_head(&w->queue);
	moeai_hrtimer_setup(&w->deadline, expired, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	w->settings = (struct moeai_wake){ .bytes = 1 };
}

void moeai_waiter_exit(struct moeai_waiter *w)
{
	disarm(w);
}

void moeai_wake_init(void)
{
	init_irq_work(&raise, look);
}

/* A reader that has gone may have left a question, which some event has answered. */
void moeai_wake_exit(void)
{
	irq_work_sync(&raise);
}
