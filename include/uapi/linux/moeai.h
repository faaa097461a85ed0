/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * MoeAI: a kernel's events, commands, status and tables over Generic Netlink.
 *
 * This header is the protocol's one document. Family "MOEAI", version 1,
 * initial network namespace only (elsewhere: -ENOENT). Five messages, each with
 * its own attribute set and strict policy. Integers are in host byte order,
 * strings end in NUL, times are nanoseconds since 1970 (CLOCK_REALTIME).
 *
 * Every refusal carries the extended ACK's text and, where one attribute is at
 * fault, its offset. Requests with NLM_F_ACK are acknowledged as usual.
 *
 * Privilege is judged against the initial user namespace, for the socket's
 * opener and for the sender:
 *
 *   STATUS get, group "status"                          nothing
 *   DATA dump of modules, commands, event_types,
 *   fields, tables, shmem                               nothing
 *   EVENT dump, group "events", other tables            CAP_SYS_ADMIN
 *   COMMAND, EVENT do (publish), DATA do                CAP_NET_ADMIN
 *
 *
 * EVENT (MOEAI_MSG_EVENT)
 *
 * Notification on group "events". One datagram may hold many messages back to
 * back, without NLM_F_MULTI; nlmsg_seq and nlmsg_pid are 0. A reader walks the
 * buffer with NLMSG_OK.
 *
 *   SEQ       u64     1, 2, 3, … without holes, for as long as EPOCH stands
 *   TIME      u64     ns
 *   TYPE      u32     see table event_types
 *   PRIORITY  u32     enum moeai_priority
 *   SOURCE    string  the module that emitted it; NULs may follow the first
 *   DATA      nest    attribute ids are the field ids of TYPE's schema
 *
 * PAD attributes stand between and after them; skip them. When events were
 * overwritten before they could be sent, a notice stands in their place:
 *
 *   EPOCH     u64
 *   LOST      nest    FROM u64, TO u64 (both inclusive), REASON u32
 *
 * Dump request: replay. Reply: one announcement, then the records themselves,
 * oldest first, with notices in place of what is gone, up to the newest record
 * at the time of the request.
 *
 *   FILTER    nest    all optional:
 *     SINCE         u64     first SEQ wanted; default: the oldest held
 *     EPOCH         u64     what SINCE refers to; another epoch: -ESTALE after
 *                           the announcement
 *     TYPE          u32     wanted type; may repeat, up to MOEAI_FILTER_TYPES
 *     MIN_PRIORITY  u32
 *     SOURCE        string
 *
 *   announcement:
 *     EPOCH     u64     random, drawn when the module was loaded
 *     FIRST     u64     oldest SEQ in the log (kept critical records may be older)
 *     NEXT      u64     the SEQ that the next event will get
 *
 * What the filter leaves out is not announced; only LOST is lost.
 *
 * Do request: publish an event of type user.message. The kernel sets the
 * sender's pid, uid and comm. Rate-limited per uid: -EBUSY.
 *
 *   PRIORITY  u32     at most MOEAI_PRIO_WARNING; default MOEAI_PRIO_INFO
 *   DATA      nest    TEXT string (MOEAI_A_MESSAGE_TEXT)
 *
 *
 * COMMAND (MOEAI_MSG_COMMAND), do only
 *
 *   ID        u32     or
 *   NAME      string  exactly one of the two
 *   ARGS      nest    attribute ids are the field ids of the command's schema;
 *                     at most MOEAI_ARGS_MAX attributes and MOEAI_ARGS_LEN bytes
 *
 * Errors: -ENOENT no such command, -EINVAL / -ERANGE an argument, -EBUSY too
 * many unanswered calls. The answer is a
 *
 * RESPONSE (MOEAI_MSG_RESPONSE), kernel to user, nlmsg_seq as in the COMMAND
 *
 *   ID        u32     the command's
 *   STATUS    s32     0, or a negative errno: the command ran and failed
 *   DATA      nest    attribute ids are the field ids of the reply's schema
 *   MESSAGE   string  optional: why it failed
 *
 * An ACK says accepted, a RESPONSE says done; it may come much later. A caller
 * whose socket is closed gets none, and neither does the port's next owner.
 *
 *
 * STATUS (MOEAI_MSG_STATUS), do; notification on group "status" when the state
 * changes and at an interval. No request attributes; reply: MOEAI_A_STATUS_*,
 * described by schema "status" in table fields. The gauges are the last
 * sample's; a request takes no new one.
 *
 *
 * DATA (MOEAI_MSG_DATA), dump: the rows of one table, all of one generation
 *
 *   TABLE       string   in request and reply
 *   GENERATION  u64      reply
 *   ROW         nest     reply, repeats; attribute ids are the field ids of the
 *                        table's schema
 *
 * Tables of the core: modules, params, commands, event_types, fields, tables,
 * subscribers, log, shmem. Errors: -ENOENT no such table, -EPERM not for this caller.
 *
 * DATA do: change the rows of a table that a module declared writable. All or
 * nothing: a reader sees the generation before or the one after.
 *
 *   TABLE       string
 *   ACTION      u32      enum moeai_action
 *   ROW         nest     for ADD, REPLACE, DELETE; repeats. A transaction that has
 *                        begun needs no more of them to be committed
 *   TXN         u32      not 0, chosen by the sender: what does not fit one
 *                        message. Rows are staged by port and TXN …
 *   MORE        flag     … as long as this is set; the message without commits
 *   ABORT       flag     forget the transaction
 *   CONFIRM     u32      seconds, in the committing message: roll back then,
 *                        unless ACTION CONFIRM came before
 *   ROWS        u64      how many ROWs the transaction has had, this message's
 *                        included: another number is -ECANCELED, since one of its
 *                        messages was refused before the table saw it, or the
 *                        transaction was forgotten meanwhile
 *
 * Reply to a commit: TABLE, GENERATION, CHANGED u64 (rows). A bad row makes the
 * whole transaction fail, at once or at its commit: the error is preceded by
 *
 *   TABLE       string
 *   TXN         u32      if it was given
 *   ERROR       nest     ROW u64 (counted from 0 over the transaction), FIELD
 *                        string, STATUS s32, MESSAGE string; ROW and FIELD only
 *                        if one row, one field is at fault
 *
 * and what is sent for it afterwards gets -ECANCELED, up to and including the
 * commit. A transaction is forgotten when its socket is closed, and after a
 * minute without a message: what comes later begins another one, so a commit after
 * MORE should bear ROWS. ROLLBACK brings the earlier GENERATION back, its number too.
 *
 * Errors: -ENOENT no such table or row (DELETE), -EEXIST (ADD), -EPERM not writable,
 * -EINVAL and -ERANGE a field, -EMSGSIZE a row is over MOEAI_ROW_LEN, what the module
 * itself says of a row, -EBUSY a change of this table awaits its confirmation, or too
 * many transactions are open, -ENOSPC the table is full, -EFBIG too many bytes staged,
 * -ECANCELED it had failed before, or rows are lost, -ENODATA nothing awaits
 * confirmation.
 *
 *
 * /dev/moeai: the log without messages. Who may open it may read all events; it
 * stands 0640, for group moeai. Holding it open or mapped keeps the module loaded.
 *
 * mmap, PROT_READ, from offset 0, up to struct moeai_map's size:
 *
 *   struct moeai_map    one page
 *   the log             twice in a row, so that no span of it wraps
 *   the kept records    twice in a row: critical ones, as many as there is room for
 *
 * Positions count bytes and are taken modulo the size of log or keep; they may
 * wrap at 64 bits, so only differences are compared. [tail, head) is held: EVENT
 * messages back to back, nlmsg_len a multiple of 8, nlmsg_seq, nlmsg_pid and flags
 * 0. To read from position p on:
 *
 *   1. load head, with acquire semantics; p == head: there is nothing
 *   2. copy what is wanted of [p, head)
 *   3. an acquire fence, then load tail; p - tail < 0 (signed): p was overwritten,
 *      meanwhile or before: throw the copy away, and go on at the tail
 *   4. only now look at what was copied; lengths in it are true
 *
 * SEQ of the next record tells how many are gone; MOEAI_IOC_RANGE tells where a
 * seq is.
 *
 * read: EVENT messages, whole ones only, as a replay without filter gives them:
 * an announcement first, then records, LOST notices in place of what is gone,
 * kept records among them. At the newest it waits, or is -EAGAIN (O_NONBLOCK).
 * -EINVAL: less than MOEAI_READ_MIN bytes asked for; -EMSGSIZE: the next message
 * needs more, MOEAI_READ_MAX at most.
 *
 * poll: readable when there is something behind the position that counts, which
 * is read's, or MOEAI_IOC_ARM's once that was called; see MOEAI_IOC_WAKE. An open
 * file has one reader: a wait and a change of its settings are not for two at once.
 *
 * open: -EPERM for writing, -EBUSY: MOEAI_OPEN_MAX files of a user who has not
 * CAP_SYS_ADMIN.
 *
 *
 * Regions: memory of feature modules under names "module.thing", to be mapped; see
 * table shmem. MOEAI_IOC_SHMEM of /dev/moeai returns a file descriptor, close-on-exec,
 * and fills struct moeai_region in. What is in a region, and how it is read while the
 * module writes, is the module's business.
 *
 *   mmap    MAP_SHARED: PROT_READ; PROT_WRITE as well if it was opened with
 *           MOEAI_SHMEM_WRITE. MAP_PRIVATE: PROT_READ. Any page on, up to the size.
 *           -EPERM: more than that, or PROT_EXEC; -EACCES: PROT_WRITE, opened without;
 *           -ENXIO: behind the end
 *   poll    POLLHUP once the module has given the region up: what is mapped stays
 *           as it is, and a new region of the same name is another one
 *
 * The region is there until the last descriptor is closed and the last mapping gone.
 * These keep the core loaded, and not the region's module.
 *
 * Errors of MOEAI_IOC_SHMEM: -EINVAL the name has no NUL, unknown flags, reserved is
 * not 0; -ENOENT no such region; with MOEAI_SHMEM_WRITE -EACCES its module does not
 * allow it, -EPERM without CAP_NET_ADMIN; -EBUSY: MOEAI_OPEN_MAX of them, of all regions,
 * are open of a user who has not CAP_SYS_ADMIN; -EMFILE, -ENFILE, -ENOMEM.
 */
