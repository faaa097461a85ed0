// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "moeai: " fmt
#include <linux/completion.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include "call.h"
#include "change.h"
#include "command.h"
#include "netlink.h"
#include "replay.h"
#include "status.h"
#include "table.h"

static struct genl_family family;
static DECLARE_COMPLETION(opened);
static bool is_open;   /* for who need not wait */
static bool withdrawn; /* the family is about to go again: see moeai_netlink_init() */

void moeai_netlink_open(void)
{
	smp_store_release(&is_open, true); /* pairs with moeai_netlink_wait() */
	complete_all(&opened);
}

int moeai_netlink_wait(void)
{
	if (smp_load_acquire(&is_open)) /* pairs with moeai_netlink_open() */
		return 0;
	if (wait_for_completion_interruptible(&opened))
		return -EINTR;
	return READ_ONCE(withdrawn) ? -ENOENT : 0; /* as of a family that is not there */
}

u16 moeai_family_id(void)
{
	return family.id;
}

bool moeai_has_listeners(enum moeai_netlink_groups group)
{
	return genl_has_listeners(&family, &init_net, group - 1);
}

void *moeai_msg_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd)
{
	return genlmsg_put(skb, portid, seq, &family, flags, cmd);
}

int moeai_multicast(struct sk_buff *skb, enum moeai_netlink_groups group, gfp_t gfp)
{
	return genlmsg_multicast_netns(&family, &init_net, skb, 0, group - 1, gfp);
}

int moeai_unicast(struct sk_buff *skb, u32 portid)
{
	return genlmsg_unicast(&init_net, skb, portid);
}

static struct moeai_command_entry *find_command(struct genl_info *info)
{
	struct nlattr *id = info->attrs[MOEAI_A_COMMAND_ID];
	struct nlattr *name = info->attrs[MOEAI_A_COMMAND_NAME];
	struct moeai_command_entry *e;

	if (!id == !name) {
		NL_SET_ERR_MSG(info->extack, "exactly one of ID and NAME is needed");
		return ERR_PTR(-EINVAL);
	}
	e = id ? moeai_command_get(nla_get_u32(id)) : moeai_command_get_name(nla_data(name));
	if (e)
		return e;
	NL_SET_ERR_MSG_ATTR(info->extack, id ?: name, "no such command: see table commands");
	return ERR_PTR(-ENOENT);
}

static int command_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *args = info->attrs[MOEAI_A_COMMAND_ARGS];
	struct moeai_command_entry *e;
	struct moeai_origin origin;
	int ret = moeai_netlink_wait();

	if (ret)
		return ret;
	e = find_command(info);
	if (IS_ERR(e))
		return PTR_ERR(e);
	moeai_origin_request(&origin, skb, info);
	ret = moeai_call_run(e, &origin, args ? nla_data(args) : NULL, args ? nla_len(args) : 0,
			     info->extack);
	moeai_command_put(e);
	return ret;
}

#define SET_BY_KERNEL { .type = NLA_REJECT, .reject_message = "set by the kernel alone" }

/* do and dump share it; each refuses what is the other's. */
static const struct nla_policy event_policy[MOEAI_A_EVENT_MAX + 1] = {
	[MOEAI_A_EVENT_SEQ]	 = SET_BY_KERNEL,
	[MOEAI_A_EVENT_TIME]	 = SET_BY_KERNEL,
	[MOEAI_A_EVENT_TYPE]	 = SET_BY_KERNEL,
	[MOEAI_A_EVENT_PRIORITY] = NLA_POLICY_MAX(NLA_U32, MOEAI_PRIO_WARNING),
	[MOEAI_A_EVENT_SOURCE]	 = SET_BY_KERNEL,
	[MOEAI_A_EVENT_DATA]	 = { .type = NLA_NESTED },
	[MOEAI_A_EVENT_FILTER]	 = { .type = NLA_NESTED, .len = MOEAI_A_FILTER_MAX,
				     .nested_policy = moeai_filter_policy },
	[MOEAI_A_EVENT_EPOCH]	 = SET_BY_KERNEL,
	[MOEAI_A_EVENT_FIRST]	 = SET_BY_KERNEL,
	[MOEAI_A_EVENT_NEXT]	 = SET_BY_KERNEL,
	[MOEAI_A_EVENT_LOST]	 = SET_BY_KERNEL,
};

static const struct nla_policy command_policy[MOEAI_A_COMMAND_MAX + 1] = {
	[MOEAI_A_COMMAND_ID]   = NLA_POLICY_MIN(NLA_U32, 1),
	[MOEAI_A_COMMAND_NAME] = { .type = NLA_NUL_STRING, .len = MOEAI_FULL_NAME_LEN - 1 },
	[MOEAI_A_COMMAND_ARGS] = { .type = NLA_NESTED },
};

