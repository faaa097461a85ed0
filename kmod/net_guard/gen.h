/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generations of the rules. One or two changes go to the delta, which is merged
 * into the base when it has grown, so that a million rules are not rewritten for
 * each.
 */
#ifndef GUARD_GEN_H
#define GUARD_GEN_H

#include "set.h"

/* IPv4 and IPv6, by index. base is shared by generations, delta is each one's own. */
struct guard_gen {
	u64 n;
	u32 n_auto; /* of them: the detectors' */
	u32 soonest; /* tick: none ends before; 0: none ends. Under the table's lock */
	struct guard_set *base[2];
	struct guard_set *delta[2];
};

#define GUARD_EXPIRE 0xff

/* A prefix's rule to be, or to be removed (rule 0). */
struct guard_edit {
	struct guard_addr addr;
	u32 rule; /* holds a reference */
	u32 index; /* among the changes, which are in this order */
	u8 len;
	u8 action; /* enum moeai_guard_action */
	u8 how; /* enum moeai_action; GUARD_EXPIRE: as DELETE, of one that has ended */
	bool v6;
};

/*
 * The generation after @old (NULL: empty), first emptied if @flush, then with @n
 * edits, which it sorts. Takes none of their references. Returns it, or ERR_PTR:
 * -EEXIST or -ENOENT with *@wrong the index, -ENOSPC, -ENOMEM.
 */
struct guard_gen *guard_gen_make(const struct guard_gen *old, bool flush,
				 struct guard_edit *edits, u32 n, u32 *wrong);
void guard_gen_free(struct guard_gen *gen);

/* The rule of exactly this prefix, or NULL. */
const struct guard_node *guard_gen_exact(const struct guard_gen *gen, bool v6,
					 struct guard_addr addr, unsigned int len);

/* The node of the rule that decides about @addr, or NULL. Any context, under RCU. */
const struct guard_node *guard_gen_lookup(const struct guard_gen *gen, bool v6,
					  struct guard_addr addr);

/* Where a walk over all rules is, in order of address and length; begins zeroed. */
struct guard_walk {
	u32 v6;
	u32 base;
	u32 delta;
};

/* The next one; false: there is none. */
bool guard_gen_next(const struct guard_gen *gen, struct guard_walk *walk,
		    struct guard_addr *addr, struct guard_node *node);

#endif
