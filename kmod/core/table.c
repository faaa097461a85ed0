// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include "compat.h"
#include "dump.h"
#include "module.h"
#include "netlink.h"
#include "table.h"
#include "value.h"

/* A dump under way. */
struct dump {
	struct moeai_dump running;
	const struct moeai_table *table;
	u64 generation;
	struct moeai_rows rows;
	size_t sent;
};

static int grow(struct moeai_rows *rows, size_t need)
{
	size_t size = max_t(size_t, 2 * rows->size, ALIGN(rows->len + need, PAGE_SIZE));
	u8 *buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);

	if (!buf)
		return -ENOMEM;
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

	if (WARN_ON_ONCE(len > U16_MAX))
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

static const struct moeai_table *find(const char *name)
{
	unsigned int i;

	for (i = 0; i < moeai_n_tables; i++)
		if (!strcmp(moeai_tables[i].name, name))
			return &moeai_tables[i];
	return NULL;
}

/* Make the rows; the dump is @d's from here on if 0 is returned. */
static int start(struct dump *d, const struct moeai_table *table, struct netlink_callback *cb)
{
	int ret = moeai_dump_get(&d->running, table->name, cb);

	if (ret)
		return ret;
	d->table = table;
	d->generation = moeai_generation();
	table->fill(&d->rows);
	if (d->rows.error) {
		moeai_dump_put(&d->running);
		kvfree(d->rows.buf);
	}
	return d->rows.error;
}

int moeai_table_start(struct netlink_callback *cb)
{
	struct nlattr *name = moeai_dump_attrs(cb)[MOEAI_A_DATA_TABLE];
	const struct moeai_table *table = name ? find(nla_data(name)) : NULL;
	struct dump *d;
	int ret;

	if (!name)
		return moeai_dump_refuse(cb, NULL, -EINVAL, "TABLE is missing");
	if (!table)
		return moeai_dump_refuse(cb, name, -ENOENT,
					 "no such table: it is one of modules, params, commands, "
					 "event_types, fields, log");
	if (!table->open && !netlink_capable(cb->skb, CAP_SYS_ADMIN))
		return moeai_dump_refuse(cb, name, -EPERM, "this table needs CAP_SYS_ADMIN");
	d = kzalloc(sizeof(*d), GFP_KERNEL_ACCOUNT);
	if (!d)
		return -ENOMEM;
	ret = start(d, table, cb);
	if (!ret) {
		cb->args[0] = (long)d;
		return 0;
	}
	kfree(d);
	if (ret == -EBUSY)
		return moeai_dump_refuse(cb, NULL, ret, "this user has too many dumps under way");
	return ret;
}

/* As many rows as fit behind a head. */
static int put_rows(struct sk_buff *skb, struct dump *d)
{
	int n = 0;

	while (d->sent < d->rows.len) {
		const struct nlattr *row = (void *)d->rows.buf + d->sent;
		unsigned int len = NLA_ALIGN(row->nla_len);

		if (skb_tailroom(skb) < len)
			break;
		skb_put_data(skb, row, len);
		d->sent += len;
		n++;
	}
	return n;
}

int moeai_table_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump *d = (void *)cb->args[0];
	void *hdr;

	if (moeai_dump_refused(cb) || d->sent == d->rows.len)
		return moeai_dump_refused(cb);
	hdr = moeai_msg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, NLM_F_MULTI,
			    MOEAI_MSG_DATA);
	if (!hdr || nla_put_string(skb, MOEAI_A_DATA_TABLE, d->table->name) ||
	    nla_put_u64_64bit(skb, MOEAI_A_DATA_GENERATION, d->generation, MOEAI_A_DATA_PAD) ||
	    !put_rows(skb, d)) {
		if (hdr)
			genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return skb->len;
}

int moeai_table_done(struct netlink_callback *cb)
{
	struct dump *d = (void *)cb->args[0];

	if (!d)
		return 0; /* it was refused */
	moeai_dump_put(&d->running);
	kvfree(d->rows.buf);
	kfree(d);
	return 0;
}
