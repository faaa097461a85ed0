// SPDX-License-Identifier: GPL-2.0
/* Random changes of the rules: each generation is what a plain list says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../kmod/net_guard/pure.h"

/* In place of rule.h: who holds a rule is counted, and when it ends is set. */
#define GUARD_RULE_H

struct guard_rule {
	u32 expires;
	u32 refs;
	u32 source;
};

#define RULES 60000

static struct guard_rule rules[RULES];
static u32 n_rules, today;

static struct guard_rule *guard_rule(u32 id)
{
	assert_true(id > 0 && id < n_rules);
	return &rules[id];
}

static void guard_rule_get(u32 id)
{
	guard_rule(id)->refs++;
}

static void guard_rule_put(u32 id)
{
	assert_true(guard_rule(id)->refs > 0);
	rules[id].refs--;
}

static u32 guard_now(void)
{
	return today;
}

static bool guard_rule_alive(u32 id)
{
	return !guard_rule(id)->expires || guard_now() < rules[id].expires;
}

static bool guard_rule_is_auto(u32 id)
{
	return guard_rule(id)->source == MOEAI_GUARD_AUTO;
}

#define DELTA_MAX 100
#include "../../kmod/net_guard/set.c"
#include "../../kmod/net_guard/gen.c"

static u64 seed;

static u32 below(u32 n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 16) % n;
}

/* ---- the reference ------------------------------------------------------------------ */

struct plain {
	struct guard_addr addr;
	u32 rule;
	u8 len, action;
	bool v6;
};

#define MAX 4000

struct list {
	struct plain at[MAX];
	u32 n;
};

static struct plain *find(struct list *l, const struct guard_edit *e)
{
	for (u32 i = 0; i < l->n; i++)
		if (l->at[i].v6 == e->v6 && l->at[i].len == e->len &&
		    guard_equal(l->at[i].addr, e->addr))
			return &l->at[i];
	return NULL;
}

/*
 * One edit, after those with lower numbers; @first: of its prefix. What ended before
 * the change is there for nobody.
 */
static int apply(struct list *l, const struct guard_edit *e, bool first)
{
	struct plain *p = find(l, e);
	bool there = p && !(first && rules[p->rule].expires && today >= rules[p->rule].expires);

	if (e->how == MOEAI_ACTION_ADD && there && rules[p->rule].source != MOEAI_GUARD_AUTO)
		return -EEXIST;
	if (e->how == MOEAI_ACTION_DELETE && !there)
		return -ENOENT;
	if (e->rule) {
		if (!p)
			p = &l->at[l->n++];
		assert_true(l->n < MAX);
		*p = (struct plain){ e->addr, e->rule, e->len, e->action, e->v6 };
	} else if (p) {
		*p = l->at[--l->n];
	}
	return 0;
}

static bool same_prefix(const struct guard_edit *a, const struct guard_edit *b)
{
	return a->v6 == b->v6 && a->len == b->len && guard_equal(a->addr, b->addr);
}

static bool is_first(const struct guard_edit *edits, u32 i)
{
	for (u32 j = 0; j < i; j++)
		if (same_prefix(&edits[j], &edits[i]))
			return false;
	return true;
}

static int by_prefix(const void *a, const void *b)
{
	const struct plain *x = a, *y = b;

	if (x->v6 != y->v6)
		return x->v6 ? 1 : -1;
	if (!guard_equal(x->addr, y->addr))
		return guard_less(x->addr, y->addr) ? -1 : 1;
	return (int)x->len - (int)y->len;
}

/* ---- a generation and its list -------------------------------------------------------- */

static void agree(const struct guard_gen *gen, struct list *l)
{
	u32 n = 0, n_auto = 0;
	struct guard_walk walk = { 0 };
	struct guard_node node;
	struct guard_addr addr;

	qsort(l->at, l->n, sizeof(l->at[0]), by_prefix);
	while (guard_gen_next(gen, &walk, &addr, &node)) {
		const struct plain *p = &l->at[n++];

		assert_true(n <= l->n);
		assert_int_equal(walk.v6, p->v6);
		assert_true(guard_equal(addr, p->addr));
		assert_int_equal(node.len, p->len);
		assert_int_equal(node.rule, p->rule);
		assert_int_equal(node.action, p->action);
		assert_int_equal(guard_gen_exact(gen, p->v6, p->addr, p->len)->rule, p->rule);
		n_auto += rules[p->rule].source == MOEAI_GUARD_AUTO;
		/* None ends before it; some that did may be gone. */
		if (rules[p->rule].expires)
			assert_in_range(gen->soonest, 1, rules[p->rule].expires);
		assert_true(rules[p->rule].refs > 0);
	}
	assert_int_equal(n, l->n);
	assert_int_equal(gen->n, n);
	assert_int_equal(gen->n_auto, n_auto);
	for (int v6 = 0; v6 < 2; v6++)
		assert_true(!gen->delta[v6] || gen->delta[v6]->n <= DELTA_MAX);
}

