// SPDX-License-Identifier: GPL-2.0
#include "set.h"

#define SLOTS_MAX  (1U << 20)
#ifndef NODES_MAX /* the test has less */
#define NODES_MAX  16 /* in a slot that has no level of its own */
#define LEVELS_MAX 8 /* one below the other; what is crowded all the same is bisected */
#endif

struct guard_set *guard_set_alloc(bool v6, u32 room)
{
	size_t key = v6 ? sizeof(struct guard_addr) : sizeof(u32);
	struct guard_set *s;
	u8 *p;

	s = kvmalloc(sizeof(*s) + room * (key + sizeof(*s->nodes)),
		     GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!s)
		return NULL;
	*s = (struct guard_set){ .v6 = v6, .room = room };
	refcount_set(&s->refs, 1);
	p = (u8 *)(s + 1);
	s->keys.addr = (void *)p;
	s->nodes = (void *)(p + room * key);
	return s;
}

void guard_set_free(struct guard_set *s)
{
	if (s)
		kvfree(s->levels);
	kvfree(s);
}

static bool contains(const struct guard_set *s, u32 i, struct guard_addr addr, unsigned int len)
{
	return s->nodes[i].len < len && guard_set_covers(s, i, addr, s->v6);
}

void guard_set_push(struct guard_set *s, struct guard_addr addr, const struct guard_node *node)
{
	u32 up = s->n - 1; /* GUARD_NONE, for the first */

	while (up != GUARD_NONE && !contains(s, up, addr, node->len))
		up = s->nodes[up].up;
	if (s->v6)
		s->keys.addr[s->n] = addr;
	else
		s->keys.v4[s->n] = addr.hi >> 32;
	s->nodes[s->n] = *node;
	s->nodes[s->n++].up = up;
	if (s->n % 4096 == 0)
		cond_resched();
}

/* ---- levels -------------------------------------------------------------------- */

/* What has been used; levels NULL: it is only counted. */
struct plan {
	struct guard_level *levels;
	u32 *top;
	u32 n_levels, n_slots;
};

static u64 half(const struct guard_set *s, u32 i, bool low)
{
	struct guard_addr a = guard_key(s, i, s->v6);

	return low ? a.lo : a.hi;
}

/* Few nodes to a slot, if they are spread. */
static struct guard_level measure(const struct guard_set *s, u32 begin, u32 end, bool low)
{
	struct guard_level l = { .begin = begin, .end = end, .low = low };
	u32 most = clamp_t(u32, (end - begin) / 4, 2, SLOTS_MAX);
	u64 span;

	if (begin == end)
		return l; /* without slots, all is behind the last */
	l.min = half(s, begin, low);
	span = half(s, end - 1, low) - l.min;
	while (span >> l.shift >= most)
		l.shift++;
	l.slots = (span >> l.shift) + 1;
	return l;
}

/* The first node behind @i's slot. */
static u32 slot_end(const struct guard_set *s, const struct guard_level *l, u32 i, u64 slot)
{
	while (i < l->end && (half(s, i, l->low) - l->min) >> l->shift == slot)
		i++;
	return i;
}

/* Does it help to look closer? Not if it is one address, with many lengths. */
static bool is_crowded(const struct guard_set *s, const struct guard_level *l, u32 nodes, int depth)
{
	bool one = l->low ? !l->shift : !s->v6 && l->shift <= 32;

	return nodes > NODES_MAX && depth < LEVELS_MAX && !one;
}

/* Returns its number. A slot one wide has the same upper half in all its nodes. */
static u32 make_level(const struct guard_set *s, struct plan *p, u32 begin, u32 end, bool low,
		      int depth)
{
	struct guard_level l = measure(s, begin, end, low);
	u32 number = p->n_levels++, i, next, value, filled = 0;

	l.first = p->n_slots;
	p->n_slots += l.slots + 1;
	for (i = begin; i < end; i = next) {
		u64 slot = (half(s, i, low) - l.min) >> l.shift;

		next = slot_end(s, &l, i, slot);
		value = i;
		if (is_crowded(s, &l, next - i, depth))
			value = GUARD_DEEPER | make_level(s, p, i, next, low || !l.shift, depth + 1);
		for (; p->top && filled < slot; filled++)
			p->top[l.first + filled] = i;
		if (p->top)
			p->top[l.first + filled++] = value;
		cond_resched();
	}
	if (p->levels) {
		p->top[l.first + l.slots] = end;
		p->levels[number] = l;
	}
	return number;
}

int guard_set_finish(struct guard_set *s)
{
	struct plan p = {};

	make_level(s, &p, 0, s->n, false, 1);
	p.levels = kvmalloc(p.n_levels * sizeof(*p.levels) + p.n_slots * sizeof(*p.top),
			    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!p.levels)
		return -ENOMEM;
	s->levels = p.levels;
	s->top = p.top = (u32 *)(p.levels + p.n_levels);
	p.n_levels = 0;
	p.n_slots = 0;
	make_level(s, &p, 0, s->n, false, 1);
	return 0;
}

/* ---- merging ------------------------------------------------------------------- */

static int compare(const struct guard_set *a, u32 i, const struct guard_set *b, u32 j)
{
	struct guard_addr x = guard_key(a, i, a->v6), y = guard_key(b, j, b->v6);

	if (!guard_equal(x, y))
		return guard_less(x, y) ? -1 : 1;
	return (int)a->nodes[i].len - (int)b->nodes[j].len;
}

struct guard_set *guard_set_merge(bool v6, const struct guard_set *old,
				  const struct guard_set *new, bool keep_removed)
{
	u32 n_old = old ? old->n : 0, n_new = new ? new->n : 0, i = 0, j = 0;
	struct guard_set *s = guard_set_alloc(v6, n_old + n_new);

	if (!s)
		return NULL;
	while (i < n_old || j < n_new) {
		int order = i == n_old ? 1 : j == n_new ? -1 : compare(old, i, new, j);
		const struct guard_set *from = order < 0 ? old : new;
		u32 at = order < 0 ? i : j;

		if (keep_removed || from->nodes[at].rule)
			guard_set_push(s, guard_key(from, at, v6), &from->nodes[at]);
		i += order <= 0;
		j += order >= 0;
	}
	if (!guard_set_finish(s))
		return s;
	guard_set_free(s);
	return NULL;
}

const struct guard_node *guard_set_exact(const struct guard_set *s, struct guard_addr addr,
					 unsigned int len)
{
	u32 i = s ? guard_set_seek(s, addr, s->v6) : GUARD_NONE;

	for (; i != GUARD_NONE && guard_equal(guard_key(s, i, s->v6), addr); i = s->nodes[i].up)
		if (s->nodes[i].len == len)
			return &s->nodes[i];
	return NULL;
}
