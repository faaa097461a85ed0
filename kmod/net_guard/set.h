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

/*
 * Nodes in a row, by where their addresses are between the first and the last: so
 * many slots of the same width. A slot with many nodes has a level of its own.
 */
struct guard_level {
	u64 min; /* the first one's address, as are widths: its upper half, or … */
	u32 begin, end; /* nodes */
	u32 first; /* slot, in top */
	u32 slots;
	u8 shift; /* width, log2 */
	bool low; /* … its lower half: the upper ones are the same */
};

#define GUARD_DEEPER (1U << 31)

/* By (address, length). Arrays of nodes are in one allocation with it. */
struct guard_set {
	refcount_t refs; /* the owner's business */
	bool v6;
	u32 n;
	u32 room;
	struct guard_level *levels; /* all, the top one first */
	u32 *top; /* slots: the first node in it or behind, or a level | GUARD_DEEPER */
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

/* One with room for @room prefixes, refs 1; NULL: no memory. */
struct guard_set *guard_set_alloc(bool v6, u32 room);
void guard_set_free(struct guard_set *s);

/* Add one behind those that are there; at the end, make it fit for lookups: 0 or -ENOMEM. */
void guard_set_push(struct guard_set *s, struct guard_addr addr, const struct guard_node *node);
int guard_set_finish(struct guard_set *s);

/*
 * @old with @new on top (either may be NULL), removed ones kept in it or left out.
 * NULL: no memory.
 */
struct guard_set *guard_set_merge(bool v6, const struct guard_set *old,
				  const struct guard_set *new, bool keep_removed);

/* The node of exactly this prefix, or NULL. @s may be NULL. */
const struct guard_node *guard_set_exact(const struct guard_set *s, struct guard_addr addr,
					 unsigned int len);

static __always_inline bool guard_set_is_above(const struct guard_set *s, u32 i,
					       struct guard_addr addr, bool v6)
{
	return v6 ? guard_less(addr, s->keys.addr[i]) : addr.hi >> 32 < s->keys.v4[i];
}

/* The last node whose address is not above @addr, or GUARD_NONE. */
static __always_inline u32 guard_set_seek(const struct guard_set *s, struct guard_addr addr,
					  bool v6)
{
	const struct guard_level *l = s->levels;
	u32 low, high, mid;
	u64 at, slot;

	for (;;) {
		at = v6 && l->low ? addr.lo : addr.hi;
		if (at < l->min)
			return l->begin - 1;
		slot = (at - l->min) >> l->shift;
		if (slot >= l->slots)
			return l->end - 1;
		low = s->top[l->first + slot];
		if (!(low & GUARD_DEEPER))
			break;
		l = &s->levels[low & ~GUARD_DEEPER];
	}
	high = s->top[l->first + slot + 1];
	if (high & GUARD_DEEPER)
		high = s->levels[high & ~GUARD_DEEPER].begin;
	/* The first above it is in (low, high]. */
	while (low < high) {
		mid = (low + high) / 2;
		if (guard_set_is_above(s, mid, addr, v6))
			high = mid;
		else
			low = mid + 1;
	}
	return low - 1;
}

static __always_inline bool guard_set_covers(const struct guard_set *s, u32 i,
					     struct guard_addr addr, bool v6)
{
	u32 len = s->nodes[i].len;
	struct guard_addr differ;

	if (!v6) /* 64 bits, as it may be all 32 that don't matter */
		return !(((addr.hi >> 32) ^ s->keys.v4[i]) >> (32 - len));
	differ = (struct guard_addr){ addr.hi ^ s->keys.addr[i].hi, addr.lo ^ s->keys.addr[i].lo };
	if (len <= 64)
		return !len || !(differ.hi >> (64 - len));
	return !differ.hi && !(differ.lo >> (128 - len));
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

/* Which of two rules decides, of which the first may be NULL: by action, then by length. */
static __always_inline const struct guard_node *guard_node_prior(const struct guard_node *a,
								 const struct guard_node *b)
{
	return a && (a->action < b->action || (a->action == b->action && a->len > b->len)) ? a : b;
}

/*
 * The node that decides about @addr, of @base with @delta on top, among those whose
 * rules are @alive; NULL: there is none. Both sets may be NULL.
 */
static __always_inline const struct guard_node *
guard_set_lookup(const struct guard_set *base, const struct guard_set *delta,
		 struct guard_addr addr, bool v6, bool (*alive)(u32 rule))
{
	const struct guard_node *n, *found = NULL;
	u32 i;

	for (i = delta ? guard_set_first(delta, addr, v6) : GUARD_NONE; i != GUARD_NONE;
	     i = n->up) {
		n = &delta->nodes[i];
		if (n->rule && alive(n->rule))
			found = guard_node_prior(found, n);
	}
	for (i = base ? guard_set_first(base, addr, v6) : GUARD_NONE; i != GUARD_NONE;
	     i = n->up) {
		n = &base->nodes[i];
		if (alive(n->rule) &&
		    !(delta && guard_set_exact(delta, guard_key(base, i, v6), n->len)))
			found = guard_node_prior(found, n);
	}
	return found;
}

/*
 * The same for most addresses, in less time: true, and *@node is the only one that
 * there may be, alive or not, or NULL. False: there is a choice.
 */
static __always_inline bool guard_set_only(const struct guard_set *base,
					   const struct guard_set *delta, struct guard_addr addr,
					   bool v6, const struct guard_node **node)
{
	u32 i = GUARD_NONE;

	if (delta)
		return false;
	if (base)
		i = guard_set_first(base, addr, v6);
	*node = i == GUARD_NONE ? NULL : &base->nodes[i];
	return i == GUARD_NONE || base->nodes[i].up == GUARD_NONE;
}

#endif
