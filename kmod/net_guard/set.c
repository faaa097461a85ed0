// SPDX-License-Identifier: GPL-2.0
#include "set.h"

#define SLOTS_MAX (1U << 20)

/* Few prefixes to a slot, so that the bisection's steps do not grow with them. */
static u32 slots_for(u32 room)
{
	return clamp_t(u32, roundup_pow_of_two(room / 4 + 1), 2, SLOTS_MAX);
}

struct guard_set *guard_set_alloc(bool v6, u32 room)
{
	size_t key = v6 ? sizeof(struct guard_addr) : sizeof(u32);
	u32 slots = slots_for(room);
	struct guard_set *s;
	u8 *p;

	s = kvmalloc(sizeof(*s) + room * (key + sizeof(*s->nodes)) + (slots + 1) * sizeof(u32),
		     GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!s)
		return NULL;
	*s = (struct guard_set){ .v6 = v6, .room = room, .slots = slots };
	refcount_set(&s->refs, 1);
	p = (u8 *)(s + 1);
	s->keys.addr = (void *)p;
	s->nodes = (void *)(p + room * key);
	s->top = (void *)(s->nodes + room);
	return s;
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

void guard_set_finish(struct guard_set *s)
{
	u32 i, slot = 0;
	u64 span;

	if (!s->n)
		return;
	s->min = guard_key(s, 0, s->v6).hi;
	span = guard_key(s, s->n - 1, s->v6).hi - s->min;
	for (s->shift = 0; span >> s->shift >= s->slots; s->shift++)
		;
	for (i = 0; i < s->n; i++)
		for (; slot <= (guard_key(s, i, s->v6).hi - s->min) >> s->shift; slot++)
			s->top[slot] = i;
	for (; slot <= s->slots; slot++)
		s->top[slot] = s->n;
}

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
	guard_set_finish(s);
	return s;
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
