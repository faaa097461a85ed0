/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transactions: rows staged by one socket under one number, until a commit, an
 * abort, a timeout, or the end of the socket or the table.
 */
#ifndef MOEAI_TXN_H
#define MOEAI_TXN_H

#include <linux/moeai.h>
#include <linux/mutex.h>
#include "call.h"
#include "store.h"

struct genl_info;
struct moeai_table_priv;
struct sk_buff;

/* Guards all transactions; held while a message of one is worked on. */
extern struct mutex moeai_txns_lock;

/* Without MORE, it lives for one message. */
struct moeai_txn {
	struct list_head list;
	struct moeai_table_priv *table;
	struct moeai_origin origin;
	u32 id;
	bool failed; /* its error was told; the rest is refused */
	bool flush;  /* before the changes that are staged now */
	u32 n;	     /* changes */
	u32 size;    /* of the array */
	u64 rows;    /* given so far, flushed or not: for errors */
	u64 bytes;
	unsigned long seen; /* jiffies of its last message */
	struct moeai_change *changes;
};

/* Bytes that all open transactions together may stage. */
extern u64 moeai_txn_bytes;

int moeai_txns_init(void);
void moeai_txns_exit(void);

/* All of these under moeai_txns_lock. @id 0 is never found. */
struct moeai_txn *moeai_txn_find(const struct sock *sk, u32 id);

/* ERR_PTR: -ENOMEM, or -EBUSY with a text. */
struct moeai_txn *moeai_txn_new(struct moeai_table_priv *table, const struct sk_buff *skb,
				const struct genl_info *info, u32 id);
void moeai_txn_free(struct moeai_txn *txn);

/* Forget its rows, keep it. */
void moeai_txn_drop(struct moeai_txn *txn);

/*
 * Stage a message's rows, or its FLUSH. Returns 0, or -errno with @error filled
 * in and the row or field at fault in the extended ACK.
 */
int moeai_txn_stage(struct moeai_txn *txn, u8 action, struct genl_info *info,
		    struct moeai_change_error *error);

/* Takes the lock: a table goes, drop what is staged for it. */
void moeai_txns_forget_table(const struct moeai_table_priv *table);

/* Takes the lock: call @fn for each. */
void moeai_txns_walk(void (*fn)(const struct moeai_txn *txn, void *arg), void *arg);

#endif
