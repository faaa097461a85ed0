// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include "intern.h"
#include "keep.h"
#include "schema.h"
#include "table.h"
#include "txn.h"

#define TXNS_MAX    256
#define TXN_TIMEOUT (60 * HZ)

u64 moeai_txn_bytes = 256 << 20;

/*
 * Guards txns. Every generic netlink socket of the machine that closes takes it:
 * never held while rows are staged, committed or freed.
 */
static DEFINE_MUTEX(lock);
static LIST_HEAD(txns);
static atomic64_t staged = ATOMIC64_INIT(0); /* bytes, of all */

static void expire(struct work_struct *work);
static DECLARE_DELAYED_WORK(expiry, expire);

/* ---- rows ---------------------------------------------------------------------------- */

/* Rows that nobody keeps longer than the transaction are side by side. */
struct moeai_room {
	struct moeai_room *next; /* is full */
	u32 size, used; /* of data */
	u8 data[] __aligned(8);
};

#define ROOM_MIN 1024
#define ROOM_MAX 65536

static int add_room(struct moeai_txn *t, u32 len)
{
	u32 size = t->room ? min(2 * t->room->size, (u32)ROOM_MAX) : ROOM_MIN;
	struct moeai_room *room;

	size = max(size, len);
	room = kvmalloc(struct_size(room, data, size), GFP_KERNEL_ACCOUNT);
	if (!room)
		return -ENOMEM;
	room->next = t->room;
	room->size = size;
	room->used = 0;
	t->room = room;
	return 0;
}

/* Room for a row with so many bytes of attributes, or NULL. */
static struct moeai_row *row_alloc(struct moeai_txn *t, u32 attrs)
{
	u32 len = ALIGN(sizeof(struct moeai_row) + attrs, 8);
	struct moeai_row *row;

	if (!t->table->table->ops)
		return kvmalloc(len, GFP_KERNEL_ACCOUNT);
	if ((!t->room || t->room->size - t->room->used < len) && add_room(t, len))
		return NULL;
	row = (void *)t->room->data + t->room->used;
	t->room->used += len;
	return row;
}

static void free_rows(struct moeai_txn *t)
{
	struct moeai_room *room;
	u32 i;

	for (i = 0; !t->room && i < t->n; i++) {
		moeai_row_put(t->changes[i].row);
		if (i % 1024 == 0)
			cond_resched();
	}
	while ((room = t->room)) {
		t->room = room->next;
		kvfree(room);
		cond_resched();
	}
}

/* ---- transactions -------------------------------------------------------------------- */

void moeai_txn_drop(struct moeai_txn *t)
{
	free_rows(t);
	kvfree(t->changes);
	t->changes = NULL;
	t->size = 0;
	t->n = 0;
	atomic64_sub(t->bytes, &staged);
	t->bytes = 0;
}

static void put(struct moeai_txn *t)
{
	if (!refcount_dec_and_test(&t->refs))
		return;
	moeai_txn_drop(t);
	sock_put(t->origin.sk);
	kfree(t);
}

/* Id 0 is never found. */
static struct moeai_txn *find(const struct sock *sk, u32 id)
{
	struct moeai_txn *t;

	lockdep_assert_held(&lock);
	list_for_each_entry(t, &txns, list)
		if (id && t->id == id && t->origin.sk == sk)
			return t;
	return NULL;
}

static struct moeai_txn *make(struct moeai_table_priv *table, const struct sk_buff *skb,
			      const struct genl_info *info, u32 id)
{
	struct moeai_txn *t, *other;
	unsigned int n = 0;

	lockdep_assert_held(&lock);
	list_for_each_entry(other, &txns, list)
		n++;
	if (n >= TXNS_MAX) {
		NL_SET_ERR_MSG(info->extack, "too many transactions are open");
		return ERR_PTR(-EBUSY);
	}
	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return ERR_PTR(-ENOMEM);
	refcount_set(&t->refs, 1);
	mutex_init(&t->lock);
	t->table = table;
	t->id = id;
	moeai_origin_request(&t->origin, skb, info);
	sock_hold(t->origin.sk);
	t->seen = jiffies;
	list_add_tail(&t->list, &txns);
	schedule_delayed_work(&expiry, TXN_TIMEOUT);
	return t;
}

