/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmoeai: events, commands, status and tables of a kernel that runs moeai.ko.
 *
 * Conventions
 *   Functions return 0 or a negative errno unless they say otherwise; objects
 *   come back through out-parameters and are closed by the matching _close or
 *   _free, which take NULL. After a failure moeai_error() and
 *   moeai_monitor_error() say in words what went wrong and what to do about it.
 *   Nothing prints, exits, starts threads or keeps globals. An object is used
 *   by one thread at a time; different objects are independent.
 *   Times are nanoseconds since 1970, durations nanoseconds, timeouts
 *   milliseconds: 0 does not wait, -1 waits for ever.
 *
 * Errors that every call can return
 *   -ENODEV  the kernel has no MOEAI family: load the module (modprobe moeai)
 *   -EPERM   the caller lacks a capability; the error text names it
 *   -ENOMEM  out of memory
 *   -EPROTO  the kernel's answer makes no sense; the text says what was wrong
 *   -ETIMEDOUT  no answer in time
 */
#ifndef MOEAI_MOEAI_H
#define MOEAI_MOEAI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/moeai.h>
#include <linux/moeai_fs_logger.h>
#include <linux/moeai_mem_monitor.h>
#include <linux/moeai_net_guard.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MOEAI_API __attribute__((visibility("default")))

/* The library's version, "major.minor.patch". */
MOEAI_API const char *moeai_version(void);

/* ---- handle --------------------------------------------------------------- */

/*
 * A connection for calls and questions. It survives that the module is loaded
 * anew: what was remembered of the old one is asked for again.
 */
struct moeai;

/*
 * Connect. The kernel module must be loaded: -ENODEV. From another network
 * namespace than the initial one it cannot be seen, and is -ENODEV too.
 */
MOEAI_API int moeai_open(struct moeai **out);
MOEAI_API void moeai_close(struct moeai *h);

/*
 * Why the last call on h failed: the kernel's own text where it gave one, with
 * the argument at fault. Owned by h, until its next call. h NULL (moeai_open
 * failed): a general text for its error is returned by moeai_strerror().
 */
MOEAI_API const char *moeai_error(const struct moeai *h);

/* A text for a negative errno of this library, with what to do. Static. */
MOEAI_API const char *moeai_strerror(int error);

/* ---- fields, schemas, values ------------------------------------------------ */

/* One field as the kernel describes it; see enum moeai_field_type, moeai_unit. */
struct moeai_field {
	const char *name;
	const char *help;	   /* may be empty */
	const char *const *labels; /* of enum and flags: n_labels names, else NULL */
	uint32_t n_labels;
	uint16_t id; /* the attribute's id on the wire */
	uint8_t type;
	uint8_t unit;
	uint32_t flags; /* MOEAI_F_* */
	bool has_range;
	int64_t min, max; /* of strings and binaries: length in bytes */
	uint32_t head;	  /* private */
};

/* The fields of an event type, of a command's arguments … in order of their ids. */
struct moeai_schema {
	const char *owner; /* "mem_monitor.level", "modules", "status" … */
	enum moeai_schema_kind kind;
	const struct moeai_field *fields;
	size_t n_fields;
	uint64_t shape; /* a hash of kind, owner, and the fields' ids and types */
};

/*
 * One decoded value. field is NULL for an attribute that the schema does not
 * know (a newer kernel's): then only id, data and len are set.
 */
struct moeai_value {
	const struct moeai_field *field;
	uint16_t id;
	uint64_t u64;	  /* bool, u32, u64, enum, flags */
	int64_t s64;	  /* s32, s64; else the same bits as u64 */
	const void *data; /* the payload; a string's is NUL-terminated */
	size_t len;	  /* bytes of data; a string's without its NUL */
};

/* A run of attributes with its schema: an event's data, a reply, a row. */
struct moeai_values {
	const struct moeai_schema *schema; /* NULL: unknown */
	const void *data;
	size_t len;
};

/*
 * Walk values: *pos starts at 0. Returns 1 with *out set, 0 at the end,
 * -EPROTO for a malformed run or a payload that does not fit its type.
 */
MOEAI_API int moeai_values_next(const struct moeai_values *v, size_t *pos,
				struct moeai_value *out);

/*
 * All values at once, the fastest way: out[i] is that of the schema's field i, for
 * the first n of its fields. One that is not there has field NULL. Returns how many
 * values were passed over, as the schema or the first n do not have them or they came
 * again later; -EPROTO as above; or -ENOENT: there is no schema.
 */
MOEAI_API int moeai_values_all(const struct moeai_values *v, struct moeai_value *out, size_t n);

/* As moeai_take() below, where there surely are 4 + len bytes. */
static inline bool moeai_take_sure(const char **p, uint16_t id, void *out, uint16_t len)
{
	const uint16_t head[2] = { (uint16_t)(4 + len), id };

	if (memcmp(*p, head, 4))
		return false;
	memcpy(out, *p + 4, len);
	*p += (4 + len + 3) & ~3;
	return true;
}

/*
 * For decoders that know the shape, such as those that `moectl schema --c` makes: is
 * the attribute at *p, which ends at end at the latest, a number of that id and of len
 * bytes, a bool, bytes, a string? Then it is put out, and *p is behind it; else neither.
 * Strings and bytes stay where they are.
 */
static inline bool moeai_take(const char **p, const char *end, uint16_t id, void *out,
			      uint16_t len)
{
	return end - *p >= 4 + len && moeai_take_sure(p, id, out, len);
}

