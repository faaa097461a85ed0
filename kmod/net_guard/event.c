// SPDX-License-Identifier: GPL-2.0
#include "event.h"
#include "field.h"
#include "prefix.h"
#include "rule.h"
#include "source.h"

const char *const guard_action_names[] = { "allow", "drop", "shadow", NULL };
static_assert(ARRAY_SIZE(guard_action_names) == __MOEAI_GUARD_ACTION_MAX + 1);

const char *const guard_source_names[] = { "user", "auto", NULL };
static_assert(ARRAY_SIZE(guard_source_names) == __MOEAI_GUARD_SOURCE_MAX + 1);

const char *const guard_kind_names[] = { "syn_flood", "udp_flood", "icmp_flood", "port_scan",
					 "host_scan", NULL };
static_assert(ARRAY_SIZE(guard_kind_names) == __MOEAI_GUARD_KIND_MAX + 1);

#define SOURCE_HELP "an IPv4 address, an IPv6 /64, or a link-local address"

static const struct moeai_field blocked_fields[] = {
	[MOEAI_A_GUARD_BLOCKED_PREFIX] = PREFIX_FIELD("prefix", "of the rule"),
	[MOEAI_A_GUARD_BLOCKED_ACTION] =
		ENUM_FIELD("action", guard_action_names, "shadow: it would have been dropped"),
	[MOEAI_A_GUARD_BLOCKED_SOURCE] = PREFIX_FIELD("source", "of the first packet"),
	[MOEAI_A_GUARD_BLOCKED_PACKETS] =
		U64_FIELD("packets", COUNT, "since the rule's last event"),
	[MOEAI_A_GUARD_BLOCKED_BYTES] = U64_FIELD("bytes", BYTES, "theirs"),
	[MOEAI_A_GUARD_BLOCKED_PERIOD] = U64_FIELD("period", NS, "0: this is the first"),
	[MOEAI_A_GUARD_BLOCKED_REASON] = STRING_FIELD("reason", "the rule's"),
	[MOEAI_A_GUARD_BLOCKED_RULES] =
		U64_FIELD("rules", COUNT, "so many more have begun to block, untold"),
};

static const struct moeai_field offence_fields[] = {
	[MOEAI_A_GUARD_OFFENCE_SOURCE] = PREFIX_FIELD("source", SOURCE_HELP),
	[MOEAI_A_GUARD_OFFENCE_KIND] = ENUM_FIELD("kind", guard_kind_names, "of what"),
	[MOEAI_A_GUARD_OFFENCE_PACKETS] =
		U64_FIELD("packets", COUNT, "over the limit since the source's last event"),
	[MOEAI_A_GUARD_OFFENCE_DISTINCT] =
		U32_FIELD("distinct", COUNT, "about so many ports or addresses"),
	[MOEAI_A_GUARD_OFFENCE_OFFENCES] = U32_FIELD("offences", COUNT, "of the source, so far"),
	[MOEAI_A_GUARD_OFFENCE_ACTION] =
		ENUM_FIELD("action", guard_action_names, "of the rule that was made"),
	[MOEAI_A_GUARD_OFFENCE_EXPIRES] = U64_FIELD("expires", TIME, "when that rule ends"),
	[MOEAI_A_GUARD_OFFENCE_UNTOLD] =
		U64_FIELD("untold", COUNT, "so many more of this kind, of others"),
};

static const struct moeai_field expired_fields[] = {
	[MOEAI_A_GUARD_EXPIRED_PREFIX] = PREFIX_FIELD("prefix", "of the rule"),
	[MOEAI_A_GUARD_EXPIRED_ACTION] = ENUM_FIELD("action", guard_action_names, "its"),
	[MOEAI_A_GUARD_EXPIRED_REASON] = STRING_FIELD("reason", "its"),
	[MOEAI_A_GUARD_EXPIRED_HITS] = U64_FIELD("hits", COUNT, "its packets"),
	[MOEAI_A_GUARD_EXPIRED_BYTES] = U64_FIELD("bytes", BYTES, "theirs"),
	[MOEAI_A_GUARD_EXPIRED_RULES] = U64_FIELD("rules", COUNT, "so many more, untold"),
};

static const struct moeai_field rolled_back_fields[] = {
	[MOEAI_A_GUARD_ROLLED_BACK_RULES] = U64_FIELD("rules", COUNT, "there are now"),
};

enum { BLOCKED, FLOOD, SCAN, EXPIRED, ROLLED_BACK };

struct moeai_event_type guard_events[GUARD_EVENTS] = {
	[BLOCKED] = { .name = "net_guard.blocked", .help = "a rule stops packets",
		      .schema = MOEAI_SCHEMA(blocked_fields) },
	[FLOOD] = { .name = "net_guard.flood", .help = "a source sends too much",
		    .schema = MOEAI_SCHEMA(offence_fields) },
	[SCAN] = { .name = "net_guard.scan", .help = "a source tries many ports or addresses",
		   .schema = MOEAI_SCHEMA(offence_fields) },
	[EXPIRED] = { .name = "net_guard.expired", .help = "a rule has ended",
		      .schema = MOEAI_SCHEMA(expired_fields) },
	[ROLLED_BACK] = { .name = "net_guard.rolled_back",
			  .help = "the rules are again what they were before a change",
			  .schema = MOEAI_SCHEMA(rolled_back_fields) },
};