#ifndef _UAPI_LINUX_MOEAI_H
#define _UAPI_LINUX_MOEAI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MOEAI_NETLINK_FAMILY	"MOEAI"
#define MOEAI_NETLINK_VERSION	1

/* Number of the first multicast group (see enum moeai_netlink_groups). */
#define MOEAI_NETLINK_MULTICAST 1

#define MOEAI_GROUP_EVENTS_NAME "events"
#define MOEAI_GROUP_STATUS_NAME "status"

#define MOEAI_MAX_NAME_LEN 32	 /* a module's or field's name, with its NUL */
#define MOEAI_FULL_NAME_LEN 64	 /* "module.thing", with its NUL */
#define MOEAI_DATA_LEN	   12288 /* bytes of DATA attributes in an event */
#define MOEAI_ARGS_MAX	   64	 /* arguments of a command */
#define MOEAI_ARGS_LEN	   8192	 /* bytes of ARGS or RESPONSE DATA */
#define MOEAI_ROW_LEN	   8192 /* bytes of a ROW */
#define MOEAI_FILTER_TYPES 32	 /* TYPE attributes in a FILTER */
#define MOEAI_CONFIRM_MAX  86400 /* seconds */
#define MOEAI_MESSAGE_LEN  4096	 /* bytes of a published text, without NUL */