static inline bool moeai_take_bool(const char **p, const char *end, uint16_t id, bool *out)
{
	uint8_t byte;

	if (!moeai_take(p, end, id, &byte, 1))
		return false;
	*out = byte != 0;
	return true;
}

static inline bool moeai_take_bytes(const char **p, const char *end, uint16_t id,
				    const void **out, size_t *len)
{
	uint16_t head[2];

	if (end - *p < 4)
		return false;
	memcpy(head, *p, 4);
	if (head[0] < 4 || head[0] > end - *p || head[1] != id)
		return false;
	*out = *p + 4;
	*len = head[0] - 4U;
	*p += (head[0] + 3) & ~3;
	return true;
}

static inline bool moeai_take_string(const char **p, const char *end, uint16_t id,
				     const char **out)
{
	const char *next = *p;
	const void *data;
	size_t len;

	if (!moeai_take_bytes(&next, end, id, &data, &len) || !len ||
	    ((const char *)data)[len - 1])
		return false;
	*out = (const char *)data;
	*p = next;
	return true;
}

/* The value with that field name, or id. -ENOENT: not there. */
MOEAI_API int moeai_values_get(const struct moeai_values *v, const char *name,
			       struct moeai_value *out);
MOEAI_API int moeai_values_get_id(const struct moeai_values *v, uint16_t id,
				  struct moeai_value *out);

/*
 * A value as text, as moectl's tab form and procfs write it: numbers plain,
 * labels for enum and flags, prefixes as addresses, binaries as hex, strings
 * as they are (any byte but NUL: escape them before showing them to people).
 * Like snprintf: returns the length needed without NUL, writes at most size.
 */
MOEAI_API int moeai_value_text(const struct moeai_value *v, char *buf, size_t size);

/*
 * The other way round: a text as an argument of that field may be, "10s", "64M",
 * labels, "2026-01-31T23:59:59Z" of a time. *out, of the field, has its payload in
 * buf, which needs 24 bytes, and for strings as many as the text with its NUL.
 * -EINVAL, -ERANGE, -EMSGSIZE: moeai_error(h) says why, without the field's name.
 */
MOEAI_API int moeai_value_parse(struct moeai *h, const struct moeai_field *field,
				const char *text, void *buf, size_t size, struct moeai_value *out);

/* A label of an enum value; NULL if there is none. */
MOEAI_API const char *moeai_field_label(const struct moeai_field *f, uint64_t value);

/*
 * A schema by kind and owner ("mem_monitor.level"), asked from the kernel once
 * and kept by h until it is closed. -ENOENT: no such owner.
 */
MOEAI_API int moeai_schema_get(struct moeai *h, enum moeai_schema_kind kind,
			       const char *owner, const struct moeai_schema **out);

/* ---- status ----------------------------------------------------------------- */

/* Units as in MOEAI_A_STATUS_*. */
struct moeai_status {
	enum moeai_state state;
	uint64_t epoch;
	uint64_t uptime;
	uint64_t time;
	uint32_t cpu_permille;
	uint32_t memory_permille;
	uint64_t swap_free;
	uint64_t rx, tx;
	uint64_t pages_in, pages_out;
	uint32_t modules, failed;
	uint64_t log_size;
	uint64_t log_attempted, log_logged, log_refused;
	uint64_t log_held, log_overwritten, log_cleared;
	uint64_t log_first, log_next;
	char version[32];
};

/* Needs no privilege; the gauges are the kernel's last sample. */
MOEAI_API int moeai_status_get(struct moeai *h, struct moeai_status *out);

/* The name of a state or priority, "ok", "warning"; "?" for an unknown one. */
MOEAI_API const char *moeai_state_name(enum moeai_state state);
MOEAI_API const char *moeai_priority_name(enum moeai_priority priority);

/* The priority of a name, or -EINVAL. */
MOEAI_API int moeai_priority_parse(const char *name);

/* ---- commands --------------------------------------------------------------- */

enum moeai_arg_kind {
	MOEAI_ARG_TEXT,
	MOEAI_ARG_NUMBER,
	MOEAI_ARG_BYTES,
	MOEAI_ARG_UNSIGNED,
};

/*
 * An argument, or a row's column, by its name in the schema. Text is converted by the
 * field's type ("10s", "64M" and labels included); numbers must fit it; bytes
 * are for binaries and prefixes. Binaries as text are hexadecimal, 256 bytes at
 * most; times ns since 1970, or like "2026-01-31T23:59:59.5Z".
 */
struct moeai_arg {
	const char *name;
	enum moeai_arg_kind kind;

	__extension__ union {
		const char *text;
		int64_t number;
		uint64_t u64; /* of MOEAI_ARG_UNSIGNED: what a number has no room for */
		const void *bytes;
	};
	size_t len; /* of bytes */
};

#define MOEAI_TEXT(n, t)   { .name = (n), .kind = MOEAI_ARG_TEXT, .text = (t), .len = 0 }
#define MOEAI_NUMBER(n, v) { .name = (n), .kind = MOEAI_ARG_NUMBER, .number = (v), .len = 0 }

/* An answer. */
struct moeai_reply;

/*
 * Call a command and wait for its answer. *reply may be NULL if it is not
 * wanted; otherwise it is set when 0 is returned, to be freed by the caller.
 * Errors: -ENOENT no such command; -EINVAL, -ERANGE an argument (the text names
 * it); -ETIMEDOUT, the command may still run; any errno that the command itself
 * answers. Needs CAP_NET_ADMIN.
 */
