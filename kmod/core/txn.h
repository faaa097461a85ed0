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

struct moeai_room;

/* Without MORE, it lives for one message. */
struct moeai_txn {
	struct list_head list; /* empty: it is over */
	refcount_t refs;       /* the list's, and of each message that works on it */
	struct mutex lock;     /* one message after the other; guards what follows */
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
	struct moeai_room *room; /* where their rows are, if the table's module keeps its own */
};

/* Bytes that all open transactions together may stage. */
extern u64 moeai_txn_bytes;

int moeai_txns_init(void);
void moeai_txns_exit(void);

/*
 * The transaction @id of the sender's socket, locked, until moeai_txn_put(). If
 * there is none (0: never), a new one of @table, if that is not NULL.
 * ERR_PTR: -ENOENT, -ENOMEM, or -EBUSY with a text.
 */
struct moeai_txn *moeai_txn_get(struct moeai_table_priv *table, const struct sk_buff *skb,
				const struct genl_info *info, u32 id);
void moeai_txn_put(struct moeai_txn *txn);

/* It is found no more. Locked; what it staged goes with moeai_txn_put(). */
void moeai_txn_end(struct moeai_txn *txn);

/* Forget its rows, keep it. Locked. */
void moeai_txn_drop(struct moeai_txn *txn);

/*
 * Stage a message's rows, or its FLUSH. Locked. Returns 0, or -errno with @error filled
 * in and the row or field at fault in the extended ACK.
 */
int moeai_txn_stage(struct moeai_txn *txn, u8 action, struct genl_info *info,
		    struct moeai_change_error *error);

/* A table goes, and no message works on it: drop what is staged for it. */
void moeai_txns_forget_table(const struct moeai_table_priv *table);

/* Call @fn for each, which is not locked. */
void moeai_txns_walk(void (*fn)(const struct moeai_txn *txn, void *arg), void *arg);

#endif
