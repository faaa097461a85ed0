// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "command.h"
#include "event.h"
#include "log.h"
#include "module.h"
#include "schema.h"
#include "specification.h"
#include "ticket.h"

#define EVENT_FIELDS 64

/* ---- events ------------------------------------------------------------------- */

static int emit_attrs(const struct moeai_event_type *type, const moeai_event_t *event)
{
	struct moeai_value v[EVENT_FIELDS];
	struct nlattr *tb[EVENT_FIELDS + 1];
	unsigned int id, n = 0;

	if (event->data_len > MOEAI_DATA_LEN) {
		moeai_log_refuse(MOEAI_REFUSED_SIZE);
		return -EMSGSIZE;
	}
	if (!type || type->schema.max > EVENT_FIELDS ||
	    moeai_schema_parse(&type->schema, (void *)event->data, event->data_len, tb, 0, NULL)) {
		moeai_log_refuse(MOEAI_REFUSED_INVALID);
		return -EINVAL;
	}
	for (id = 1; id <= type->schema.max; id++)
		if (tb[id])
			v[n++] = moeai_bytes(id, nla_data(tb[id]), nla_len(tb[id]));
	return moeai_event_emit(type, event->event_priority, v, n);
}

int moeai_netlink_send_event(const moeai_event_t *event)
{
	int ret;

	if (in_nmi()) { /* RCU may not watch there */
		moeai_log_refuse(MOEAI_REFUSED_NMI);
		return -EPERM;
	}
	rcu_read_lock();
	ret = emit_attrs(moeai_event_type_find(event->event_type), event);
	rcu_read_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(moeai_netlink_send_event);

/* ---- commands ------------------------------------------------------------------ */

/* A command that was registered by a function of the specification. */
struct wrapper {
	struct list_head list;
	struct moeai_command command;
	char name[MOEAI_FULL_NAME_LEN];
	int (*binary)(const struct moeai_nl_command *cmd, void *data);
	moeai_procfs_cmd_handler_t text;
	void *data;
};

static DEFINE_MUTEX(lock); /* guards wrappers */
static LIST_HEAD(wrappers);

static const struct moeai_field binary_args[] = {
	[1] = { "bytes", "as the handler takes them", MOEAI_TYPE_BINARY },
};

static const struct moeai_field text_args[] = {
	[1] = { "text", "as the handler takes it", MOEAI_TYPE_STRING },
};

int moeai_text_argument(const char *text, void *args, int *len, int size)
{
	struct nlattr *nla = args;
	size_t n = strlen(text) + 1;

	if (NLA_HDRLEN + NLA_ALIGN(n) > size)
		return -EMSGSIZE;
	*nla = (struct nlattr){ NLA_HDRLEN + n, 1 };
	memcpy(args + NLA_HDRLEN, text, n);
	*len = NLA_HDRLEN + NLA_ALIGN(n);
	return 0;
}

static int run_text(struct moeai_call *call)
{
	struct wrapper *w = call->data;

	return w->text(moeai_arg_str(call, 1) ?: "", w->data);
}

/*
 * Deferred beforehand, so that the handler can answer by its ticket, at once or
 * later; if it returns 0 without having answered, that is the answer.
 */
static int run_binary(struct moeai_call *call)
{
	struct nlattr *arg = call->args[1];
	u32 len = arg ? nla_len(arg) : 0, ticket;
	struct wrapper *w = call->data;
	struct moeai_nl_command *cmd = kvzalloc(struct_size(cmd, args, len + 1), GFP_KERNEL);
	int ret;

	if (!cmd)
		return -ENOMEM;
	ret = moeai_call_defer(call, &ticket);
	if (!ret) {
		cmd->hdr = (struct moeai_nl_msg_hdr){ MOEAI_MSG_COMMAND, 0, ticket, call->portid };
		cmd->command_id = call->command->id;
		cmd->args_len = len;
		if (len)
			memcpy(cmd->args, nla_data(arg), len);
		ret = w->binary(cmd, w->data);
		if (ret == -EINPROGRESS)
			ret = 0;
		else if (!ret && moeai_answer(ticket, 0, NULL, 0) == -ENOMEM)
			ret = -ENOMEM; /* -ENOENT: it has answered */
	}
	kvfree(cmd);
	return ret;
}

static int add(struct wrapper *w)
{
	int ret = moeai_command_add(&w->command);

	if (ret) {
		kfree(w);
		return ret;
	}
	mutex_lock(&lock);
	list_add(&w->list, &wrappers);
	mutex_unlock(&lock);
	moeai_generation_next();
	return 0;
}

static struct wrapper *new_wrapper(void)
{
	struct wrapper *w = kzalloc(sizeof(*w), GFP_KERNEL);

	if (w) {
		w->command.name = w->name;
		w->command.data = w;
	}
	return w;
}

int moeai_netlink_register_command(u32 id,
				   int (*handler)(const struct moeai_nl_command *cmd, void *data),
				   void *data)
{
	struct wrapper *w;

	if (id < MOEAI_ID_DYNAMIC || id > INT_MAX || !handler)
		return -EINVAL;
	w = new_wrapper();
	if (!w)
		return -ENOMEM;
	snprintf(w->name, sizeof(w->name), "id.%u", id);
	w->binary = handler;
	w->data = data;
	w->command.id = id;
	w->command.args = (struct moeai_schema)MOEAI_SCHEMA(binary_args);
	w->command.handler = run_binary;
	return add(w);
}
EXPORT_SYMBOL_GPL(moeai_netlink_register_command);

/* A word without a reserved prefix, to be found on a line of procfs. */
static bool text_name_valid(const char *name)
{
	static const char *const reserved[] = { "core.",  "module.", "param.", "log.",
						"stats.", "user.",   "id." };
	size_t i, len = strlen(name);

	if (!len || len >= MOEAI_FULL_NAME_LEN)
		return false;
	for (i = 0; i < len; i++)
		if (!moeai_name_char(name[i]) && !strchr(".-", name[i]))
			return false;
	for (i = 0; i < ARRAY_SIZE(reserved); i++)
		if (!strncmp(name, reserved[i], strlen(reserved[i])))
			return false;
	return true;
}

int moeai_procfs_register_cmd_handler(const char *name, moeai_procfs_cmd_handler_t handler,
				      void *data)
{
	struct wrapper *w;

	if (!name || !handler || !text_name_valid(name))
		return -EINVAL;
	w = new_wrapper();
	if (!w)
		return -ENOMEM;
	strscpy(w->name, name, sizeof(w->name));
	w->text = handler;
	w->data = data;
	w->command.args = (struct moeai_schema)MOEAI_SCHEMA(text_args);
	w->command.flags = MOEAI_COMMAND_TEXT;
	w->command.handler = run_text;
	return add(w);
}
EXPORT_SYMBOL_GPL(moeai_procfs_register_cmd_handler);

static struct wrapper *take(const char *name)
{
	struct wrapper *w, *found = NULL;

	mutex_lock(&lock);
	list_for_each_entry(w, &wrappers, list)
		if (!name || !strcmp(w->name, name))
			found = w;
	if (found)
		list_del(&found->list);
	mutex_unlock(&lock);
	return found;
}

static int unregister(const char *name)
{
	struct wrapper *w = take(name);

	if (!w)
		return -ENOENT;
	moeai_commands_remove(&w->command, 1);
	moeai_generation_next();
	kfree(w);
	return 0;
}

int moeai_netlink_unregister_command(u32 id)
{
	char name[MOEAI_FULL_NAME_LEN];

	snprintf(name, sizeof(name), "id.%u", id);
	return unregister(name);
}
EXPORT_SYMBOL_GPL(moeai_netlink_unregister_command);

int moeai_procfs_unregister_cmd_handler(const char *name)
{
	return name && text_name_valid(name) ? unregister(name) : -ENOENT;
}
EXPORT_SYMBOL_GPL(moeai_procfs_unregister_cmd_handler);

int moeai_netlink_send_response(u32 pid, u32 seq, u32 command_id, s32 status, const void *data,
				u32 data_len)
{
	struct moeai_value v[EVENT_FIELDS];
	const struct nlattr *nla;
	unsigned int n = 0;
	int rem;

	if (data_len > MOEAI_ARGS_LEN)
		return -EMSGSIZE;
	nla_for_each_attr(nla, (const struct nlattr *)data, data_len, rem) {
		if (n == EVENT_FIELDS || !nla->nla_type || nla->nla_type & ~NLA_TYPE_MASK)
			return -EINVAL;
		v[n++] = moeai_bytes(nla->nla_type, nla_data(nla), nla_len(nla));
	}
	if (rem > 0)
		return -EINVAL;
	return moeai_ticket_answer(seq, pid, command_id, status, v, n, GFP_ATOMIC);
}
EXPORT_SYMBOL_GPL(moeai_netlink_send_response);

void moeai_specification_exit(void)
{
	while (!unregister(NULL))
		;
}
