// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kfifo.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>
#include "field.h"
#include "gen.h"
#include "local.h"
#include "offence.h"
#include "param.h"
#include "prefix.h"
#include "rule.h"
#include "table.h"

#define NOTES	      256 /* a power of two */
#define OFFENDERS_MAX 1024
#define TOLD_MAX      64 /* events in an interval */
#define FORGET_NS     (24 * 3600ULL * NSEC_PER_SEC) /* how long somebody is an offender */

static void work_fn(struct work_struct *work);
static DECLARE_WORK(work, work_fn);
static struct workqueue_struct *wq; /* while started; read by packets under RCU */

static DEFINE_SPINLOCK(notes_lock);
static DEFINE_KFIFO(notes, struct guard_offence, NOTES); /* put and taken under notes_lock */

struct offender {
	struct guard_addr source;
	bool v6;
	u8 kind;
	u32 offences;
	u64 first, last; /* boot time, ns */
};

static void tell_more(struct work_struct *work);
static DECLARE_DELAYED_WORK(teller, tell_more);

static DEFINE_MUTEX(lock); /* guards what follows */
static unsigned int n_told; /* events since the teller was there … */
static u64 untold[__MOEAI_GUARD_KIND_MAX]; /* … and how many more there would have been */
static struct offender offenders[OFFENDERS_MAX];
static unsigned int n_offenders;

/* ---- notes ------------------------------------------------------------------------- */

bool guard_offence_note(const struct guard_offence *o)
{
	struct workqueue_struct *q = READ_ONCE(wq);
	bool done;

	spin_lock_bh(&notes_lock);
	done = q && kfifo_put(&notes, *o);
	spin_unlock_bh(&notes_lock);
	if (done)
		queue_work(q, &work);
	return done;
}

static unsigned int take_notes(struct guard_offence *to, unsigned int max)
{
	unsigned int n;

	spin_lock_bh(&notes_lock);
	n = kfifo_out(&notes, to, max);
	spin_unlock_bh(&notes_lock);
	return n;
}

/* ---- offenders ----------------------------------------------------------------------- */

static struct offender *find(struct guard_addr source, bool v6)
{
	unsigned int i;

	lockdep_assert_held(&lock);
	for (i = 0; i < n_offenders; i++)
		if (offenders[i].v6 == v6 && guard_equal(offenders[i].source, source))
			return &offenders[i];
	return NULL;
}

static bool forgotten(const struct offender *o, u64 now)
{
	return now - o->last > FORGET_NS;
}

/* After those whose time is over, who did least, longest ago, is forgotten first. */
static struct offender *find_place(u64 now)
{
	struct offender *o = &offenders[0];
	unsigned int i;

	lockdep_assert_held(&lock);
	if (n_offenders < OFFENDERS_MAX)
		return &offenders[n_offenders++];
	for (i = 0; i < n_offenders; i++)
		if (forgotten(&offenders[i], now))
			return &offenders[i];
		else if (offenders[i].offences < o->offences ||
		    (offenders[i].offences == o->offences && offenders[i].last < o->last))
			o = &offenders[i];
	return o;
}

static u32 remember(const struct guard_offence *what)
{
	u64 now = ktime_get_boottime_ns();
	struct offender *o;
	u32 n;

	mutex_lock(&lock);
	o = find(what->source, what->v6);
	if (!o) {
		o = find_place(now);
		*o = (struct offender){ .source = what->source, .v6 = what->v6, .first = now };
	} else if (forgotten(o, now)) {
		o->offences = 0;
		o->first = now;
	}
	o->kind = what->kind;
	o->last = now;
	n = ++o->offences;
	mutex_unlock(&lock);
	return n;
}

u32 guard_offences_of(struct guard_addr source, bool v6)
{
	const struct offender *o;
	u32 n;

	mutex_lock(&lock);
	o = find(guard_source_of(source, v6), v6);
	n = o && !forgotten(o, ktime_get_boottime_ns()) ? o->offences : 0;
	mutex_unlock(&lock);
	return n;
}

