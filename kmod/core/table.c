// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include "change.h"
#include "compat.h"
#include "dump.h"
#include "module.h"
#include "netlink.h"
#include "schema.h"
#include "store.h"
#include "table.h"
#include "txn.h"

#define KEY_MAX 512 /* bytes of key attributes in moeai_table_find() */

static DEFINE_MUTEX(lock); /* guards tables */
static LIST_HEAD(tables);

/* ---- the registry ------------------------------------------------------------------ */

static struct moeai_table_priv *find(const char *name)
{
	struct moeai_table_priv *t;

	lockdep_assert_held(&lock);
	list_for_each_entry(t, &tables, list)
		if (!strcmp(t->table->name, name))
			return t;
	return NULL;
}

int moeai_table_add(struct moeai_table *table, struct module *owner)
{
	struct moeai_table_priv *t = kzalloc(sizeof(*t), GFP_KERNEL);
	struct moeai_gen *gen;
	int ret = 0;

	if (!t)
		return -ENOMEM;
	moeai_use_init(&t->gens);
	gen = table->fill ? NULL : moeai_gen_empty(table->ops ? t : NULL);
	if (!gen && !table->fill) {
		kfree(t);
		return -ENOMEM;
	}
	t->table = table;
	t->owner = owner;
	moeai_use_init(&t->use);
	mutex_init(&t->lock);
	RCU_INIT_POINTER(t->gen, gen);
	INIT_DELAYED_WORK(&t->rollback, moeai_change_timed_out);
	mutex_lock(&lock);
	if (find(table->name)) {
		ret = -EEXIST;
	} else {
		smp_store_release(&table->priv, t); /* moeai_table_find() */
		list_add_tail(&t->list, &tables);
	}
	mutex_unlock(&lock);
	if (ret) {
		moeai_gen_put(gen);
		moeai_use_drain(&t->gens);
		kfree(t);
	}
	return ret;
}

void moeai_table_remove(struct moeai_table *table)
{
	struct moeai_table_priv *t = table->priv;

	mutex_lock(&lock);
	list_del(&t->list);
	mutex_unlock(&lock);
	moeai_use_drain(&t->use);
	moeai_txns_forget_table(t);
	cancel_delayed_work_sync(&t->rollback);
	WRITE_ONCE(table->priv, NULL); /* who has read it before is waited for below */
	moeai_gen_put(t->undo);
	moeai_gen_put(rcu_dereference_protected(t->gen, true));
	synchronize_rcu(); /* moeai_table_find() */
	moeai_use_drain(&t->gens); /* the module's code frees them */
	kfree(t);
}

struct moeai_table_priv *moeai_table_get(const char *name)
{
	struct moeai_table_priv *t;

	mutex_lock(&lock);
	t = find(name);
	if (t && !moeai_use_get(&t->use))
		t = NULL;
	mutex_unlock(&lock);
	return t;
}

void moeai_table_put(struct moeai_table_priv *t)
{
	moeai_use_put(&t->use);
}

struct moeai_gen *moeai_table_pin(struct moeai_table_priv *t)
{
	struct moeai_gen *gen;

	rcu_read_lock();
	do {
		gen = rcu_dereference(t->gen);
	} while (gen && !refcount_inc_not_zero(&gen->refs)); /* replaced just now */
	rcu_read_unlock();
	return gen;
}

void moeai_tables_walk(void (*fn)(struct moeai_table_priv *table, void *arg), void *arg)
{
	struct moeai_table_priv *t;

	mutex_lock(&lock);
	list_for_each_entry(t, &tables, list)
		fn(t, arg);
	mutex_unlock(&lock);
}

static void sort_row(const struct moeai_schema *schema, const struct moeai_row *row,
		     struct nlattr **tb)
{
	const struct nlattr *nla;
	int rem;

	memset(tb, 0, (schema->max + 1) * sizeof(*tb));
	nla_for_each_attr(nla, (const struct nlattr *)row->attrs, row->len, rem)
		tb[nla_type(nla)] = (struct nlattr *)nla;
}

/* False: these are not the key's fields, in order. */
static bool put_key(const struct moeai_schema *schema, const struct moeai_value *key,
		    unsigned int n, u8 *p)
{
	unsigned int id;

	for (id = 1; id <= schema->max; id++) {
		const struct moeai_field *f = moeai_schema_field(schema, id);

		if (!f || !(f->flags & MOEAI_F_KEY))
			continue;
		if (!n-- || key->id != id)
			return false;
		p = moeai_value_put(p, key++);
	}
	return !n;
}