enum moeai_netlink_msg_types {
	MOEAI_MSG_UNSPEC,
	MOEAI_MSG_EVENT,
	MOEAI_MSG_COMMAND,
	MOEAI_MSG_RESPONSE,
	MOEAI_MSG_STATUS,
	MOEAI_MSG_DATA,
	__MOEAI_MSG_MAX
};

#define MOEAI_MSG_MAX (__MOEAI_MSG_MAX - 1)

enum moeai_netlink_groups {
	MOEAI_GROUP_NONE,
	MOEAI_GROUP_EVENTS,
	MOEAI_GROUP_STATUS,
	__MOEAI_GROUP_MAX
};

#define MOEAI_GROUP_MAX (__MOEAI_GROUP_MAX - 1)

enum moeai_priority {
	MOEAI_PRIO_DEBUG,
	MOEAI_PRIO_INFO,
	MOEAI_PRIO_NOTICE,
	MOEAI_PRIO_WARNING,
	MOEAI_PRIO_CRITICAL,
	__MOEAI_PRIO_MAX
};

#define MOEAI_PRIO_MAX (__MOEAI_PRIO_MAX - 1)

enum moeai_a_event {
	MOEAI_A_EVENT_UNSPEC,
	MOEAI_A_EVENT_PAD,
	MOEAI_A_EVENT_SEQ,	/* u64 */
	MOEAI_A_EVENT_TIME,	/* u64, ns */
	MOEAI_A_EVENT_TYPE,	/* u32 */
	MOEAI_A_EVENT_PRIORITY, /* u32, enum moeai_priority */
	MOEAI_A_EVENT_SOURCE,	/* string */
	MOEAI_A_EVENT_DATA,	/* nest, by the type's schema */
	MOEAI_A_EVENT_FILTER,	/* nest, MOEAI_A_FILTER_* */
	MOEAI_A_EVENT_EPOCH,	/* u64 */
	MOEAI_A_EVENT_FIRST,	/* u64, a SEQ */
	MOEAI_A_EVENT_NEXT,	/* u64, a SEQ */
	MOEAI_A_EVENT_LOST,	/* nest, MOEAI_A_LOST_* */
	__MOEAI_A_EVENT_MAX
};

