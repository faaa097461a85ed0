// SPDX-License-Identifier: GPL-2.0
#include <linux/cred.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include "dump.h"

#define PER_USER 16

static DEFINE_MUTEX(lock); /* guards dumps */
static LIST_HEAD(dumps);

enum { ERR = 4, TEXT }; /* of cb->args */

int moeai_dump_refuse(struct netlink_callback *cb, const struct nlattr *attr, int err,
		      const char *text)
{
	if (cb->extack) {
		cb->extack->_msg = text;
		cb->extack->bad_attr = attr;
		return err;
	}
	cb->args[ERR] = err;
	cb->args[TEXT] = (long)text;
	return 0;
}

int moeai_dump_refused(struct netlink_callback *cb)
{
	if (cb->args[ERR])
		cb->extack->_msg = (const char *)cb->args[TEXT];
	return cb->args[ERR];
}

static unsigned int count(kuid_t uid)
{
	const struct moeai_dump *d;
	unsigned int n = 0;

	lockdep_assert_held(&lock);
	list_for_each_entry(d, &dumps, list)
		n += uid_eq(d->uid, uid);
	return n;
}

int moeai_dump_get(struct moeai_dump *d, const char *what, struct netlink_callback *cb)
{
	int ret = 0;

	d->what = what;
	d->portid = NETLINK_CB(cb->skb).portid;
	d->pid = task_tgid_nr(current);
	d->uid = current_uid();
	get_task_comm(d->comm, current);
	mutex_lock(&lock);
	if (count(d->uid) >= PER_USER && !netlink_capable(cb->skb, CAP_NET_ADMIN) &&
	    !netlink_capable(cb->skb, CAP_SYS_ADMIN))
		ret = -EBUSY;
	else
		list_add_tail(&d->list, &dumps);
	mutex_unlock(&lock);
	return ret;
}

void moeai_dump_put(struct moeai_dump *d)
{
	mutex_lock(&lock);
	list_del(&d->list);
	mutex_unlock(&lock);
}

void moeai_dumps_walk(void (*fn)(const struct moeai_dump *dump, void *arg), void *arg)
{
	const struct moeai_dump *d;

	mutex_lock(&lock);
	list_for_each_entry(d, &dumps, list)
		fn(d, arg);
	mutex_unlock(&lock);
}
