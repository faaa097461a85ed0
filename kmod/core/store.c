// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "compat.h"
#include "keep.h"
#include "schema.h"
#include "store.h"

static struct workqueue_struct *releases; /* of large generations, in the background */
static atomic64_t numbers = ATOMIC64_INIT(0);

int moeai_store_init(void)
{
	releases = alloc_workqueue("moeai_store", WQ_UNBOUND, 0);
	return releases ? 0 : -ENOMEM;
}

void moeai_store_exit(void)
{
	rcu_barrier(); /* what was put is queued after it */
	destroy_workqueue(releases);
}

/* ---- rows ----------------------------------------------------------------------- */

static bool is_key(const struct moeai_schema *schema, unsigned int id)
{
	return schema->fields[id].name && (schema->fields[id].flags & MOEAI_F_KEY);
}

static u8 *copy(u8 *p, const struct nlattr *nla)
{
	u32 padded = NLA_ALIGN(nla->nla_len);

	*(u32 *)(p + padded - 4) = 0;
	memcpy(p, nla, nla->nla_len);
	return p + padded;
}

u32 moeai_row_len(const struct moeai_schema *schema, struct nlattr **tb)
{
	unsigned int id;
	u32 len = 0;

	for (id = 1; id <= schema->max; id++)
		if (tb[id])
			len += NLA_ALIGN(tb[id]->nla_len);
	return len;
}

void moeai_row_fill(struct moeai_row *row, u32 len, const struct moeai_schema *schema,
		    struct nlattr **tb)
{
	u8 *p = row->attrs;
	unsigned int id;

	refcount_set(&row->refs, 1);
	row->len = len;
	for (id = 1; id <= schema->max; id++)
		if (tb[id] && is_key(schema, id))
			p = copy(p, tb[id]);
	for (id = 1; id <= schema->max; id++)
		if (tb[id] && !is_key(schema, id))
			p = copy(p, tb[id]);
}

void moeai_row_put(struct moeai_row *row)
{
	if (row && refcount_dec_and_test(&row->refs))
		kvfree(row);
}

/* ---- order ---------------------------------------------------------------------- */

static int compare_payload(const struct moeai_field *f, const struct nlattr *a,
			   const struct nlattr *b)
{
	int len = moeai_type_len(f->type), ret;

	if (len == 8 && moeai_type_signed(f->type)) {
		s64 x = get_unaligned((s64 *)nla_data(a)), y = get_unaligned((s64 *)nla_data(b));

		return x < y ? -1 : x > y;
	}
	if (len == 4 && moeai_type_signed(f->type)) {
		s32 x = nla_get_s32(a), y = nla_get_s32(b);

		return x < y ? -1 : x > y;
	}
	if (len == 8) {
		u64 x = get_unaligned((u64 *)nla_data(a)), y = get_unaligned((u64 *)nla_data(b));

		return x < y ? -1 : x > y;
	}
	if (len == 4) {
		u32 x = nla_get_u32(a), y = nla_get_u32(b);

		return x < y ? -1 : x > y;
	}
	ret = memcmp(nla_data(a), nla_data(b), min(nla_len(a), nla_len(b)));
	return ret ?: nla_len(a) - nla_len(b);
}

/* Both begin with the same key fields in the same order. */
static int compare_keys(const struct moeai_schema *schema, const void *a, const void *b)
{
	const struct nlattr *x = a, *y = b;
	unsigned int id;
	int ret = 0;

	for (id = 1; id <= schema->max && !ret; id++) {
		if (!is_key(schema, id))
			continue;
		ret = compare_payload(&schema->fields[id], x, y);
		x = (void *)x + NLA_ALIGN(x->nla_len);
		y = (void *)y + NLA_ALIGN(y->nla_len);
	}
	return ret;
}

static int compare_changes(const void *a, const void *b, const void *schema)
{
	const struct moeai_change *x = a, *y = b;

	cond_resched(); /* sort_r() does not */
	return compare_keys(schema, x->row->attrs, y->row->attrs) ?:
	       (x->index < y->index ? -1 : 1);
}

/* Most come in order: a heap sort of a million that are takes as long as of any. */
static void sort_changes(const struct moeai_schema *schema, struct moeai_change *changes, u32 n)
{
	u32 i;

	for (i = 1; i < n; i++)
		if (compare_changes(&changes[i - 1], &changes[i], schema) > 0)
			break;
	if (i < n)
		sort_r(changes, n, sizeof(*changes), compare_changes, NULL, schema);
}