#define MOEAI_A_EVENT_MAX (__MOEAI_A_EVENT_MAX - 1)

enum moeai_a_filter {
	MOEAI_A_FILTER_UNSPEC,
	MOEAI_A_FILTER_SINCE,	     /* u64, a SEQ */
	MOEAI_A_FILTER_EPOCH,	     /* u64 */
	MOEAI_A_FILTER_TYPE,	     /* u32, may repeat */
	MOEAI_A_FILTER_MIN_PRIORITY, /* u32, enum moeai_priority */
	MOEAI_A_FILTER_SOURCE,	     /* string */
	__MOEAI_A_FILTER_MAX
};

#define MOEAI_A_FILTER_MAX (__MOEAI_A_FILTER_MAX - 1)

enum moeai_a_lost {
	MOEAI_A_LOST_UNSPEC,
	MOEAI_A_LOST_FROM,   /* u64, a SEQ */
	MOEAI_A_LOST_TO,     /* u64, a SEQ, inclusive */
	MOEAI_A_LOST_REASON, /* u32, enum moeai_lost_reason */
	__MOEAI_A_LOST_MAX
};

#define MOEAI_A_LOST_MAX (__MOEAI_A_LOST_MAX - 1)

enum moeai_lost_reason {
	MOEAI_LOST_OVERWRITTEN, /* by newer events, before it was read */
	MOEAI_LOST_CLEARED,	/* by the command log.clear */
	__MOEAI_LOST_MAX
};

#define MOEAI_LOST_MAX (__MOEAI_LOST_MAX - 1)

enum moeai_a_command {
	MOEAI_A_COMMAND_UNSPEC,
	MOEAI_A_COMMAND_ID,   /* u32 */
	MOEAI_A_COMMAND_NAME, /* string */
	MOEAI_A_COMMAND_ARGS, /* nest, by the command's schema */
	__MOEAI_A_COMMAND_MAX
};

#define MOEAI_A_COMMAND_MAX (__MOEAI_A_COMMAND_MAX - 1)

enum moeai_a_response {
	MOEAI_A_RESPONSE_UNSPEC,
	MOEAI_A_RESPONSE_ID,	  /* u32 */
	MOEAI_A_RESPONSE_STATUS,  /* s32, 0 or a negative errno */
	MOEAI_A_RESPONSE_DATA,	  /* nest, by the reply's schema */
	MOEAI_A_RESPONSE_MESSAGE, /* string */
	__MOEAI_A_RESPONSE_MAX
};

#define MOEAI_A_RESPONSE_MAX (__MOEAI_A_RESPONSE_MAX - 1)

enum moeai_a_status {
	MOEAI_A_STATUS_UNSPEC,
	MOEAI_A_STATUS_STATE,		/* u32, enum moeai_state */
	MOEAI_A_STATUS_EPOCH,		/* u64 */
	MOEAI_A_STATUS_UPTIME,		/* u64, ns since the module was loaded */
	MOEAI_A_STATUS_TIME,		/* u64, ns: when the gauges were sampled */
	MOEAI_A_STATUS_CPU,		/* u32, permille of all CPUs in use */
	MOEAI_A_STATUS_MEMORY,		/* u32, permille of memory not available */
	MOEAI_A_STATUS_SWAP_FREE,	/* u64, bytes */
	MOEAI_A_STATUS_RX,		/* u64, bytes/s received, loopback left out */
	MOEAI_A_STATUS_TX,		/* u64, bytes/s sent, loopback left out */
	MOEAI_A_STATUS_PAGES_IN,	/* u64, pages/s read from disks */
	MOEAI_A_STATUS_PAGES_OUT,	/* u64, pages/s written to disks */
	MOEAI_A_STATUS_MODULES,		/* u32, feature modules registered */
	MOEAI_A_STATUS_FAILED,		/* u32, of them: could not start */
	MOEAI_A_STATUS_LOG_SIZE,	/* u64, bytes */
	MOEAI_A_STATUS_LOG_ATTEMPTED,	/* u64, = LOGGED + REFUSED */
	MOEAI_A_STATUS_LOG_LOGGED,	/* u64, = HELD + OVERWRITTEN + CLEARED */
	MOEAI_A_STATUS_LOG_REFUSED,	/* u64, reasons: see table log */
	MOEAI_A_STATUS_LOG_HELD,	/* u64 */
	MOEAI_A_STATUS_LOG_OVERWRITTEN, /* u64 */
	MOEAI_A_STATUS_LOG_CLEARED,	/* u64 */
	MOEAI_A_STATUS_LOG_FIRST,	/* u64, oldest SEQ held */
	MOEAI_A_STATUS_LOG_NEXT,	/* u64, the SEQ the next event will get */
	MOEAI_A_STATUS_VERSION,		/* string, the module's version */
	__MOEAI_A_STATUS_MAX
};

