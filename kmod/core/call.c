// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/spinlock.h>
#include <net/genetlink.h>
#include "call.h"
#include "command.h"
#include "control.h"
#include "event.h"
#include "netlink.h"
#include "schema.h"
#include "text.h"
#include "ticket.h"

/* Of most answers. netlink copies what has much more room than it needs. */
#define RESPONSE_ROOM 192

/* What the core knows of a call besides what the handler may see. */
struct call {
	struct moeai_call seen;
	const struct moeai_origin *origin;
	struct moeai_response response;
	u32 ticket;
	const char *text; /* arguments, for core.command */
	char message[MOEAI_CALL_TEXT / 2];
};

static DEFINE_SPINLOCK(last_lock);
static struct moeai_last_call last; /* under last_lock */

void moeai_origin_init(struct moeai_origin *origin, enum moeai_via via)
{
	*origin = (struct moeai_origin){
		.via = via,
		.pid = task_tgid_nr(current),
		.uid = current_uid(),
		.started = current->group_leader->start_boottime,
	};
	get_task_comm(origin->comm, current);
}

void moeai_origin_request(struct moeai_origin *origin, const struct sk_buff *skb,
			  const struct genl_info *info)
{
	moeai_origin_init(origin, MOEAI_VIA_NETLINK);
	origin->sk = NETLINK_CB(skb).sk;
	origin->portid = info->snd_portid;
	origin->seq = info->snd_seq;
}

/* ---- the response --------------------------------------------------------- */

/* There is room for it. */
static void put_u32(struct sk_buff *skb, u16 id, u32 value)
{
	struct moeai_value v = moeai_u32(id, value);

	moeai_value_put(skb_put(skb, nla_total_size(sizeof(value))), &v);
}

int moeai_response_begin(struct moeai_response *r, const struct moeai_origin *origin, u32 id,
			 gfp_t gfp)
{
	static_assert(NLMSG_HDRLEN + GENL_HDRLEN + 2 * (NLA_HDRLEN + 4) <= RESPONSE_ROOM);
	*r = (struct moeai_response){ .skb = alloc_skb(RESPONSE_ROOM, gfp) };
	if (!r->skb)
		return -ENOMEM;
	moeai_msg_put(r->skb, origin->portid, origin->seq, 0, MOEAI_MSG_RESPONSE);
	put_u32(r->skb, MOEAI_A_RESPONSE_ID, id);
	return 0;
}

/* For STATUS, which must fit: the command has run by then. */
#define END_ROOM nla_total_size(4)

static int make_room(struct sk_buff *skb, unsigned int len, gfp_t gfp)
{
	if (skb_tailroom(skb) >= len)
		return 0;
	return pskb_expand_head(skb, 0, max(len, skb->len), gfp);
}

int moeai_response_put(struct moeai_response *r, const struct moeai_value *values, unsigned int n,
		       gfp_t gfp)
{
	unsigned int i, len = moeai_values_len(values, n);
	void *p;

	if (r->data + len > MOEAI_ARGS_LEN)
		return -EMSGSIZE;
	if (make_room(r->skb, NLA_HDRLEN + len + END_ROOM, gfp))
		return -ENOMEM;
	if (!r->nest)
		r->nest = (u8 *)nla_nest_start(r->skb, MOEAI_A_RESPONSE_DATA) - r->skb->data;
	p = skb_put(r->skb, len);
	for (i = 0; i < n; i++)
		p = moeai_value_put(p, &values[i]);
	r->data += len;
	return 0;
}

void moeai_response_end(struct moeai_response *r, int status, const char *message, gfp_t gfp)
{
	struct sk_buff *skb = r->skb;

	if (r->nest)
		nla_nest_end(skb, (struct nlattr *)(skb->data + r->nest));
	put_u32(skb, MOEAI_A_RESPONSE_STATUS, status);
	/* Without memory for the words, the status has to do. */
	if (message && *message && !make_room(skb, nla_total_size(strlen(message) + 1), gfp))
		nla_put_string(skb, MOEAI_A_RESPONSE_MESSAGE, message);
	nlmsg_end(skb, (struct nlmsghdr *)skb->data);
}

int moeai_response_send(struct moeai_response *r, const struct moeai_origin *origin)
{
	if (origin->via == MOEAI_VIA_NETLINK)
		return moeai_unicast(r->skb, origin->portid);
	moeai_control_answer(origin->control, r->skb);
	return 0;
}

/* ---- the call ------------------------------------------------------------- */

void moeai_last_call(struct moeai_last_call *out)
{
	spin_lock_bh(&last_lock);
	*out = last;
	spin_unlock_bh(&last_lock);
}

