// SPDX-License-Identifier: LGPL-2.1-or-later
/* net_guard's tables, commands and events as typed calls. */
#include <arpa/inet.h>
#include <stdio.h>
#include "handle.h"
#include "typed.h"

#define RULES "net_guard.rules"

/* ---- changes ------------------------------------------------------------------------ */

static int change(struct moeai *h, enum moeai_action action, const struct moeai_arg *columns,
		  size_t n, uint32_t confirm)
{
	struct moeai_txn *t;
	int rc = moeai_txn_open(h, RULES, &t);

	if (rc)
		return rc;
	rc = moeai_txn_row(t, action, columns, n);
	if (!rc)
		rc = moeai_txn_commit(t, confirm, NULL);
	moeai_txn_close(t);
	return rc;
}

int moeai_guard_put(struct moeai *h, const char *prefix, enum moeai_guard_action action,
		    const struct moeai_guard_options *options)
{
	struct moeai_arg columns[4] = { MOEAI_TEXT("prefix", prefix),
					MOEAI_NUMBER("action", action) };
	size_t n = 2;

	if (options && options->timeout)
		columns[n++] = (struct moeai_arg)MOEAI_NUMBER("timeout", options->timeout);
	if (options && options->reason)
		columns[n++] = (struct moeai_arg)MOEAI_TEXT("reason", options->reason);
	return change(h, MOEAI_ACTION_REPLACE, columns, n, options ? options->confirm : 0);
}

int moeai_guard_remove(struct moeai *h, const char *prefix, uint32_t confirm)
{
	const struct moeai_arg column = MOEAI_TEXT("prefix", prefix);

	return change(h, MOEAI_ACTION_DELETE, &column, 1, confirm);
}

int moeai_guard_mode_set(struct moeai *h, enum moeai_guard_mode mode, uint32_t confirm)
{
	static const char *const names[] = { "off", "shadow", "enforce" };

	_Static_assert(ARRAY_SIZE(names) == __MOEAI_GUARD_MODE_MAX, "a name for each mode");
	if (mode >= ARRAY_SIZE(names))
		return error_set(&h->error, -EINVAL, "net_guard.mode: no such mode");
	return moeai_param_try(h, "net_guard.mode", names[mode], confirm);
}

/* ---- rules, answers and events ------------------------------------------------------- */

/* "" where there is none. Values may be without a schema. */
static int get_prefix(const struct moeai_values *values, uint16_t id,
		      char to[MOEAI_GUARD_PREFIX_LEN])
{
	char address[INET6_ADDRSTRLEN];
	struct moeai_value v;
	int rc = moeai_values_get_id(values, id, &v);

	*to = 0;
	if (rc)
		return rc == -ENOENT ? 0 : rc;
	if (v.len != 5 && v.len != 17)
		return -EPROTO;
	inet_ntop(v.len == 5 ? AF_INET : AF_INET6, (const char *)v.data + 1, address,
		  sizeof(address));
	snprintf(to, MOEAI_GUARD_PREFIX_LEN, "%s/%u", address, *(const unsigned char *)v.data);
	return 0;
}