int moeai_table_find(const struct moeai_table *table, const struct moeai_value *key,
		     unsigned int n, struct nlattr **out)
{
	/* Pairs with moeai_table_add(). */
	const struct moeai_table_priv *t = smp_load_acquire(&table->priv);
	u8 buf[KEY_MAX] __aligned(4);
	const struct moeai_row *row;

	if (!t)
		return -ENOENT; /* not registered yet, or not any more */
	if (moeai_values_len(key, n) > sizeof(buf))
		return -E2BIG;
	if (WARN_ON_ONCE(!put_key(&table->schema, key, n, buf)))
		return -EINVAL;
	if (WARN_ON_ONCE(table->ops))
		return -EINVAL;
	row = moeai_gen_find(&table->schema, rcu_dereference(t->gen), buf);
	if (!row)
		return -ENOENT;
	sort_row(&table->schema, row, out);
	return 0;
}
EXPORT_SYMBOL_GPL(moeai_table_find);

/* ---- rows of computed tables --------------------------------------------------------- */

static int grow(struct moeai_rows *rows, size_t need)
{
	size_t size = max_t(size_t, 2 * rows->size, ALIGN(rows->len + need, PAGE_SIZE));
	u8 *buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);

	if (!buf)
		return -ENOMEM;
	if (rows->len)
		memcpy(buf, rows->buf, rows->len);
	kvfree(rows->buf);
	rows->buf = buf;
	rows->size = size;
	return 0;
}

void moeai_rows_add(struct moeai_rows *rows, const struct moeai_value *values, unsigned int n)
{
	size_t len = NLA_HDRLEN + moeai_values_len(values, n);
	void *p;

	if (WARN_ON_ONCE(len > MOEAI_ROW_LEN))
		rows->error = -EMSGSIZE;
	if (!rows->error && rows->size - rows->len < len)
		rows->error = grow(rows, len);
	if (rows->error)
		return;
	p = rows->buf + rows->len;
	*(struct nlattr *)p = (struct nlattr){ len, MOEAI_A_DATA_ROW | NLA_F_NESTED };
	p += NLA_HDRLEN;
	while (n--)
		p = moeai_value_put(p, values++);
	rows->len += len;
}
EXPORT_SYMBOL_GPL(moeai_rows_add);

/* ---- the dump -------------------------------------------------------------------------- */

/* One under way. The table itself may go meanwhile. */
struct dump {
	struct moeai_dump running;
	char name[MOEAI_FULL_NAME_LEN];
	u64 generation;
	struct moeai_gen *gen; /* NULL: rows were made */
	struct module *owner; /* who makes one row after the other out of gen; held */
	struct moeai_row_cursor cursor;
	bool made_all;
	struct moeai_rows rows;
	size_t next; /* row of gen, or byte of rows */
};

/*
 * Who makes the rows shall stay until the dump has ended. That can be had of a module
 * only when its init has succeeded: if that fails, it goes, whoever holds it.
 */
static int hold(struct module *owner)
{
	if (owner && READ_ONCE(owner->state) == MODULE_STATE_COMING)
		return -EAGAIN;
	return try_module_get(owner) ? 0 : -ENOENT; /* it is on its way out */
}

static int start(struct dump *d, struct moeai_table_priv *t, struct netlink_callback *cb)
{
	int ret = moeai_dump_get(&d->running, d->name, cb);

	if (ret)
		return ret;
	ret = t->table->ops ? hold(t->owner) : 0;
	if (ret) {
		moeai_dump_put(&d->running);
		return ret;
	}
	if (!t->table->fill) {
		d->owner = t->table->ops ? t->owner : NULL;
		d->gen = moeai_table_pin(t);
		d->generation = d->gen->number;
		return 0;
	}
	do {
		d->generation = moeai_generation();
		d->rows.len = 0;
		t->table->fill(t->table, &d->rows);
	} while (!d->rows.error && d->generation != moeai_generation());
	if (d->rows.error) {
		moeai_dump_put(&d->running);
		kvfree(d->rows.buf);
	}
	return d->rows.error;
}

