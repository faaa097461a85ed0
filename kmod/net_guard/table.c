// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <uapi/linux/moeai_net_guard.h>
#include "event.h"
#include "expire.h"
#include "field.h"
#include "gen.h"
#include "hook.h"
#include "offence.h"
#include "prefix.h"
#include "rule.h"
#include "table.h"

#define TIMEOUT_MAX (3650LL * 86400 * NSEC_PER_SEC)

struct guard_gen __rcu *guard_rules;

#define COLUMN(n)    MOEAI_A_GUARD_RULE_##n

static const struct moeai_field rule_fields[] = {
	[COLUMN(PREFIX)] = { "prefix", "of source addresses", MOEAI_TYPE_PREFIX,
			     .flags = MOEAI_F_KEY },
	[COLUMN(ACTION)] = { "action", "allow wins over drop, drop over shadow",
			     MOEAI_TYPE_ENUM, .flags = MOEAI_F_REQUIRED,
			     .labels = guard_action_names },
	[COLUMN(EXPIRES)] = { "expires", "when it ends, by itself; in ten years at the latest", MOEAI_TYPE_U64,
			      MOEAI_UNIT_TIME },
	[COLUMN(TIMEOUT)] = { "timeout", "ends so long from now; not read back", MOEAI_TYPE_U64,
			      MOEAI_UNIT_NS, .min = 1, .max = TIMEOUT_MAX },
	[COLUMN(REASON)] = { "reason", "why it is there", MOEAI_TYPE_STRING,
			     .max = GUARD_REASON_LEN },
	[COLUMN(SOURCE)] = { "source", "who made it", MOEAI_TYPE_ENUM, .flags = MOEAI_F_READ,
			     .labels = guard_source_names },
	[COLUMN(UID)] = { "uid", "of who made it", MOEAI_TYPE_U32,
			  .flags = MOEAI_F_READ | MOEAI_F_UID },
	[COLUMN(COMM)] = { "comm", "of who made it", MOEAI_TYPE_STRING, .flags = MOEAI_F_READ },
	[COLUMN(HITS)] = { "hits", "packets that it decided about", MOEAI_TYPE_U64,
			   MOEAI_UNIT_COUNT, .flags = MOEAI_F_READ },
	[COLUMN(BYTES)] = { "bytes", "theirs, IP header included", MOEAI_TYPE_U64,
			    MOEAI_UNIT_BYTES, .flags = MOEAI_F_READ },
	[COLUMN(LAST)] = { "last", "when it decided last", MOEAI_TYPE_U64, MOEAI_UNIT_TIME,
			   .flags = MOEAI_F_READ },
};

/* ---- rows from user space ---------------------------------------------------------- */

static int wrong_field(struct moeai_row_error *wrong, u16 field, const char *why)
{
	wrong->field = field;
	wrong->why = why;
	return -EINVAL;
}

static int check(const struct moeai_table *table, struct nlattr **row,
		 struct moeai_row_error *wrong)
{
	struct nlattr *expires = row[COLUMN(EXPIRES)], *timeout = row[COLUMN(TIMEOUT)];
	struct guard_addr addr;
	u8 len;

	guard_prefix_get(row[COLUMN(PREFIX)], &addr, &len);
	if (!guard_equal(addr, guard_mask(addr, len)))
		return wrong_field(wrong, COLUMN(PREFIX),
				   "bits behind the prefix are set: 192.0.2.0/24 is one, 192.0.2.1/24 is not");
	if (expires && timeout)
		return wrong_field(wrong, COLUMN(TIMEOUT), "either expires or timeout");
	return 0;
}

/*
 * The tick at which a row ends, at the earliest when it shall; 0: never. Of a list
 * that was saved a row may have ended since, or the clock may not be set yet: that
 * does not keep the others from being loaded.
 */
static u32 row_expires(struct nlattr **row)
{
	struct nlattr *expires = row[COLUMN(EXPIRES)], *timeout = row[COLUMN(TIMEOUT)];
	u64 now, offset, end;

	if (!expires && !timeout)
		return 0;
	now = ktime_get_boottime_ns();
	offset = guard_clock_offset();
	if (expires && nla_get_u64(expires) <= now + offset)
		return max(guard_now(), 1U); /* it is not to act any more */
	end = timeout ? now + nla_get_u64(timeout) :
			min_t(u64, nla_get_u64(expires) - offset, now + TIMEOUT_MAX);
	return guard_tick(end + GUARD_TICK_NS - 1);
}

static int edit_from_row(const struct moeai_table *table, const struct moeai_changes *changes,
			 u32 i, struct guard_origin *origin, struct guard_edit *e)
{
	struct nlattr *row[ARRAY_SIZE(rule_fields)];

	e->index = i;
	e->how = moeai_changes_row(table, changes, i, row);
	e->v6 = guard_prefix_get(row[COLUMN(PREFIX)], &e->addr, &e->len);
	if (e->how == MOEAI_ACTION_DELETE)
		return 0;
	e->action = nla_get_u32(row[COLUMN(ACTION)]);
	if (*origin->reason) /* the row's before; it is hashed */
		memset(origin->reason, 0, sizeof(origin->reason));
	if (row[COLUMN(REASON)])
		strscpy(origin->reason, nla_data(row[COLUMN(REASON)]), sizeof(origin->reason));
	return guard_rule_new(origin, row_expires(row), &e->rule);
}

static void *make(const struct moeai_table *table, void *old, const struct moeai_changes *changes,
		  struct moeai_row_error *wrong)
{
	struct guard_origin origin = {
		.uid = from_kuid(&init_user_ns, changes->uid),
		.source = MOEAI_GUARD_USER,
	};
	struct guard_edit *edits;
	struct guard_gen *gen;
	u32 i, at = U32_MAX;
	int ret = 0;

