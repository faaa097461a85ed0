// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include "call.h"
#include "change.h"
#include "event.h"
#include "netlink.h"
#include "schema.h"
#include "store.h"
#include "table.h"

#define TXNS_MAX     256
#define TXN_TIMEOUT  (60 * HZ)
#define FIELDS_MAX   64

u64 moeai_txn_bytes = 256 << 20;

/* Rows staged by one port under one number; without MORE, for one message. */
struct txn {
	struct list_head list;
	struct moeai_table_priv *table;
	struct moeai_origin origin;
	u32 id;
	bool failed; /* its error was told; the rest is refused */
	bool flush;  /* before the changes that are staged now */
	u32 n;	     /* changes */
	u32 size;    /* of the array */
	u64 rows;    /* given so far, flushed or not: for errors */
	u64 bytes;
	unsigned long seen; /* jiffies of its last message */
	struct moeai_change *changes;
};

static DEFINE_MUTEX(lock); /* guards txns, staged; held while a message is worked on */
static LIST_HEAD(txns);
static u64 staged; /* bytes, of all */

static void expire(struct work_struct *work);
static DECLARE_DELAYED_WORK(expiry, expire);

/* ---- transactions -------------------------------------------------------------------- */

static void drop_changes(struct txn *t)
{
	u32 i;

	for (i = 0; i < t->n; i++) {
		moeai_row_put(t->changes[i].row);
		if (i % 1024 == 0)
			cond_resched();
	}
	t->n = 0;
	staged -= t->bytes;
	t->bytes = 0;
}

static void txn_free(struct txn *t)
{
	lockdep_assert_held(&lock);
	list_del(&t->list);
	drop_changes(t);
	sock_put(t->origin.sk);
	kvfree(t->changes);
	kfree(t);
}

static struct txn *txn_find(const struct sock *sk, u32 id)
{
	struct txn *t;

	lockdep_assert_held(&lock);
	list_for_each_entry(t, &txns, list)
		if (id && t->id == id && t->origin.sk == sk)
			return t;
	return NULL;
}

static struct txn *txn_new(struct moeai_table_priv *table, const struct sk_buff *skb,
			   const struct genl_info *info, u32 id)
{
	struct txn *t, *other;
	unsigned int n = 0;

	list_for_each_entry(other, &txns, list)
		n++;
	if (n >= TXNS_MAX) {
		NL_SET_ERR_MSG(info->extack, "too many transactions are open");
		return ERR_PTR(-EBUSY);
	}
	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return ERR_PTR(-ENOMEM);
	t->table = table;
	t->id = id;
	moeai_origin_request(&t->origin, skb, info);
	sock_hold(t->origin.sk);
	t->seen = jiffies;
	list_add_tail(&t->list, &txns);
	schedule_delayed_work(&expiry, TXN_TIMEOUT);
	return t;
}

static void expire(struct work_struct *work)
{
	struct txn *t, *next;

	mutex_lock(&lock);
	list_for_each_entry_safe(t, next, &txns, list)
		if (time_after_eq(jiffies, t->seen + TXN_TIMEOUT))
			txn_free(t);
	if (!list_empty(&txns))
		schedule_delayed_work(&expiry, TXN_TIMEOUT / 4);
	mutex_unlock(&lock);
}

void moeai_changes_forget_table(const struct moeai_table_priv *table)
{
	struct txn *t, *next;

	mutex_lock(&lock);
	list_for_each_entry_safe(t, next, &txns, list)
		if (t->table == table)
			txn_free(t);
	mutex_unlock(&lock);
}

static int socket_released(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *n = ptr;
	struct txn *t, *next;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC ||
	    !net_eq(n->net, &init_net))
		return NOTIFY_DONE;
	mutex_lock(&lock);
	list_for_each_entry_safe(t, next, &txns, list)
		if (t->origin.portid == n->portid && sock_flag(t->origin.sk, SOCK_DEAD))
			txn_free(t);
	mutex_unlock(&lock);
	return NOTIFY_DONE;
}

void moeai_txns_walk(void (*fn)(const struct moeai_txn_seen *txn, void *arg), void *arg)
{
	const struct txn *t;

	mutex_lock(&lock);
	list_for_each_entry(t, &txns, list)
		fn(&(struct moeai_txn_seen){ t->table->table->name, t->origin.portid,
					     t->origin.pid, t->origin.uid, t->origin.comm }, arg);
	mutex_unlock(&lock);
}

/* ---- staging --------------------------------------------------------------------------- */

