// SPDX-License-Identifier: LGPL-2.1-or-later
#include <linux/moeai.h>

#include "family.h"

struct answer {
	uint16_t id;
	const char *name;
	uint32_t version;
	struct attr_run groups;
};

struct group {
	uint32_t id;
	const char *name;
};

static int answer_decode(const struct nlmsghdr *msg, struct answer *out)
{
	static const struct attr_rule rules[] = {
		ATTR_RULE(CTRL_ATTR_FAMILY_ID, ATTR_U16, true, struct answer, id),
		ATTR_RULE(CTRL_ATTR_FAMILY_NAME, ATTR_STRING, true, struct answer, name),
		ATTR_RULE(CTRL_ATTR_VERSION, ATTR_U32, false, struct answer, version),
		ATTR_RULE(CTRL_ATTR_MCAST_GROUPS, ATTR_RUN, false, struct answer, groups),
	};

	*out = (struct answer){ 0 };
	return attrs_decode(message_attrs(msg), rules, ARRAY_SIZE(rules), out, NULL);
}

/* The groups: a nest of nests, numbered. */
static int groups_decode(struct attr_run groups, struct family *out)
{
	static const struct attr_rule rules[] = {
		ATTR_RULE(CTRL_ATTR_MCAST_GRP_ID, ATTR_U32, true, struct group, id),
		ATTR_RULE(CTRL_ATTR_MCAST_GRP_NAME, ATTR_STRING, true, struct group, name),
	};
	struct group group;
	struct attr a;
	size_t pos = 0;
	int more;

	while ((more = attr_next(groups.data, groups.len, &pos, &a)) > 0) {
		if (attrs_decode((struct attr_run){ a.data, a.len }, rules, ARRAY_SIZE(rules),
				 &group, NULL))
			return -EPROTO;
		if (!strcmp(group.name, MOEAI_GROUP_EVENTS_NAME))
			out->events = group.id;
	}
	return more;
}

int family_decode(const struct nlmsghdr *msg, struct family *out)
{
	struct answer answer;

	*out = (struct family){ 0 };
	if (answer_decode(msg, &answer) || strcmp(answer.name, MOEAI_NETLINK_FAMILY) ||
	    answer.id <= GENL_ID_CTRL)
		return -EPROTO;
	out->id = answer.id;
	out->version = answer.version;
	return groups_decode(answer.groups, out);
}

enum family_change family_change(const struct nlmsghdr *msg, uint16_t *id)
{
	struct answer answer;
	int cmd;

	if (msg->nlmsg_type != GENL_ID_CTRL)
		return FAMILY_OTHER;
	cmd = message_command(msg);
	if (cmd != CTRL_CMD_NEWFAMILY && cmd != CTRL_CMD_DELFAMILY)
		return FAMILY_OTHER;
	if (answer_decode(msg, &answer) || strcmp(answer.name, MOEAI_NETLINK_FAMILY))
		return FAMILY_OTHER;
	*id = answer.id;
	return cmd == CTRL_CMD_NEWFAMILY ? FAMILY_CAME : FAMILY_WENT;
}
