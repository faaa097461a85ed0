/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event log: every event is written here once, as the netlink message that
 * readers get, by moeai_event_reserve() and moeai_event_commit(). Live delivery,
 * replay and procfs are cursors into it.
 */
#ifndef MOEAI_LOG_H
#define MOEAI_LOG_H

#include <linux/moeai.h>
#include "index.h"

#define MOEAI_LOG_SIZE_MIN (64 << 10)
#define MOEAI_LOG_SIZE_MAX (256 << 20)

/* A record's largest size: head, DATA nest, closing PAD. */
#define MOEAI_RECORD_MAX (MOEAI_IMAGE_LEN + NLA_HDRLEN + MOEAI_DATA_LEN + NLA_HDRLEN)

/* Where the fixed part of a record's values stand; see build_image() in event.c. */
#define MOEAI_RECORD_SEQ      24
#define MOEAI_RECORD_TIME     40
#define MOEAI_RECORD_TYPE     52
#define MOEAI_RECORD_PRIORITY 60
#define MOEAI_RECORD_SOURCE   68

enum moeai_refusal {
	MOEAI_REFUSED_SIZE,
	MOEAI_REFUSED_INVALID,
	MOEAI_REFUSED_NMI,
	MOEAI_REFUSED_RATE,
	__MOEAI_REFUSED_MAX
};

/* attempted = logged + refused[]; logged = held + overwritten + cleared */
struct moeai_log_stats {
	u64 size;
	u64 attempted;
	u64 logged;
	u64 refused[__MOEAI_REFUSED_MAX];
	u64 held;
	u64 held_bytes;
	u64 overwritten;
	u64 cleared;
	u64 first_seq;
	u64 next_seq;
	u64 keep_size;
	u64 kept;
	u64 keep_held;
	u64 keep_evicted;
};

/* Records that are gone, both ends included. */
struct moeai_gap {
	u64 from;
	u64 to;
	enum moeai_lost_reason reason;
};

/* @pos, a multiple of 8: of the first record. */
int moeai_log_init(u64 size, u64 pos);
void moeai_log_exit(void);

/* Count an event that was not written. Any context. */
void moeai_log_refuse(enum moeai_refusal reason);

void moeai_log_clear(void);
void moeai_log_stats(struct moeai_log_stats *stats);
void moeai_log_stats_reset(void);

/* What the mapping says besides, before anybody can have it. */
void moeai_log_publish(u64 epoch, u16 family);

/* All of the mapping, in order; they live until moeai_log_exit(). */
struct page **moeai_log_pages(unsigned long *n);

/* The position behind the newest record. */
u64 moeai_log_head(void);

/*
 * Some reader sleeps until position @at is reached: the writer that does so is
 * told, once. False: it has been reached already.
 */
bool moeai_log_ask(u64 at);

/* Bytes written and not yet taken by the pump. */
u64 moeai_log_pending(void);

/*
 * Copy whole records from @cursor up to position @end into @buf and move
 * @cursor past them. Process or softirq context.
 * Returns the bytes copied, 0 at @end; -EPIPE: @gap tells what is gone, the
 * cursor is behind it; -EMSGSIZE: the next record is larger than @room.
 */
int moeai_log_read(struct moeai_cursor *cursor, u64 end, void *buf, size_t room,
		   struct moeai_gap *gap);

/* What the pump has not yet sent; and that it has now sent up to @cursor. */
void moeai_log_live(struct moeai_cursor *cursor);
void moeai_log_live_sent(const struct moeai_cursor *cursor);

/* If nobody listens, nothing is owed to anybody. */
void moeai_log_live_skip(void);

/* Where a replay starts and ends. */
struct moeai_log_range {
	struct moeai_cursor from; /* the record @since or one shortly before it */
	u64 first_seq;		  /* oldest held */
	u64 end;
	u64 next_seq;
	u64 keep_from;
	u64 keep_end;
};

void moeai_log_range(u64 since, struct moeai_log_range *range);

/* The range @from..@to is not in the log any more: why (of its first seq). */
void moeai_log_gap(u64 from, u64 to, struct moeai_gap *gap);

/* As moeai_ring_read(), one record, of the ring of kept critical records. */
int moeai_log_read_kept(u64 *pos, u64 end, void *buf, size_t room);

#endif