MOEAI_API int moeai_call(struct moeai *h, const char *command, const struct moeai_arg *args,
			 size_t n_args, int timeout, struct moeai_reply **reply);

/*
 * The answer's fields; data belongs to the reply. Replies are a part of h, which
 * uses the memory of freed ones again: no call allocates any after the first ones.
 */
MOEAI_API struct moeai_values moeai_reply_values(const struct moeai_reply *reply);
MOEAI_API void moeai_reply_free(struct moeai_reply *reply);

/*
 * The answer of a call begun by moeai_call_begin(): status is 0 or a negative
 * errno (error says it in words, else NULL); values, never NULL, live until it
 * returns or waits on h. It may begin other calls on h; it must not close it.
 */
typedef void (*moeai_answer_fn)(void *arg, int status, const char *error,
				const struct moeai_values *values);

/*
 * Send a call and return. fn runs once, later, from moeai_dispatch() or while
 * another call on h waits; not if h is closed before. Many calls may be under
 * way. A call refused by the kernel gets its errno the same way. -ENOBUFS: the
 * socket overran, and the answer is lost.
 */
MOEAI_API int moeai_call_begin(struct moeai *h, const char *command,
			       const struct moeai_arg *args, size_t n_args,
			       moeai_answer_fn fn, void *arg);

/*
 * As moeai_call_begin(), but it is sent by moeai_flush(), together with others: some
 * 4 KiB of them at once, as often as it takes. Whatever else asks or waits on h sends
 * them first, moeai_dispatch() included; tables and transactions, which have sockets
 * of their own, do not. Each is answered, or refused, by itself. Answers wait in a
 * receive buffer of 1 MiB, that is some 1000 of them, so dispatch now and then.
 */
MOEAI_API int moeai_call_queue(struct moeai *h, const char *command,
			       const struct moeai_arg *args, size_t n_args,
			       moeai_answer_fn fn, void *arg);

/* Send what is queued. After an error it still is. */
MOEAI_API int moeai_flush(struct moeai *h);

/* For poll(), after moeai_flush(): readable when moeai_dispatch() has work. Owned by h. */
MOEAI_API int moeai_fd(const struct moeai *h);

/*
 * Deliver answers that have come, waiting up to timeout for a first one.
 * Returns how many were delivered, -ETIMEDOUT for none, or an error.
 */
MOEAI_API int moeai_dispatch(struct moeai *h, int timeout);

/* Start and stop a module; set "module.param" to a value written as text. */
MOEAI_API int moeai_module_start(struct moeai *h, const char *module);
MOEAI_API int moeai_module_stop(struct moeai *h, const char *module);
MOEAI_API int moeai_param_set(struct moeai *h, const char *name, const char *value);

/*
 * The same for confirm seconds, at most MOEAI_CONFIRM_MAX, after which the old value comes
 * back unless the change was confirmed; 0: for good. -EBUSY: a change of it awaits that.
 */
MOEAI_API int moeai_param_try(struct moeai *h, const char *name, const char *value,
			      uint32_t confirm);

/*
 * A change that awaits confirmation stays, or is undone at once; name NULL: all of them.
 * -ENODATA: none does; -EAGAIN: the old value is refused beside the others as they are
 * now, and is tried again each second.
 */
MOEAI_API int moeai_param_confirm(struct moeai *h, const char *name);
MOEAI_API int moeai_param_rollback(struct moeai *h, const char *name);

/* ---- tables ----------------------------------------------------------------- */

/* A table's rows, all of one generation. */
struct moeai_table;

/*
 * Ask for a table; close it before h. Any number may be open, with other calls
 * on h between. -ENOENT: no such table.
 */
MOEAI_API int moeai_table_open(struct moeai *h, const char *name, struct moeai_table **out);
MOEAI_API const struct moeai_schema *moeai_table_schema(const struct moeai_table *t);
MOEAI_API uint64_t moeai_table_generation(const struct moeai_table *t);

/*
 * The next row: returns 1 with *row set (until the next call), 0 at the end.
 * -EINTR: a signal, or it could not be finished as one generation: open it
 * again.
 */
MOEAI_API int moeai_table_next(struct moeai_table *t, struct moeai_values *row);
MOEAI_API void moeai_table_close(struct moeai_table *t);

/* ---- changing tables -------------------------------------------------------- */

/*
 * Rows to be added, replaced and deleted, all or none: readers see the table as
 * it was, or with all of it. It has a socket of its own, and is sent as it grows,
 * so that it may have millions of rows; the library holds 64 KiB of them. The
 * kernel forgets a transaction that is closed, or silent for a minute.
 *
 * The first error ends it: every later call returns that error again, and only
 * moeai_txn_close() is left. Errors of all calls here: -EPERM without
 * CAP_NET_ADMIN, or the table can't be changed; -EINVAL, -ERANGE, -EMSGSIZE a
 * field; -EEXIST, -ENOENT a key (ADD, DELETE); -ENOSPC the table is full; -EFBIG
 * more than core.txn_bytes; -EBUSY another change awaits its confirmation;
 * -ECANCELED the kernel has forgotten it meanwhile; what the module's own check
 * returns. Each means that nothing was changed, but -ETIMEDOUT, -ENOBUFS and
 * -EPROTO of moeai_txn_commit(), whose answer was lost.
 */
struct moeai_txn;

