// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handle.h"
#include "typed.h"

#define RULE(id, kind, required, member) \
	ATTR_RULE(MOEAI_A_MEM_##id, ATTR_##kind, required, struct moeai_mem, member)

static const struct attr_rule sample_rules[] = {
	RULE(SAMPLE_LEVEL, U32, true, level),
	RULE(SAMPLE_AVAILABLE, U64, true, available),
	RULE(SAMPLE_TOTAL, U64, true, total),
	RULE(SAMPLE_PERMILLE, U32, true, permille),
	RULE(SAMPLE_STALLS, U64, false, stalls),
	RULE(SAMPLE_SINCE, U64, false, since),
	RULE(SAMPLE_KILLS, U64, false, kills),
	RULE(SAMPLE_PID, U32, false, pid),
	RULE(SAMPLE_COMM, TEXT, false, comm),
	RULE(SAMPLE_RSS, U64, false, rss),
	RULE(SAMPLE_CAUSE, U32, false, cause),
	RULE(SAMPLE_FREE, U64, false, free),
	RULE(SAMPLE_SWAP_FREE, U64, false, swap_free),
};

int moeai_mem_get(struct moeai *h, struct moeai_mem *out)
{
	struct moeai_reply *reply;
	struct moeai_values v;
	int rc = moeai_call(h, "mem_monitor.sample", NULL, 0, ANSWER_TIMEOUT, &reply);

	if (rc)
		return rc;
	v = moeai_reply_values(reply);
	*out = (struct moeai_mem){ 0 };
	rc = attrs_decode((struct attr_run){ v.data, v.len }, sample_rules,
			  ARRAY_SIZE(sample_rules), out, NULL);
	moeai_reply_free(reply);
	return rc ? error_set(&h->error, rc, "mem_monitor.sample: malformed answer") : 0;
}

#undef RULE
#define RULE(id, kind, required, member) \
	ATTR_RULE(MOEAI_A_MEM_##id, ATTR_##kind, required, struct moeai_mem_event, member)

static const struct attr_rule level_rules[] = {
	RULE(LEVEL_LEVEL, U32, true, level.level),
	RULE(LEVEL_PREVIOUS, U32, true, level.previous),
	RULE(LEVEL_AVAILABLE, U64, true, level.available),
	RULE(LEVEL_TOTAL, U64, true, level.total),
	RULE(LEVEL_PERMILLE, U32, false, level.permille),
	RULE(LEVEL_STALLS, U64, false, level.stalls),
	RULE(LEVEL_CAUSE, U32, false, level.cause),
	RULE(LEVEL_HELD, U64, false, level.held),
};

static const struct attr_rule consumer_rules[] = {
	RULE(CONSUMER_RANK, U32, true, consumer.rank),
	RULE(CONSUMER_PID, U32, true, consumer.pid),
	RULE(CONSUMER_UID, U32, false, consumer.uid),
	RULE(CONSUMER_COMM, TEXT, true, consumer.comm),
	RULE(CONSUMER_RSS, U64, true, consumer.rss),
	RULE(CONSUMER_SWAP, U64, false, consumer.swap),
	RULE(CONSUMER_STARTED, U64, false, consumer.started),
	RULE(CONSUMER_GROWTH, U64, false, consumer.growth),
	RULE(CONSUMER_PERIOD, U64, false, consumer.period),
	RULE(CONSUMER_RATE, U64, false, consumer.rate),
};

static const struct attr_rule oom_rules[] = {
	RULE(OOM_AVAILABLE, U64, true, oom.available),
	RULE(OOM_TOTAL, U64, true, oom.total),
	RULE(OOM_SWAP_FREE, U64, false, oom.swap_free),
};

static const struct attr_rule victim_rules[] = {
	RULE(VICTIM_PID, U32, true, victim.pid),
	RULE(VICTIM_UID, U32, false, victim.uid),
	RULE(VICTIM_COMM, TEXT, true, victim.comm),
	RULE(VICTIM_ANON, U64, false, victim.anon),
	RULE(VICTIM_FILE, U64, false, victim.file),
	RULE(VICTIM_SHMEM, U64, false, victim.shmem),
	RULE(VICTIM_SCOPE, U32, false, victim.scope),
	RULE(VICTIM_SWAP, U64, false, victim.swap),
	RULE(VICTIM_PAGE_TABLES, U64, false, victim.page_tables),
	RULE(VICTIM_SCORE_ADJ, U32, false, victim.score_adj),
	RULE(VICTIM_STARTED, U64, false, victim.started),
	RULE(VICTIM_AVAILABLE, U64, false, victim.available),
	RULE(VICTIM_FREE, U64, false, victim.free),
	RULE(VICTIM_TOTAL, U64, false, victim.total),
	RULE(VICTIM_SWAP_FREE, U64, false, victim.swap_free),
	RULE(VICTIM_INVOKER_PID, U32, false, victim.invoker_pid),
	RULE(VICTIM_INVOKER_COMM, TEXT, false, victim.invoker_comm),
	RULE(VICTIM_ORDER, U32, false, victim.order),
	RULE(VICTIM_GFP, STRING, false, victim.gfp),
	RULE(VICTIM_CGROUP, STRING, false, victim.cgroup_path),
	RULE(VICTIM_LIMIT_CGROUP, STRING, false, victim.limit_path),
	RULE(VICTIM_LIMIT, U64, false, victim.limit),
	RULE(VICTIM_UNTOLD, U64, false, victim.untold),
};

static const struct attr_rule recovered_rules[] = {
	RULE(RECOVERED_DURATION, U64, true, recovered.duration),
	RULE(RECOVERED_WORST, U32, true, recovered.worst),
	RULE(RECOVERED_LOWEST, U64, false, recovered.lowest),
	RULE(RECOVERED_AVAILABLE, U64, false, recovered.available),
	RULE(RECOVERED_KILLS, U64, false, recovered.kills),
};

static const struct typed_event events[] = {
	[MOEAI_MEM_EVENT_LEVEL] = TYPED_EVENT("mem_monitor.level", level_rules),
	[MOEAI_MEM_EVENT_CONSUMER] = TYPED_EVENT("mem_monitor.consumer", consumer_rules),
	[MOEAI_MEM_EVENT_OOM] = TYPED_EVENT("mem_monitor.oom", oom_rules),
	[MOEAI_MEM_EVENT_VICTIM] = TYPED_EVENT("mem_monitor.victim", victim_rules),
	[MOEAI_MEM_EVENT_RECOVERED] = TYPED_EVENT("mem_monitor.recovered", recovered_rules),
};

int moeai_mem_event(const struct moeai_event *event, struct moeai_mem_event *out)
{
	int kind;

	*out = (struct moeai_mem_event){ 0 };
	if (!strcmp(event->type_name, events[MOEAI_MEM_EVENT_VICTIM].name))
		out->victim.gfp = out->victim.cgroup_path = out->victim.limit_path = "";
	kind = typed_event(event, events, ARRAY_SIZE(events), out);
	if (kind < 0)
		return kind;
	out->kind = kind;
	if (kind == MOEAI_MEM_EVENT_VICTIM)
		out->victim.cgroup = out->victim.scope == MOEAI_MEM_SCOPE_CGROUP;
	return 0;
}

int moeai_mem_consumer(const struct moeai_values *row, struct moeai_mem_consumer *out)
{
	struct moeai_mem_event e = { 0 };
	int rc = attrs_decode((struct attr_run){ row->data, row->len }, consumer_rules,
			      ARRAY_SIZE(consumer_rules), &e, NULL);

	*out = e.consumer;
	return rc;
}

/* ---- names ------------------------------------------------------------------------- */

static const char *name(const char *const *names, size_t n, unsigned int i)
{
	return i < n ? names[i] : "?";
}

const char *moeai_mem_level_name(enum moeai_mem_level level)
{
	static const char *const names[] = { "none", "low", "medium", "critical" };

	_Static_assert(ARRAY_SIZE(names) == __MOEAI_MEM_LEVEL_MAX, "a name for each level");
	return name(names, ARRAY_SIZE(names), level);
}

const char *moeai_mem_cause_name(enum moeai_mem_cause cause)
{
	static const char *const names[] = { "available", "reclaim", "oom" };

	_Static_assert(ARRAY_SIZE(names) == __MOEAI_MEM_CAUSE_MAX, "a name for each cause");
	return name(names, ARRAY_SIZE(names), cause);
}

const char *moeai_mem_scope_name(enum moeai_mem_scope scope)
{
	static const char *const names[] = { "system", "cgroup", "cpuset", "mempolicy", "sysrq" };

	_Static_assert(ARRAY_SIZE(names) == __MOEAI_MEM_SCOPE_MAX, "a name for each scope");
	return name(names, ARRAY_SIZE(names), scope);
}