struct moeai_txn *moeai_txn_get(struct moeai_table_priv *table, const struct sk_buff *skb,
				const struct genl_info *info, u32 id)
{
	struct moeai_txn *t;

	for (;;) {
		mutex_lock(&lock);
		t = find(NETLINK_CB(skb).sk, id);
		if (!t)
			t = table ? make(table, skb, info, id) : ERR_PTR(-ENOENT);
		if (!IS_ERR(t))
			refcount_inc(&t->refs);
		mutex_unlock(&lock);
		if (IS_ERR(t))
			return t;
		mutex_lock(&t->lock);
		if (!list_empty(&t->list))
			return t;
		moeai_txn_put(t); /* another message of this socket has ended it */
	}
}

void moeai_txn_put(struct moeai_txn *t)
{
	mutex_unlock(&t->lock);
	put(t);
}

void moeai_txn_end(struct moeai_txn *t)
{
	lockdep_assert_held(&t->lock);
	mutex_lock(&lock);
	list_del_init(&t->list);
	mutex_unlock(&lock);
	put(t);
}

/* Forget those that @is_over says, without holding the lock while they are freed. */
static void forget(bool (*is_over)(const struct moeai_txn *txn, const void *arg), const void *arg)
{
	struct moeai_txn *t, *next;
	LIST_HEAD(over);

	mutex_lock(&lock);
	list_for_each_entry_safe(t, next, &txns, list)
		if (is_over(t, arg))
			list_move(&t->list, &over);
	if (!list_empty(&txns))
		schedule_delayed_work(&expiry, TXN_TIMEOUT / 4);
	mutex_unlock(&lock);
	list_for_each_entry_safe(t, next, &over, list) {
		list_del_init(&t->list);
		put(t);
	}
}

/* One that is being worked on is not: nobody comes to it but under the lock. */
static bool is_silent(const struct moeai_txn *t, const void *unused)
{
	return refcount_read(&t->refs) == 1 &&
	       time_after_eq(jiffies, READ_ONCE(t->seen) + TXN_TIMEOUT);
}

static void expire(struct work_struct *work)
{
	forget(is_silent, NULL);
}

static bool is_of_table(const struct moeai_txn *t, const void *table)
{
	return t->table == table;
}

void moeai_txns_forget_table(const struct moeai_table_priv *table)
{
	forget(is_of_table, table);
}

static bool is_of_socket(const struct moeai_txn *t, const void *portid)
{
	return t->origin.portid == *(const u32 *)portid && sock_flag(t->origin.sk, SOCK_DEAD);
}

static int socket_released(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *n = ptr;

	if (event == NETLINK_URELEASE && n->protocol == NETLINK_GENERIC &&
	    net_eq(n->net, &init_net))
		forget(is_of_socket, &n->portid);
	return NOTIFY_DONE;
}

void moeai_txns_walk(void (*fn)(const struct moeai_txn *txn, void *arg), void *arg)
{
	const struct moeai_txn *t;

	mutex_lock(&lock);
	list_for_each_entry(t, &txns, list)
		fn(t, arg);
	mutex_unlock(&lock);
}

/* ---- staging --------------------------------------------------------------------------- */

