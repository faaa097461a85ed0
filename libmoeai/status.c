// SPDX-License-Identifier: LGPL-2.1-or-later
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "handle.h"
#include "status.h"

#define RULE(id, kind, required, member) \
	ATTR_RULE(MOEAI_A_STATUS_##id, ATTR_##kind, required, struct moeai_status, member)

static const struct attr_rule rules[] = {
	RULE(STATE, U32, true, state),
	RULE(EPOCH, U64, true, epoch),
	RULE(UPTIME, U64, false, uptime),
	RULE(TIME, U64, false, time),
	RULE(CPU, U32, false, cpu_permille),
	RULE(MEMORY, U32, false, memory_permille),
	RULE(SWAP_FREE, U64, false, swap_free),
	RULE(RX, U64, false, rx),
	RULE(TX, U64, false, tx),
	RULE(PAGES_IN, U64, false, pages_in),
	RULE(PAGES_OUT, U64, false, pages_out),
	RULE(MODULES, U32, false, modules),
	RULE(FAILED, U32, false, failed),
	RULE(LOG_SIZE, U64, false, log_size),
	RULE(LOG_ATTEMPTED, U64, true, log_attempted),
	RULE(LOG_LOGGED, U64, true, log_logged),
	RULE(LOG_REFUSED, U64, true, log_refused),
	RULE(LOG_HELD, U64, true, log_held),
	RULE(LOG_OVERWRITTEN, U64, true, log_overwritten),
	RULE(LOG_CLEARED, U64, true, log_cleared),
	RULE(LOG_FIRST, U64, false, log_first),
	RULE(LOG_NEXT, U64, false, log_next),
	RULE(VERSION, TEXT, false, version),
};

_Static_assert(ARRAY_SIZE(rules) == MOEAI_A_STATUS_MAX, "a rule for each attribute");

int status_decode(struct attr_run attrs, struct moeai_status *out)
{
	*out = (struct moeai_status){ 0 };
	return attrs_decode(attrs, rules, ARRAY_SIZE(rules), out, NULL);
}

static int ask(struct moeai *h, struct moeai_status *out)
{
	const struct question q = { "status", "no capability", h->family.id, MOEAI_MSG_STATUS };
	const struct nlmsghdr *msg;
	int rc;

	transport_request(&h->t, h->family.id, MOEAI_MSG_STATUS, 0);
	rc = handle_ask(h, &q, false, &msg);
	if (rc)
		return rc;
	rc = status_decode(message_attrs(msg), out);
	return rc ? error_set(&h->error, rc, "status: malformed answer") : 0;
}

int moeai_status_get(struct moeai *h, struct moeai_status *out)
{
	int rc = ask(h, out);

	return rc == -ENODEV && !handle_find(h) ? ask(h, out) : rc;
}

static const char *const states[] = { "starting", "ok", "degraded", "stopping" };
static const char *const priorities[] = { "debug", "info", "notice", "warning", "critical" };

_Static_assert(ARRAY_SIZE(states) == MOEAI_STATE_MAX + 1, "a name for each state");
_Static_assert(ARRAY_SIZE(priorities) == MOEAI_PRIO_MAX + 1, "a name for each priority");

const char *moeai_state_name(enum moeai_state state)
{
	return state <= MOEAI_STATE_MAX ? states[state] : "?";
}

const char *moeai_priority_name(enum moeai_priority priority)
{
	return priority <= MOEAI_PRIO_MAX ? priorities[priority] : "?";
}

int moeai_priority_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(priorities); i++)
		if (!strcmp(priorities[i], name))
			return i;
	return -EINVAL;
}
