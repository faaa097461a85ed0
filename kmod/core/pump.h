/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Live delivery: sends spans of the log to group "events", many records in one
 * datagram, from a work item. Nothing is built when nobody listens.
 */
#ifndef MOEAI_PUMP_H
#define MOEAI_PUMP_H

#include <linux/moeai.h>

struct moeai_pump_stats {
	u64 events;
	u64 datagrams;
	u64 lost;    /* overwritten before they could be sent */
	u64 retries; /* no memory for a datagram */
};

int moeai_pump_init(void);
void moeai_pump_stop(void);
void moeai_pump_exit(void);

/* Does anybody listen? Any context but NMI. */
bool moeai_pump_wanted(void);

/* A record of @priority was logged while somebody listens. Any context but NMI. */
void moeai_pump_kick(enum moeai_priority priority);

void moeai_pump_stats(struct moeai_pump_stats *stats);
void moeai_pump_stats_reset(void);

/* How long an event of low priority may wait for others, us. */
extern u32 moeai_flush_us;

#endif
