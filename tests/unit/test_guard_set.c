// SPDX-License-Identifier: GPL-2.0
/* Random rules and addresses: what the sets find is what a plain list says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Few nodes, and levels all the same. */
#define NODES_MAX  2
#define LEVELS_MAX 5
#include "../../kmod/net_guard/set.c"

#define MAX 300

/* The reference: prefixes in no order, compared bit by bit. */
struct plain {
	struct guard_addr addr;
	u32 len, rule, action;
	bool dead;
};

static struct plain list[MAX];
static u32 n_list;
static bool dead[1 << 16];

static u64 seed;

static u64 random_u64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static u32 below(u32 n)
{
	return random_u64() % n;
}

static bool alive(u32 rule)
{
	return !dead[rule];
}

static bool bit(struct guard_addr a, u32 i)
{
	return i < 64 ? a.hi >> (63 - i) & 1 : a.lo >> (127 - i) & 1;
}

static bool covers(const struct plain *p, struct guard_addr a)
{
	for (u32 i = 0; i < p->len; i++)
		if (bit(p->addr, i) != bit(a, i))
			return false;
	return true;
}

static struct plain *find(struct guard_addr addr, u32 len)
{
	for (u32 i = 0; i < n_list; i++)
		if (list[i].len == len && guard_equal(list[i].addr, addr))
			return &list[i];
	return NULL;
}

/* Allow before drop before shadow, then the longest. */
static u32 decide(struct guard_addr a)
{
	const struct plain *best = NULL;

	for (u32 i = 0; i < n_list; i++) {
		const struct plain *p = &list[i];

		if (dead[p->rule] || !covers(p, a))
			continue;
		if (!best || p->action < best->action ||
		    (p->action == best->action && p->len > best->len))
			best = p;
	}
	return best ? best->rule : 0;
}

/* Few bits vary, so that prefixes overlap and addresses hit. */
static struct guard_addr random_addr(bool v6, int spread)
{
	struct guard_addr a = { random_u64(), random_u64() };

	if (spread == 0)
		a.hi &= 0x0000000f00000000, a.lo &= 0x8000000000000003;
	else if (spread == 1)
		a.hi = 0x20010db800000000 | (a.hi & 0xff00ff), a.lo &= 0xff;
	else if (spread == 2 && below(8) == 0)
		a.hi = below(2) ? 0 : ~0ULL, a.lo = below(2) ? 0 : ~0ULL;
	if (!v6)
		a.hi &= 0xffffffff00000000, a.lo = 0;
	return a;
}

static int by_prefix(const void *a, const void *b)
{
	const struct plain *x = a, *y = b;

	if (!guard_equal(x->addr, y->addr))
		return guard_less(x->addr, y->addr) ? -1 : 1;
	return (int)x->len - (int)y->len;
}

static struct guard_set *make(bool v6, struct plain *p, u32 n)
{
	struct guard_set *s = guard_set_alloc(v6, n);

	qsort(p, n, sizeof(*p), by_prefix);
	for (u32 i = 0; i < n; i++)
		guard_set_push(s, p[i].addr,
			       &(struct guard_node){ .rule = p[i].rule, .len = p[i].len,
						     .action = p[i].action });
	assert_int_equal(guard_set_finish(s), 0);
	return s;
}

/* Change the list at random; the changes as a set. */
static struct guard_set *change(bool v6, int spread, u32 n, u32 *next)
{
	struct plain edits[64] = { 0 };
	u32 n_edits = 0;

	while (n--) {
		u32 len = below(4) ? (v6 ? 128 : 32) - below(9) : below(v6 ? 129 : 33);
		struct guard_addr a = guard_mask(random_addr(v6, spread), len);
		struct plain *there, p = { a, len, 0, below(3), false };
		bool twice = false;

		for (u32 i = 0; i < n_edits; i++)
			twice |= edits[i].len == len && guard_equal(edits[i].addr, a);
		there = find(a, len);
		if (twice || (!there && n_list == MAX))
			continue;
		if (there && below(2)) {
			*there = list[--n_list];
		} else {
			p.rule = (*next)++;
			*(there ? there : &list[n_list++]) = p;
		}
		edits[n_edits++] = p;
	}
	return make(v6, edits, n_edits);
}

