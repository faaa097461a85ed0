/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of stored tables: DATA do, committing, and taking changes back. */
#ifndef MOEAI_CHANGE_H
#define MOEAI_CHANGE_H

#include <linux/moeai.h>

struct genl_info;
struct sk_buff;
struct work_struct;

/* The DATA do. */
int moeai_change_doit(struct sk_buff *skb, struct genl_info *info);

/* A table's change was not confirmed in time: its delayed work. */
void moeai_change_timed_out(struct work_struct *work);

#endif
