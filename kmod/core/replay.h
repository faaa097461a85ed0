/* SPDX-License-Identifier: GPL-2.0 */
/*
 * History: the log from some seq on, as the messages that an EVENT dump sends:
 * an announcement, kept critical records older than the log, the log up to
 * where it ended when the replay began, and notices of what is gone.
 */
#ifndef MOEAI_REPLAY_H
#define MOEAI_REPLAY_H

#include <linux/moeai.h>
#include "log.h"

/* Bytes of a notice and of an announcement, at most. */
#define MOEAI_NOTICE_LEN 96

struct moeai_filter {
	u64 since;
	u64 epoch; /* 0: any */
	u32 types[MOEAI_FILTER_TYPES];
	u32 n_types;
	u32 min_priority;
	char source[MOEAI_MAX_NAME_LEN];
};

struct moeai_replay {
	struct moeai_filter filter;
	enum {
		MOEAI_REPLAY_ANNOUNCE,
		MOEAI_REPLAY_KEPT,
		MOEAI_REPLAY_LOG,
		MOEAI_REPLAY_END
	} stage;
	struct moeai_log_range range;
	struct moeai_cursor cursor;
	u64 keep_pos;
	u64 seq; /* the next one to be told, as a record or as lost; 0: none yet */
	u64 lost; /* how many were told as lost */
	struct moeai_gap gap; /* to be told next */
};

/*
 * Begin, with @filter or (NULL) everything that is held. Set stage to
 * MOEAI_REPLAY_KEPT to leave out the announcement.
 */
void moeai_replay_init(struct moeai_replay *r, const struct moeai_filter *filter);

/*
 * The next messages, whole, into @buf of at least MOEAI_NOTICE_LEN bytes.
 * Returns their bytes, 0 at the end, -ESTALE after the announcement when the
 * filter's epoch is another, -EMSGSIZE: the next needs MOEAI_RECORD_MAX.
 * Process context.
 */
int moeai_replay_fill(struct moeai_replay *r, void *buf, size_t room);

/* A replay at its end goes on, with what was logged since. Any context but NMI. */
void moeai_replay_extend(struct moeai_replay *r);

/* FILTER's attributes. */
extern const struct nla_policy moeai_filter_policy[];

/* The EVENT dump's callbacks. */
int moeai_replay_start(struct netlink_callback *cb);
int moeai_replay_dump(struct sk_buff *skb, struct netlink_callback *cb);
int moeai_replay_done(struct netlink_callback *cb);

#endif