static int push(struct moeai_txn *t, struct moeai_row *row, u8 action)
{
	u64 bytes = sizeof(*row) + row->len + sizeof(struct moeai_change);

	if (t->n == U32_MAX || atomic64_read(&staged) + bytes > READ_ONCE(moeai_txn_bytes))
		return -EFBIG;
	if (t->n == t->size) {
		u32 size = max(2 * t->size, 64U);
		struct moeai_change *grown = kvmalloc_array(size, sizeof(*grown),
							    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

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
	atomic64_add(bytes, &staged);
	return 0;
}

/* A column that only shows something, or NULL. */
static const struct nlattr *read_only(const struct moeai_schema *schema, struct nlattr **tb)
{
	unsigned int id;

	for (id = 1; id <= schema->max; id++)
		if (tb[id] && (schema->fields[id].flags & MOEAI_F_READ))
			return tb[id];
	return NULL;
}

/* What a refusal's attribute says of the field at fault. */
static const char *bad_field(const struct moeai_schema *schema, const struct nlattr *row,
			     const struct nlattr *bad, struct nlattr **tb, u16 needed)
{
	const struct moeai_field *f = NULL;
	unsigned int id;

	for (id = 1; !bad && id <= schema->max; id++) {
		f = moeai_schema_field(schema, id);
		if (f && (f->flags & needed) && !tb[id])
			return f->name;
	}
	f = NULL;

	if (bad > row && (void *)bad < (void *)row + row->nla_len)
		f = moeai_schema_field(schema, nla_type(bad));
	return f ? f->name : NULL;
}

static int stage_row(struct moeai_txn *t, u8 action, const struct nlattr *nla,
		     struct netlink_ext_ack *extack, struct moeai_change_error *error)
{
	const struct moeai_table *table = t->table->table;
	struct nlattr *tb[MOEAI_ARGS_MAX + 1];
	u16 needed = MOEAI_F_KEY | (action == MOEAI_ACTION_DELETE ? 0 : MOEAI_F_REQUIRED);
	struct moeai_row_error wrong = {};
	struct moeai_row *row;
	u32 len;
	int ret;

	error->row = t->rows;
	ret = moeai_schema_parse(&table->schema, nla_data(nla), nla_len(nla), tb, needed, extack);
	if (ret) {
		error->message = extack->_msg;
		error->field = bad_field(&table->schema, nla, extack->bad_attr, tb, needed);
		return ret;
	}
	extack->bad_attr = read_only(&table->schema, tb);
	if (extack->bad_attr) {
		error->message = "this column can't be given, only read";
		error->field = table->schema.fields[nla_type(extack->bad_attr)].name;
		return -EINVAL;
	}
	if (action != MOEAI_ACTION_DELETE && table->check) {
		ret = table->check(table, tb, &wrong);
		if (ret) {
			if (wrong.field <= table->schema.max)
				extack->bad_attr = tb[wrong.field];
			moeai_row_refused(table, &wrong, error);
			return ret;
		}
	}
	len = moeai_row_len(&table->schema, tb);
	if (len > MOEAI_ROW_LEN - NLA_HDRLEN) {
		error->message = "the row is too long";
		return -EMSGSIZE;
	}
	row = row_alloc(t, len);
	if (!row)
		return -ENOMEM;
	moeai_row_fill(row, len, &table->schema, tb);
	ret = push(t, row, action);
	if (ret && !t->room)
		moeai_row_put(row);
	if (ret == -EFBIG)
		error->message = "too many bytes are staged: see core.txn_bytes";
	if (!ret)
		t->rows++;
	return ret;
}

int moeai_txn_stage(struct moeai_txn *t, u8 action, struct genl_info *info,
		 struct moeai_change_error *error)
{
	const struct nlattr *nla;
	int rem, ret = 0;

	if (!info->attrs[MOEAI_A_DATA_ROW] != (action == MOEAI_ACTION_FLUSH)) {
		error->message = action == MOEAI_ACTION_FLUSH ? "FLUSH takes no ROW" :
								"a ROW is missing";
		info->extack->bad_attr = info->attrs[MOEAI_A_DATA_ROW];
		return -EINVAL;
	}
	if (action == MOEAI_ACTION_FLUSH) {
		moeai_txn_drop(t);
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
	error->row = U64_MAX;
	return 0;
}

/* ---- coming and going -------------------------------------------------------------- */

static struct notifier_block notifier = { .notifier_call = socket_released };

int moeai_txns_init(void)
{
	return netlink_register_notifier(&notifier);
}

/* No table is left, so no transaction is. */
void moeai_txns_exit(void)
{
	netlink_unregister_notifier(&notifier);
	cancel_delayed_work_sync(&expiry);
}
