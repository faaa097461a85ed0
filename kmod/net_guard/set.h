/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of prefixes, sorted, and never changed once they are made.
 *
 * Addresses are numbers of 128 bits, IPv4 ones in the upper 32. Each prefix knows
 * the next shorter one that contains it, so that all which contain an address are
 * one bisection and a walk along that chain away.
 *
 * Rules are held as a set and a smaller, newer one on top of it, the delta, whose
 * prefixes are in place of the set's; a rule number 0 there means removed.
 */
#ifndef GUARD_SET_H
#define GUARD_SET_H

#include "pure.h"

struct guard_addr {
	u64 hi, lo;
};

#define GUARD_RULE_BITS 22
#define GUARD_RULES_MAX ((1U << GUARD_RULE_BITS) - 1)
#define GUARD_NONE	U32_MAX

struct guard_node {
	u32 rule : GUARD_RULE_BITS;
	u32 len : 8;
	u32 action : 2; /* enum moeai_guard_action */
	u32 up; /* index of the next shorter prefix that contains this one, or GUARD_NONE */
};

/* By (address, length). In one allocation, with its arrays. */
struct guard_set {
	refcount_t refs; /* the owner's business */
	bool v6;
	u8 shift; /* of an address's upper half, less min: its slot in top */
	u32 n;
	u32 room;
	u32 slots;
	u64 min; /* upper half of the first address */
	u32 *top; /* slots + 1: the first node of each slot, or of a later one */
	union {
		u32 *v4; /* upper halves of the upper half */
		struct guard_addr *addr;
	} keys;
	struct guard_node *nodes;
};

static inline struct guard_addr guard_mask(struct guard_addr a, unsigned int len)
{
	a.hi &= len >= 64 ? ~0ULL : ~(~0ULL >> len);
	a.lo &= len >= 128 ? ~0ULL : len <= 64 ? 0 : ~(~0ULL >> (len - 64));
	return a;
}

static inline bool guard_equal(struct guard_addr a, struct guard_addr b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

static inline bool guard_less(struct guard_addr a, struct guard_addr b)
{
	return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static __always_inline struct guard_addr guard_key(const struct guard_set *s, u32 i, bool v6)
{
	return v6 ? s->keys.addr[i] : (struct guard_addr){ .hi = (u64)s->keys.v4[i] << 32 };
}

/* One with room for @room prefixes, refs 1; NULL: no memory. Freed by kvfree(). */
struct guard_set *guard_set_alloc(bool v6, u32 room);

/* Add one behind those that are there; then, at the end, make it fit for lookups. */
void guard_set_push(struct guard_set *s, struct guard_addr addr, const struct guard_node *node);
void guard_set_finish(struct guard_set *s);

/*
 * @old with @new on top (either may be NULL), removed ones kept in it or left out.
 * NULL: no memory.
 */
struct guard_set *guard_set_merge(bool v6, const struct guard_set *old,
				  const struct guard_set *new, bool keep_removed);

/* The node of exactly this prefix, or NULL. @s may be NULL. */
const struct guard_node *guard_set_exact(const struct guard_set *s, struct guard_addr addr,
					 unsigned int len);

/* The last node whose address is not above @addr, or GUARD_NONE. */
static __always_inline u32 guard_set_seek(const struct guard_set *s, struct guard_addr addr,
					  bool v6)
{
	u32 low, high;
	u64 slot;

	if (!s->n || addr.hi < s->min)
		return GUARD_NONE;
	slot = (addr.hi - s->min) >> s->shift;
	if (slot >= s->slots)
		return s->n - 1;
	/* The first above it is in (low, high]. */
	low = s->top[slot];
	high = s->top[slot + 1];
	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (guard_less(addr, guard_key(s, mid, v6)))
			high = mid;
		else
			low = mid + 1;
	}
	return low ? low - 1 : GUARD_NONE;
}

static __always_inline bool guard_set_covers(const struct guard_set *s, u32 i,
					     struct guard_addr addr, bool v6)
{
	return guard_equal(guard_mask(addr, s->nodes[i].len), guard_key(s, i, v6));
}

/* The longest prefix that contains @addr, or GUARD_NONE; the others are up from it. */
static __always_inline u32 guard_set_first(const struct guard_set *s, struct guard_addr addr,
					   bool v6)
{
	u32 i = guard_set_seek(s, addr, v6);

	while (i != GUARD_NONE && !guard_set_covers(s, i, addr, v6))
		i = s->nodes[i].up;
	return i;
}

struct guard_match {
	u32 rule; /* 0: none */
	u32 action;
	u32 len;
};

/* @n is in the way of what was found so far: by action, then by length. */
static __always_inline void guard_match_take(struct guard_match *m, const struct guard_node *n)
{
	if (!m->rule || n->action < m->action || (n->action == m->action && n->len > m->len))
		*m = (struct guard_match){ n->rule, n->action, n->len };
}

/*
 * The rule that decides about @addr, of @base with @delta on top, among those that
 * are @alive at @now. Both sets may be NULL.
 */
static __always_inline struct guard_match
guard_set_lookup(const struct guard_set *base, const struct guard_set *delta,
		 struct guard_addr addr, bool v6, bool (*alive)(u32 rule, u32 now), u32 now)
{
	struct guard_match m = {};
	u32 i;

	for (i = delta ? guard_set_first(delta, addr, v6) : GUARD_NONE; i != GUARD_NONE;
	     i = delta->nodes[i].up)
		if (delta->nodes[i].rule && alive(delta->nodes[i].rule, now))
			guard_match_take(&m, &delta->nodes[i]);
	for (i = base ? guard_set_first(base, addr, v6) : GUARD_NONE; i != GUARD_NONE;
	     i = base->nodes[i].up)
		if (alive(base->nodes[i].rule, now) &&
		    !(delta && guard_set_exact(delta, guard_key(base, i, v6), base->nodes[i].len)))
			guard_match_take(&m, &base->nodes[i]);
	return m;
}

#endif
