// SPDX-License-Identifier: GPL-2.0
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "rule.h"

#define CHUNK	   (1U << GUARD_CHUNK_SHIFT)
#define CHUNKS_MAX (1U << (GUARD_RULE_BITS - GUARD_CHUNK_SHIFT))

/* Those who made the same kind of rules share one. */
struct shared {
	struct hlist_node node;
	u32 id;
	u32 refs; /* rules */
	struct guard_origin o;
};

/* Of the rules of one chunk. */
struct space {
	struct list_head list; /* in roomy, if used < CHUNK */
	u16 used;
	u16 free; /* the first, CHUNK: none; the next one is in its origin */
};

struct guard_rule *guard_rule_chunks[CHUNKS_MAX];

static DEFINE_MUTEX(lock); /* guards what follows, and the chunks' coming and going */
static struct space spaces[CHUNKS_MAX];
static LIST_HEAD(roomy);
static DEFINE_XARRAY_ALLOC1(origins);
static DEFINE_HASHTABLE(by_content, 8);

/* ---- who --------------------------------------------------------------------------- */

static struct shared *origin_get(const struct guard_origin *o)
{
	u32 hash = jhash(o, sizeof(*o), 0);
	struct shared *s;

	lockdep_assert_held(&lock);
	hash_for_each_possible(by_content, s, node, hash)
		if (!memcmp(&s->o, o, sizeof(*o))) {
			s->refs++;
			return s;
		}
	s = kmalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	if (!s)
		return NULL;
	s->o = *o;
	s->refs = 1;
	if (xa_alloc(&origins, &s->id, s, xa_limit_31b, GFP_KERNEL_ACCOUNT)) {
		kfree(s);
		return NULL;
	}
	hash_add(by_content, &s->node, hash);
	return s;
}

static void origin_put(struct shared *s)
{
	lockdep_assert_held(&lock);
	if (--s->refs)
		return;
	hash_del(&s->node);
	xa_erase(&origins, s->id);
	kfree(s);
}

/* Its rule is held, and so is it. */
const struct guard_origin *guard_rule_origin(const struct guard_rule *rule)
{
	struct shared *s = xa_load(&origins, rule->origin);

	return &s->o;
}

/* ---- numbers ------------------------------------------------------------------------- */

static bool chunk_add(void)
{
	struct guard_rule *chunk;
	u32 c, i;

	for (c = 0; c < CHUNKS_MAX && guard_rule_chunks[c]; c++)
		;
	if (c == CHUNKS_MAX)
		return false;
	chunk = kvmalloc_array(CHUNK, sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return false;
	for (i = 0; i < CHUNK; i++)
		chunk[i].origin = i + 1;
	spaces[c].free = c ? 0 : 1; /* no rule has number 0 */
	spaces[c].used = c ? 0 : 1;
	list_add(&spaces[c].list, &roomy);
	WRITE_ONCE(guard_rule_chunks[c], chunk);
	return true;
}

/* Nobody has a rule of it, so nobody reads it. */
static void chunk_remove(u32 c)
{
	list_del(&spaces[c].list);
	kvfree(guard_rule_chunks[c]);
	guard_rule_chunks[c] = NULL;
}

static u32 number_get(void)
{
	struct space *s;
	u32 c, i;

	lockdep_assert_held(&lock);
	if (list_empty(&roomy) && !chunk_add())
		return 0;
	s = list_first_entry(&roomy, struct space, list);
	c = s - spaces;
	i = s->free;
	s->free = guard_rule_chunks[c][i].origin;
	if (++s->used == CHUNK)
		list_del(&s->list);
	return c << GUARD_CHUNK_SHIFT | i;
}

static void number_put(u32 id)
{
	u32 c = id >> GUARD_CHUNK_SHIFT, i = id & (CHUNK - 1);
	struct space *s = &spaces[c];

	lockdep_assert_held(&lock);
	guard_rule_chunks[c][i].origin = s->free;
	s->free = i;
	if (s->used-- == CHUNK)
		list_add(&s->list, &roomy);
	if (!s->used)
		chunk_remove(c);
}

/* ---- rules ----------------------------------------------------------------------------- */

u32 guard_rule_new(const struct guard_origin *origin, u32 expires)
{
	struct guard_rule *rule;
	struct shared *s;
	u32 id = 0;

	mutex_lock(&lock);
	s = origin_get(origin);
	if (s)
		id = number_get();
	if (id) {
		rule = guard_rule(id);
		*rule = (struct guard_rule){ .origin = s->id, .expires = expires };
		refcount_set(&rule->refs, 1);
	} else if (s) {
		origin_put(s);
	}
	mutex_unlock(&lock);
	return id;
}

void guard_rule_put(u32 id)
{
	struct guard_rule *rule = guard_rule(id);

	if (!refcount_dec_and_test(&rule->refs))
		return;
	mutex_lock(&lock);
	origin_put(xa_load(&origins, rule->origin));
	number_put(id);
	mutex_unlock(&lock);
}

/* All rules have been put. */
void guard_rules_exit(void)
{
	u32 c;

	for (c = 0; c < CHUNKS_MAX; c++)
		kvfree(guard_rule_chunks[c]);
	xa_destroy(&origins);
}
