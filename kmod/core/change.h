/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of stored tables: DATA do, transactions, and taking changes back. */
#ifndef MOEAI_CHANGE_H
#define MOEAI_CHANGE_H

#include <linux/moeai.h>

struct genl_info;
struct moeai_table_priv;
struct sk_buff;
struct work_struct;

int moeai_changes_init(void);
void moeai_changes_exit(void);

/* The DATA do. */
int moeai_change_doit(struct sk_buff *skb, struct genl_info *info);

/* A table's change was not confirmed in time: its delayed work. */
void moeai_change_timed_out(struct work_struct *work);

/* A table goes: drop what is staged for it. */
void moeai_changes_forget_table(const struct moeai_table_priv *table);

/* An open transaction, for table subscribers. */
struct moeai_txn_seen {
	const char *table;
	u32 portid;
	u32 pid;
	kuid_t uid;
	const char *comm;
};

void moeai_txns_walk(void (*fn)(const struct moeai_txn_seen *txn, void *arg), void *arg);

/* Bytes that all open transactions together may stage. */
extern u64 moeai_txn_bytes;

#endif