/* Of a shadow rule, too: that it is told is what it is for. */
void guard_event_blocked(const struct guard_named *r, struct guard_addr source, u64 packets,
			 u64 bytes, u64 period)
{
	u8 prefix[GUARD_PREFIX_LEN], address[GUARD_PREFIX_LEN];

	moeai_emit(&guard_events[BLOCKED], MOEAI_PRIO_NOTICE,
		   guard_prefix(MOEAI_A_GUARD_BLOCKED_PREFIX, prefix, r->v6, r->addr, r->len),
		   moeai_u32(MOEAI_A_GUARD_BLOCKED_ACTION, r->action),
		   guard_prefix(MOEAI_A_GUARD_BLOCKED_SOURCE, address, r->v6, source,
				r->v6 ? 128 : 32),
		   moeai_u64(MOEAI_A_GUARD_BLOCKED_PACKETS, packets),
		   moeai_u64(MOEAI_A_GUARD_BLOCKED_BYTES, bytes),
		   moeai_u64(MOEAI_A_GUARD_BLOCKED_PERIOD, period),
		   moeai_str(MOEAI_A_GUARD_BLOCKED_REASON,
			     guard_rule_origin(guard_rule(r->rule))->reason));
}

void guard_event_blocked_more(u64 rules, u64 period)
{
	moeai_emit(&guard_events[BLOCKED], MOEAI_PRIO_NOTICE,
		   moeai_u64(MOEAI_A_GUARD_BLOCKED_PERIOD, period),
		   moeai_u64(MOEAI_A_GUARD_BLOCKED_RULES, rules));
}

void guard_event_expired(const struct guard_named *r)
{
	const struct guard_rule *rule = guard_rule(r->rule);
	u8 prefix[GUARD_PREFIX_LEN];

	moeai_emit(&guard_events[EXPIRED], MOEAI_PRIO_INFO,
		   guard_prefix(MOEAI_A_GUARD_EXPIRED_PREFIX, prefix, r->v6, r->addr, r->len),
		   moeai_u32(MOEAI_A_GUARD_EXPIRED_ACTION, r->action),
		   moeai_str(MOEAI_A_GUARD_EXPIRED_REASON, guard_rule_origin(rule)->reason),
		   moeai_u64(MOEAI_A_GUARD_EXPIRED_HITS, atomic64_read(&rule->hits)),
		   moeai_u64(MOEAI_A_GUARD_EXPIRED_BYTES, atomic64_read(&rule->bytes)));
}

void guard_event_expired_more(u64 rules)
{
	moeai_emit(&guard_events[EXPIRED], MOEAI_PRIO_INFO,
		   moeai_u64(MOEAI_A_GUARD_EXPIRED_RULES, rules));
}

void guard_event_rolled_back(u64 rules)
{
	moeai_emit(&guard_events[ROLLED_BACK], MOEAI_PRIO_NOTICE,
		   moeai_u64(MOEAI_A_GUARD_ROLLED_BACK_RULES, rules));
}

void guard_event_offence(const struct guard_offence *o, u32 offences, int action, u32 expires)
{
	bool scan = o->kind >= MOEAI_GUARD_PORT_SCAN;
	u8 source[GUARD_PREFIX_LEN];
	struct moeai_value v[7];
	unsigned int n = 0;

	v[n++] = guard_prefix(MOEAI_A_GUARD_OFFENCE_SOURCE, source, o->v6, o->source,
			      guard_source_len(o->source, o->v6));
	v[n++] = moeai_u32(MOEAI_A_GUARD_OFFENCE_KIND, o->kind);
	v[n++] = moeai_u64(MOEAI_A_GUARD_OFFENCE_PACKETS, o->packets);
	v[n++] = moeai_u32(MOEAI_A_GUARD_OFFENCE_OFFENCES, offences);
	if (scan)
		v[n++] = moeai_u32(MOEAI_A_GUARD_OFFENCE_DISTINCT, guard_sketch_distinct(o));
	if (action >= 0) {
		v[n++] = moeai_u32(MOEAI_A_GUARD_OFFENCE_ACTION, action);
		v[n++] = moeai_u64(MOEAI_A_GUARD_OFFENCE_EXPIRES, guard_tick_time(expires));
	}
	moeai_event_emit(&guard_events[scan ? SCAN : FLOOD], MOEAI_PRIO_WARNING, v, n);
}

void guard_event_offence_more(u8 kind, u64 offences)
{
	moeai_emit(&guard_events[kind >= MOEAI_GUARD_PORT_SCAN ? SCAN : FLOOD], MOEAI_PRIO_WARNING,
		   moeai_u32(MOEAI_A_GUARD_OFFENCE_KIND, kind),
		   moeai_u64(MOEAI_A_GUARD_OFFENCE_UNTOLD, offences));
}