void moeai_call_log(const struct moeai_command *command, const struct moeai_origin *o,
		    const char *args, int status)
{
	spin_lock_bh(&last_lock);
	last = (struct moeai_last_call){ command->id, o->seq, status };
	spin_unlock_bh(&last_lock);
	if (command->flags & MOEAI_COMMAND_READ)
		return;
	moeai_emit(moeai_ev_command, status ? MOEAI_PRIO_WARNING : MOEAI_PRIO_NOTICE,
		   moeai_str(MOEAI_A_COMMAND_EVENT_NAME, command->name),
		   moeai_s32(MOEAI_A_COMMAND_EVENT_STATUS, status),
		   moeai_u32(MOEAI_A_COMMAND_EVENT_PID, o->pid),
		   moeai_u32(MOEAI_A_COMMAND_EVENT_UID, from_kuid(&init_user_ns, o->uid)),
		   moeai_str(MOEAI_A_COMMAND_EVENT_COMM, o->comm),
		   moeai_u32(MOEAI_A_COMMAND_EVENT_VIA, o->via),
		   moeai_str(MOEAI_A_COMMAND_EVENT_ARGS, args),
		   moeai_u64(MOEAI_A_COMMAND_EVENT_STARTED, o->started));
}

static struct call *call_of(struct moeai_call *seen)
{
	return container_of(seen, struct call, seen);
}

int moeai_call_reply(struct moeai_call *call, const struct moeai_value *values, unsigned int n)
{
	struct call *c = call_of(call);

	return moeai_response_put(&c->response, values, n, GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(moeai_call_reply);

int moeai_call_error(struct moeai_call *call, int err, const char *fmt, ...)
{
	struct call *c = call_of(call);
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->message, sizeof(c->message), fmt, args);
	va_end(args);
	return err;
}
EXPORT_SYMBOL_GPL(moeai_call_error);

int moeai_call_defer(struct moeai_call *call, u32 *ticket)
{
	struct call *c = call_of(call);
	int ret = c->ticket ? -EALREADY :
			      moeai_ticket_make(call->command, c->origin, c->text, &c->ticket);

	if (ret == -EBUSY)
		moeai_call_error(call, ret, "too many unanswered calls");
	*ticket = c->ticket;
	return ret;
}
EXPORT_SYMBOL_GPL(moeai_call_defer);

/* Of a call that will be an event. NULL: there is no memory for it. */
static char *args_text(const struct moeai_command *command, const struct nlattr *args, int len)
{
	struct moeai_text t = { .buf = kmalloc(MOEAI_CALL_TEXT, GFP_KERNEL),
				.size = MOEAI_CALL_TEXT };

	if (!t.buf)
		return NULL;
	moeai_text_attrs(&t, &command->args, args, len, " ", "=");
	moeai_text_end(&t);
	return t.buf;
}

/* The handler has returned @status; answer, unless that is for later. */
static void finish(struct call *c, int status)
{
	if (c->ticket && (!status || moeai_ticket_void(c->ticket))) {
		kfree_skb(c->response.skb); /* a deferred call's reply comes with the answer */
		return;
	}
	moeai_call_log(c->seen.command, c->origin, skip_spaces(c->text), status);
	moeai_response_end(&c->response, status, status ? c->message : NULL, GFP_KERNEL);
	moeai_response_send(&c->response, c->origin);
}

static int run(struct call *c)
{
	/* Now, so that no memory means not started. */
	if (moeai_response_begin(&c->response, c->origin, c->seen.command->id, GFP_KERNEL))
		return -ENOMEM;
	finish(c, c->seen.command->handler(&c->seen));
	return 0;
}

int moeai_call_run(struct moeai_command_entry *entry, const struct moeai_origin *o,
		   const struct nlattr *args, int len, struct netlink_ext_ack *extack)
{
	const struct moeai_command *command = moeai_command_of(entry);
	struct nlattr *tb[MOEAI_ARGS_MAX + 1];
	char *text = NULL;
	struct call c;
	int ret;

	if (len > MOEAI_ARGS_LEN) {
		NL_SET_ERR_MSG_ATTR(extack, args, "too many bytes of arguments");
		return -EMSGSIZE;
	}
	ret = moeai_schema_parse(&command->args, args, len, tb, MOEAI_F_REQUIRED, extack);
	if (ret)
		return ret;
	if (!(command->flags & MOEAI_COMMAND_READ)) {
		text = args_text(command, args, len);
		if (!text)
			return -ENOMEM;
	}
	c.origin = o;
	c.ticket = 0;
	c.text = text ?: "";
	c.message[0] = 0;
	c.seen = (struct moeai_call){
		.command = command,
		.args = tb,
		.data = command->data,
		.via = o->via,
		.portid = o->portid,
		.pid = o->pid,
		.uid = o->uid,
	};
	memcpy(c.seen.comm, o->comm, sizeof(c.seen.comm));
	ret = run(&c);
	kfree(text);
	return ret;
}
