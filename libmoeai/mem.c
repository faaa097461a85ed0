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
};

static const struct attr_rule oom_rules[] = {
	RULE(OOM_AVAILABLE, U64, true, oom.available),
	RULE(OOM_TOTAL, U64, true, oom.total),
	RULE(OOM_SWAP_FREE, U64, false, oom.swap_free),
};

/* SCOPE is read apart: in the structure it is a bool. */
static const struct attr_rule victim_rules[] = {
	RULE(VICTIM_PID, U32, true, victim.pid),
	RULE(VICTIM_UID, U32, false, victim.uid),
	RULE(VICTIM_COMM, TEXT, true, victim.comm),
	RULE(VICTIM_ANON, U64, false, victim.anon),
	RULE(VICTIM_FILE, U64, false, victim.file),
	RULE(VICTIM_SHMEM, U64, false, victim.shmem),
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

static void read_scope(const struct moeai_values *values, struct moeai_mem_event *out)
{
	struct moeai_value v;

	if (!moeai_values_get_id(values, MOEAI_A_MEM_VICTIM_SCOPE, &v) && v.len == 4)
		out->victim.cgroup = get_u32(v.data) == 1;
}

int moeai_mem_event(const struct moeai_event *event, struct moeai_mem_event *out)
{
	int kind;

	*out = (struct moeai_mem_event){ 0 };
	kind = typed_event(event, events, ARRAY_SIZE(events), out);
	if (kind < 0)
		return kind;
	out->kind = kind;
	if (kind == MOEAI_MEM_EVENT_VICTIM)
		read_scope(&event->values, out);
	return 0;
}

const char *moeai_mem_level_name(enum moeai_mem_level level)
{
	static const char *const names[] = { "none", "low", "medium", "critical" };

	_Static_assert(ARRAY_SIZE(names) == __MOEAI_MEM_LEVEL_MAX, "a name for each level");
	return level < ARRAY_SIZE(names) ? names[level] : "?";
}