#define MOEAI_A_STATUS_MAX (__MOEAI_A_STATUS_MAX - 1)

enum moeai_state {
	MOEAI_STATE_STARTING,
	MOEAI_STATE_OK,
	/* Events refused, or live delivery failed, in the last interval; or a
	 * module could not start.
	 */
	MOEAI_STATE_DEGRADED,
	MOEAI_STATE_STOPPING,
	__MOEAI_STATE_MAX
};

#define MOEAI_STATE_MAX (__MOEAI_STATE_MAX - 1)

enum moeai_a_data {
	MOEAI_A_DATA_UNSPEC,
	MOEAI_A_DATA_PAD,
	MOEAI_A_DATA_TABLE,	 /* string */
	MOEAI_A_DATA_GENERATION, /* u64 */
	MOEAI_A_DATA_ROW,	 /* nest, by the table's schema; repeats */
	MOEAI_A_DATA_ACTION,	 /* u32, enum moeai_action */
	MOEAI_A_DATA_TXN,	 /* u32, not 0 */
	MOEAI_A_DATA_MORE,	 /* flag */
	MOEAI_A_DATA_ABORT,	 /* flag */
	MOEAI_A_DATA_CONFIRM,	 /* u32, seconds, 1 to MOEAI_CONFIRM_MAX */
	MOEAI_A_DATA_CHANGED,	 /* u64, rows */
	MOEAI_A_DATA_ERROR,	 /* nest, MOEAI_A_ERROR_* */
	MOEAI_A_DATA_ROWS,	 /* u64, ROWs that have come */
	__MOEAI_A_DATA_MAX
};

#define MOEAI_A_DATA_MAX (__MOEAI_A_DATA_MAX - 1)

enum moeai_action {
	MOEAI_ACTION_UNSPEC,
	MOEAI_ACTION_ADD,      /* rows whose key is not there yet */
	MOEAI_ACTION_REPLACE,  /* rows, in place of those with their key if any */
	MOEAI_ACTION_DELETE,   /* rows, by their key fields */
	MOEAI_ACTION_FLUSH,    /* all rows; takes no ROW */
	MOEAI_ACTION_CONFIRM,  /* the change that awaits it stays; takes no ROW */
	MOEAI_ACTION_ROLLBACK, /* the change that awaits confirmation goes; no ROW */
	__MOEAI_ACTION_MAX
};

#define MOEAI_ACTION_MAX (__MOEAI_ACTION_MAX - 1)

enum moeai_a_error {
	MOEAI_A_ERROR_UNSPEC,
	MOEAI_A_ERROR_ROW,     /* u64, absent if no one row is at fault */
	MOEAI_A_ERROR_FIELD,   /* string, absent if no one field is at fault */
	MOEAI_A_ERROR_STATUS,  /* s32, a negative errno */
	MOEAI_A_ERROR_MESSAGE, /* string */
	__MOEAI_A_ERROR_MAX
};

#define MOEAI_A_ERROR_MAX (__MOEAI_A_ERROR_MAX - 1)

/*
 * A field's type: how its attribute's payload reads.
 */
enum moeai_field_type {
	MOEAI_TYPE_UNSPEC,
	MOEAI_TYPE_BOOL,   /* u8, 0 or 1 */
	MOEAI_TYPE_U32,
	MOEAI_TYPE_S32,
	MOEAI_TYPE_U64,
	MOEAI_TYPE_S64,
	MOEAI_TYPE_STRING, /* any bytes but NUL, then NUL */
	MOEAI_TYPE_BINARY,
	/* Prefix length in one byte, then the address in network order: 4 bytes
	 * IPv4, 16 bytes IPv6.
	 */
	MOEAI_TYPE_PREFIX,
	MOEAI_TYPE_ENUM,   /* u32, an index into the field's labels */
	MOEAI_TYPE_FLAGS,  /* u32, bit n is the field's label n */
	__MOEAI_TYPE_MAX
};

#define MOEAI_TYPE_MAX (__MOEAI_TYPE_MAX - 1)

enum moeai_unit {
	MOEAI_UNIT_NONE,     /* a plain number, an id */
	MOEAI_UNIT_COUNT,
	MOEAI_UNIT_BYTES,
	MOEAI_UNIT_BYTES_S,  /* bytes per second */
	MOEAI_UNIT_PAGES_S,  /* pages per second */
	MOEAI_UNIT_NS,	     /* a duration */
	MOEAI_UNIT_TIME,     /* ns since 1970 */
	MOEAI_UNIT_PERMILLE,
	MOEAI_UNIT_COUNT_S,  /* per second */
	__MOEAI_UNIT_MAX
};

