// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "event.h"
#include "expire.h"
#include "gen.h"
#include "rule.h"
#include "table.h"

#define TOLD_MAX  64
#define PAUSE_MAX (10UL * HZ)

static void work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(work, work_fn);

static DEFINE_MUTEX(lock); /* guards wq and not_before */
static struct workqueue_struct *wq; /* while started */
static unsigned long not_before; /* jiffies */

/* One look at all generations that may come to act. */
struct look {
	u32 now;
	u64 spent; /* ns, without waiting for the table's lock */
	u32 soonest;
	u64 n; /* of the generation that acts; some of them, held, to be told: */
	struct guard_named told[TOLD_MAX];
};

/* The clock of the timer stands while the machine is suspended: look again. */
static unsigned long delay_until(u32 tick)
{
	u64 now = ktime_get_boottime_ns(), at = (u64)tick << GUARD_TICK_SHIFT;

	return at <= now ? 0 : min_t(u64, nsecs_to_jiffies64(at - now) + 1, 60 * HZ);
}

static unsigned long paused(unsigned long delay)
{
	unsigned long now = jiffies;

	lockdep_assert_held(&lock);
	return time_before(now, not_before) ? max(delay, not_before - now) : delay;
}

/* However many end, one after the other: this takes a small share of a CPU. */
static void pause_for(u64 spent)
{
	mutex_lock(&lock);
	not_before = jiffies + min_t(u64, nsecs_to_jiffies64(32 * spent), PAUSE_MAX);
	mutex_unlock(&lock);
}

void guard_expiry_update(u32 soonest)
{
	mutex_lock(&lock);
	if (wq && soonest)
		mod_delayed_work(wq, &work, paused(delay_until(soonest)));
	mutex_unlock(&lock);
}

/* Unless it is due sooner. */
static void look_again(unsigned long delay)
{
	mutex_lock(&lock);
	if (wq)
		queue_delayed_work(wq, &work, paused(delay));
	mutex_unlock(&lock);
}

/* ---- finding what has ended ----------------------------------------------------------- */

static u64 count_ended(const struct guard_gen *gen, u32 now, u32 *soonest)
{
	struct guard_walk walk = {};
	struct guard_node node;
	struct guard_addr addr;
	u64 n = 0, i = 0;

	*soonest = 0;
	while (guard_gen_next(gen, &walk, &addr, &node)) {
		u32 expires = guard_rule(node.rule)->expires;

		if (!guard_rule_alive_at(node.rule, now))
			n++;
		else if (expires && (!*soonest || expires < *soonest))
			*soonest = expires;
		if (++i % 1024 == 0)
			cond_resched();
	}
	return n;
}

static void list_ended(const struct guard_gen *gen, u32 now, struct guard_edit *edits)
{
	struct guard_walk walk = {};
	struct guard_node node;
	struct guard_addr addr;
	u64 i = 0;
	u32 n = 0;

	while (guard_gen_next(gen, &walk, &addr, &node)) {
		if (!guard_rule_alive_at(node.rule, now)) {
			edits[n] = (struct guard_edit){ .addr = addr, .len = node.len,
							.action = node.action, .v6 = walk.v6,
							.index = n, .how = GUARD_EXPIRE };
			n++;
		}
		if (++i % 1024 == 0)
			cond_resched();
	}
}

/* They are to be told after they have gone. */
static void hold_some(const struct guard_gen *gen, struct look *look,
		      const struct guard_edit *edits, u64 n)
{
	u32 i;

	look->n = n;
	for (i = 0; i < min_t(u64, n, TOLD_MAX); i++) {
		const struct guard_edit *e = &edits[i];
		u32 rule = guard_gen_exact(gen, e->v6, e->addr, e->len)->rule;

		guard_rule_get(rule);
		look->told[i] = (struct guard_named){ .addr = e->addr, .rule = rule, .len = e->len,
						      .action = e->action, .v6 = e->v6 };
	}
}

static void *without_ended(struct guard_gen *old, struct look *look)
{
	struct guard_edit *edits;
	struct guard_gen *gen;
	u32 soonest, wrong;
	u64 n;

	n = count_ended(old, look->now, &soonest);
	if (soonest && (!look->soonest || soonest < look->soonest))
		look->soonest = soonest;
	old->soonest = soonest;
	if (!n)
		return old;
	edits = kvmalloc_array(n, sizeof(*edits), GFP_KERNEL);
	if (!edits)
		return ERR_PTR(-ENOMEM);
	list_ended(old, look->now, edits);
	if (old == rcu_access_pointer(guard_rules)) /* else: one that might come back */
		hold_some(old, look, edits, n);
	gen = guard_gen_make(old, false, edits, n, &wrong);
	kvfree(edits);
	return gen;
}

/* The pause stands before the rules are published, which asks for the next look. */
static void *amend(const struct moeai_table *table, void *old, void *arg)
{
	u64 began = ktime_get_ns();
	struct look *look = arg;
	void *new = old ? without_ended(old, look) : NULL;

	look->spent += ktime_get_ns() - began;
	pause_for(look->spent);
	return new;
}

/* ---- the work ---------------------------------------------------------------------------- */

static void tell(struct look *look, bool done)
{
	u32 i, n = min_t(u64, look->n, TOLD_MAX);

	for (i = 0; i < n; i++) {
		if (done)
			guard_event_expired(&look->told[i]);
		guard_rule_put(look->told[i].rule);
	}
	if (done && look->n > n)
		guard_event_expired_more(look->n - n);
}

static struct look look; /* too large for the stack; the work runs once at a time */

static void work_fn(struct work_struct *unused)
{
	bool done;

	look.now = guard_now();
	look.soonest = 0;
	look.n = 0;
	look.spent = 0;
	done = !moeai_table_amend(&guard_tables[GUARD_TABLE_RULES], amend, &look);
	tell(&look, done);
	if (!done)
		look_again(HZ);
	else if (look.soonest)
		look_again(delay_until(look.soonest));
}

void guard_expiry_start(struct workqueue_struct *q)
{
	mutex_lock(&lock);
	wq = q;
	not_before = jiffies;
	mutex_unlock(&lock);
	look_again(0); /* there may be rules from before */
}

void guard_expiry_stop(void)
{
	mutex_lock(&lock);
	wq = NULL;
	mutex_unlock(&lock);
	cancel_delayed_work_sync(&work);
}
