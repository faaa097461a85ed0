// SPDX-License-Identifier: LGPL-2.1-or-later
#include <netlink/attr.h>

#include "handle.h"

static int publish(struct moeai *h, enum moeai_priority priority, const char *text)
{
	const struct question q = { "publish", NEEDS_ADMIN, h->family.id, 0 };
	const struct nlmsghdr *msg;
	struct nl_msg *request;
	struct nlattr *nest;
	bool failed;

	request = transport_request(&h->t, h->family.id, MOEAI_MSG_EVENT, NLM_F_ACK);
	failed = nla_put_u32(request, MOEAI_A_EVENT_PRIORITY, priority) < 0;
	nest = nla_nest_start(request, NLA_F_NESTED | MOEAI_A_EVENT_DATA);
	failed |= !nest || nla_put_string(request, MOEAI_A_MESSAGE_TEXT, text) < 0;
	if (!failed)
		nla_nest_end(request, nest);
	return handle_ask(h, &q, failed, &msg);
}

int moeai_publish(struct moeai *h, enum moeai_priority priority, const char *text)
{
	int rc = publish(h, priority, text);

	return rc == -ENODEV && !handle_find(h) ? publish(h, priority, text) : rc;
}