#define MOEAI_UNIT_MAX (__MOEAI_UNIT_MAX - 1)

/* Field flags (MOEAI_A_FIELDS_FLAGS). */
#define MOEAI_F_REQUIRED (1 << 0) /* an argument that must be given */
#define MOEAI_F_KEY	 (1 << 1) /* part of a row's key */
#define MOEAI_F_HEX	 (1 << 2) /* shown in hexadecimal */
#define MOEAI_F_READ	 (1 << 3) /* a column that changes of rows may not give */
#define MOEAI_F_HOLDER	 (1 << 4) /* not 0: the row goes with who holds it, and is not saved */
/*
 * What a field names, so that events and rows of all modules can be joined about one
 * thing. A PREFIX names an address by its type. A DEVICE is encoded as stat's st_dev, and
 * is the file system's own number, MAJOR:MINOR in /proc/PID/mountinfo; stat tells others
 * on btrfs, and on some overlays.
 */
#define MOEAI_F_PID	 (1 << 5) /* u32: a process, its thread group id; 0: none */
#define MOEAI_F_COMM	 (1 << 6) /* string: of the process that the PID before it names */
#define MOEAI_F_UID	 (1 << 7) /* u32: a user */
#define MOEAI_F_STARTED	 (1 << 8) /* u64, ns from boot to the start of the PID before it */
#define MOEAI_F_PATH	 (1 << 9) /* string: a file, absolute; from its file system's root if … */
#define MOEAI_F_DEVICE	 (1 << 10) /* u32: … this says which that is */
#define MOEAI_F_OLD	 (1 << 11) /* beside PATH: what the event's other PATH was called before */

/*
 * Table "fields": one row for each field of each schema. The one table whose
 * columns a client must know beforehand; it describes all the others.
 */
enum moeai_a_fields {
	MOEAI_A_FIELDS_UNSPEC,
	MOEAI_A_FIELDS_KIND,   /* enum moeai_schema_kind */
	/* string: the event type, command, table; for params the module; for the
	 * status "status"
	 */
	MOEAI_A_FIELDS_OWNER,
	MOEAI_A_FIELDS_ID,     /* u32, the attribute id in the nest */
	MOEAI_A_FIELDS_NAME,   /* string */
	MOEAI_A_FIELDS_TYPE,   /* enum moeai_field_type */
	MOEAI_A_FIELDS_UNIT,   /* enum moeai_unit */
	MOEAI_A_FIELDS_FLAGS,  /* flags, MOEAI_F_* */
	/* s64; of string and binary: bytes. Both are absent when there is no range. */
	MOEAI_A_FIELDS_RANGE_MIN,
	MOEAI_A_FIELDS_RANGE_MAX,
	MOEAI_A_FIELDS_LABELS, /* string: of enum and flags, joined by '|' */
	MOEAI_A_FIELDS_HELP,   /* string */
	__MOEAI_A_FIELDS_MAX
};

#define MOEAI_A_FIELDS_MAX (__MOEAI_A_FIELDS_MAX - 1)

enum moeai_schema_kind {
	MOEAI_SCHEMA_EVENT,   /* DATA of an event type */
	MOEAI_SCHEMA_ARGS,    /* ARGS of a command */
	MOEAI_SCHEMA_REPLY,   /* DATA of a command's RESPONSE */
	MOEAI_SCHEMA_PARAM,   /* a module's parameters and statistics */
	MOEAI_SCHEMA_TABLE,   /* ROW of a table */
	MOEAI_SCHEMA_STATUS,  /* STATUS */
	__MOEAI_SCHEMA_MAX
};

#define MOEAI_SCHEMA_MAX (__MOEAI_SCHEMA_MAX - 1)

/*
 * Ids. Those of the core are fixed here; a module's are MOEAI_ID_DYNAMIC and
 * above, assigned anew in each epoch: ask tables commands and event_types.
 */
#define MOEAI_ID_DYNAMIC 0x10000

enum moeai_command_id {
	MOEAI_CMD_UNSPEC,
	MOEAI_CMD_PING,		/* core.ping */
	MOEAI_CMD_MODULE_START, /* module.start */
	MOEAI_CMD_MODULE_STOP,	/* module.stop */
	MOEAI_CMD_PARAM_SET,	/* param.set */
	MOEAI_CMD_LOG_CLEAR,	/* log.clear */
	MOEAI_CMD_STATS_RESET,	/* stats.reset */
	MOEAI_CMD_PARAM_CONFIRM,  /* param.confirm */
	MOEAI_CMD_PARAM_ROLLBACK, /* param.rollback */
	__MOEAI_CMD_MAX
};

