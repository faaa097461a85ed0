/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Readers of /dev/moeai that sleep, and who wakes them. A writer compares one
 * number, whatever their number; an irq_work then finds out whom to wake.
 */
#ifndef MOEAI_WAKE_H
#define MOEAI_WAKE_H

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/moeai.h>
#include <linux/wait.h>

/* A reader, in its open file. */
struct moeai_waiter {
	struct list_head list; /* of those that are armed */
	wait_queue_head_t queue;
	struct hrtimer deadline;
	u64 pos;      /* it has read all before */
	bool started; /* its deadline, since it was armed */
	struct moeai_wake settings;
};

void moeai_waiter_init(struct moeai_waiter *w);

/* It does not sleep and will not be woken any more. Process context. */
void moeai_waiter_exit(struct moeai_waiter *w);

/* From the next time on that it is armed, checked by the caller. */
void moeai_waiter_set(struct moeai_waiter *w, const struct moeai_wake *settings);

/*
 * Is there anything behind @pos? If not, its queue will be woken as its settings
 * say. Process context, may be about to sleep.
 */
bool moeai_waiter_arm(struct moeai_waiter *w, u64 pos);

/* After an event was logged; @asked: it is what moeai_log_ask() asked for. Any context but NMI. */
void moeai_wake_kick(bool asked, u32 priority);

void moeai_wake_init(void);

/* No reader is left, and no event will be logged any more. */
void moeai_wake_exit(void);

#endif
