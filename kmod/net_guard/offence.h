/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of what the detectors find: rules that end by themselves, longer
 * each time for who comes again, and events. In process context; packets only
 * leave a note.
 */
#ifndef GUARD_OFFENCE_H
#define GUARD_OFFENCE_H

#include <linux/workqueue.h>
#include "event.h"

void guard_offences_start(struct workqueue_struct *wq);
void guard_offences_stop(void); /* no packet is looked at any more */

/* Under RCU. False: there is no room for it now. */
bool guard_offence_note(const struct guard_offence *offence);

/* So often was this source found. Process context. */
u32 guard_offences_of(struct guard_addr source, bool v6);

/*
 * The mode is another one: with off the detectors' rules go, with shadow they drop no
 * more. Process context. Returns 0 or -ENOMEM.
 */
int guard_offences_adapt(void);

void guard_offenders_fill(const struct moeai_table *table, struct moeai_rows *rows);

#endif