/*
 * Begin; close it before h. -ENOENT: no such table. It asks the kernel for the
 * columns anew, which costs several round trips: put rows together.
 */
MOEAI_API int moeai_txn_open(struct moeai *h, const char *table, struct moeai_txn **out);
MOEAI_API const struct moeai_schema *moeai_txn_schema(const struct moeai_txn *t);

/*
 * One row, with action MOEAI_ACTION_ADD, _REPLACE or _DELETE (by the key fields):
 * columns as arguments of a call, or values as moeai_table_next() returns them, of
 * this table or one with the same columns, but for those only the kernel writes. Actions are done in their order. Rows
 * of one action in a row go best: each change of it costs a message.
 */
MOEAI_API int moeai_txn_row(struct moeai_txn *t, enum moeai_action action,
			    const struct moeai_arg *columns, size_t n_columns);
MOEAI_API int moeai_txn_values(struct moeai_txn *t, enum moeai_action action,
			       const struct moeai_values *row);

/* Empty the table, and forget the rows given so far. */
MOEAI_API int moeai_txn_flush(struct moeai_txn *t);

/*
 * Send what has been given so far, and have the kernel look at each row: what it has
 * against one alone, it says now. Nothing is changed; more rows may follow.
 */
MOEAI_API int moeai_txn_check(struct moeai_txn *t);

/* Called whenever the kernel has taken rows: how many so far. It must not use t. */
typedef void (*moeai_txn_progress_fn)(void *arg, uint64_t rows);
MOEAI_API void moeai_txn_progress(struct moeai_txn *t, moeai_txn_progress_fn fn, void *arg);

struct moeai_commit {
	uint64_t generation; /* of the rows that readers get now */
	uint64_t changed;    /* rows */
};

/*
 * Do it. confirm: seconds after which it is undone unless moeai_table_confirm()
 * was called, at most MOEAI_CONFIRM_MAX; 0: it stays. out may be NULL; it is all
 * zero if there was nothing to do.
 */
MOEAI_API int moeai_txn_commit(struct moeai_txn *t, uint32_t confirm, struct moeai_commit *out);

/* Without a commit before, nothing is changed. */
MOEAI_API void moeai_txn_close(struct moeai_txn *t);

/* What the first error was. moeai_error() has all of it in one text. */
struct moeai_txn_error {
	int status; /* negative errno */
	bool has_row;
	uint64_t row;	     /* counted from 0 over all rows given */
	const char *field;   /* NULL: no one field is at fault */
	const char *message; /* without table, row and field */
};

/* NULL: there was none. Owned by t. */
MOEAI_API const struct moeai_txn_error *moeai_txn_error(const struct moeai_txn *t);

/* What awaits confirmation stays, or is undone at once. -ENODATA: nothing does. */
MOEAI_API int moeai_table_confirm(struct moeai *h, const char *table);
MOEAI_API int moeai_table_rollback(struct moeai *h, const char *table);

/* ---- events ----------------------------------------------------------------- */

/* Publish an event user.message, at most MOEAI_PRIO_WARNING. Needs CAP_NET_ADMIN. */
MOEAI_API int moeai_publish(struct moeai *h, enum moeai_priority priority, const char *text);

/* One event; everything it points to lives until the monitor's next call. */
struct moeai_event {
	uint64_t seq;
	uint64_t time;
	uint32_t type;
	enum moeai_priority priority;
	const char *source;
	const char *type_name; /* "mem_monitor.level"; "#65537" if unknown */
	struct moeai_values values;
};

/* Events from..to, both included, can no longer be had. */
struct moeai_lost {
	uint64_t from, to;
	enum moeai_lost_reason reason;
};

/*
 * MOEAI_EPOCH says what seq refers to from here on: it is the first item, and
 * comes again when the module was loaded again, where seq starts at 1. It may
 * do so without MOEAI_GONE before it.
 */
enum moeai_item_kind {
	MOEAI_EVENT, /* item.event */
	MOEAI_LOST,  /* item.lost */
	MOEAI_EPOCH, /* item.epoch */
	MOEAI_GONE,  /* the module was unloaded; the monitor waits for it */
};

struct moeai_item {
	enum moeai_item_kind kind;

	__extension__ union {
		struct moeai_event event;
		struct moeai_lost lost;
		uint64_t epoch;
	};
};

/* Only what is logged after moeai_monitor_open(). */
#define MOEAI_SINCE_NOW 0
/* All that is still held. With an epoch it is seq 1: what is gone is told as lost. */
#define MOEAI_SINCE_OLDEST 1

/* How a monitor gets at the events. */
enum moeai_transport {
	MOEAI_TRANSPORT_AUTO,	 /* mapped if it may be had when the module is found */
	MOEAI_TRANSPORT_MAPPED,	 /* /dev/moeai, which keeps the module loaded */
	MOEAI_TRANSPORT_NETLINK, /* the group of events, which needs CAP_SYS_ADMIN */
};

/*
 * What a monitor returns. All zero: everything from now on, for ever. A name in
 * types that ends in '*' or '.' matches all names that begin so.
 */
struct moeai_monitor_options {
	uint64_t since; /* MOEAI_SINCE_*, or a seq to start from */
	uint64_t epoch; /* what since refers to; 0: the present epoch, whichever */
	const char *const *types; /* n_types names; NULL: all */
	size_t n_types;
	enum moeai_priority min_priority;
	const char *source; /* NULL: all */
	bool history;	    /* end with -ENODATA at the newest event, do not follow */
	bool no_wait;	    /* moeai_monitor_open(): -ENODEV if the module is missing */
	size_t buffer;	    /* receive buffer of netlink at first, bytes; 0: 4 MiB */
	enum moeai_transport transport;
};

