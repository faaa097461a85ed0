/* SPDX-License-Identifier: GPL-2.0 */
/* Table net_guard.rules: its generations, made from what user space changes. */
#ifndef GUARD_TABLE_H
#define GUARD_TABLE_H

#include <linux/moeai.h>
#include <linux/rcupdate.h>
#include "gen.h"

enum { GUARD_TABLE_RULES, GUARD_TABLE_OFFENDERS, GUARD_TABLES };

extern struct moeai_table guard_tables[GUARD_TABLES];

/* The rules that act, for packets; NULL: none. */
extern struct guard_gen __rcu *guard_rules;

static inline u64 guard_rules_count(void)
{
	const struct guard_gen *gen;
	u64 n;

	rcu_read_lock();
	gen = rcu_dereference(guard_rules);
	n = gen ? gen->n : 0;
	rcu_read_unlock();
	return n;
}

#endif