	strscpy(origin.comm, changes->comm, sizeof(origin.comm));
	edits = kvcalloc(changes->n + 1, sizeof(*edits), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!edits)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < changes->n && !ret; i++) {
		ret = edit_from_row(table, changes, i, &origin, &edits[i]);
		if (i % 1024 == 0)
			cond_resched();
	}
	if (ret == -ENOSPC)
		wrong->why = "too many rules at a time, with those that a dump or a rollback keeps";
	gen = ret ? ERR_PTR(ret) : guard_gen_make(old, changes->flush, edits, changes->n, &at);
	for (i = 0; i < changes->n; i++)
		if (edits[i].rule)
			guard_rule_put(edits[i].rule);
	kvfree(edits);
	if (!IS_ERR(gen))
		return gen;
	wrong->change = at;
	wrong->field = at == U32_MAX ? 0 : COLUMN(PREFIX);
	if (gen == ERR_PTR(-EEXIST))
		wrong->why = "a row with this key is there already";
	else if (gen == ERR_PTR(-ENOENT))
		wrong->why = "no row with this key";
	else if (gen == ERR_PTR(-ENOSPC) && !wrong->why)
		wrong->why = "the table is full";
	return gen;
}

/* ---- rows for user space -------------------------------------------------------------- */

static void add_row(struct moeai_rows *out, bool v6, struct guard_addr addr,
		    const struct guard_node *node)
{
	const struct guard_rule *rule = guard_rule(node->rule);
	const struct guard_origin *o = guard_rule_origin(rule);
	u32 last = guard_rule_last(rule);
	u8 buf[GUARD_PREFIX_LEN];
	struct moeai_value v[__MOEAI_A_GUARD_RULE_MAX];
	unsigned int n = 0;

	v[n++] = guard_prefix(COLUMN(PREFIX), buf, v6, addr, node->len);
	v[n++] = moeai_u32(COLUMN(ACTION), node->action);
	if (rule->expires)
		v[n++] = moeai_u64(COLUMN(EXPIRES), guard_tick_time(rule->expires));
	if (*o->reason)
		v[n++] = moeai_str(COLUMN(REASON), o->reason);
	v[n++] = moeai_u32(COLUMN(SOURCE), o->source);
	v[n++] = moeai_u32(COLUMN(UID), o->uid);
	v[n++] = moeai_str(COLUMN(COMM), o->comm);
	v[n++] = moeai_u64(COLUMN(HITS), atomic64_read(&rule->hits));
	v[n++] = moeai_u64(COLUMN(BYTES), atomic64_read(&rule->bytes));
	if (last)
		v[n++] = moeai_u64(COLUMN(LAST), guard_tick_time(last));
	moeai_rows_add(out, v, n);
}

/* One that has expired does not act, so it is not shown, whether it is gone yet or not. */
static bool next(const struct moeai_table *table, const void *rows,
		 struct moeai_row_cursor *cursor, struct moeai_rows *out)
{
	struct guard_walk *walk = (void *)cursor->at;
	struct guard_node node;
	struct guard_addr addr;
	u64 i = 0;

	BUILD_BUG_ON(sizeof(*walk) > sizeof(cursor->at));
	while (guard_gen_next(rows, walk, &addr, &node)) {
		if (guard_rule_alive(node.rule)) {
			add_row(out, walk->v6, addr, &node);
			return true;
		}
		if (++i % 1024 == 0)
			cond_resched();
	}
	return false;
}

static u64 count(const struct moeai_table *table, const void *rows)
{
	return ((const struct guard_gen *)rows)->n;
}

static void free_rows(const struct moeai_table *table, void *rows)
{
	guard_gen_free(rows);
}

static void published(const struct moeai_table *table, void *rows, enum moeai_published how)
{
	const struct guard_gen *gen = rows;

	rcu_assign_pointer(guard_rules, rows);
	guard_hooks_update();
	guard_expiry_update(gen ? gen->soonest : 0);
	if (how == MOEAI_PUBLISHED_ROLLED_BACK)
		guard_event_rolled_back(gen ? gen->n : 0);
}

static const struct moeai_table_ops rules_ops = {
	.make = make, .free = free_rows, .count = count, .next = next, .published = published,
};

static const struct moeai_field offender_fields[] = {
	[MOEAI_A_GUARD_OFFENDER_SOURCE] = { "source", "an IPv4 address or an IPv6 /64",
					    MOEAI_TYPE_PREFIX, .flags = MOEAI_F_KEY },
	[MOEAI_A_GUARD_OFFENDER_KIND] = ENUM_FIELD("kind", guard_kind_names, "of the last offence"),
	[MOEAI_A_GUARD_OFFENDER_OFFENCES] =
		U32_FIELD("offences", COUNT, "each makes the next block longer"),
	[MOEAI_A_GUARD_OFFENDER_FIRST] = U64_FIELD("first", TIME, "when it was found first"),
	[MOEAI_A_GUARD_OFFENDER_LAST] = U64_FIELD("last", TIME, "when it was found last"),
};

struct moeai_table guard_tables[GUARD_TABLES] = {
	[GUARD_TABLE_RULES] = {
	  .name = "net_guard.rules", .help = "what becomes of packets, by their source",
	  .schema = MOEAI_SCHEMA(rule_fields), .flags = MOEAI_TABLE_WRITE, .ops = &rules_ops,
	  .check = check },
	[GUARD_TABLE_OFFENDERS] = {
	  .name = "net_guard.offenders", .help = "whom the detectors found, of late",
	  .schema = MOEAI_SCHEMA(offender_fields), .fill = guard_offenders_fill },
};
