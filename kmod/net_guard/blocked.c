// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/spinlock.h>
#include "blocked.h"
#include "param.h"
#include "rule.h"

#define ACTIVE_MAX 256

/* A rule that blocks of late. Holds it. */
struct active {
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
static unsigned int n_actives;
static u64 untold; /* rules for which there was no room */

static u32 interval_ticks(void)
{
	return max_t(u32, READ_ONCE(guard_params.interval) >> GUARD_TICK_SHIFT, 1);
}

bool guard_blocked_news(u32 last, u32 now)
{
	return unlikely(!last || now - last > interval_ticks());
}

static bool is_active(u32 rule)
{
	unsigned int i;

	lockdep_assert_held(&lock);
	for (i = 0; i < n_actives; i++)
		if (actives[i].named.rule == rule)
			return true;
	return false;
}

/* Of two CPUs with a rule's first two packets, the second comes for nothing. */
void guard_blocked_begin(const struct guard_named *rule, struct guard_addr source, u64 hits,
			 u64 bytes, u32 packet)
{
	struct workqueue_struct *q = READ_ONCE(wq);
	bool tell = false;

	if (!q)
		return;
	spin_lock_bh(&lock);
	if (is_active(rule->rule)) {
		/* its count goes on */
	} else if (n_actives == ACTIVE_MAX) {
		untold++;
	} else {
		guard_rule_get(rule->rule);
		actives[n_actives++] = (struct active){ *rule, source, hits, bytes, guard_now() };
		tell = true;
	}
	spin_unlock_bh(&lock);
	if (tell)
		guard_event_blocked(rule, source, 1, packet, 0);
	queue_delayed_work(q, &sweeper, nsecs_to_jiffies(READ_ONCE(guard_params.interval)));
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
		return !guard_blocked_news(READ_ONCE(rule->last), now);
	a->hits = hits;
	a->bytes = all;
	a->since = now;
	return true;
}

static void tell(unsigned int i, u32 now)
{
	u64 packets, bytes, period;
	struct active a;
	bool stays;

	spin_lock_bh(&lock);
	stays = follow(&actives[i], now, &packets, &bytes, &period);
	a = actives[i];
	if (!stays)
		actives[i] = actives[--n_actives];
	spin_unlock_bh(&lock);
	if (packets)
		guard_event_blocked(&a.named, a.source, packets, bytes, period ?: 1);
	if (!stays)
		guard_rule_put(a.named.rule);
}

static void sweep(struct work_struct *work)
{
	u32 now = guard_now();
	unsigned int i;
	bool more;
	u64 n;

	/* The last one takes the place of one that goes; only the sweeper lets them go. */
	for (i = READ_ONCE(n_actives); i-- > 0;)
		tell(i, now);
	spin_lock_bh(&lock);
	n = untold;
	untold = 0;
	more = n_actives;
	spin_unlock_bh(&lock);
	if (n)
		guard_event_blocked_more(n, READ_ONCE(guard_params.interval));
	if (more)
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
	while (n_actives)
		guard_rule_put(actives[--n_actives].named.rule);
	untold = 0;
}
