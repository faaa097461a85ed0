/* SPDX-License-Identifier: GPL-2.0 */
/* Table net_guard.rules: its generations, made from what user space changes. */
#ifndef GUARD_TABLE_H
#define GUARD_TABLE_H

#include <linux/moeai.h>
#include <linux/rcupdate.h>
#include "set.h"

/* IPv4 and IPv6, by index. base is shared by generations, delta is each one's own. */
struct guard_gen {
	u64 n;
	u32 n_auto; /* of them: the detectors' */
	u32 soonest; /* tick: none ends before; 0: none ends. Under the table's lock */
	struct guard_set *base[2];
	struct guard_set *delta[2];
};

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
