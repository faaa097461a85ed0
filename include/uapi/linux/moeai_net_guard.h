/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * net_guard: field ids of its tables, events and commands. Types and commands are
 * found by name, e.g. "net_guard.blocked"; their ids differ between epochs.
 */
#ifndef _UAPI_LINUX_MOEAI_NET_GUARD_H
#define _UAPI_LINUX_MOEAI_NET_GUARD_H

/* Of a rule. The first that applies wins, whatever the prefixes' lengths. */
enum moeai_guard_action {
	MOEAI_GUARD_ALLOW,  /* pass, and look no further */
	MOEAI_GUARD_DROP,
	MOEAI_GUARD_SHADOW, /* count and tell as for DROP, and pass */
	__MOEAI_GUARD_ACTION_MAX
};

/* Who made a rule. */
enum moeai_guard_source {
	MOEAI_GUARD_USER,
	MOEAI_GUARD_AUTO, /* a detector */
	__MOEAI_GUARD_SOURCE_MAX
};

/* What the detectors do about a source. */
enum moeai_guard_mode {
	MOEAI_GUARD_OFF,
	MOEAI_GUARD_WATCH,   /* shadow: as ENFORCE, but nothing is dropped */
	MOEAI_GUARD_ENFORCE,
	__MOEAI_GUARD_MODE_MAX
};

/* What a detector found. */
enum moeai_guard_kind {
	MOEAI_GUARD_SYN_FLOOD,
	MOEAI_GUARD_UDP_FLOOD,
	MOEAI_GUARD_ICMP_FLOOD,
	MOEAI_GUARD_PORT_SCAN, /* many ports */
	MOEAI_GUARD_HOST_SCAN, /* many addresses */
	__MOEAI_GUARD_KIND_MAX
};

/* Table net_guard.rules */
enum moeai_a_guard_rule {
	MOEAI_A_GUARD_RULE_UNSPEC,
	MOEAI_A_GUARD_RULE_PREFIX,  /* prefix, the key: of source addresses */
	MOEAI_A_GUARD_RULE_ACTION,  /* enum moeai_guard_action */
	MOEAI_A_GUARD_RULE_EXPIRES, /* u64, ns since 1970; absent: never */
	MOEAI_A_GUARD_RULE_TIMEOUT, /* u64, ns from now, in place of EXPIRES; not read back */
	MOEAI_A_GUARD_RULE_REASON,  /* string */
	MOEAI_A_GUARD_RULE_SOURCE,  /* enum moeai_guard_source; this and what follows: read only */
	MOEAI_A_GUARD_RULE_UID,	    /* u32, who installed it */
	MOEAI_A_GUARD_RULE_COMM,    /* string, his process */
	MOEAI_A_GUARD_RULE_HITS,    /* u64, packets */
	MOEAI_A_GUARD_RULE_BYTES,   /* u64, theirs, IP header included */
	MOEAI_A_GUARD_RULE_LAST,    /* u64, ns since 1970: of the last packet; absent: none yet */
	__MOEAI_A_GUARD_RULE_MAX
};

/* Table net_guard.offenders: whom the detectors found, of late */
enum moeai_a_guard_offender {
	MOEAI_A_GUARD_OFFENDER_UNSPEC,
	MOEAI_A_GUARD_OFFENDER_SOURCE,	 /* prefix: an address of IPv4 or a link, an IPv6 /64 */
	MOEAI_A_GUARD_OFFENDER_KIND,	 /* enum moeai_guard_kind, of the last offence */
	MOEAI_A_GUARD_OFFENDER_OFFENCES, /* u32; each makes the next block longer */
	MOEAI_A_GUARD_OFFENDER_FIRST,	 /* u64, ns since 1970 */
	MOEAI_A_GUARD_OFFENDER_LAST,	 /* u64, ns since 1970 */
	__MOEAI_A_GUARD_OFFENDER_MAX
};

/*
 * net_guard.blocked: a rule drops, or would drop; at its first packet at once, then
 * every interval in which there were more
 */
enum moeai_a_guard_blocked {
	MOEAI_A_GUARD_BLOCKED_UNSPEC,
	MOEAI_A_GUARD_BLOCKED_PREFIX,  /* prefix, the rule's; absent: see RULES */
	MOEAI_A_GUARD_BLOCKED_ACTION,  /* enum moeai_guard_action: DROP or SHADOW */
	MOEAI_A_GUARD_BLOCKED_SOURCE,  /* prefix, an address: the first packet's */
	MOEAI_A_GUARD_BLOCKED_PACKETS, /* u64, since the rule's last event */
	MOEAI_A_GUARD_BLOCKED_BYTES,   /* u64 */
	MOEAI_A_GUARD_BLOCKED_PERIOD,  /* u64, ns, 0: the first one */
	MOEAI_A_GUARD_BLOCKED_REASON,  /* string, the rule's */
	MOEAI_A_GUARD_BLOCKED_RULES,   /* u64, so many rules more that have begun to block */
	__MOEAI_A_GUARD_BLOCKED_MAX
};