enum moeai_event_id {
	MOEAI_EV_UNSPEC,
	MOEAI_EV_COMMAND, /* core.command: a call that changed something */
	MOEAI_EV_MODULE,  /* core.module: one came, went, started, stopped */
	MOEAI_EV_MESSAGE, /* user.message: published from user space */
	MOEAI_EV_TABLE,	  /* core.table: rows of a table were changed */
	MOEAI_EV_PARAM,	  /* core.param: a parameter's change was undone */
	__MOEAI_EV_MAX
};

/* core.ping: arguments and reply. */
enum moeai_a_ping {
	MOEAI_A_PING_UNSPEC,
	MOEAI_A_PING_TEXT,  /* string, comes back as it was sent */
	MOEAI_A_PING_DELAY, /* u64, ns to wait before the answer; request only */
	MOEAI_A_PING_TIME,  /* u64, ns; reply only */
	__MOEAI_A_PING_MAX
};

/* module.start, module.stop */
enum moeai_a_module_arg {
	MOEAI_A_MODULE_ARG_UNSPEC,
	MOEAI_A_MODULE_ARG_NAME, /* string, the module's */
	__MOEAI_A_MODULE_ARG_MAX
};

/* param.set */
enum moeai_a_param_set {
	MOEAI_A_PARAM_SET_UNSPEC,
	MOEAI_A_PARAM_SET_NAME,	 /* string, "module.param" */
	MOEAI_A_PARAM_SET_VALUE, /* string, as procfs and moectl write it */
	MOEAI_A_PARAM_SET_CONFIRM, /* u32, seconds, 1 to MOEAI_CONFIRM_MAX */
	__MOEAI_A_PARAM_SET_MAX
};

/* param.confirm, param.rollback */
enum moeai_a_param_arg {
	MOEAI_A_PARAM_ARG_UNSPEC,
	MOEAI_A_PARAM_ARG_NAME, /* string, "module.param"; without it: all that await it */
	__MOEAI_A_PARAM_ARG_MAX
};

/* DATA of core.command */
enum moeai_a_command_event {
	MOEAI_A_COMMAND_EVENT_UNSPEC,
	MOEAI_A_COMMAND_EVENT_NAME,   /* string */
	MOEAI_A_COMMAND_EVENT_STATUS, /* s32, 0 or a negative errno */
	MOEAI_A_COMMAND_EVENT_PID,    /* u32, thread group id of the caller */
	MOEAI_A_COMMAND_EVENT_UID,    /* u32 */
	MOEAI_A_COMMAND_EVENT_COMM,   /* string */
	MOEAI_A_COMMAND_EVENT_VIA,    /* enum: netlink, procfs */
	MOEAI_A_COMMAND_EVENT_ARGS,   /* string, "key=value …", cut at 255 bytes */
	MOEAI_A_COMMAND_EVENT_STARTED, /* u64, ns from boot to the start of the caller */
	__MOEAI_A_COMMAND_EVENT_MAX
};

/* DATA of core.module */
enum moeai_a_module_event {
	MOEAI_A_MODULE_EVENT_UNSPEC,
	MOEAI_A_MODULE_EVENT_NAME,   /* string */
	MOEAI_A_MODULE_EVENT_STATE,  /* enum moeai_module_state */
	MOEAI_A_MODULE_EVENT_STATUS, /* s32, of start */
	__MOEAI_A_MODULE_EVENT_MAX
};

enum moeai_module_state {
	MOEAI_MODULE_STOPPED,
	MOEAI_MODULE_RUNNING,
	MOEAI_MODULE_FAILED, /* its start failed */
	MOEAI_MODULE_GONE,   /* unregistered; in events only */
	__MOEAI_MODULE_STATE_MAX
};

/* DATA of core.table */
enum moeai_a_table_event {
	MOEAI_A_TABLE_EVENT_UNSPEC,
	MOEAI_A_TABLE_EVENT_NAME,	/* string, the table */
	MOEAI_A_TABLE_EVENT_WHAT,	/* enum: committed, confirmed, rolled_back */
	MOEAI_A_TABLE_EVENT_CHANGED,	/* u64, rows */
	MOEAI_A_TABLE_EVENT_GENERATION, /* u64, the one that readers get now */
	MOEAI_A_TABLE_EVENT_PID,	/* u32, of the caller, 0: the timer */
	MOEAI_A_TABLE_EVENT_UID,	/* u32 */
	MOEAI_A_TABLE_EVENT_COMM,	/* string */
	MOEAI_A_TABLE_EVENT_STARTED,	/* u64, ns from boot to the start of the caller */
	__MOEAI_A_TABLE_EVENT_MAX
};

