/* SPDX-License-Identifier: GPL-2.0 */
/* The event types of net_guard, and one encoder for each. Any context but NMI. */
#ifndef GUARD_EVENT_H
#define GUARD_EVENT_H

#include <linux/moeai.h>
#include <uapi/linux/moeai_net_guard.h>
#include "set.h"

#define GUARD_EVENTS 5
extern struct moeai_event_type guard_events[GUARD_EVENTS];

extern const struct moeai_schema guard_offender_schema;

/* A rule as events name it. */
struct guard_named {
	struct guard_addr addr;
	u32 rule; /* held */
	u8 len;
	u8 action;
	bool v6;
};

/* @period: ns; 0: the rule's first one */
void guard_event_blocked(const struct guard_named *rule, struct guard_addr source, u64 packets,
			 u64 bytes, u64 period);
void guard_event_blocked_more(u64 rules, u64 period);

void guard_event_expired(const struct guard_named *rule);
void guard_event_expired_more(u64 rules);

void guard_event_rolled_back(u64 rules);

struct guard_offence {
	struct guard_addr source;
	bool v6;
	u8 kind; /* enum moeai_guard_kind */
	u32 packets;
	u32 bits; /* of a scan: that are set in its sketch */
};

/* @action: of the rule that was made, < 0: none; @expires: tick of its end */
void guard_event_offence(const struct guard_offence *offence, u32 offences, int action,
			 u32 expires);
void guard_event_offence_more(u8 kind, u64 offences);

static inline bool guard_is_link_local(struct guard_addr a, bool v6)
{
	return v6 && a.hi >> 54 == 0xfe80 >> 6;
}

/*
 * Who is one source: an IPv4 address; of IPv6, who has one address of a /64 has them
 * all. But on a link all share a /64, and each is one.
 */
static inline struct guard_addr guard_source_of(struct guard_addr a, bool v6)
{
	if (v6 && !guard_is_link_local(a, v6))
		a.lo = 0;
	return a;
}

static inline u8 guard_source_len(struct guard_addr source, bool v6)
{
	return !v6 ? 32 : guard_is_link_local(source, v6) ? 128 : 64;
}

#endif /* GUARD_EVENT_H */