static int push(struct txn *t, struct moeai_row *row, u8 action)
{
	u64 bytes = sizeof(*row) + row->len + sizeof(struct moeai_change);

	if (staged + bytes > READ_ONCE(moeai_txn_bytes) || t->n == U32_MAX)
		return -EFBIG;
	if (t->n == t->size) {
		u32 size = max(2 * t->size, 64U);
		struct moeai_change *grown = kvmalloc_array(size, sizeof(*grown),
							    GFP_KERNEL_ACCOUNT);

		if (!grown)
			return -ENOMEM;
		if (t->n)
			memcpy(grown, t->changes, t->n * sizeof(*grown));
		kvfree(t->changes);
		t->changes = grown;
		t->size = size;
	}
	t->changes[t->n++] = (struct moeai_change){ row, t->rows, action };
	t->bytes += bytes;
	staged += bytes;
	return 0;
}

/* What a refusal's attribute says of the field at fault. */
static const char *bad_field(const struct moeai_schema *schema, const struct nlattr *row,
			     const struct nlattr *bad)
{
	const struct moeai_field *f = NULL;

	if (bad > row && (void *)bad < (void *)row + row->nla_len)
		f = moeai_schema_field(schema, nla_type(bad));
	return f ? f->name : NULL;
}

static int stage_row(struct txn *t, u8 action, const struct nlattr *nla,
		     struct netlink_ext_ack *extack, struct moeai_change_error *error)
{
	const struct moeai_table *table = t->table->table;
	struct nlattr *tb[FIELDS_MAX + 1];
	u16 needed = MOEAI_F_KEY | (action == MOEAI_ACTION_DELETE ? 0 : MOEAI_F_REQUIRED);
	struct moeai_row *row;
	int ret;

	error->row = t->rows;
	ret = moeai_schema_parse(&table->schema, nla_data(nla), nla_len(nla), tb, needed, extack);
	if (ret) {
		error->message = extack->_msg;
		error->field = bad_field(&table->schema, nla, extack->bad_attr);
		return ret;
	}
	if (action != MOEAI_ACTION_DELETE && table->check) {
		ret = table->check(table, tb, &error->message);
		if (ret)
			return ret;
	}
	row = moeai_row_make(&table->schema, tb);
	if (!row)
		return -ENOMEM;
	ret = row->len > MOEAI_ROW_LEN - NLA_HDRLEN ? -EMSGSIZE : push(t, row, action);
	if (ret)
		moeai_row_put(row);
	if (ret == -EFBIG)
		error->message = "too many bytes are staged: see core.txn_bytes";
	if (!ret)
		t->rows++;
	return ret;
}

static int stage(struct txn *t, u8 action, struct genl_info *info,
		 struct moeai_change_error *error)
{
	const struct nlattr *nla;
	int rem, ret = 0;

	if (action == MOEAI_ACTION_FLUSH) {
		drop_changes(t);
		t->flush = true;
		return 0;
	}
	nlmsg_for_each_attr(nla, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(nla) != MOEAI_A_DATA_ROW)
			continue;
		ret = stage_row(t, action, nla, info->extack, error);
		if (ret) {
			if (!info->extack->bad_attr)
				info->extack->bad_attr = nla;
			return ret;
		}
	}
	return 0;
}

/* ---- committing ------------------------------------------------------------------------- */

static const struct moeai_origin nobody = { .comm = "" };

static void tell(const struct moeai_table_priv *t, u32 what, u64 changed,
		 const struct moeai_origin *o)
{
	const struct moeai_gen *gen = rcu_dereference_protected(t->gen,
								 lockdep_is_held(&t->lock));

	moeai_emit(moeai_ev_table, MOEAI_PRIO_NOTICE,
		   moeai_str(MOEAI_A_TABLE_EVENT_NAME, t->table->name),
		   moeai_u32(MOEAI_A_TABLE_EVENT_WHAT, what),
		   moeai_u64(MOEAI_A_TABLE_EVENT_CHANGED, changed),
		   moeai_u64(MOEAI_A_TABLE_EVENT_GENERATION, gen->number),
		   moeai_u32(MOEAI_A_TABLE_EVENT_PID, o->pid),
		   moeai_u32(MOEAI_A_TABLE_EVENT_UID, from_kuid(&init_user_ns, o->uid)),
		   moeai_str(MOEAI_A_TABLE_EVENT_COMM, o->comm));
}

enum { COMMITTED, CONFIRMED, ROLLED_BACK };

/* Let readers see @gen; returns the one before. */
static struct moeai_gen *publish(struct moeai_table_priv *t, struct moeai_gen *gen)
{
	struct moeai_gen *old = rcu_replace_pointer(t->gen, gen, lockdep_is_held(&t->lock));

	if (t->table->changed)
		t->table->changed(t->table);
	return old;
}