/* DATA of core.param */
enum moeai_a_param_event {
	MOEAI_A_PARAM_EVENT_UNSPEC,
	MOEAI_A_PARAM_EVENT_NAME,   /* string, "module.param" */
	MOEAI_A_PARAM_EVENT_VALUE,  /* string, that it has now */
	MOEAI_A_PARAM_EVENT_STATUS, /* s32, 0 or why the old value was refused */
	__MOEAI_A_PARAM_EVENT_MAX
};

/* DATA of user.message; a publisher gives TEXT only */
enum moeai_a_message {
	MOEAI_A_MESSAGE_UNSPEC,
	MOEAI_A_MESSAGE_TEXT, /* string, 1 to MOEAI_MESSAGE_LEN bytes */
	MOEAI_A_MESSAGE_PID,  /* u32, thread group id */
	MOEAI_A_MESSAGE_UID,  /* u32 */
	MOEAI_A_MESSAGE_COMM, /* string */
	MOEAI_A_MESSAGE_STARTED, /* u64, ns from boot to the start of the publisher */
	__MOEAI_A_MESSAGE_MAX
};

/*
 * The mapping's first page. tail and head change all the time, the rest never.
 */
#define MOEAI_MAP_VERSION 1
#define MOEAI_DEVICE	  "/dev/moeai"
#define MOEAI_OPEN_MAX	  64	/* open files of a user without privileges; and of regions */
#define MOEAI_READ_MIN	  256	/* bytes, of read's buffer */
#define MOEAI_READ_MAX	  16384 /* bytes: no message is longer */

struct moeai_map_ring {
	__u64 tail; /* position of the oldest record */
	__u64 head; /* position of the next one */
	__u64 reserved[6];
};

struct moeai_map {
	__u32 version; /* MOEAI_MAP_VERSION */
	__u32 family;  /* nlmsg_type of the records */
	__u64 epoch;
	__u64 size;	   /* bytes, of the whole mapping */
	__u64 log_offset;  /* bytes, in the mapping */
	__u64 log_size;	   /* bytes, a power of two; mapped twice */
	__u64 keep_offset; /* as of the log */
	__u64 keep_size;
	__u64 reserved;
	struct moeai_map_ring log;
	struct moeai_map_ring keep;
};

/*
 * MOEAI_IOC_RANGE: where a seq is, and what the log holds, all of one moment.
 */
struct moeai_range {
	__u64 since; /* in: a SEQ; 0: the oldest */
	__u64 pos;   /* of the record at since, of one before it, or of the oldest */
	__u64 seq;   /* of the record at pos */
	__u64 first; /* oldest SEQ in the log */
	__u64 next;  /* the SEQ that the next event will get */
	__u64 head;  /* the position that it will get */
};

/*
 * MOEAI_IOC_WAKE: when who waits is woken: when so many bytes are there, or the
 * first of them is so old, or at once for an event of MOEAI_PRIO_WARNING or above.
 * At first 1 and 0, that is, at once for all.
 */
struct moeai_wake {
	__u64 bytes;	/* 1 to half the log's size */
	__u64 delay_ns; /* up to MOEAI_WAKE_DELAY_MAX */
};

#define MOEAI_WAKE_DELAY_MAX 1000000000ULL /* ns */

#define MOEAI_SHMEM_WRITE (1 << 0) /* a region's flag */

/* MOEAI_IOC_SHMEM: see above. */
struct moeai_region {
	char name[MOEAI_FULL_NAME_LEN]; /* in */
	__u32 flags;			/* in: MOEAI_SHMEM_WRITE is wanted; out: is allowed */
	__u32 id;			/* out: of several of that name the latest has the highest */
	__u64 size;			/* out: bytes, whole pages */
	__u64 reserved;			/* 0 */
};

#define MOEAI_IOC_TYPE	0xBE
#define MOEAI_IOC_MAP	_IOR(MOEAI_IOC_TYPE, 0, struct moeai_map) /* the first page */
#define MOEAI_IOC_RANGE _IOWR(MOEAI_IOC_TYPE, 1, struct moeai_range)
#define MOEAI_IOC_WAKE	_IOW(MOEAI_IOC_TYPE, 2, struct moeai_wake)
/* All before this position has been read in the mapping: poll is for what comes behind. */
#define MOEAI_IOC_ARM	_IOW(MOEAI_IOC_TYPE, 3, __u64)
/* read goes on with the announcement and this SEQ; 0: the oldest. */
#define MOEAI_IOC_SEEK	_IOW(MOEAI_IOC_TYPE, 4, __u64)
#define MOEAI_IOC_SHMEM _IOWR(MOEAI_IOC_TYPE, 5, struct moeai_region)

#endif /* _UAPI_LINUX_MOEAI_H */
