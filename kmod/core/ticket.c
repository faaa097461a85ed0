// SPDX-License-Identifier: GPL-2.0
#include <linux/file.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include "call.h"
#include "compat.h"
#include "control.h"
#include "netlink.h"
#include "ticket.h"

#define PER_CALLER 256
#define IN_ALL	   4096

struct ticket {
	const struct moeai_command *command;
	struct moeai_origin origin;
	char text[MOEAI_CALL_TEXT];
};

static DEFINE_SPINLOCK(lock); /* guards tickets, n_tickets; and sending answers */
static DEFINE_IDR(tickets);
static unsigned int n_tickets;

static void ticket_free(struct ticket *t)
{
	if (t && t->origin.sk)
		sock_put(t->origin.sk);
	kfree(t);
}

static bool same_caller(const struct moeai_origin *a, const struct moeai_origin *b)
{
	return a->sk == b->sk && a->control == b->control;
}

static bool caller_full(const struct moeai_origin *origin)
{
	struct ticket *t;
	int id, n = 0;

	lockdep_assert_held(&lock);
	idr_for_each_entry(&tickets, t, id)
		n += same_caller(&t->origin, origin);
	return n >= PER_CALLER;
}

int moeai_ticket_make(const struct moeai_command *command, const struct moeai_origin *origin,
		      const char *text, u32 *ticket)
{
	struct ticket *t = kmalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	int id = -EBUSY;

	if (!t)
		return -ENOMEM;
	t->command = command;
	t->origin = *origin;
	if (origin->sk)
		sock_hold(origin->sk);
	strscpy(t->text, text, sizeof(t->text));

	idr_preload(GFP_KERNEL);
	spin_lock_bh(&lock);
	if (n_tickets < IN_ALL && !caller_full(origin))
		id = idr_alloc_cyclic(&tickets, t, 1, 0, GFP_NOWAIT);
	if (id > 0)
		n_tickets++;
	spin_unlock_bh(&lock);
	idr_preload_end();
	if (id < 0) {
		ticket_free(t);
		return id;
	}
	*ticket = id;
	return 0;
}

static struct ticket *take(u32 id)
{
	struct ticket *t;

	lockdep_assert_held(&lock);
	t = id && id <= INT_MAX ? idr_remove(&tickets, id) : NULL;
	n_tickets -= !!t;
	return t;
}

bool moeai_ticket_void(u32 id)
{
	struct ticket *t;

	spin_lock_bh(&lock);
	t = take(id);
	spin_unlock_bh(&lock);
	ticket_free(t);
	return !t;
}

/*
 * A port is free for others as soon as its socket's release begins. While we
 * hold the socket's file that cannot happen. NULL: it has begun.
 */
static struct file *hold_port(struct sock *sk)
{
	struct file *file;

	read_lock_bh(&sk->sk_callback_lock); /* against sock_orphan() */
	file = sk->sk_socket ? sk->sk_socket->file : NULL;
	if (file)
		file = moeai_file_get(file);
	read_unlock_bh(&sk->sk_callback_lock);
	return file;
}

static void send(struct moeai_response *r, const struct moeai_origin *o)
{
	struct file *file = o->sk ? hold_port(o->sk) : NULL;

	if (o->sk && !file) {
		kfree_skb(r->skb);
		return;
	}
	moeai_response_send(r, o);
	if (file)
		fput(file);
}

/*
 * Taken, logged and sent under the lock: a command that is being removed waits
 * for it before its name goes, and an open control file before it is freed.
 */
static int send_taken(u32 id, struct moeai_response *r, int status)
{
	struct ticket *t;

	spin_lock_bh(&lock);
	t = take(id);
	if (t) {
		moeai_call_log(t->command, &t->origin, skip_spaces(t->text), status);
		send(r, &t->origin);
	}
	spin_unlock_bh(&lock);
	if (!t)
		kfree_skb(r->skb);
	ticket_free(t);
	return t ? 0 : -ENOENT;
}