/* A subscription with replay; holds its own sockets. */
struct moeai_monitor;

/*
 * Begin; options NULL are all zero. Unless no_wait or history is set, a missing
 * module is waited for, and all its events are returned: since does not count.
 * A name in types that no event type has yet is waited for, too.
 * Errors: -EPERM: neither CAP_SYS_ADMIN nor a device that may be read; with
 * MOEAI_TRANSPORT_MAPPED, -EACCES: it may not be read; -EINVAL: an unknown
 * transport; -ESTALE: epoch is not the present one
 * (of a module that is waited for, moeai_monitor_next() says so); with history,
 * -ENOENT: an event type of that name does not exist.
 */
MOEAI_API int moeai_monitor_open(struct moeai_monitor **out,
				 const struct moeai_monitor_options *options);
MOEAI_API void moeai_monitor_close(struct moeai_monitor *m);
MOEAI_API const char *moeai_monitor_error(const struct moeai_monitor *m);

/*
 * The next item, in order of seq, each seq once. A receive buffer that overran
 * is doubled, to 64 MiB at most, as far as net.core.rmem_max or CAP_NET_ADMIN
 * allows, and repaired by replay from the last seq; what the kernel no longer
 * holds is one MOEAI_LOST. Losses are told even when no event follows them.
 * Returns 0, -ETIMEDOUT, -ENODATA (history: the end), -EINTR (a signal), or an
 * error after which the monitor can only be closed.
 */
MOEAI_API int moeai_monitor_next(struct moeai_monitor *m, struct moeai_item *out, int timeout);

/*
 * For poll() or epoll: readable when moeai_monitor_next() may have something.
 * Call it with timeout 0 until it returns -ETIMEDOUT before polling again.
 */
MOEAI_API int moeai_monitor_fd(struct moeai_monitor *m);

/* The transport in use, which is never MOEAI_TRANSPORT_AUTO. */
MOEAI_API enum moeai_transport moeai_monitor_transport(const struct moeai_monitor *m);

/*
 * Events where they are: in the mapped log, without a copy, or in the datagram that
 * was received. The kernel may overwrite those of the mapped log while they are
 * read, so nothing of a batch is true before moeai_batch_end() says so. Until then
 * a string may lack its NUL: use its length. Members are private.
 */
struct moeai_batch {
	struct moeai_monitor *monitor;
	const char *at, *end;
	uint64_t n;
	uint64_t due;
	uint64_t reserved[3];
};

/*
 * Begin a batch with all that there is; of the mapped log, waiting for some if need
 * be. Returns 0, -EAGAIN: what comes next has to be taken by moeai_monitor_next(),
 * as it is not an event that is there (a loss, a type not seen before, another
 * datagram), and then batches go on; -EOPNOTSUPP: there is a filter; or what
 * moeai_monitor_next() does.
 */
MOEAI_API int moeai_batch_begin(struct moeai_monitor *m, struct moeai_batch *out, int timeout);

/* The next event. Returns 1 with *out set, or 0 at the end of the batch. */
MOEAI_API int moeai_batch_next(struct moeai_batch *b, struct moeai_event *out);

/*
 * Returns 0: the events that moeai_batch_next() gave were true, and count as
 * returned; the monitor goes on behind them. Or -ENOBUFS: some were overwritten
 * meanwhile, all of them are void, and moeai_monitor_next() goes on with them.
 */
MOEAI_API int moeai_batch_end(struct moeai_batch *b);

/*
 * The reader's account of the present epoch, in events:
 * to - from + 1 = returned + filtered + lost + pending, always.
 */
struct moeai_ledger {
	uint64_t from, to; /* the range of seq it has seen or been told of */
	uint64_t returned;
	uint64_t filtered;
	uint64_t lost;
	uint64_t pending;  /* received, or known to be logged, and not yet returned */
	uint64_t overruns; /* how often the receive buffer overran */
	uint64_t replayed; /* of returned: by replay */
	uint64_t buffer;   /* bytes that the receive buffer has by now; 0: mapped */
};

MOEAI_API void moeai_monitor_ledger(const struct moeai_monitor *m, struct moeai_ledger *out);

/* ---- regions ---------------------------------------------------------------- */

/* A kernel module's memory, mapped; see the module's own header for what is in it. */
struct moeai_shmem;

/*
 * Map a region, "module.thing", out of /dev/moeai; see table shmem for which there are.
 * flags: 0, for reading, or MOEAI_SHMEM_WRITE, for writing too. h is for moeai_error()
 * alone, and may be NULL. What is mapped is there until it is closed, whatever becomes
 * of the module. -ENOENT: no such region; -ENODEV: no device; -EACCES: the caller may
 * not read the device, or the module does not let the region be written; -EPERM: writing
 * needs CAP_NET_ADMIN; -EBUSY: the user has MOEAI_OPEN_MAX regions open, and not
 * CAP_SYS_ADMIN; -EINVAL: unknown flags; -EOPNOTSUPP: the kernel has no regions.
 */
MOEAI_API int moeai_shmem_open(struct moeai *h, const char *name, uint32_t flags,
			       struct moeai_shmem **out);
MOEAI_API void moeai_shmem_close(struct moeai_shmem *s);

