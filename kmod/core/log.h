/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event log: every event is written here once, as the netlink message that
 * readers get. Live delivery, replay and procfs are cursors into it.
 */
#ifndef MOEAI_LOG_H
#define MOEAI_LOG_H

#include <linux/moeai.h>

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

/* The next record to read. */
struct moeai_cursor {
	u64 pos;
	u64 seq;
};

/* Records that are gone, both ends included. */
struct moeai_gap {
	u64 from;
	u64 to;
	enum moeai_lost_reason reason;
};

/* A record to be written: its head, and values encoded behind it as DATA. */
struct moeai_record {
	const u8 *image;
	u16 image_len;
	u32 priority;
	const struct moeai_value *values;
	unsigned int n_values;
};

int moeai_log_init(u64 size);
void moeai_log_exit(void);

/*
 * Append. Any context but NMI.
 * Returns 1: somebody listens and the record awaits the pump; 0: nobody does,
 * and the pump skips it; or -EMSGSIZE, which is counted.
 */
int moeai_log_write(const struct moeai_record *record);

/* Count an event that was not written. Any context. */
void moeai_log_refuse(enum moeai_refusal reason);

void moeai_log_clear(void);
void moeai_log_stats(struct moeai_log_stats *stats);
void moeai_log_stats_reset(void);

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
