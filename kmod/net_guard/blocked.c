// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/spinlock.h>
#include "blocked.h"
#include "param.h"
#include "rule.h"

#define ACTIVE_MAX 256

/* A rule that blocks of late. Holds it. */
struct active {
	struct hlist_node node; /* in by_rule */
	struct guard_named named;
	struct guard_addr source;
	u64 hits, bytes; /* told so far */
	u32 since; /* tick: of its last event */
};

static void sweep(struct work_struct *work);
static DECLARE_DELAYED_WORK(sweeper, sweep);
static struct workqueue_struct *wq; /* while started; read by packets under RCU */

static DEFINE_SPINLOCK(lock); /* guards what follows */
static struct active actives[ACTIVE_MAX];
static DECLARE_HASHTABLE(by_rule, 8);
static unsigned int n_actives; /* read without it, too */

static atomic64_t untold; /* rules for which there was no room */

static u32 interval_ticks(void)
{
	return max_t(u32, READ_ONCE(guard_params.interval) >> GUARD_TICK_SHIFT, 1);
}

bool guard_blocked_news(u32 last, u32 now)
{
	return unlikely(!last || last & GUARD_LAST_UNTOLD ||
			(s32)(now - last) > (s32)interval_ticks());
}

static bool is_active(u32 rule)
{
	const struct active *a;

	lockdep_assert_held(&lock);
	hash_for_each_possible(by_rule, a, node, rule)
		if (a->named.rule == rule)
			return true;
	return false;
}

/* False: there is no room. */
static bool add(const struct active *new)
{
	struct active *a = &actives[n_actives];

	lockdep_assert_held(&lock);
	if (n_actives == ACTIVE_MAX)
		return false;
	guard_rule_get(new->named.rule);
	*a = *new;
	hash_add(by_rule, &a->node, a->named.rule);
	WRITE_ONCE(n_actives, n_actives + 1);
	return true;
}

static void remove(struct active *a)
{
	struct active *last = &actives[n_actives - 1];

	lockdep_assert_held(&lock);
	hash_del(&a->node);
	if (a != last) {
		hash_del(&last->node);
		*a = *last;
		hash_add(by_rule, &a->node, a->named.rule);
	}
	WRITE_ONCE(n_actives, n_actives - 1);
}

/* Of two CPUs with a rule's first two packets, the second comes for nothing. */
bool guard_blocked_begin(const struct guard_named *rule, struct guard_addr source, u64 hits,
			 u64 bytes, u32 packet)
{
	const struct active new = { .named = *rule, .source = source, .hits = hits,
				    .bytes = bytes, .since = guard_now() };
	struct workqueue_struct *q = READ_ONCE(wq);
	bool active, added;

	if (!q)
		return true;
	if (READ_ONCE(n_actives) == ACTIVE_MAX) /* so most find that out for nothing */
		return false;
	spin_lock_bh(&lock);
	active = is_active(rule->rule); /* its count goes on */
	added = !active && add(&new);
	spin_unlock_bh(&lock);
	if (added)
		guard_event_blocked(rule, source, 1, packet, 0);
	queue_delayed_work(q, &sweeper, nsecs_to_jiffies(READ_ONCE(guard_params.interval)));
	return active || added;
}

void guard_blocked_untold(void)
{
	atomic64_inc(&untold);
}

/* What there is to tell of @a; false: it is over. */
static bool follow(struct active *a, u32 now, u64 *packets, u64 *bytes, u64 *period)
{
	const struct guard_rule *rule = guard_rule(a->named.rule);
	u64 hits = atomic64_read(&rule->hits), all = atomic64_read(&rule->bytes);

	*packets = hits - a->hits;
	*bytes = all - a->bytes;
	*period = (u64)(now - a->since) << GUARD_TICK_SHIFT;
	if (!*packets)
		return !guard_blocked_news(guard_rule_last(rule), now);
	a->hits = hits;
	a->bytes = all;
	a->since = now;
	return true;
}

static void tell(unsigned int i)
{
	u64 packets, bytes, period;
	struct active a;
	bool stays;

	spin_lock_bh(&lock);
	stays = follow(&actives[i], guard_now(), &packets, &bytes, &period);
	a = actives[i];
	if (!stays)
		remove(&actives[i]);
	spin_unlock_bh(&lock);
	if (packets)
		guard_event_blocked(&a.named, a.source, packets, bytes, period ?: 1);
	if (!stays)
		guard_rule_put(a.named.rule);
}

static void tell_all(void)
{
	u64 n = atomic64_xchg(&untold, 0);
	unsigned int i;

	/* The last one takes the place of one that goes; only the sweeper lets them go. */
	for (i = READ_ONCE(n_actives); i-- > 0;)
		tell(i);
	if (n)
		guard_event_blocked_more(n, READ_ONCE(guard_params.interval));
}

static void sweep(struct work_struct *work)
{
	tell_all();
	if (READ_ONCE(n_actives))
		queue_delayed_work(wq, &sweeper,
				   nsecs_to_jiffies(READ_ONCE(guard_params.interval)));
}

void guard_blocked_start(struct workqueue_struct *q)
{
	WRITE_ONCE(wq, q);
}

/* No packet is looked at any more. */
void guard_blocked_stop(void)
{
	cancel_delayed_work_sync(&sweeper);
	WRITE_ONCE(wq, NULL);
	tell_all();
	hash_init(by_rule);
	while (n_actives)
		guard_rule_put(actives[--n_actives].named.rule);
}