static int commit_locked(struct txn *t, u32 confirm, struct moeai_change_error *error)
{
	struct moeai_table_priv *p = t->table;
	struct moeai_gen *old = rcu_dereference_protected(p->gen, lockdep_is_held(&p->lock));
	struct moeai_gen *gen;

	if (p->undo) {
		error->message = "a change of this table awaits its confirmation";
		return -EBUSY;
	}
	gen = moeai_gen_make(&p->table->schema, old, t->flush, t->changes, t->n,
			     p->table->max_rows ?: 65536, error);
	if (IS_ERR(gen))
		return PTR_ERR(gen);
	publish(p, gen);
	if (confirm) {
		p->undo = old;
		schedule_delayed_work(&p->rollback, (unsigned long)confirm * HZ);
	} else {
		moeai_gen_put(old);
	}
	tell(p, COMMITTED, t->flush ? (u64)t->n + old->n : t->n, &t->origin);
	return 0;
}

/* End what awaits confirmation, one way or the other. */
static int end_confirm(struct moeai_table_priv *t, bool keep, const struct moeai_origin *o)
{
	struct moeai_gen *undo;

	mutex_lock(&t->lock);
	undo = t->undo;
	t->undo = NULL;
	if (undo && !keep)
		undo = publish(t, undo);
	if (undo)
		tell(t, keep ? CONFIRMED : ROLLED_BACK, 0, o);
	mutex_unlock(&t->lock);
	moeai_gen_put(undo);
	return undo ? 0 : -ENODATA;
}

void moeai_change_timed_out(struct work_struct *work)
{
	end_confirm(container_of(to_delayed_work(work), struct moeai_table_priv, rollback), false,
		    &nobody);
}

/* ---- answers ------------------------------------------------------------------------------ */