/*
 * Where it is, at a page, and its size, whole pages. The module changes it meanwhile;
 * a store into one that was opened for reading is SIGSEGV.
 */
MOEAI_API void *moeai_shmem_data(const struct moeai_shmem *s);
MOEAI_API size_t moeai_shmem_size(const struct moeai_shmem *s);

/*
 * Owned by s. For poll(), which says POLLHUP once the module has given the region up:
 * what is there now stays as it is, and who wants a new one opens it again. It may also
 * be handed to another process, who can map it as it was opened here.
 */
MOEAI_API int moeai_shmem_fd(const struct moeai_shmem *s);

/* ---- incident files ---------------------------------------------------------- */

/*
 * Events in a file that needs nothing else: a pcapng of netlink messages, in which the
 * kernel's descriptions of its family, event types and fields come first. Wireshark
 * reads them too; moectl(8) says more of what stands in them.
 */

/*
 * A monitor of such a file, which needs no kernel module and asks none. fd is at the
 * file's beginning, or a pipe, and may be closed afterwards. moeai_monitor_next() returns
 * the epoch, then its events and losses, -ENODATA at its end. Of options, types,
 * min_priority and source count, epoch, and since, if it is a seq.
 * What is wrong moeai_monitor_next() tells when it comes to it, after all that is
 * whole, and moeai_monitor_error() says at which byte: -EPROTO: not such a file, cut
 * short, or changed since; -EOPNOTSUPP: of another version or byte order; -EFBIG: it
 * describes too much; -ESTALE: of another epoch than options have; -ENOENT: it knows no
 * event type of a name in types; -EIO.
 * moeai_monitor_fd() of it is -1.
 */
MOEAI_API int moeai_monitor_open_file(struct moeai_monitor **out, int fd,
				      const struct moeai_monitor_options *options);

/*
 * What the file says of the event returned last, such as "trigger"; after -ENODATA why it
 * ends; NULL: nothing. Any bytes but NUL, 255 at most; until the monitor's next call.
 */
MOEAI_API const char *moeai_monitor_comment(const struct moeai_monitor *m);

/* A file that is being written. */
struct moeai_incident;

/*
 * Begin one of m's present epoch at fd, which may be closed afterwards: the
 * descriptions are asked from the kernel, and get time, as of the first event. m has
 * returned MOEAI_EPOCH, and stays open for as long as the file is written.
 * -ENODEV: that epoch's module is gone; -ENOSPC and other errors of write(2).
 * moeai_monitor_error(m) has the text of all errors here.
 */
MOEAI_API int moeai_incident_begin(struct moeai_incident **out, struct moeai_monitor *m, int fd,
				   uint64_t time);

/*
 * Add the event or loss that moeai_monitor_next() returned last, and a comment on it or
 * NULL. What describes it is asked anew if that has changed. -EINVAL: another item, or of
 * another epoch. After an error the item is not in the file, which can be ended if no
 * write has failed: moeai_incident_end() tells.
 */
MOEAI_API int moeai_incident_add(struct moeai_incident *f, const struct moeai_item *item,
				 const char *comment);

/* Bytes so far, of which the last ones may not be in the file before its end. */
MOEAI_API uint64_t moeai_incident_size(const struct moeai_incident *f);

/*
 * Finish it, comment or NULL says why, and free f, with an error too: the first one of
 * write(2), if there was one; then the file is of no use.
 */
MOEAI_API int moeai_incident_end(struct moeai_incident *f, const char *comment);

/* Free f; the file is of no use. f may be NULL. */
MOEAI_API void moeai_incident_abandon(struct moeai_incident *f);

/* ---- mem_monitor ------------------------------------------------------------ */

/* Units as in MOEAI_A_MEM_SAMPLE_*. */
struct moeai_mem {
	enum moeai_mem_level level;
	uint64_t available, total;
	uint32_t permille;
	uint64_t stalls;
	uint64_t since;
	uint64_t kills;
	uint32_t pid; /* the largest consumer; 0: none */
	char comm[16];
	uint64_t rss;
	uint32_t cause; /* bit n: enum moeai_mem_cause */
	uint64_t free, swap_free;
};

/* Sample now. Needs CAP_NET_ADMIN; -ENOENT: mem_monitor is not loaded. */
MOEAI_API int moeai_mem_get(struct moeai *h, struct moeai_mem *out);

/* One of the largest processes; units as in MOEAI_A_MEM_CONSUMER_*. */
struct moeai_mem_consumer {
	uint32_t rank, pid, uid;
	char comm[16];
	uint64_t rss, swap;
	uint64_t started;
	int64_t growth;
	uint64_t period; /* 0: it is not known how it grew */
	int64_t rate;
};

/* A row of table mem_monitor.consumers, typed. -EPROTO: it is none. */
MOEAI_API int moeai_mem_consumer(const struct moeai_values *row, struct moeai_mem_consumer *out);

/*
 * Whom the OOM killer chose, and why; units as in MOEAI_A_MEM_VICTIM_*. What the kernel
 * did not say is 0 and "". Strings live as long as the event's.
 */
