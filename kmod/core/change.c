// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include "call.h"
#include "change.h"
#include "event.h"
#include "keep.h"
#include "netlink.h"
#include "store.h"
#include "table.h"
#include "txn.h"

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
		   moeai_str(MOEAI_A_TABLE_EVENT_COMM, o->comm),
		   moeai_u64(MOEAI_A_TABLE_EVENT_STARTED, o->started));
}

enum { COMMITTED, CONFIRMED, ROLLED_BACK };

static struct moeai_gen *make(const struct moeai_txn *t, struct moeai_gen *old,
			      struct moeai_change_error *error)
{
	const struct moeai_table *table = t->table->table;
	const struct moeai_changes changes = {
		.flush = t->flush, .n = t->n, .list = t->changes,
		.pid = t->origin.pid, .uid = t->origin.uid, .comm = t->origin.comm,
	};

	if (table->ops)
		return moeai_keep_make(t->table, old, &changes, error);
	return moeai_gen_make(&table->schema, old, t->flush, t->changes, t->n,
			      table->max_rows ?: 65536, error);
}

static int commit_locked(struct moeai_txn *t, u32 confirm, u64 *changed,
			 struct moeai_change_error *error)
{
	struct moeai_table_priv *p = t->table;
	struct moeai_gen *old = rcu_dereference_protected(p->gen, lockdep_is_held(&p->lock));
	struct moeai_gen *gen;

	if (p->undo) {
		error->message = "a change of this table awaits its confirmation";
		return -EBUSY;
	}
	gen = make(t, old, error);
	if (IS_ERR(gen))
		return PTR_ERR(gen);
	*changed = t->flush ? t->n + moeai_gen_count(old) : t->n;
	moeai_gen_publish(p, gen, MOEAI_PUBLISHED_COMMITTED);
	if (confirm) {
		p->undo = old;
		p->undo_at = jiffies + (unsigned long)confirm * HZ;
		schedule_delayed_work(&p->rollback, (unsigned long)confirm * HZ);
	} else {
		moeai_gen_put(old);
	}
	tell(p, COMMITTED, *changed, &t->origin);
	return 0;
}

/* End what awaits confirmation, one way or the other. */
static int end_confirm(struct moeai_table_priv *t, bool keep, const struct moeai_origin *o)
{
	struct moeai_gen *undo = t->undo;

	lockdep_assert_held(&t->lock);
	if (!undo)
		return -ENODATA;
	t->undo = NULL;
	if (!keep)
		undo = moeai_gen_publish(t, undo, MOEAI_PUBLISHED_ROLLED_BACK);
	moeai_gen_put(undo);
	tell(t, keep ? CONFIRMED : ROLLED_BACK, 0, o);
	return 0;
}