static struct sk_buff *answer_begin(const struct genl_info *info, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(512, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = moeai_msg_put(skb, info->snd_portid, info->snd_seq, 0, MOEAI_MSG_DATA);
	nla_put_string(skb, MOEAI_A_DATA_TABLE, nla_data(info->attrs[MOEAI_A_DATA_TABLE]));
	if (info->attrs[MOEAI_A_DATA_TXN])
		nla_put_u32(skb, MOEAI_A_DATA_TXN, nla_get_u32(info->attrs[MOEAI_A_DATA_TXN]));
	return skb;
}

static void answer_error(const struct genl_info *info, int err,
			 const struct moeai_change_error *error)
{
	struct nlattr *nest;
	struct sk_buff *skb;
	void *hdr;

	skb = answer_begin(info, &hdr);
	if (!skb)
		return;
	nest = nla_nest_start(skb, MOEAI_A_DATA_ERROR);
	nla_put(skb, MOEAI_A_ERROR_ROW, sizeof(error->row), &error->row);
	if (error->field)
		nla_put_string(skb, MOEAI_A_ERROR_FIELD, error->field);
	nla_put_s32(skb, MOEAI_A_ERROR_STATUS, err);
	nla_put_string(skb, MOEAI_A_ERROR_MESSAGE, error->message ?: "");
	nla_nest_end(skb, nest);
	genlmsg_end(skb, hdr);
	moeai_unicast(skb, info->snd_portid);
}

static int answer_done(const struct genl_info *info, u64 generation, u64 changed)
{
	struct sk_buff *skb;
	void *hdr;

	skb = answer_begin(info, &hdr);
	if (!skb)
		return 0; /* it is done all the same, and an ACK says so */
	nla_put_u64_64bit(skb, MOEAI_A_DATA_GENERATION, generation, MOEAI_A_DATA_PAD);
	nla_put_u64_64bit(skb, MOEAI_A_DATA_CHANGED, changed, MOEAI_A_DATA_PAD);
	genlmsg_end(skb, hdr);
	moeai_unicast(skb, info->snd_portid);
	return 0;
}

/* ---- the message ---------------------------------------------------------------------------- */

static int refuse(struct genl_info *info, int attr, int err, const char *text)
{
	info->extack->_msg = text;
	info->extack->bad_attr = info->attrs[attr];
	return err;
}

static int commit(struct txn *t, struct genl_info *info, struct moeai_change_error *error)
{
	struct nlattr *confirm = info->attrs[MOEAI_A_DATA_CONFIRM];
	struct moeai_table_priv *p = t->table;
	u64 generation;
	int ret;

	mutex_lock(&p->lock);
	ret = commit_locked(t, confirm ? nla_get_u32(confirm) : 0, error);
	generation = rcu_dereference_protected(p->gen, lockdep_is_held(&p->lock))->number;
	mutex_unlock(&p->lock);
	return ret ?: answer_done(info, generation, t->n);
}

/* One message of a transaction, or a whole change in one. */
static int work_on(struct txn *t, u8 action, struct genl_info *info)
{
	struct moeai_change_error error = {};
	bool more = info->attrs[MOEAI_A_DATA_MORE];
	int ret = -ECANCELED;

	t->seen = jiffies;
	if (t->failed) {
		refuse(info, MOEAI_A_DATA_TXN, ret, "this transaction has failed before");
	} else {
		ret = stage(t, action, info, &error) ?: more ? 0 : commit(t, info, &error);
		if (ret) {
			if (!info->extack->_msg)
				info->extack->_msg = error.message;
			answer_error(info, ret, &error);
		}
	}
	if (!more) {
		txn_free(t);
	} else if (ret && !t->failed) {
		t->failed = true;
		drop_changes(t);
	}
	return ret;
}

static int change_rows(struct moeai_table_priv *p, u8 action, const struct sk_buff *skb,
		       struct genl_info *info)
{
	struct nlattr *id = info->attrs[MOEAI_A_DATA_TXN];
	struct txn *t;

	if (info->attrs[MOEAI_A_DATA_MORE] && !id)
		return refuse(info, MOEAI_A_DATA_MORE, -EINVAL, "MORE goes with TXN");
	if (!info->attrs[MOEAI_A_DATA_ROW] != (action == MOEAI_ACTION_FLUSH))
		return refuse(info, MOEAI_A_DATA_ROW, -EINVAL,
			      action == MOEAI_ACTION_FLUSH ? "FLUSH takes no ROW" :
							     "a ROW is missing");
	t = txn_find(NETLINK_CB(skb).sk, id ? nla_get_u32(id) : 0);
	if (t && t->table != p)
		return refuse(info, MOEAI_A_DATA_TABLE, -EINVAL,
			      "this transaction is of another table");
	if (!t)
		t = txn_new(p, skb, info, id ? nla_get_u32(id) : 0);
	return IS_ERR(t) ? PTR_ERR(t) : work_on(t, action, info);
}

static int abort_txn(const struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = info->attrs[MOEAI_A_DATA_TXN];
	struct txn *t = id ? txn_find(NETLINK_CB(skb).sk, nla_get_u32(id)) : NULL;

	if (!t)
		return refuse(info, MOEAI_A_DATA_TXN, -ENOENT, "no such transaction to abort");
	txn_free(t);
	return 0;
}

static int confirm(struct moeai_table_priv *p, bool keep, const struct sk_buff *skb,
		   struct genl_info *info)
{
	struct moeai_origin o;
	int ret;

	moeai_origin_request(&o, skb, info);
	cancel_delayed_work_sync(&p->rollback);
	ret = end_confirm(p, keep, &o);
	return ret ? refuse(info, MOEAI_A_DATA_ACTION, ret,
			    "no change of this table awaits confirmation") : 0;
}

static int change(struct moeai_table_priv *p, const struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *action = info->attrs[MOEAI_A_DATA_ACTION];
	int ret;

	if (p->table->fill || !(p->table->flags & MOEAI_TABLE_WRITE))
		return refuse(info, MOEAI_A_DATA_TABLE, -EPERM, "this table can't be changed");
	if (!action && !info->attrs[MOEAI_A_DATA_ABORT])
		return refuse(info, MOEAI_A_DATA_ACTION, -EINVAL, "ACTION is missing");
	mutex_lock(&lock);
	if (info->attrs[MOEAI_A_DATA_ABORT])
		ret = abort_txn(skb, info);
	else if (nla_get_u32(action) == MOEAI_ACTION_CONFIRM ||
		 nla_get_u32(action) == MOEAI_ACTION_ROLLBACK)
		ret = confirm(p, nla_get_u32(action) == MOEAI_ACTION_CONFIRM, skb, info);
	else
		ret = change_rows(p, nla_get_u32(action), skb, info);
	mutex_unlock(&lock);
	return ret;
}

int moeai_change_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *name = info->attrs[MOEAI_A_DATA_TABLE];
	struct moeai_table_priv *p;
	int ret;

	if (!netlink_capable(skb, CAP_NET_ADMIN))
		return refuse(info, 0, -EPERM, "changing a table needs CAP_NET_ADMIN");
	if (!name)
		return refuse(info, 0, -EINVAL, "TABLE is missing");
	ret = moeai_netlink_wait();
	if (ret)
		return ret;
	p = moeai_table_get(nla_data(name));
	if (!p)
		return refuse(info, MOEAI_A_DATA_TABLE, -ENOENT, "no such table: see table tables");
	ret = change(p, skb, info);
	moeai_table_put(p);
	return ret;
}

/* ---- coming and going ------------------------------------------------------------------------- */

static struct notifier_block notifier = { .notifier_call = socket_released };

int moeai_changes_init(void)
{
	return netlink_register_notifier(&notifier);
}

/* No table is left, so no transaction is. */
void moeai_changes_exit(void)
{
	netlink_unregister_notifier(&notifier);
	cancel_delayed_work_sync(&expiry);
}
