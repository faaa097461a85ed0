/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules that have ended act no more and are shown no more from that tick on,
 * wherever they are; here they are removed, and that is told.
 */
#ifndef GUARD_EXPIRE_H
#define GUARD_EXPIRE_H

#include <linux/workqueue.h>

void guard_expiry_start(struct workqueue_struct *wq);
void guard_expiry_stop(void);

/* The rules are other ones, of which none ends before this tick (0: ever). */
void guard_expiry_update(u32 soonest);

#endif