static u32 new_rule(void)
{
	assert_true(n_rules < RULES);
	rules[n_rules] = (struct guard_rule){ .refs = 1, .source = below(4) ? MOEAI_GUARD_USER :
									      MOEAI_GUARD_AUTO };
	if (!below(3))
		rules[n_rules].expires = today + below(20); /* or it has ended */
	return n_rules++;
}

/* @safe: one that can't be wrong. */
static struct guard_edit random_edit(struct list *l, u32 index, bool safe)
{
	static const u8 hows[] = { MOEAI_ACTION_ADD, MOEAI_ACTION_REPLACE, MOEAI_ACTION_REPLACE,
				   MOEAI_ACTION_DELETE, GUARD_EXPIRE };
	struct guard_edit e = { .v6 = below(2), .index = index, .action = below(3) };

	if (l->n && below(3)) {
		const struct plain *p = &l->at[below(l->n)];

		e.v6 = p->v6;
		e.len = p->len;
		e.addr = p->addr;
		e.how = hows[below(sizeof(hows))];
	} else {
		e.len = below(4) ? (e.v6 ? 128 : 32) - below(3) : below(33);
		e.addr = guard_mask((struct guard_addr){ (u64)(0x0a000000 + below(200)) << 32,
							 e.v6 ? below(9) : 0 }, e.len);
		e.how = hows[below(2)];
	}
	if (safe && (e.how == MOEAI_ACTION_ADD || e.how == MOEAI_ACTION_DELETE))
		e.how = below(3) ? MOEAI_ACTION_REPLACE : GUARD_EXPIRE;
	if (e.how == MOEAI_ACTION_ADD || e.how == MOEAI_ACTION_REPLACE)
		e.rule = new_rule();
	return e;
}

#define EDITS 300

/* A change; of a wrong one the number must be that of a prefix's first wrong edit. */
static struct guard_gen *change(const struct guard_gen *old, const struct list *before,
				struct list *after)
{
	static struct guard_edit edits[EDITS], sorted[EDITS];
	u32 n = below(8) ? 1 + below(4) : below(EDITS), wrong = U32_MAX;
	bool flush = !below(100), safe = n > 4 && below(4), bad[EDITS] = { false }, any = false;
	struct guard_gen *gen;
	int err[EDITS];

	*after = *before;
	for (u32 i = 0; i < n; i++)
		edits[i] = random_edit(after, i, safe);
	if (flush)
		after->n = 0;
	for (u32 i = 0; i < n; i++) {
		bool failed = false;

		for (u32 j = 0; j < i && !failed; j++)
			failed = bad[j] && same_prefix(&edits[j], &edits[i]);
		err[i] = failed ? 0 : apply(after, &edits[i], is_first(edits, i));
		bad[i] = err[i];
		any |= bad[i];
	}
	memcpy(sorted, edits, sizeof(edits));
	gen = guard_gen_make(old, flush, sorted, n, &wrong);
	for (u32 i = 0; i < n; i++)
		if (edits[i].rule)
			guard_rule_put(edits[i].rule);
	assert_int_equal(IS_ERR(gen), any);
	if (!any)
		return gen;
	assert_true(wrong < n && bad[wrong]);
	assert_int_equal(PTR_ERR(gen), err[wrong]);
	return NULL;
}

#define KEPT 3

static void random_generations(void **state)
{
	static struct list lists[KEPT], after;
	struct guard_gen *gens[KEPT] = { NULL };
	const char *given = getenv("SEED");

	for (int round = 0; round < 4; round++) {
		seed = given ? strtoull(given, NULL, 0) : 88172645463325252ULL + round;
		n_rules = today = 1;
		memset(lists, 0, sizeof(lists));
		for (int step = 0; step < 600; step++) {
			struct guard_gen *gen = change(gens[0], &lists[0], &after);

			today += below(3);
			if (!gen)
				continue;
			if (gens[KEPT - 1])
				guard_gen_free(gens[KEPT - 1]);
			memmove(&gens[1], gens, sizeof(gens) - sizeof(gens[0]));
			memmove(&lists[1], lists, sizeof(lists) - sizeof(lists[0]));
			gens[0] = gen;
			lists[0] = after;
			/* Those before stay what they were. */
			for (int i = 0; i < KEPT; i++)
				if (gens[i])
					agree(gens[i], &lists[i]);
		}
		for (int i = 0; i < KEPT; i++) {
			if (gens[i])
				guard_gen_free(gens[i]);
			gens[i] = NULL;
		}
		for (u32 i = 1; i < n_rules; i++)
			assert_int_equal(rules[i].refs, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_generations) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
