// SPDX-License-Identifier: GPL-2.0
#include "gen.h"
#include "rule.h"

#ifndef DELTA_MAX /* the test has less */
#define DELTA_MAX 4096
#endif

/* ---- sets with their rules --------------------------------------------------------- */

static void set_put(struct guard_set *s)
{
	u32 i;

	if (!s || !refcount_dec_and_test(&s->refs))
		return;
	for (i = 0; i < s->n; i++) {
		if (s->nodes[i].rule)
			guard_rule_put(s->nodes[i].rule);
		if (i % 1024 == 0)
			cond_resched();
	}
	guard_set_free(s);
}

/* The set is complete: it holds its rules from now on. */
static void hold_rules(struct guard_set *s)
{
	u32 i;

	for (i = 0; i < s->n; i++) {
		if (s->nodes[i].rule)
			guard_rule_get(s->nodes[i].rule);
		if (i % 4096 == 0)
			cond_resched();
	}
}

static struct guard_set *merge(bool v6, const struct guard_set *old, const struct guard_set *new,
			       bool keep_removed)
{
	struct guard_set *s = guard_set_merge(v6, old, new, keep_removed);

	if (s)
		hold_rules(s);
	return s;
}

const struct guard_node *guard_gen_exact(const struct guard_gen *gen, bool v6,
					 struct guard_addr addr, unsigned int len)
{
	const struct guard_node *node;

	if (!gen)
		return NULL;
	node = guard_set_exact(gen->delta[v6], addr, len);
	if (node)
		return node->rule ? node : NULL;
	return guard_set_exact(gen->base[v6], addr, len);
}

const struct guard_node *guard_gen_lookup(const struct guard_gen *gen, bool v6,
					  struct guard_addr addr)
{
	const struct guard_set *base = gen->base[v6], *delta = gen->delta[v6];

	if (v6)
		return guard_set_lookup(base, delta, addr, true, guard_rule_alive);
	return guard_set_lookup(base, delta, addr, false, guard_rule_alive);
}

/* ---- edits ---------------------------------------------------------------------------- */

static int compare_prefix(const struct guard_edit *a, const struct guard_edit *b)
{
	if (a->v6 != b->v6)
		return a->v6 ? 1 : -1;
	if (!guard_equal(a->addr, b->addr))
		return guard_less(a->addr, b->addr) ? -1 : 1;
	return (int)a->len - (int)b->len;
}

static int compare_edits(const void *a, const void *b)
{
	const struct guard_edit *x = a, *y = b;

	cond_resched();
	return compare_prefix(x, y) ?: (x->index < y->index ? -1 : 1);
}

/* Most come in order. */
static void sort_edits(struct guard_edit *edits, u32 n)
{
	u32 i;

	for (i = 1; i < n; i++)
		if (compare_edits(&edits[i - 1], &edits[i]) > 0)
			break;
	if (i < n)
		sort(edits, n, sizeof(*edits), compare_edits, NULL);
}

static bool is_auto(u32 rule)
{
	return rule && guard_rule_is_auto(rule);
}

/* What has ended is there for nobody. */
static u32 if_alive(u32 rule)
{
	return rule && guard_rule_alive(rule) ? rule : 0;
}

static u32 sooner(u32 a, u32 b)
{
	return a && b ? min(a, b) : a ?: b;
}

/*
 * All edits of one prefix, from *@e on: the last one that says what becomes of it;
 * NULL: nothing changes. @gen's numbers follow.
 */
static int apply_prefix(struct guard_gen *gen, const struct guard_gen *old,
			struct guard_edit **e, const struct guard_edit *end,
			const struct guard_edit **result)
{
	const struct guard_edit *first = *e;
	const struct guard_node *node = guard_gen_exact(old, first->v6, first->addr, first->len);
	u32 before = node ? node->rule : 0, rule = if_alive(before);

	for (; *e < end && !compare_prefix(*e, first); ++*e) {
		/* What a detector made is not in the way of a person's ADD. */
		if ((*e)->how == MOEAI_ACTION_ADD && rule && !is_auto(rule))
			return -EEXIST;
		if ((*e)->how == MOEAI_ACTION_DELETE && !rule)
			return -ENOENT;
		rule = (*e)->rule;
	}
	gen->n += !!rule - !!before;
	gen->n_auto += is_auto(rule) - is_auto(before);
	if (rule)
		gen->soonest = sooner(gen->soonest, guard_rule(rule)->expires);
	*result = rule || before ? *e - 1 : NULL;
	return 0;
}

/* The edits as sets, one for each family, to be merged. */
static int make_sets(struct guard_gen *gen, const struct guard_gen *old,
		     struct guard_edit *edits, u32 n, struct guard_set *sets[2], u32 *wrong)
{
	struct guard_edit *e = edits, *end = edits + n;
	const struct guard_edit *result;
	u32 v4 = 0;
	int ret;

