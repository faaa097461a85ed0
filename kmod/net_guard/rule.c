// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <uapi/linux/moeai_net_guard.h>
#include "rule.h"

#define CHUNK	   (1U << GUARD_CHUNK_SHIFT)
#define CHUNKS_MAX (1U << (GUARD_RULE_BITS - GUARD_CHUNK_SHIFT))

/* Those who made the same kind of rules share one. */
struct shared {
	struct rhash_head node;
	u32 id;
	u32 refs; /* rules */
	struct guard_origin o; /* the key, padding and all */
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
static struct rhashtable by_content;
static struct shared *recent; /* the last one that was asked for, if it is there */

static const struct rhashtable_params by_content_params = {
	.key_len = sizeof(struct guard_origin),
	.key_offset = offsetof(struct shared, o),
	.head_offset = offsetof(struct shared, node),
	.automatic_shrinking = true,
};

/* ---- who --------------------------------------------------------------------------- */

static struct shared *origin_get(const struct guard_origin *o)
{
	struct shared *s;

	lockdep_assert_held(&lock);
	s = recent;
	if (!s || memcmp(&s->o, o, sizeof(*o)))
		s = rhashtable_lookup_fast(&by_content, o, by_content_params);
	if (s) {
		s->refs++;
		recent = s;
		return s;
	}
	s = kmalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	if (!s)
		return NULL;
	s->o = *o;
	s->refs = 1;
	if (xa_alloc(&origins, &s->id, s, xa_limit_31b, GFP_KERNEL_ACCOUNT))
		goto free;
	if (!rhashtable_insert_fast(&by_content, &s->node, by_content_params))
		return s;
	xa_erase(&origins, s->id);
free:
	kfree(s);
	return NULL;
}

static void origin_put(struct shared *s)
{
	lockdep_assert_held(&lock);
	if (--s->refs)
		return;
	if (recent == s)
		recent = NULL;
	rhashtable_remove_fast(&by_content, &s->node, by_content_params);
	xa_erase(&origins, s->id);
	kfree(s);
}

static struct shared *shared_of(const struct guard_rule *rule)
{
	return xa_load(&origins, rule->origin & ~GUARD_ORIGIN_AUTO);
}

/* Its rule is held, and so is it. */
const struct guard_origin *guard_rule_origin(const struct guard_rule *rule)
{
	return &shared_of(rule)->o;
}

/* ---- numbers ------------------------------------------------------------------------- */

static int chunk_add(void)
{
	struct guard_rule *chunk;
	u32 c, i;

	for (c = 0; c < CHUNKS_MAX && guard_rule_chunks[c]; c++)
		;
	if (c == CHUNKS_MAX)
		return -ENOSPC;
	chunk = kvmalloc_array(CHUNK, sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return -ENOMEM;
	for (i = 0; i < CHUNK; i++)
		chunk[i].origin = i + 1;
	spaces[c].free = c ? 0 : 1; /* no rule has number 0 */
	spaces[c].used = c ? 0 : 1;
	list_add(&spaces[c].list, &roomy);
	WRITE_ONCE(guard_rule_chunks[c], chunk);
	return 0;
}

/* Nobody has a rule of it, so nobody reads it. */
static void chunk_remove(u32 c)
{
	list_del(&spaces[c].list);
	kvfree(guard_rule_chunks[c]);
	guard_rule_chunks[c] = NULL;
}

static int number_get(u32 *id)
{
	struct space *s;
	u32 c, i;
	int ret;

	lockdep_assert_held(&lock);
	ret = list_empty(&roomy) ? chunk_add() : 0;
	if (ret)
		return ret;
	s = list_first_entry(&roomy, struct space, list);
	c = s - spaces;
	i = s->free;
	s->free = guard_rule_chunks[c][i].origin;
	if (++s->used == CHUNK)
		list_del(&s->list);
	*id = c << GUARD_CHUNK_SHIFT | i;
	return 0;
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

int guard_rule_new(const struct guard_origin *origin, u32 expires, u32 *id)
{
	struct guard_rule *rule;
	struct shared *s;
	int ret;

	mutex_lock(&lock);
	s = origin_get(origin);
	ret = s ? number_get(id) : -ENOMEM;
	if (!ret) {
		rule = guard_rule(*id);
		*rule = (struct guard_rule){ .origin = s->id, .expires = expires };
		if (origin->source == MOEAI_GUARD_AUTO)
			rule->origin |= GUARD_ORIGIN_AUTO;
		refcount_set(&rule->refs, 1);
	} else if (s) {
		origin_put(s);
	}
	mutex_unlock(&lock);
	return ret;
}

int guard_rules_init(void)
{
	return rhashtable_init(&by_content, &by_content_params);
}

void guard_rule_put(u32 id)
{
	struct guard_rule *rule = guard_rule(id);

	if (!refcount_dec_and_test(&rule->refs))
		return;
	mutex_lock(&lock);
	origin_put(shared_of(rule));
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
	rhashtable_destroy(&by_content);
}
