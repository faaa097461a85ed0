// SPDX-License-Identifier: GPL-2.0
#include <uapi/linux/moeai_net_guard.h>
#include "command.h"
#include "field.h"
#include "offence.h"
#include "param.h"
#include "prefix.h"
#include "rule.h"
#include "source.h"
#include "table.h"

static const char *const decision_names[] = { "pass", "allow", "drop", "shadow", "limited", NULL };
static_assert(ARRAY_SIZE(decision_names) == __MOEAI_GUARD_DECISION_MAX + 1);

#define FIELD(n) MOEAI_A_GUARD_EXPLAIN_##n

static const struct moeai_field explain_fields[] = {
	[FIELD(ADDRESS)] = { "address", "whose packets", MOEAI_TYPE_PREFIX,
			     .flags = MOEAI_F_REQUIRED },
};

static const struct moeai_field reply_fields[] = {
	[FIELD(ADDRESS)] = PREFIX_FIELD("address", "whose packets"),
	[FIELD(DECISION)] = ENUM_FIELD("decision", decision_names,
				       "pass: nobody minds; limited: too many came, just now"),
	[FIELD(RULE)] = PREFIX_FIELD("rule", "that decides"),
	[FIELD(REASON)] = STRING_FIELD("reason", "of the rule"),
	[FIELD(SOURCE)] = ENUM_FIELD("source", guard_source_names, "who made the rule"),
	[FIELD(UID)] = { "uid", "of who made it", MOEAI_TYPE_U32, .flags = MOEAI_F_UID },
	[FIELD(COMM)] = STRING_FIELD("comm", "of who made it"),
	[FIELD(HITS)] = U64_FIELD("hits", COUNT, "packets that it decided about"),
	[FIELD(BYTES)] = U64_FIELD("bytes", BYTES, "theirs"),
	[FIELD(EXPIRES)] = U64_FIELD("expires", TIME, "when it ends"),
	[FIELD(TRACKED)] = { "tracked", "the detectors follow the source", MOEAI_TYPE_BOOL },
	[FIELD(RATE)] = U32_FIELD("rate", COUNT_S, "packets that they look at, about"),
	[FIELD(PORTS)] = U32_FIELD("ports", COUNT, "it tried of late, about"),
	[FIELD(HOSTS)] = U32_FIELD("hosts", COUNT, "it tried of late, about"),
	[FIELD(OFFENCES)] = U32_FIELD("offences", COUNT, "found so far"),
	[FIELD(LIMIT)] = ENUM_FIELD("limit", guard_kind_names,
				    "that it was over in the last ten seconds"),
};

/* What is known of a rule, copied: it may go. */
struct found {
	u32 rule; /* 0: none */
	u8 len, action;
	struct guard_origin origin;
	u64 hits, bytes;
	u32 expires;
};

static void find(struct guard_addr addr, bool v6, struct found *f)
{
	const struct guard_node *node = NULL;
	const struct guard_gen *gen;

	rcu_read_lock();
	gen = rcu_dereference(guard_rules);
	if (gen)
		node = guard_gen_lookup(gen, v6, addr);
	if (node) {
		const struct guard_rule *rule = guard_rule(node->rule);

		f->rule = node->rule;
		f->len = node->len;
		f->action = node->action;
		f->origin = *guard_rule_origin(rule);
		f->hits = atomic64_read(&rule->hits);
		f->bytes = atomic64_read(&rule->bytes);
		f->expires = rule->expires;
	}
	rcu_read_unlock();
}

static int reply_rule(struct moeai_call *call, struct guard_addr addr, bool v6,
		      const struct found *f)
{
	u8 buf[GUARD_PREFIX_LEN];
	int ret;

	ret = moeai_reply(call,
			  guard_prefix(FIELD(RULE), buf, v6, guard_mask(addr, f->len), f->len),
			  moeai_str(FIELD(REASON), f->origin.reason),
			  moeai_u32(FIELD(SOURCE), f->origin.source),
			  moeai_u32(FIELD(UID), f->origin.uid),
			  moeai_str(FIELD(COMM), f->origin.comm),
			  moeai_u64(FIELD(HITS), f->hits),
			  moeai_u64(FIELD(BYTES), f->bytes));
	if (!ret && f->expires)
		ret = moeai_reply(call, moeai_u64(FIELD(EXPIRES), guard_tick_time(f->expires)));
	return ret;
}

static u32 decide(const struct found *f, const struct guard_known *known)
{
	static const u32 by_action[] = {
		[MOEAI_GUARD_ALLOW] = MOEAI_GUARD_PASS_RULE,
		[MOEAI_GUARD_DROP] = MOEAI_GUARD_DROP_RULE,
		[MOEAI_GUARD_SHADOW] = MOEAI_GUARD_SHADOW_RULE,
	};
	bool shadow = f->rule && f->action == MOEAI_GUARD_SHADOW;

	if (known->limited && READ_ONCE(guard_params.mode) == MOEAI_GUARD_ENFORCE &&
	    (!f->rule || shadow))
		return MOEAI_GUARD_LIMITED;
	return f->rule ? by_action[f->action] : MOEAI_GUARD_PASS;
}

static int explain(struct moeai_call *call)
{
	struct guard_known known;
	struct guard_addr addr;
	struct found f = {};
	u8 len;
	bool v6 = guard_prefix_get(call->args[FIELD(ADDRESS)], &addr, &len);
	u8 buf[GUARD_PREFIX_LEN];
	int ret;

	if (len != (v6 ? 128 : 32))
		return moeai_call_error(call, -EINVAL, "an address, not a prefix of many");
	find(addr, v6, &f);
	guard_source_explain(addr, v6, &known);
	ret = moeai_reply(call, guard_prefix(FIELD(ADDRESS), buf, v6, addr, len),
			  moeai_u32(FIELD(DECISION), decide(&f, &known)));
	if (!ret && f.rule)
		ret = reply_rule(call, addr, v6, &f);
	if (!ret && known.limited)
		ret = moeai_reply(call, moeai_u32(FIELD(LIMIT), known.limit));
	return ret ?: moeai_reply(call, moeai_bool(FIELD(TRACKED), known.tracked),
				  moeai_u32(FIELD(RATE), known.rate),
				  moeai_u32(FIELD(PORTS), known.ports),
				  moeai_u32(FIELD(HOSTS), known.hosts),
				  moeai_u32(FIELD(OFFENCES), guard_offences_of(addr, v6)));
}

struct moeai_command guard_commands[GUARD_COMMANDS] = {
	{
		.name = "net_guard.explain",
		.help = "what becomes of packets from an address, and why",
		.args = MOEAI_SCHEMA(explain_fields),
		.reply = MOEAI_SCHEMA(reply_fields),
		.flags = MOEAI_COMMAND_READ,
		.handler = explain,
	},
};