#define RULE(id, kind, required, member) \
	ATTR_RULE(MOEAI_A_GUARD_##id, ATTR_##kind, required, struct moeai_guard_rule, member)

static const struct attr_rule rule_rules[] = {
	RULE(RULE_ACTION, U32, true, action),
	RULE(RULE_EXPIRES, U64, false, expires),
	RULE(RULE_REASON, TEXT, false, reason),
	RULE(RULE_SOURCE, U32, false, source),
	RULE(RULE_UID, U32, false, uid),
	RULE(RULE_COMM, TEXT, false, comm),
	RULE(RULE_HITS, U64, false, hits),
	RULE(RULE_BYTES, U64, false, bytes),
	RULE(RULE_LAST, U64, false, last),
};

int moeai_guard_rule(const struct moeai_values *row, struct moeai_guard_rule *out)
{
	*out = (struct moeai_guard_rule){ 0 };
	return attrs_decode((struct attr_run){ row->data, row->len }, rule_rules,
			    ARRAY_SIZE(rule_rules), out, NULL) ?:
	       get_prefix(row, MOEAI_A_GUARD_RULE_PREFIX, out->prefix);
}

#undef RULE
#define RULE(id, kind, required, member)                                       \
	ATTR_RULE(MOEAI_A_GUARD_OFFENDER_##id, ATTR_##kind, required,          \
		  struct moeai_guard_offender, member)

static const struct attr_rule offender_rules[] = {
	RULE(KIND, U32, true, kind),
	RULE(OFFENCES, U32, true, offences),
	RULE(FIRST, U64, true, first),
	RULE(LAST, U64, true, last),
};

int moeai_guard_offender(const struct moeai_values *row, struct moeai_guard_offender *out)
{
	*out = (struct moeai_guard_offender){ 0 };
	return attrs_decode((struct attr_run){ row->data, row->len }, offender_rules,
			    ARRAY_SIZE(offender_rules), out, NULL) ?:
	       get_prefix(row, MOEAI_A_GUARD_OFFENDER_SOURCE, out->source);
}

#undef RULE
#define RULE(id, kind, required, member)                                      \
	ATTR_RULE(MOEAI_A_GUARD_EXPLAIN_##id, ATTR_##kind, required,          \
		  struct moeai_guard_explanation, member)

static const struct attr_rule explain_rules[] = {
	RULE(DECISION, U32, true, decision),	 RULE(REASON, TEXT, false, rule.reason),
	RULE(SOURCE, U32, false, rule.source),	 RULE(UID, U32, false, rule.uid),
	RULE(COMM, TEXT, false, rule.comm),	 RULE(HITS, U64, false, rule.hits),
	RULE(BYTES, U64, false, rule.bytes),	 RULE(EXPIRES, U64, false, rule.expires),
	RULE(RATE, U32, false, rate),		 RULE(PORTS, U32, false, ports),
	RULE(HOSTS, U32, false, hosts),		 RULE(OFFENCES, U32, false, offences),
	RULE(TRACKED, BOOL, false, tracked),	 RULE(LIMIT, U32, false, limit),
};

static int read_explanation(const struct moeai_values *v, struct moeai_guard_explanation *out)
{
	struct moeai_value limit;
	int rc;

	*out = (struct moeai_guard_explanation){ 0 };
	rc = attrs_decode((struct attr_run){ v->data, v->len }, explain_rules,
			  ARRAY_SIZE(explain_rules), out, NULL) ?:
	     get_prefix(v, MOEAI_A_GUARD_EXPLAIN_RULE, out->rule.prefix);
	out->over = !moeai_values_get_id(v, MOEAI_A_GUARD_EXPLAIN_LIMIT, &limit);
	if (out->decision == MOEAI_GUARD_DROP_RULE)
		out->rule.action = MOEAI_GUARD_DROP;
	else if (out->decision == MOEAI_GUARD_SHADOW_RULE || out->decision == MOEAI_GUARD_LIMITED)
		out->rule.action = MOEAI_GUARD_SHADOW;
	return rc;
}

int moeai_guard_explain(struct moeai *h, const char *address, struct moeai_guard_explanation *out)
{
	const struct moeai_arg arg = MOEAI_TEXT("address", address);
	struct moeai_reply *reply;
	struct moeai_values v;
	int rc = moeai_call(h, "net_guard.explain", &arg, 1, ANSWER_TIMEOUT, &reply);

	if (rc)
		return rc;
	v = moeai_reply_values(reply);
	rc = read_explanation(&v, out);
	moeai_reply_free(reply);
	return rc ? error_set(&h->error, rc, "net_guard.explain: malformed answer") : 0;
}

#undef RULE
#define RULE(id, kind, required, member) \
	ATTR_RULE(MOEAI_A_GUARD_##id, ATTR_##kind, required, struct moeai_guard_event, member)

static const struct attr_rule blocked_rules[] = {
	RULE(BLOCKED_ACTION, U32, false, action),     RULE(BLOCKED_PACKETS, U64, false, packets),
	RULE(BLOCKED_BYTES, U64, false, bytes),	      RULE(BLOCKED_PERIOD, U64, false, period),
	RULE(BLOCKED_REASON, TEXT, false, reason),    RULE(BLOCKED_RULES, U64, false, rules),
};

static const struct attr_rule offence_rules[] = {
	RULE(OFFENCE_KIND, U32, true, offence),	      RULE(OFFENCE_PACKETS, U64, false, packets),
	RULE(OFFENCE_DISTINCT, U32, false, distinct), RULE(OFFENCE_OFFENCES, U32, false, offences),
	RULE(OFFENCE_ACTION, U32, false, action),     RULE(OFFENCE_EXPIRES, U64, false, expires),
	RULE(OFFENCE_UNTOLD, U64, false, rules),
};

static const struct attr_rule expired_rules[] = {
	RULE(EXPIRED_ACTION, U32, false, action),     RULE(EXPIRED_REASON, TEXT, false, reason),
	RULE(EXPIRED_HITS, U64, false, packets),      RULE(EXPIRED_BYTES, U64, false, bytes),
	RULE(EXPIRED_RULES, U64, false, rules),
};

static const struct attr_rule rolled_back_rules[] = {
	RULE(ROLLED_BACK_RULES, U64, true, rules),
};

static const struct typed_event events[] = {
	[MOEAI_GUARD_EVENT_BLOCKED] = TYPED_EVENT("net_guard.blocked", blocked_rules),
	[MOEAI_GUARD_EVENT_FLOOD] = TYPED_EVENT("net_guard.flood", offence_rules),
	[MOEAI_GUARD_EVENT_SCAN] = TYPED_EVENT("net_guard.scan", offence_rules),
	[MOEAI_GUARD_EVENT_EXPIRED] = TYPED_EVENT("net_guard.expired", expired_rules),
	[MOEAI_GUARD_EVENT_ROLLED_BACK] = TYPED_EVENT("net_guard.rolled_back", rolled_back_rules),
};

/* Ids of prefixes, 0: has none. */
static const struct {
	uint16_t prefix, source;
} prefixes[ARRAY_SIZE(events)] = {
	[MOEAI_GUARD_EVENT_BLOCKED] = { MOEAI_A_GUARD_BLOCKED_PREFIX,
					MOEAI_A_GUARD_BLOCKED_SOURCE },
	[MOEAI_GUARD_EVENT_FLOOD] = { 0, MOEAI_A_GUARD_OFFENCE_SOURCE },
	[MOEAI_GUARD_EVENT_SCAN] = { 0, MOEAI_A_GUARD_OFFENCE_SOURCE },
	[MOEAI_GUARD_EVENT_EXPIRED] = { MOEAI_A_GUARD_EXPIRED_PREFIX, 0 },
};

int moeai_guard_event(const struct moeai_event *event, struct moeai_guard_event *out)
{
	int kind, rc = 0;

	*out = (struct moeai_guard_event){ 0 };
	kind = typed_event(event, events, ARRAY_SIZE(events), out);
	if (kind < 0)
		return kind;
	out->kind = kind;
	if (prefixes[kind].prefix)
		rc = get_prefix(&event->values, prefixes[kind].prefix, out->prefix);
	if (!rc && prefixes[kind].source)
		rc = get_prefix(&event->values, prefixes[kind].source, out->source);
	return rc;
}