/* The rule that is found; 0: none. */
static u32 look(const struct guard_set *base, const struct guard_set *delta, struct guard_addr a,
		bool v6)
{
	const struct guard_node *n = v6 ? guard_set_lookup(base, delta, a, true, alive) :
					  guard_set_lookup(base, delta, a, false, alive);
	const struct guard_node *only;
	bool sole = v6 ? guard_set_only(base, delta, a, true, &only) :
			 guard_set_only(base, delta, a, false, &only);

	if (sole)
		assert_ptr_equal(only && alive(only->rule) ? only : NULL, n);
	else
		assert_true(delta || base);
	return n ? n->rule : 0;
}

static void agree(const struct guard_set *base, const struct guard_set *delta, bool v6,
		    int spread)
{
	for (int i = 0; i < 50; i++) {
		struct guard_addr a = random_addr(v6, spread);

		assert_int_equal(look(base, delta, a, v6), decide(a));
	}
	for (u32 i = 0; i < n_list; i++) {
		const struct guard_node *node = guard_set_exact(delta, list[i].addr, list[i].len);

		node = node ?: guard_set_exact(base, list[i].addr, list[i].len);
		assert_non_null(node);
		assert_int_equal(node->rule, list[i].rule);
	}
}

static void run(bool v6, int spread)
{
	struct guard_set *base = NULL, *delta = NULL, *edits, *merged;
	u32 next = 1;

	n_list = 0;
	memset(dead, 0, sizeof(dead));
	for (int step = 0; step < 60; step++) {
		edits = change(v6, spread, 1 + below(60), &next);
		merged = guard_set_merge(v6, delta, edits, true);
		guard_set_free(edits);
		guard_set_free(delta);
		delta = merged;
		agree(base, delta, v6, spread);
		if (n_list)
			dead[list[below(n_list)].rule] = true;
		agree(base, delta, v6, spread);
		if (below(4))
			continue;
		merged = guard_set_merge(v6, base, delta, false);
		guard_set_free(base);
		guard_set_free(delta);
		base = merged;
		delta = NULL;
		assert_int_equal(base->n, n_list);
		agree(base, delta, v6, spread);
	}
	guard_set_free(base);
	guard_set_free(delta);
}

static void random_sets(void **state)
{
	const char *given = getenv("SEED");

	for (int i = 0; i < 2; i++) {
		seed = given ? strtoull(given, NULL, 0) : 88172645463325252ULL + i;
		for (int spread = 0; spread < 4; spread++) {
			run(false, spread);
			run(true, spread);
		}
	}
}

/* One prefix in all positions where bounds are. */
static void edges(void **state)
{
	static const struct guard_addr ends[] = { { 0, 0 }, { ~0ULL, ~0ULL } };

	memset(dead, 0, sizeof(dead));
	for (int v6 = 0; v6 < 2; v6++)
		for (u32 len = 0; len <= (v6 ? 128 : 32); len++)
			for (int e = 0; e < 2; e++) {
				struct guard_addr a = guard_mask(ends[e], len);
				struct plain p = { .rule = 1, .action = 1, .len = len };
				struct guard_set *s;

				if (!v6)
					a.lo = 0, a.hi &= 0xffffffff00000000;
				p.addr = a;
				s = make(v6, &p, 1);
				for (int i = 0; i < 2; i++) {
					struct guard_addr probe = ends[i];

					if (!v6)
						probe.lo = 0, probe.hi &= 0xffffffff00000000;
					assert_int_equal(look(s, NULL, probe, v6), i == e || !len);
				}
				guard_set_free(s);
			}
	assert_int_equal(look(NULL, NULL, ends[0], true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(random_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