/* net_guard.flood, net_guard.scan; after the first 64 in an interval their number alone */
enum moeai_a_guard_offence {
	MOEAI_A_GUARD_OFFENCE_UNSPEC,
	MOEAI_A_GUARD_OFFENCE_SOURCE,	/* prefix: as an offender's; absent: see UNTOLD */
	MOEAI_A_GUARD_OFFENCE_KIND,	/* enum moeai_guard_kind */
	MOEAI_A_GUARD_OFFENCE_PACKETS,	/* u64, over the limit since the source's last event */
	MOEAI_A_GUARD_OFFENCE_DISTINCT, /* u32, of a scan: about so many ports or addresses */
	MOEAI_A_GUARD_OFFENCE_OFFENCES, /* u32, of this source so far */
	MOEAI_A_GUARD_OFFENCE_ACTION,	/* enum moeai_guard_action, of the rule made; absent: none */
	MOEAI_A_GUARD_OFFENCE_EXPIRES,	/* u64, ns since 1970: when that ends */
	MOEAI_A_GUARD_OFFENCE_UNTOLD,	/* u64, so many more of that kind, of any source */
	__MOEAI_A_GUARD_OFFENCE_MAX
};

/* net_guard.expired: a rule has ended by itself */
enum moeai_a_guard_expired {
	MOEAI_A_GUARD_EXPIRED_UNSPEC,
	MOEAI_A_GUARD_EXPIRED_PREFIX, /* prefix; absent: see RULES */
	MOEAI_A_GUARD_EXPIRED_ACTION, /* enum moeai_guard_action */
	MOEAI_A_GUARD_EXPIRED_REASON, /* string */
	MOEAI_A_GUARD_EXPIRED_HITS,   /* u64 */
	MOEAI_A_GUARD_EXPIRED_BYTES,  /* u64 */
	MOEAI_A_GUARD_EXPIRED_RULES,  /* u64, so many more at the same time */
	__MOEAI_A_GUARD_EXPIRED_MAX
};

/* net_guard.rolled_back: a change of the rules was not confirmed, or taken back */
enum moeai_a_guard_rolled_back {
	MOEAI_A_GUARD_ROLLED_BACK_UNSPEC,
	MOEAI_A_GUARD_ROLLED_BACK_RULES, /* u64, how many there are now */
	__MOEAI_A_GUARD_ROLLED_BACK_MAX
};

/* net_guard.explain: what becomes of packets from an address, and why */
enum moeai_a_guard_explain {
	MOEAI_A_GUARD_EXPLAIN_UNSPEC,
	MOEAI_A_GUARD_EXPLAIN_ADDRESS,	/* prefix, the one argument */
	MOEAI_A_GUARD_EXPLAIN_DECISION, /* enum moeai_guard_decision */
	MOEAI_A_GUARD_EXPLAIN_RULE,	/* prefix of the rule that decides; absent: none */
	MOEAI_A_GUARD_EXPLAIN_REASON,	/* string, its; and so on: as in MOEAI_A_GUARD_RULE_* */
	MOEAI_A_GUARD_EXPLAIN_SOURCE,
	MOEAI_A_GUARD_EXPLAIN_UID,
	MOEAI_A_GUARD_EXPLAIN_COMM,
	MOEAI_A_GUARD_EXPLAIN_HITS,
	MOEAI_A_GUARD_EXPLAIN_BYTES,
	MOEAI_A_GUARD_EXPLAIN_EXPIRES,
	MOEAI_A_GUARD_EXPLAIN_TRACKED,	/* bool: the detectors know the source, and … */
	MOEAI_A_GUARD_EXPLAIN_RATE,	/* u32, about so many packets a second that they look at */
	MOEAI_A_GUARD_EXPLAIN_PORTS,	/* u32, about so many distinct ones in the window */
	MOEAI_A_GUARD_EXPLAIN_HOSTS,	/* u32, the same */
	MOEAI_A_GUARD_EXPLAIN_OFFENCES, /* u32 */
	MOEAI_A_GUARD_EXPLAIN_LIMIT,	/* enum moeai_guard_kind, of ten seconds; absent: none */
	__MOEAI_A_GUARD_EXPLAIN_MAX
};

enum moeai_guard_decision {
	MOEAI_GUARD_PASS,	/* no rule, no limit */
	MOEAI_GUARD_PASS_RULE,	/* a rule allows it */
	MOEAI_GUARD_DROP_RULE,
	MOEAI_GUARD_SHADOW_RULE,
	MOEAI_GUARD_LIMITED,	/* over LIMIT: some were dropped */
	__MOEAI_GUARD_DECISION_MAX
};

#endif /* _UAPI_LINUX_MOEAI_NET_GUARD_H */
