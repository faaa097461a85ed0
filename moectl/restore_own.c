// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "own.h"
#include "restore.h"
#include "table.h"

#define RULES "net_guard.rules"
#define MODE  "net_guard.mode"

/* What the rules to be have for an address; of rows their number, -1: none. */
struct verdict {
	bool allowed;  /* for good, or by a rule for just this address */
	ssize_t drop;  /* one that drops it */
	ssize_t exact; /* the one for just this address */
};

static struct verdict judge(const struct rows *rules, const char *address)
{
	struct verdict v = { .drop = -1, .exact = -1 };
	struct moeai_value prefix, action, end;
	char text[MOEAI_GUARD_PREFIX_LEN];

	for (size_t i = 0; i < rules->n; i++) {
		const struct moeai_values row = rows_get(rules, i);

		if (moeai_values_get_id(&row, MOEAI_A_GUARD_RULE_PREFIX, &prefix) ||
		    moeai_values_get_id(&row, MOEAI_A_GUARD_RULE_ACTION, &action))
			continue; /* the kernel will not have it */
		moeai_value_text(&prefix, text, sizeof(text));
		if (!own_contains(text, address))
			continue;
		if (own_same(text, address))
			v.exact = (ssize_t)i;
		if (action.u64 == MOEAI_GUARD_DROP)
			v.drop = (ssize_t)i;
		if (action.u64 == MOEAI_GUARD_ALLOW &&
		    (v.exact == (ssize_t)i ||
		     (moeai_values_get_id(&row, MOEAI_A_GUARD_RULE_EXPIRES, &end) &&
		      moeai_values_get_id(&row, MOEAI_A_GUARD_RULE_TIMEOUT, &end))))
			v.allowed = true;
	}
	return v;
}

static int add_allow(struct restore *r, struct rows *rules, const char *address)
{
	const char *const texts[][2] = { { "prefix", address },
					 { "action", "allow" },
					 { "reason", "ssh session of who restored more" } };
	const struct moeai_schema *schema = rules->schema;
	struct moeai_value *values = calloc(schema->n_fields + 1, sizeof(*values));
	char buf[3][64];
	int err = values ? 0 : -ENOMEM;

	for (size_t i = 0; i < schema->n_fields && !err; i++)
		for (size_t k = 0; k < 3 && !err; k++)
			if (!strcmp(schema->fields[i].name, texts[k][0]))
				err = moeai_value_parse(r->ctl->h, &schema->fields[i], texts[k][1],
							buf[k], sizeof(buf[k]), &values[i]);
	if (!err)
		err = rows_add(rules, values, 0);
	free(values);
	if (err)
		return complain("out of memory");
	rows_sort(rules);
	complain("%s, from where a session of yours comes, is allowed as well: see --even-me",
		 address);
	return 0;
}

/* By the rules that the file has. */
static int keep_open(struct restore *r, struct rows *rules, const char *address, bool enforce)
{
	struct verdict v = judge(rules, address);
	char why[160];

	if (v.allowed || (v.drop < 0 && !enforce))
		return 0;
	if (v.exact < 0)
		return add_allow(r, rules, address);
	snprintf(why, sizeof(why), "%s is from where a session of yours comes: --even-me does it "
		 "all the same", address);
	return restore_complain_field(r, rules->v[v.exact].line, "prefix", why);
}

/* By those that there are, as the file has none. */
static int keep_open_now(struct restore *r, const char *address)
{
	struct moeai_guard_explanation now;
	struct wanted_table *rules;
	int err = moeai_guard_explain(r->ctl->h, address, &now);

	if (err)
		return table_complain(r->ctl, RULES, err);
	if (now.decision == MOEAI_GUARD_DROP_RULE || /* somebody wants that */
	    (now.decision == MOEAI_GUARD_PASS_RULE && !now.rule.expires))
		return 0;
	rules = restore_table(r, RULES, 0);
	if (!rules)
		return complain("out of memory");
	rules->more = true;
	return add_allow(r, &rules->rows, address);
}

/* Does the file turn on what may find a session of his? */
static bool will_enforce(const struct restore *r)
{
	for (size_t i = 0; i < r->n_params; i++)
		if (!strcmp(r->params[i].param->name, MODE))
			return r->params[i].value == MOEAI_GUARD_ENFORCE &&
			       r->params[i].param->value != MOEAI_GUARD_ENFORCE;
	return false;
}

int restore_keep_open(struct restore *r)
{
	struct wanted_table *rules = NULL;
	bool enforce = will_enforce(r);
	struct own own;
	int status = 0;

	for (size_t i = 0; i < r->n_tables; i++)
		if (!strcmp(r->tables[i].name, RULES))
			rules = &r->tables[i];
	if (r->even_me || (!rules && !enforce))
		return 0;
	own_find(&own);
	for (size_t i = 0; i < own.n && !status; i++)
		status = rules ? keep_open(r, &rules->rows, own.address[i], enforce) :
				 keep_open_now(r, own.address[i]);
	return status;
}
