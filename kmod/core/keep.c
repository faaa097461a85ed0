// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "intern.h"
#include "keep.h"
#include "schema.h"
#include "store.h"
#include "table.h"

void moeai_keep_hold(struct moeai_gen *gen, struct moeai_table_priv *keeper)
{
	gen->keeper = keeper;
	refcount_inc(&keeper->gens.n); /* of one that is registered, which has a use itself */
}

void moeai_keep_release(struct moeai_gen *gen)
{
	const struct moeai_table *table = gen->keeper->table;

	if (gen->kept)
		table->ops->free(table, gen->kept);
	moeai_use_put(&gen->keeper->gens);
}

u64 moeai_gen_count(const struct moeai_gen *gen)
{
	if (!gen->keeper)
		return gen->n;
	return gen->kept ? gen->keeper->table->ops->count(gen->keeper->table, gen->kept) : 0;
}

struct moeai_gen *moeai_gen_publish(struct moeai_table_priv *t, struct moeai_gen *gen,
				    enum moeai_published how)
{
	struct moeai_gen *old = rcu_replace_pointer(t->gen, gen, lockdep_is_held(&t->lock));
	const struct moeai_table *table = t->table;

	if (table->changed)
		table->changed(table);
	if (table->ops && table->ops->published)
		table->ops->published(table, gen->kept, how);
	return old;
}

/* ---- changes ----------------------------------------------------------------------- */

u8 moeai_changes_row(const struct moeai_table *table, const struct moeai_changes *changes, u32 i,
		     struct nlattr **tb)
{
	const struct moeai_change *c = &changes->list[i];
	const struct nlattr *nla;
	int rem;

	memset(tb, 0, (table->schema.max + 1) * sizeof(*tb));
	nla_for_each_attr(nla, (const struct nlattr *)c->row->attrs, c->row->len, rem)
		tb[nla_type(nla)] = (struct nlattr *)nla;
	return c->action;
}
EXPORT_SYMBOL_GPL(moeai_changes_row);

void moeai_row_refused(const struct moeai_table *table, const struct moeai_row_error *wrong,
		   struct moeai_change_error *error)
{
	const struct moeai_field *f = moeai_schema_field(&table->schema, wrong->field);

	error->message = moeai_intern("%s", wrong->why ?: "the module refuses this row");
	if (f)
		error->field = moeai_intern("%s", f->name);
}

struct moeai_gen *moeai_keep_make(struct moeai_table_priv *t, struct moeai_gen *old,
				  const struct moeai_changes *changes,
				  struct moeai_change_error *error)
{
	struct moeai_row_error wrong = { .change = U32_MAX };
	struct moeai_gen *gen = moeai_gen_empty(t);
	void *kept;

	if (!gen)
		return ERR_PTR(-ENOMEM);
	kept = t->table->ops->make(t->table, old->kept, changes, &wrong);
	if (!IS_ERR(kept)) {
		gen->kept = kept;
		return gen;
	}
	moeai_gen_put(gen);
	if (wrong.change < changes->n)
		error->row = changes->list[wrong.change].index;
	if (wrong.why)
		moeai_row_refused(t->table, &wrong, error);
	return ERR_CAST(kept);
}

/* ---- the module's own changes --------------------------------------------------------- */

/* NULL: nothing is to change. */
static struct moeai_gen *amended(struct moeai_table_priv *t, struct moeai_gen *old,
				 void *(*amend)(const struct moeai_table *, void *, void *),
				 void *arg)
{
	struct moeai_gen *gen = moeai_gen_empty(t);
	void *kept;

	if (!gen)
		return ERR_PTR(-ENOMEM);
	kept = amend(t->table, old->kept, arg);
	if (!IS_ERR(kept) && kept != old->kept) {
		gen->kept = kept;
		return gen;
	}
	moeai_gen_put(gen);
	return IS_ERR(kept) ? ERR_CAST(kept) : NULL;
}

static int amend_locked(struct moeai_table_priv *t,
			void *(*amend)(const struct moeai_table *, void *, void *), void *arg)
{
	struct moeai_gen *old = rcu_dereference_protected(t->gen, lockdep_is_held(&t->lock));
	struct moeai_gen *undo = t->undo ? amended(t, t->undo, amend, arg) : NULL, *gen;

	if (IS_ERR(undo))
		return PTR_ERR(undo);
	gen = amended(t, old, amend, arg);
	if (IS_ERR(gen)) {
		moeai_gen_put(undo);
		return PTR_ERR(gen);
	}
	if (undo) {
		moeai_gen_put(t->undo);
		t->undo = undo;
	}
	if (gen)
		moeai_gen_put(moeai_gen_publish(t, gen, MOEAI_PUBLISHED_AMENDED));
	return 0;
}

int moeai_table_amend(const struct moeai_table *table,
		      void *(*amend)(const struct moeai_table *table, void *old, void *arg),
		      void *arg)
{
	struct moeai_table_priv *t = READ_ONCE(table->priv);
	int ret;

	if (!t)
		return -ENOENT;
	mutex_lock(&t->lock);
	ret = amend_locked(t, amend, arg);
	mutex_unlock(&t->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(moeai_table_amend);