static struct netlink_range_validation confirm_range = { 1, MOEAI_CONFIRM_MAX };

/* Of a do; a dump takes TABLE only. */
static const struct nla_policy data_policy[MOEAI_A_DATA_MAX + 1] = {
	[MOEAI_A_DATA_TABLE]	  = { .type = NLA_NUL_STRING, .len = MOEAI_FULL_NAME_LEN - 1 },
	[MOEAI_A_DATA_GENERATION] = SET_BY_KERNEL,
	[MOEAI_A_DATA_ROW]	  = { .type = NLA_NESTED },
	[MOEAI_A_DATA_ACTION]	  = NLA_POLICY_RANGE(NLA_U32, MOEAI_ACTION_ADD, MOEAI_ACTION_MAX),
	[MOEAI_A_DATA_TXN]	  = NLA_POLICY_MIN(NLA_U32, 1),
	[MOEAI_A_DATA_MORE]	  = { .type = NLA_FLAG },
	[MOEAI_A_DATA_ABORT]	  = { .type = NLA_FLAG },
	[MOEAI_A_DATA_CONFIRM]	  = NLA_POLICY_FULL_RANGE(NLA_U32, &confirm_range),
	[MOEAI_A_DATA_CHANGED]	  = SET_BY_KERNEL,
	[MOEAI_A_DATA_ERROR]	  = SET_BY_KERNEL,
	[MOEAI_A_DATA_ROWS]	  = { .type = NLA_U64 },
};

static const struct genl_multicast_group groups[] = {
	[MOEAI_GROUP_EVENTS - 1] = { .name = MOEAI_GROUP_EVENTS_NAME,
				     .flags = GENL_MCAST_CAP_SYS_ADMIN },
	[MOEAI_GROUP_STATUS - 1] = { .name = MOEAI_GROUP_STATUS_NAME },
};

/*
 * EVENT: publish checks CAP_NET_ADMIN and replay CAP_SYS_ADMIN themselves, since
 * one flag would hold for both. DATA: a change needs CAP_NET_ADMIN, and each
 * table says who may read it.
 */
static const struct genl_ops ops[] = {
	{
		.cmd	 = MOEAI_MSG_EVENT,
		.doit	 = moeai_publish_doit,
		.start	 = moeai_replay_start,
		.dumpit	 = moeai_replay_dump,
		.done	 = moeai_replay_done,
		.policy	 = event_policy,
		.maxattr = MOEAI_A_EVENT_MAX,
	},
	{
		.cmd	 = MOEAI_MSG_COMMAND,
		.doit	 = command_doit,
		.policy	 = command_policy,
		.maxattr = MOEAI_A_COMMAND_MAX,
		.flags	 = GENL_ADMIN_PERM,
	},
	{
		.cmd	 = MOEAI_MSG_STATUS,
		.doit	 = moeai_status_doit, /* open to all */
	},
	{
		.cmd	 = MOEAI_MSG_DATA,
		.doit	 = moeai_change_doit,
		.start	 = moeai_table_start,
		.dumpit	 = moeai_table_dump,
		.done	 = moeai_table_done,
		.policy	 = data_policy,
		.maxattr = MOEAI_A_DATA_MAX,
	},
};

static struct genl_family family __ro_after_init = {
	.name	      = MOEAI_NETLINK_FAMILY,
	.version      = MOEAI_NETLINK_VERSION,
	.module	      = THIS_MODULE,
	.netnsok      = false,
	.parallel_ops = true,
	.ops	      = ops,
	.n_ops	      = ARRAY_SIZE(ops),
	.mcgrps	      = groups,
	.n_mcgrps     = ARRAY_SIZE(groups),
};

/*
 * Anybody may join a group's number while it belongs to no family, and would be
 * its member without having been asked for the capability. So a family that has
 * listeners from the start is unregistered, which makes them leave.
 */
int __init moeai_netlink_init(void)
{
	int ret, tries = 100;

	static_assert(ARRAY_SIZE(groups) == MOEAI_GROUP_MAX);
	while (tries--) {
		ret = genl_register_family(&family);
		if (ret || !moeai_has_listeners(MOEAI_GROUP_EVENTS))
			return ret;
		/* Requests that wait hold a lock that unregistering wants. */
		WRITE_ONCE(withdrawn, true);
		complete_all(&opened);
		genl_unregister_family(&family);
		reinit_completion(&opened);
		WRITE_ONCE(withdrawn, false);
	}
	pr_err("the group's number is being joined by others again and again\n");
	return -EBUSY;
}

/* No operation runs any more when it returns; running dumps keep us loaded. */
void moeai_netlink_exit(void)
{
	genl_unregister_family(&family);
}
