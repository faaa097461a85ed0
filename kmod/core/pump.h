/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Live delivery: sends spans of the log to group "events", many records in one
 * datagram, from a work item. Nothing is built when nobody listens.
 */
#ifndef MOEAI_PUMP_H
#define MOEAI_PUMP_H

#include <linux/moeai.h>
#include <linux/skbuff.h>

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

/* What just fits a kmalloc bucket of 8 KiB, and one of 16 KiB under backlog. */
#define MOEAI_PUMP_BATCH	 SKB_WITH_OVERHEAD(16384)
#define MOEAI_PUMP_BATCH_BACKLOG SKB_WITH_OVERHEAD(32768)

/* What is to be done about a record that was logged. */
enum moeai_pump_kick {
	MOEAI_PUMP_NOTHING,
	MOEAI_PUMP_ARM, /* it may wait for others */
	MOEAI_PUMP_NOW,
};

/* Bits by enum moeai_pump_kick: what is under way already. */
extern unsigned long moeai_pump_under_way;

/*
 * Is there anything to be done? @pending: bytes logged since the last flush. To be
 * asked under the log's lock. It costs less than asking who listens would: that is
 * asked once for a batch, and at the deadline.
 */
static inline bool moeai_pump_due(u64 pending, u32 priority)
{
	unsigned long under_way = READ_ONCE(moeai_pump_under_way);

	if (under_way & BIT(MOEAI_PUMP_NOW))
		return false;
	return !(under_way & BIT(MOEAI_PUMP_ARM)) || pending >= MOEAI_PUMP_BATCH ||
	       priority >= MOEAI_PRIO_WARNING;
}

/* Any context but NMI; not under the log's lock. */
void moeai_pump_kick(enum moeai_pump_kick kick);

void moeai_pump_stats(struct moeai_pump_stats *stats);
void moeai_pump_stats_reset(void);

/* How long an event of low priority may wait for others, us. */
extern u32 moeai_flush_us;

#endif