void guard_offenders_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	u64 now = ktime_get_boottime_ns(), epoch = ktime_get_real_ns() - now;
	u8 buf[GUARD_PREFIX_LEN];
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; i < n_offenders; i++) {
		const struct offender *o = &offenders[i];

		if (forgotten(o, now))
			continue;
		moeai_row(rows,
			  guard_prefix(MOEAI_A_GUARD_OFFENDER_SOURCE, buf, o->v6, o->source,
				       guard_source_len(o->source, o->v6)),
			  moeai_u32(MOEAI_A_GUARD_OFFENDER_KIND, o->kind),
			  moeai_u32(MOEAI_A_GUARD_OFFENDER_OFFENCES, o->offences),
			  moeai_u64(MOEAI_A_GUARD_OFFENDER_FIRST, epoch + o->first),
			  moeai_u64(MOEAI_A_GUARD_OFFENDER_LAST, epoch + o->last));
	}
	mutex_unlock(&lock);
}

/* ---- events ---------------------------------------------------------------------------- */

/* However many sources are made up, the log is not theirs. */
static bool may_tell(u8 kind)
{
	struct workqueue_struct *q = READ_ONCE(wq);
	bool may;

	mutex_lock(&lock);
	may = n_told < TOLD_MAX;
	if (may)
		n_told++;
	else
		untold[kind]++;
	mutex_unlock(&lock);
	if (q)
		queue_delayed_work(q, &teller, nsecs_to_jiffies(READ_ONCE(guard_params.interval)));
	return may;
}

static void tell_more(struct work_struct *unused)
{
	u64 n[__MOEAI_GUARD_KIND_MAX];
	u8 kind;

	mutex_lock(&lock);
	memcpy(n, untold, sizeof(n));
	memset(untold, 0, sizeof(untold));
	n_told = 0;
	mutex_unlock(&lock);
	for (kind = 0; kind < ARRAY_SIZE(n); kind++)
		if (n[kind])
			guard_event_offence_more(kind, n[kind]);
}

/* ---- rules --------------------------------------------------------------------------- */

/* A rule to be, of one offence. */
struct plan {
	struct guard_edit edit;
	/* Of the generation that acts: */
	bool made;
	bool there; /* the source has a rule already that does as much */
};

/* A person's rule stays; so does one that does the same. */
static bool stays(const struct guard_node *node, const struct guard_edit *e)
{
	return node && guard_rule_alive(node->rule) &&
	       (guard_rule_origin(guard_rule(node->rule))->source == MOEAI_GUARD_USER ||
		node->action == e->action);
}

static void *amend(const struct moeai_table *table, void *old, void *arg)
{
	struct plan *plan = arg;
	struct guard_edit edit; /* sorting is of one: this may be called twice */
	u32 mode = READ_ONCE(guard_params.mode), wrong; /* it is adapted under this lock, too */

	if (mode == MOEAI_GUARD_OFF)
		return old;
	plan->edit.action = mode == MOEAI_GUARD_ENFORCE ? MOEAI_GUARD_DROP : MOEAI_GUARD_SHADOW;
	edit = plan->edit;
	plan->there = stays(guard_gen_exact(old, edit.v6, edit.addr, edit.len), &edit);
	plan->made = !plan->there && (old ? ((struct guard_gen *)old)->n_auto : 0) <
					     READ_ONCE(guard_params.auto_rules);
	return plan->made ? guard_gen_make(old, false, &edit, 1, &wrong) : old;
}

static u32 ends_at(u32 offences)
{
	u64 ns = READ_ONCE(guard_params.block_time), most = READ_ONCE(guard_params.block_max);

	while (--offences && ns < most)
		ns *= 2;
	return guard_tick(ktime_get_boottime_ns() + min(ns, most) + GUARD_TICK_NS - 1);
}

/*
 * Sources can be made up: one that is ours shall not cut us off. Neither shall one
 * that each link may have, and of which a rule can't say the link.
 */