static int find_origin(u32 id, u32 portid, u32 *command_id, struct moeai_origin *origin)
{
	struct ticket *t;

	spin_lock_bh(&lock);
	t = id && id <= INT_MAX ? idr_find(&tickets, id) : NULL;
	if (t && *command_id && (t->command->id != *command_id || t->origin.portid != portid))
		t = NULL;
	if (t) {
		*origin = t->origin;
		*command_id = t->command->id;
	}
	spin_unlock_bh(&lock);
	return t ? 0 : -ENOENT;
}

int moeai_ticket_answer(u32 id, u32 portid, u32 command_id, int status,
			const struct moeai_value *values, unsigned int n, gfp_t gfp)
{
	struct moeai_origin origin;
	struct moeai_response r;
	int ret = find_origin(id, portid, &command_id, &origin);

	if (ret)
		return ret;
	ret = moeai_response_begin(&r, &origin, command_id, gfp);
	if (ret)
		return ret;
	ret = n ? moeai_response_put(&r, values, n, gfp) : 0;
	if (ret == -ENOMEM) {
		kfree_skb(r.skb);
		return ret;
	}
	moeai_response_end(&r, ret ?: status, ret ? "the answer is too long" : NULL, gfp);
	return send_taken(id, &r, ret ?: status) ?: ret;
}

int moeai_answer(u32 ticket, int status, const struct moeai_value *values, unsigned int n)
{
	return moeai_ticket_answer(ticket, 0, 0, status, values, n, GFP_ATOMIC);
}
EXPORT_SYMBOL_GPL(moeai_answer);

void moeai_tickets_cancel(const struct moeai_command *command)
{
	struct ticket *t;
	u32 id = 1;
	int next;

	do {
		next = id;
		spin_lock_bh(&lock);
		t = idr_get_next(&tickets, &next);
		id = t && t->command == command ? next : 0;
		spin_unlock_bh(&lock);
		if (id) /* must not fail: a reader of control may wait for it */
			moeai_ticket_answer(id, 0, 0, -ECANCELED, NULL, 0,
					    GFP_KERNEL | __GFP_NOFAIL);
		id = next + 1;
	} while (t);
}

/* Forget those of a caller who is gone; what he began is logged all the same. */
static void forget(bool (*gone)(const struct moeai_origin *caller, const void *arg),
		   const void *arg)
{
	struct ticket *t;
	int id;

	spin_lock_bh(&lock);
	idr_for_each_entry(&tickets, t, id) {
		if (!gone(&t->origin, arg))
			continue;
		take(id);
		moeai_call_log(t->command, &t->origin, skip_spaces(t->text), -EPIPE);
		ticket_free(t);
	}
	spin_unlock_bh(&lock);
}

static bool control_closed(const struct moeai_origin *caller, const void *control)
{
	return caller->control == control;
}

void moeai_tickets_forget(const struct moeai_control *control)
{
	forget(control_closed, control);
}

static bool socket_closed(const struct moeai_origin *caller, const void *notify)
{
	const struct netlink_notify *n = notify;

	/* The port's next owner may be there already, but he is not dead. */
	return caller->sk && caller->portid == n->portid && sock_flag(caller->sk, SOCK_DEAD);
}

static int socket_released(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *n = ptr;

	if (event == NETLINK_URELEASE && n->protocol == NETLINK_GENERIC &&
	    net_eq(n->net, &init_net))
		forget(socket_closed, n);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = socket_released };

unsigned int moeai_tickets_count(void)
{
	return READ_ONCE(n_tickets);
}

int moeai_tickets_init(void)
{
	return netlink_register_notifier(&notifier);
}

void moeai_tickets_exit(void)
{
	netlink_unregister_notifier(&notifier);
	idr_destroy(&tickets); /* empty: all commands were removed */
}