struct moeai_mem_victim {
	uint32_t pid, uid; /* pid 0: unknown */
	char comm[16];
	uint64_t anon, file, shmem;
	bool cgroup; /* a cgroup's limit, not the whole system's */
	enum moeai_mem_scope scope;
	uint64_t swap, page_tables;
	int32_t score_adj;
	uint64_t started;
	uint64_t available, free, total, swap_free;
	uint32_t invoker_pid; /* who wanted memory */
	char invoker_comm[16];
	uint32_t order;
	const char *gfp; /* "": it is not known what was wanted */
	const char *cgroup_path;
	const char *limit_path; /* of the cgroup whose limit was reached */
	uint64_t limit;
	uint64_t untold;
};

enum moeai_mem_event_kind {
	MOEAI_MEM_EVENT_LEVEL,
	MOEAI_MEM_EVENT_CONSUMER,
	MOEAI_MEM_EVENT_OOM,
	MOEAI_MEM_EVENT_VICTIM,
	MOEAI_MEM_EVENT_RECOVERED,
};

/* One event of mem_monitor, typed; units as in moeai_mem_monitor.h. */
struct moeai_mem_event {
	enum moeai_mem_event_kind kind;

	__extension__ union {
		struct {
			enum moeai_mem_level level, previous;
			uint64_t available, total;
			uint32_t permille;
			uint64_t stalls;
			uint32_t cause;
			uint64_t held;
		} level;
		struct moeai_mem_consumer consumer;
		struct {
			uint64_t available, total, swap_free;
		} oom;
		struct moeai_mem_victim victim;
		struct {
			uint64_t duration;
			enum moeai_mem_level worst;
			uint64_t lowest, available, kills;
		} recovered;
	};
};

/* -ENOENT: not an event of mem_monitor; -EPROTO: a field is missing. */
MOEAI_API int moeai_mem_event(const struct moeai_event *event, struct moeai_mem_event *out);

/* The name of a level, "none" to "critical"; "?" for an unknown one. */
MOEAI_API const char *moeai_mem_level_name(enum moeai_mem_level level);

/* The same of a cause, "available" to "falling", and of a scope, "system" to "sysrq". */
MOEAI_API const char *moeai_mem_cause_name(enum moeai_mem_cause cause);
MOEAI_API const char *moeai_mem_scope_name(enum moeai_mem_scope scope);

/* ---- net_guard -------------------------------------------------------------- */

#define MOEAI_GUARD_PREFIX_LEN 50 /* "2001:db8::/32" and the like, with its NUL */

/* Of a rule that is put; all zero: without. */
struct moeai_guard_options {
	uint64_t timeout;   /* ns, after which it ends; 0: never */
	const char *reason; /* why it is there; NULL: nothing is said */
	uint32_t confirm;   /* as of moeai_txn_commit() */
};

/*
 * Make a rule for a prefix or address, in place of the one for exactly that if there
 * is one. options may be NULL. Errors as of moeai_txn_row() and moeai_txn_commit();
 * -ENOENT: net_guard is not loaded.
 */
MOEAI_API int moeai_guard_put(struct moeai *h, const char *prefix, enum moeai_guard_action action,
			      const struct moeai_guard_options *options);

/* Remove the rule for exactly that; -ENOENT: there is none, or no net_guard. */
MOEAI_API int moeai_guard_remove(struct moeai *h, const char *prefix, uint32_t confirm);

/* What the detectors shall do; confirm as of moeai_param_try() of "net_guard.mode". */
MOEAI_API int moeai_guard_mode_set(struct moeai *h, enum moeai_guard_mode mode,
				   uint32_t confirm);

/* Units as in MOEAI_A_GUARD_RULE_*; 0 and "" for what it does not have. */
struct moeai_guard_rule {
	char prefix[MOEAI_GUARD_PREFIX_LEN];
	enum moeai_guard_action action;
	enum moeai_guard_source source;
	uint32_t uid;
	uint64_t expires, hits, bytes, last;
	char comm[16];
	char reason[128];
};

/* A row of table net_guard.rules, typed. -EPROTO: it is none. */
MOEAI_API int moeai_guard_rule(const struct moeai_values *row, struct moeai_guard_rule *out);

/* Whom the detectors found of late; as in MOEAI_A_GUARD_OFFENDER_*. */
struct moeai_guard_offender {
	char source[MOEAI_GUARD_PREFIX_LEN];
	enum moeai_guard_kind kind; /* of the last offence */
	uint32_t offences;
	uint64_t first, last;
};

/* A row of table net_guard.offenders, typed. -EPROTO: it is none. */
MOEAI_API int moeai_guard_offender(const struct moeai_values *row,
				   struct moeai_guard_offender *out);

/* What becomes of packets from an address, and why. */
struct moeai_guard_explanation {
	enum moeai_guard_decision decision;
	struct moeai_guard_rule rule; /* prefix "": no rule has a say */
	bool tracked;		      /* the detectors follow it */
	uint32_t rate, ports, hosts;  /* as in MOEAI_A_GUARD_EXPLAIN_* */
	uint32_t offences;
	bool over; /* a limit, in the last ten seconds: */
	enum moeai_guard_kind limit;
};

/* -EINVAL: not an address; -ENOENT: net_guard is not loaded. */
MOEAI_API int moeai_guard_explain(struct moeai *h, const char *address,
				  struct moeai_guard_explanation *out);

enum moeai_guard_event_kind {
	MOEAI_GUARD_EVENT_BLOCKED,
	MOEAI_GUARD_EVENT_FLOOD,
	MOEAI_GUARD_EVENT_SCAN,
	MOEAI_GUARD_EVENT_EXPIRED,
	MOEAI_GUARD_EVENT_ROLLED_BACK,
};