const struct moeai_row *moeai_gen_find(const struct moeai_schema *schema,
				       const struct moeai_gen *gen, const void *key)
{
	u32 low = 0, high = gen->n;

	while (low < high) {
		u32 mid = low + (high - low) / 2;
		int ret = compare_keys(schema, gen->rows[mid]->attrs, key);

		if (!ret)
			return gen->rows[mid];
		if (ret < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* ---- generations ------------------------------------------------------------------ */

static struct moeai_gen *gen_alloc(u64 rows)
{
	struct moeai_gen *gen = kvmalloc(struct_size(gen, rows, rows),
					 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

	if (!gen)
		return NULL;
	refcount_set(&gen->refs, 1);
	gen->number = atomic64_inc_return(&numbers);
	gen->keeper = NULL;
	gen->kept = NULL;
	gen->n = 0;
	return gen;
}

struct moeai_gen *moeai_gen_empty(struct moeai_table_priv *keeper)
{
	struct moeai_gen *gen = gen_alloc(0);

	if (gen && keeper)
		moeai_keep_hold(gen, keeper);
	return gen;
}

static void gen_free(struct moeai_gen *gen)
{
	u32 i;

	if (gen->keeper)
		moeai_keep_release(gen);
	for (i = 0; i < gen->n; i++) {
		moeai_row_put(gen->rows[i]);
		if (i % 1024 == 0)
			cond_resched();
	}
	kvfree(gen);
}

static void release(struct work_struct *work)
{
	gen_free(container_of(to_rcu_work(work), struct moeai_gen, release));
}

void moeai_gen_put(struct moeai_gen *gen)
{
	if (!gen || !refcount_dec_and_test(&gen->refs))
		return;
	INIT_RCU_WORK(&gen->release, release);
	queue_rcu_work(releases, &gen->release);
}

static int wrong(const struct moeai_change *c, int err, struct moeai_change_error *error)
{
	error->row = c->index;
	error->message = err == -EEXIST ? "a row with this key is there already" :
					  "no row with this key";
	return err;
}

/* All changes of one key, from *@c on: what becomes of @row, NULL for none. */
static int apply_key(const struct moeai_schema *schema, struct moeai_change **c,
		     const struct moeai_change *end, struct moeai_row **row,
		     struct moeai_change_error *error)
{
	const struct moeai_change *first = *c;

	for (; *c < end && !compare_keys(schema, (*c)->row->attrs, first->row->attrs); ++*c) {
		if ((*c)->action == MOEAI_ACTION_ADD && *row)
			return wrong(*c, -EEXIST, error);
		if ((*c)->action == MOEAI_ACTION_DELETE && !*row)
			return wrong(*c, -ENOENT, error);
		*row = (*c)->action == MOEAI_ACTION_DELETE ? NULL : (*c)->row;
	}
	return 0;
}

/* Merge the sorted changes with the old rows into @gen, which has room for both. */
static int merge(const struct moeai_schema *schema, struct moeai_gen *gen,
		 struct moeai_row *const *old, u32 n_old, struct moeai_change *c,
		 const struct moeai_change *end, struct moeai_change_error *error)
{
	u32 i = 0;

	while (i < n_old || c < end) {
		int order = i == n_old ? 1 :
			    c == end   ? -1 :
					 compare_keys(schema, old[i]->attrs, c->row->attrs);
		struct moeai_row *row = order <= 0 ? old[i++] : NULL;
		int ret = order >= 0 ? apply_key(schema, &c, end, &row, error) : 0;

		if (ret)
			return ret;
		if (row) {
			refcount_inc(&row->refs);
			gen->rows[gen->n++] = row;
		}
		if (gen->n % 1024 == 0)
			cond_resched();
	}
	return 0;
}

struct moeai_gen *moeai_gen_make(const struct moeai_schema *schema, const struct moeai_gen *old,
				 bool flush, struct moeai_change *changes, u32 n, u32 max_rows,
				 struct moeai_change_error *error)
{
	u32 n_old = flush ? 0 : old->n;
	struct moeai_gen *gen = gen_alloc((u64)n_old + n);
	int ret;

	if (!gen)
		return ERR_PTR(-ENOMEM);
	sort_changes(schema, changes, n);
	ret = merge(schema, gen, old->rows, n_old, changes, changes + n, error);
	if (!ret && gen->n > max_rows) {
		error->message = "the table is full";
		ret = -ENOSPC;
	}
	if (!ret)
		return gen;
	gen_free(gen); /* nobody has seen it */
	return ERR_PTR(ret);
}