void moeai_change_timed_out(struct work_struct *work)
{
	struct moeai_table_priv *t =
		container_of(to_delayed_work(work), struct moeai_table_priv, rollback);

	mutex_lock(&t->lock);
	/* While it waited, one change may have been confirmed, and the next begun. */
	if (time_after_eq(jiffies, t->undo_at))
		end_confirm(t, false, &nobody);
	mutex_unlock(&t->lock);
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
	if (error->row != U64_MAX)
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

static int commit(struct moeai_txn *t, struct genl_info *info, struct moeai_change_error *error)
{
	struct nlattr *confirm = info->attrs[MOEAI_A_DATA_CONFIRM];
	struct moeai_table_priv *p = t->table;
	u64 generation, changed = 0;
	int ret;

	mutex_lock(&p->lock);
	ret = commit_locked(t, confirm ? nla_get_u32(confirm) : 0, &changed, error);
	generation = rcu_dereference_protected(p->gen, lockdep_is_held(&p->lock))->number;
	mutex_unlock(&p->lock);
	return ret ?: answer_done(info, generation, changed);
}

/*
 * A message that genl refused never came here, and its sender may not have looked
 * at the answer. So he may say how many rows must have come.
 */
static int count(const struct moeai_txn *t, struct genl_info *info,
		 struct moeai_change_error *error)
{
	struct nlattr *rows = info->attrs[MOEAI_A_DATA_ROWS];

	if (!rows || nla_get_u64(rows) == t->rows)
		return 0;
	error->message = "not as many rows have come as ROWS says: some are lost";
	info->extack->bad_attr = rows;
	return -ECANCELED;
}

/* One message of a transaction, or a whole change in one. */
static int work_on(struct moeai_txn *t, u8 action, struct genl_info *info)
{
	struct moeai_change_error error = { .row = U64_MAX };
	bool more = info->attrs[MOEAI_A_DATA_MORE];
	int ret = -ECANCELED;

	WRITE_ONCE(t->seen, jiffies);
	if (t->failed) {
		refuse(info, MOEAI_A_DATA_TXN, ret, "this transaction has failed before");
	} else {
		ret = moeai_txn_stage(t, action, info, &error) ?: count(t, info, &error) ?:
		      more ? 0 : commit(t, info, &error);
		if (ret) {
			if (!info->extack->_msg)
				info->extack->_msg = error.message;
			answer_error(info, ret, &error);
		}
	}
	if (!more) {
		moeai_txn_end(t);
	} else if (ret && !t->failed) {
		t->failed = true;
		moeai_txn_drop(t);
	}
	return ret;
}

/* Which may go at any time, and its transactions with it: it is not held. */
static const char other_table[] = "this transaction is of another table";

static int change_rows(struct moeai_table_priv *p, u8 action, const struct sk_buff *skb,
		       struct genl_info *info)
{
	struct nlattr *id = info->attrs[MOEAI_A_DATA_TXN];
	struct moeai_txn *t;
	int ret;

	if (info->attrs[MOEAI_A_DATA_MORE] && !id)
		return refuse(info, MOEAI_A_DATA_MORE, -EINVAL, "MORE goes with TXN");
	if (info->attrs[MOEAI_A_DATA_MORE] && info->attrs[MOEAI_A_DATA_CONFIRM])
		return refuse(info, MOEAI_A_DATA_CONFIRM, -EINVAL,
			      "CONFIRM goes with the message that commits");
	t = moeai_txn_get(p, skb, info, id ? nla_get_u32(id) : 0);
	if (IS_ERR(t))
		return PTR_ERR(t);
	if (t->table == p)
		ret = work_on(t, action, info);
	else
		ret = refuse(info, MOEAI_A_DATA_TABLE, -EINVAL, other_table);
	moeai_txn_put(t);
	return ret;
}

static int abort_txn(struct moeai_table_priv *p, const struct sk_buff *skb,
		     struct genl_info *info)
{
	struct nlattr *id = info->attrs[MOEAI_A_DATA_TXN];
	struct moeai_txn *t = moeai_txn_get(NULL, skb, info, id ? nla_get_u32(id) : 0);
	int ret = 0;

	if (IS_ERR(t))
		return refuse(info, MOEAI_A_DATA_TXN, -ENOENT, "no such transaction to abort");
	if (t->table == p)
		moeai_txn_end(t);
	else
		ret = refuse(info, MOEAI_A_DATA_TABLE, -EINVAL, other_table);
	moeai_txn_put(t);
	return ret;
}

static int confirm(struct moeai_table_priv *p, bool keep, const struct sk_buff *skb,
		   struct genl_info *info)
{
	int bad = info->attrs[MOEAI_A_DATA_ROW] ? MOEAI_A_DATA_ROW : MOEAI_A_DATA_TXN;
	struct moeai_origin o;
	int ret;

	if (info->attrs[bad])
		return refuse(info, bad, -EINVAL, "CONFIRM and ROLLBACK take neither ROW nor TXN");
	moeai_origin_request(&o, skb, info);
	mutex_lock(&p->lock);
	ret = end_confirm(p, keep, &o);
	if (!ret)
		cancel_delayed_work(&p->rollback);
	mutex_unlock(&p->lock);
	return ret ? refuse(info, MOEAI_A_DATA_ACTION, ret,
			    "no change of this table awaits confirmation") : 0;
}

static int change(struct moeai_table_priv *p, const struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *action = info->attrs[MOEAI_A_DATA_ACTION];

	if (p->table->fill || !(p->table->flags & MOEAI_TABLE_WRITE))
		return refuse(info, MOEAI_A_DATA_TABLE, -EPERM, "this table can't be changed");
	if (!action && !info->attrs[MOEAI_A_DATA_ABORT])
		return refuse(info, MOEAI_A_DATA_ACTION, -EINVAL, "ACTION is missing");
	if (info->attrs[MOEAI_A_DATA_ABORT])
		return abort_txn(p, skb, info);
	if (nla_get_u32(action) == MOEAI_ACTION_CONFIRM ||
	    nla_get_u32(action) == MOEAI_ACTION_ROLLBACK)
		return confirm(p, nla_get_u32(action) == MOEAI_ACTION_CONFIRM, skb, info);
	return change_rows(p, nla_get_u32(action), skb, info);
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

