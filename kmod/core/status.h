/* SPDX-License-Identifier: GPL-2.0 */
/* STATUS: the core's state, the log's counters, and gauges of the machine. */
#ifndef MOEAI_STATUS_H
#define MOEAI_STATUS_H

#include <linux/moeai.h>

#define MOEAI_VERSION "0.1.0"

struct genl_info;
struct sk_buff;

int moeai_status_init(void);

/* Begin to sample and notify. */
void moeai_status_start(void);

/* From now on the state is "stopping"; no sample is taken any more. */
void moeai_status_stop(void);
void moeai_status_exit(void);

/* Drawn at random when the core was loaded. */
u64 moeai_epoch(void);

/* The STATUS do: replies with the last sample. */
int moeai_status_doit(struct sk_buff *skb, struct genl_info *info);

/* STATUS's attributes as a schema, and their present values. */
extern const struct moeai_schema moeai_status_schema;
unsigned int moeai_status_values(struct moeai_value values[MOEAI_A_STATUS_MAX]);

/* How often a sample is taken and group "status" notified, ms. */
extern u32 moeai_status_ms;

#endif