static int start_allowed(struct moeai_table_priv *t, struct netlink_callback *cb)
{
	struct dump *d = kzalloc(sizeof(*d), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!d)
		return -ENOMEM;
	strscpy(d->name, t->table->name, sizeof(d->name));
	ret = start(d, t, cb);
	if (!ret) {
		cb->args[0] = (long)d;
		cb->min_dump_alloc = MOEAI_ROW_LEN + 256;
		return 0;
	}
	kfree(d);
	if (ret == -EBUSY)
		return moeai_dump_refuse(cb, NULL, ret, "this user has too many dumps under way");
	if (ret == -EAGAIN)
		return moeai_dump_refuse(cb, moeai_dump_attrs(cb)[MOEAI_A_DATA_TABLE], ret,
					 "the table's module is still being loaded: try again");
	return ret;
}

static const struct nlattr *not_of_a_dump(struct nlattr **attrs)
{
	unsigned int i;

	for (i = 1; i <= MOEAI_A_DATA_MAX; i++)
		if (attrs[i] && i != MOEAI_A_DATA_TABLE)
			return attrs[i];
	return NULL;
}

int moeai_table_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = moeai_dump_attrs(cb), *name = attrs[MOEAI_A_DATA_TABLE];
	const struct nlattr *other = not_of_a_dump(attrs);
	struct moeai_table_priv *t;
	int ret;

	if (other)
		return moeai_dump_refuse(cb, other, -EINVAL, "a dump takes TABLE only");
	if (!name)
		return moeai_dump_refuse(cb, NULL, -EINVAL, "TABLE is missing");
	ret = moeai_netlink_wait();
	if (ret)
		return ret;
	t = moeai_table_get(nla_data(name));
	if (!t)
		return moeai_dump_refuse(cb, name, -ENOENT, "no such table: see table tables");
	if (!(t->table->flags & MOEAI_TABLE_OPEN) && !netlink_capable(cb->skb, CAP_SYS_ADMIN))
		ret = moeai_dump_refuse(cb, name, -EPERM, "this table needs CAP_SYS_ADMIN");
	else
		ret = start_allowed(t, cb);
	moeai_table_put(t);
	return ret;
}

/* Of rows that a module keeps, one is made at a time, and stays until it fits. */
static void make_row(struct dump *d)
{
	const struct moeai_gen *gen = d->gen;

	d->rows.len = 0;
	d->next = 0;
	d->made_all = !gen->kept || !gen->keeper->table->ops->next(gen->keeper->table, gen->kept,
								   &d->cursor, &d->rows);
}

static bool at_end(struct dump *d)
{
	if (d->gen && !d->gen->keeper)
		return d->next == d->gen->n;
	if (d->gen && d->next == d->rows.len && !d->made_all)
		make_row(d);
	return d->next == d->rows.len && !d->rows.error;
}

/* The next row's attributes as a ROW nest, if it fits. Returns false at the end too. */
static bool put_row(struct sk_buff *skb, struct dump *d)
{
	const struct nlattr *made;
	const struct moeai_row *row;

	if (at_end(d) || d->rows.error)
		return false;
	if (!d->gen || d->gen->keeper) {
		made = (void *)d->rows.buf + d->next;
		if (skb_tailroom(skb) < NLA_ALIGN(made->nla_len))
			return false;
		skb_put_data(skb, made, NLA_ALIGN(made->nla_len));
		d->next += NLA_ALIGN(made->nla_len);
		return true;
	}
	row = d->gen->rows[d->next];
	if (nla_put(skb, MOEAI_A_DATA_ROW | NLA_F_NESTED, row->len, row->attrs))
		return false;
	d->next++;
	return true;
}

int moeai_table_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump *d = (void *)cb->args[0];
	void *hdr;

	if (moeai_dump_refused(cb) || at_end(d))
		return moeai_dump_refused(cb);
	if (d->rows.error)
		return d->rows.error;
	hdr = moeai_msg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, NLM_F_MULTI,
			    MOEAI_MSG_DATA);
	if (!hdr || nla_put_string(skb, MOEAI_A_DATA_TABLE, d->name) ||
	    nla_put_u64_64bit(skb, MOEAI_A_DATA_GENERATION, d->generation, MOEAI_A_DATA_PAD) ||
	    !put_row(skb, d)) {
		if (hdr)
			genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	while (put_row(skb, d))
		;
	genlmsg_end(skb, hdr);
	return skb->len;
}

int moeai_table_done(struct netlink_callback *cb)
{
	struct dump *d = (void *)cb->args[0];

	if (!d)
		return 0; /* it was refused */
	moeai_dump_put(&d->running);
	moeai_gen_put(d->gen);
	module_put(d->owner);
	kvfree(d->rows.buf);
	kfree(d);
	return 0;
}
