/* SPDX-License-Identifier: GPL-2.0 */
/*
 * net_guard.blocked, folded: a rule's first packet is told at once, what follows
 * every interval as a count, which the rule's own counters know. So packets pay
 * for it no more than a comparison.
 */
#ifndef GUARD_BLOCKED_H
#define GUARD_BLOCKED_H

#include <linux/workqueue.h>
#include "event.h"

void guard_blocked_start(struct workqueue_struct *wq);
void guard_blocked_stop(void);

/*
 * The first hit of a rule for an interval, by a packet from @source; @hits and @bytes
 * are its counters with that packet. False: there is no room for it now; try again at
 * the next tick, and say so once. Under RCU, BH off.
 */
bool guard_blocked_begin(const struct guard_named *rule, struct guard_addr source, u64 hits,
			 u64 bytes, u32 packet);

void guard_blocked_untold(void);

/* @last: the rule's, from the hit before; is one at @now the first for an interval? */
bool guard_blocked_news(u32 last, u32 now);

#endif