	while (v4 < n && !edits[v4].v6)
		v4++;
	sets[0] = guard_set_alloc(false, v4);
	sets[1] = guard_set_alloc(true, n - v4);
	if (!sets[0] || !sets[1])
		return -ENOMEM;
	while (e < end) {
		ret = apply_prefix(gen, old, &e, end, &result);
		if (ret) {
			*wrong = e->index;
			return ret;
		}
		if (result)
			guard_set_push(sets[result->v6], result->addr,
				       &(struct guard_node){ .rule = result->rule,
							     .len = result->len,
							     .action = result->action });
	}
	return 0;
}

/* None, rather than one without rules: packets need not look at it. */
static int set_base(struct guard_gen *gen, bool v6, struct guard_set *base)
{
	if (!base)
		return -ENOMEM;
	if (base->n)
		gen->base[v6] = base;
	else
		set_put(base);
	return 0;
}

/* Without rules before, there is nothing to merge, and nothing is removed. */
static int take(struct guard_gen *gen, bool v6, struct guard_set **edits)
{
	struct guard_set *base = *edits;
	int ret = guard_set_finish(base);

	if (ret)
		return ret;
	hold_rules(base);
	*edits = NULL;
	return set_base(gen, v6, base);
}

/* @edits on top of the old generation's rules of one family; it may be taken. */
static int stack(struct guard_gen *gen, const struct guard_gen *old, bool v6,
		 struct guard_set **edits)
{
	struct guard_set *base = old ? old->base[v6] : NULL;
	struct guard_set *delta;

	if (!old || (!base && !old->delta[v6]))
		return take(gen, v6, edits);
	delta = merge(v6, old->delta[v6], *edits, true);
	if (!delta)
		return -ENOMEM;
	if (delta->n <= DELTA_MAX && base) {
		refcount_inc(&base->refs);
		gen->base[v6] = base;
		if (delta->n)
			gen->delta[v6] = delta;
		else
			set_put(delta);
		return 0;
	}
	base = merge(v6, base, delta, false);
	set_put(delta);
	return set_base(gen, v6, base);
}

/* ---- generations ------------------------------------------------------------------------ */

void guard_gen_free(struct guard_gen *gen)
{
	int v6;

	for (v6 = 0; v6 < 2; v6++) { /* what has been made of them */
		set_put(gen->delta[v6]);
		set_put(gen->base[v6]);
	}
	kfree(gen);
}

struct guard_gen *guard_gen_make(const struct guard_gen *old, bool flush,
				 struct guard_edit *edits, u32 n, u32 *wrong)
{
	struct guard_gen *gen = kzalloc(sizeof(*gen), GFP_KERNEL_ACCOUNT);
	struct guard_set *sets[2] = {};
	int ret;

	if (!gen)
		return ERR_PTR(-ENOMEM);
	if (flush)
		old = NULL;
	if (old)
		*gen = (struct guard_gen){ .n = old->n, .n_auto = old->n_auto,
					   .soonest = old->soonest };
	sort_edits(edits, n);
	ret = make_sets(gen, old, edits, n, sets, wrong);
	if (!ret && gen->n > GUARD_RULES_MAX / 2)
		ret = -ENOSPC; /* the next generation needs numbers, too */
	if (!ret)
		ret = stack(gen, old, false, &sets[0]) ?: stack(gen, old, true, &sets[1]);
	guard_set_free(sets[0]); /* these hold no rules */
	guard_set_free(sets[1]);
	if (!ret)
		return gen;
	guard_gen_free(gen);
	return ERR_PTR(ret);
}

static struct guard_addr key_or_end(const struct guard_set *s, u32 i, bool *end)
{
	*end = !s || i >= s->n;
	if (*end)
		return (struct guard_addr){};
	return guard_key(s, i, s->v6);
}

/* Of one family; false: it has no more. */
static bool next_of(const struct guard_set *base, const struct guard_set *delta,
		    struct guard_walk *w, struct guard_addr *addr, struct guard_node *node)
{
	bool no_base, no_delta;
	struct guard_addr b = key_or_end(base, w->base, &no_base);
	struct guard_addr d = key_or_end(delta, w->delta, &no_delta);
	int order;

	if (no_base && no_delta)
		return false;
	if (no_base || no_delta)
		order = no_base ? 1 : -1;
	else if (!guard_equal(b, d))
		order = guard_less(b, d) ? -1 : 1;
	else
		order = (int)base->nodes[w->base].len - (int)delta->nodes[w->delta].len;
	*addr = order < 0 ? b : d;
	*node = order < 0 ? base->nodes[w->base] : delta->nodes[w->delta];
	w->base += order <= 0;
	w->delta += order >= 0;
	return true;
}

bool guard_gen_next(const struct guard_gen *gen, struct guard_walk *w, struct guard_addr *addr,
		    struct guard_node *node)
{
	for (; w->v6 < 2; *w = (struct guard_walk){ .v6 = w->v6 + 1 })
		while (next_of(gen->base[w->v6], gen->delta[w->v6], w, addr, node))
			if (node->rule)
				return true;
	return false;
}