/*
 * One event of net_guard, typed: what moeai_net_guard.h says of its kind, the rest
 * is 0 and "". packets and bytes are an expired rule's hits and bytes, too.
 */
struct moeai_guard_event {
	enum moeai_guard_event_kind kind;
	char prefix[MOEAI_GUARD_PREFIX_LEN]; /* of the rule */
	char source[MOEAI_GUARD_PREFIX_LEN]; /* who sends */
	enum moeai_guard_action action;
	enum moeai_guard_kind offence;
	uint64_t packets, bytes;
	uint64_t period;
	uint64_t expires;
	uint64_t rules; /* of flood and scan: offences that are untold */
	uint32_t distinct;
	uint32_t offences;
	char reason[128];
};

/* -ENOENT: not an event of net_guard; -EPROTO: a field is missing. */
MOEAI_API int moeai_guard_event(const struct moeai_event *event, struct moeai_guard_event *out);

/* ---- fs_logger -------------------------------------------------------------- */

/* Of a watch that is added; all zero: without. */
struct moeai_watch_options {
	uint32_t ops;	     /* bit n: enum moeai_fs_op; 0: all but exec and open */
	bool recursive;	     /* all below a folder; else what is in the folder itself */
	bool held;	     /* it goes when this process ends, however that is */
	bool exclude_self;   /* what this process does is left out, and counted */
	const char *exclude; /* patterns, as MOEAI_A_FS_WATCH_EXCLUDE; NULL: none */
	uint64_t fold;	     /* ns in which the same again is only counted; 0: all is told */
};

/*
 * Watch a file or folder, which path, absolute, finds now: it is followed when it is
 * renamed. Symbolic links are followed, and what is mounted below is not watched: it
 * takes a watch of its own. options may be NULL. Errors as of moeai_txn_row() and
 * moeai_txn_commit(), and what a path can't be looked up for; -ENOENT: fs_logger is
 * not loaded, or there is no such file; -EEXIST: that path is watched already.
 */
MOEAI_API int moeai_watch_add(struct moeai *h, const char *path,
			      const struct moeai_watch_options *options);

/* The same as a row of a transaction of table fs_logger.watches. */
MOEAI_API int moeai_watch_put(struct moeai_txn *t, enum moeai_action action, const char *path,
			      const struct moeai_watch_options *options);

/* Remove one: that which stays, or that of this process. -ENOENT: there is none, or no fs_logger. */
MOEAI_API int moeai_watch_remove(struct moeai *h, const char *path, bool held);

/*
 * Units as in MOEAI_A_FS_WATCH_*; 0 and "" for what it does not have. Strings live as
 * long as the row.
 */
struct moeai_watch {
	const char *path;
	uint32_t holder; /* pid of the process with which it goes; 0: it stays */
	uint32_t ops;
	bool recursive;
	bool exclude_self;
	const char *exclude;
	uint64_t fold;
	enum moeai_fs_state state;
	const char *inside; /* where it is now, from the root of its file system */
	uint32_t device;
	uint64_t inode;
	uint32_t uid;
	char comm[16];
	uint64_t events, folded, excluded, left_out;
};

/* A row of table fs_logger.watches, typed. -EPROTO: it is none. */
MOEAI_API int moeai_watch_row(const struct moeai_values *row, struct moeai_watch *out);

enum moeai_watch_event_kind {
	MOEAI_WATCH_EVENT_FILE,	 /* something was done to a file: op says what */
	MOEAI_WATCH_EVENT_WATCH, /* something became of a watch: change says what */
};

#define MOEAI_WATCH_NOBODY  UINT32_MAX /* no uid */
#define MOEAI_WATCH_OUTSIDE UINT32_MAX /* not in the watched folder */

/*
 * One event of fs_logger, typed: what moeai_fs_logger.h says of its kind, the rest is 0
 * and "", a uid MOEAI_WATCH_NOBODY. Strings live as long as the event's. path and
 * old_path of a watch are its INSIDE and OLD_INSIDE.
 */
struct moeai_watch_event {
	enum moeai_watch_event_kind kind;
	enum moeai_fs_op op;
	enum moeai_fs_change change;
	uint32_t holder; /* of the watch */
	const char *watch;
	const char *path, *old_path; /* from the root of the file system: see moeai_watch_path() */
	uint32_t below, old_below;   /* bytes of them that are the watched folder's, or OUTSIDE */
	uint64_t count;
	uint32_t pid, tid, ppid;
	uint32_t uid, login_uid;
	uint64_t started;
	char comm[16];
	const char *exe;
	bool kthread;
	bool dir;
	uint32_t device;
	uint64_t inode;
};

/* -ENOENT: not an event of fs_logger; -EPROTO: a field is missing. */
MOEAI_API int moeai_watch_event(const struct moeai_event *event, struct moeai_watch_event *out);

/*
 * The path, or the old path, of a file's event as it was called where the watch was
 * added. One outside of the watched folder is so too, if that has not moved and is no
 * symbolic link, and else as the file system's root sees it. Like snprintf: returns
 * the length needed without NUL, writes at most size. "" if the event has none.
 */
MOEAI_API int moeai_watch_path(const struct moeai_watch_event *event, bool old, char *buf,
			       size_t size);

/* The name of an operation, "create" to "open"; "?" for an unknown one. */
MOEAI_API const char *moeai_watch_op_name(enum moeai_fs_op op);

#ifdef __cplusplus
}
#endif

#endif /* MOEAI_MOEAI_H */