static bool may_have_rule(const struct guard_offence *o)
{
	return !guard_is_link_local(o->source, o->v6) &&
	       !guard_local_within(&init_net, o->source, o->v6,
				   guard_source_len(o->source, o->v6));
}

static void punish(const struct guard_offence *o)
{
	struct guard_origin origin = { .source = MOEAI_GUARD_AUTO, .comm = "net_guard" };
	u32 offences = guard_offences_of(o->source, o->v6), expires = ends_at(offences + 1);
	struct plan plan = {
		.edit = { .addr = o->source, .v6 = o->v6, .len = guard_source_len(o->source, o->v6),
			  .how = MOEAI_ACTION_REPLACE },
	};

	strscpy(origin.reason, guard_kind_names[o->kind], sizeof(origin.reason));
	if (may_have_rule(o) && !guard_rule_new(&origin, expires, &plan.edit.rule)) {
		if (moeai_table_amend(&guard_tables[GUARD_TABLE_RULES], amend, &plan))
			plan.made = false; /* the limit goes on to act */
		guard_rule_put(plan.edit.rule);
	}
	if (!plan.there)
		offences = remember(o);
	if (may_tell(o->kind))
		guard_event_offence(o, offences, plan.made ? plan.edit.action : -1, expires);
}

/* What becomes of the detectors' rules; @edits has room for all of them. */
static u32 list_adapted(const struct guard_gen *gen, u32 mode, struct guard_edit *edits)
{
	struct guard_walk walk = {};
	struct guard_node node;
	struct guard_addr addr;
	u32 n = 0;
	u64 i = 0;

	while (guard_gen_next(gen, &walk, &addr, &node)) {
		struct guard_edit e = { .addr = addr, .len = node.len, .v6 = walk.v6, .index = n,
					.action = MOEAI_GUARD_SHADOW, .how = GUARD_EXPIRE };

		if (++i % 1024 == 0)
			cond_resched();
		if (!guard_rule_is_auto(node.rule))
			continue;
		if (mode != MOEAI_GUARD_OFF) {
			if (node.action != MOEAI_GUARD_DROP)
				continue;
			e.how = MOEAI_ACTION_REPLACE; /* by itself: counters and end stay */
			e.rule = node.rule;
		}
		edits[n++] = e;
	}
	return n;
}

static void *adapt(const struct moeai_table *table, void *old, void *arg)
{
	u32 mode = READ_ONCE(guard_params.mode), n, wrong;
	struct guard_gen *gen = old;
	struct guard_edit *edits;

	if (!gen || !gen->n_auto || mode == MOEAI_GUARD_ENFORCE)
		return old;
	edits = kvmalloc_array(gen->n_auto, sizeof(*edits), GFP_KERNEL);
	if (!edits)
		return ERR_PTR(-ENOMEM);
	n = list_adapted(gen, mode, edits);
	if (n)
		gen = guard_gen_make(old, false, edits, n, &wrong);
	kvfree(edits);
	return gen;
}

int guard_offences_adapt(void)
{
	int ret = moeai_table_amend(&guard_tables[GUARD_TABLE_RULES], adapt, NULL);

	return ret == -ENOENT ? 0 : ret; /* no table, no rules */
}

static void work_fn(struct work_struct *unused)
{
	static struct guard_offence some[16]; /* of this work, which runs once at a time */
	unsigned int i, n;

	while ((n = take_notes(some, ARRAY_SIZE(some))))
		for (i = 0; i < n; i++)
			punish(&some[i]);
}

/* ---- coming and going ------------------------------------------------------------------ */

void guard_offences_start(struct workqueue_struct *q)
{
	WRITE_ONCE(wq, q);
}

void guard_offences_stop(void)
{
	WRITE_ONCE(wq, NULL);
	cancel_work_sync(&work);
	if (cancel_delayed_work_sync(&teller))
		tell_more(NULL);
	kfifo_reset(&notes);
}
