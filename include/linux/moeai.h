/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MoeAI's kernel API, for feature modules (GPL).
 *
 * A feature module describes itself once, in constant tables: its event types,
 * commands and parameters, each field with name, type, unit and help. It then
 * registers itself, emits events and answers calls. Decoding, validation,
 * procfs, moectl's columns and JSON follow from the tables.
 *
 * See examples/kmod_hello for a small module, examples/kmod_samples for one that
 * shares memory with programs, kmod/mem_monitor for a large one,
 * docs/writing-a-module.md for the way to one.
 */
#ifndef _LINUX_MOEAI_H
#define _LINUX_MOEAI_H

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/types.h>
#include <net/netlink.h>
#include <uapi/linux/moeai.h>

struct moeai_module;
struct moeai_module_priv;

/**
 * struct moeai_field - one field of an event, command, reply, table or parameter
 * @name: lower case, digits and '_', below MOEAI_MAX_NAME_LEN
 * @help: one line for people, or NULL
 * @type: enum moeai_field_type: the attribute's type on the wire
 * @unit: enum moeai_unit
 * @flags: MOEAI_F_*
 * @min: least value; of strings and binaries the least length in bytes
 * @max: greatest value or length; @min and @max both 0 mean no range
 * @labels: names of an enum's values or of the flags' bits, NULL-terminated
 *
 * The attribute's id is the field's index in its schema's array; index 0 and
 * entries without a name are reserved.
 */
struct moeai_field {
	const char *name;
	const char *help;
	u8 type;
	u8 unit;
	u16 flags;
	s64 min;
	s64 max;
	const char *const *labels;
};

/**
 * struct moeai_schema - an array of fields, indexed by attribute id
 * @fields: NULL for an empty schema
 * @max: the greatest id
 */
struct moeai_schema {
	const struct moeai_field *fields;
	unsigned int max;
};

/* Initialiser of a schema from an array of struct moeai_field. */
#define MOEAI_SCHEMA(array) { .fields = (array), .max = ARRAY_SIZE(array) - 1 }

enum moeai_value_kind {
	MOEAI_VALUE_NUMBER,
	MOEAI_VALUE_BYTES,
	MOEAI_VALUE_STRING,
};

/**
 * struct moeai_value - a field's value, as handed to moeai_emit() and friends
 * @id: the field's id
 * @len: payload bytes, a string's without its NUL
 * @kind: where the payload is, and whether a NUL follows it
 *
 * Made by moeai_bool(), moeai_u32() … moeai_bytes(). Pointers are read before
 * the call that takes the value returns.
 */
struct moeai_value {
	u16 id;
	u16 len;
	u8 kind;
	union {
		u8 u8;
		u32 u32;
		u64 u64;
		const void *data;
	};
};

static inline struct moeai_value moeai_bool(u16 id, bool v)
{
	return (struct moeai_value){ .id = id, .len = 1, .u8 = v };
}

static inline struct moeai_value moeai_u32(u16 id, u32 v)
{
	return (struct moeai_value){ .id = id, .len = 4, .u32 = v };
}

static inline struct moeai_value moeai_s32(u16 id, s32 v)
{
	return moeai_u32(id, (u32)v);
}

static inline struct moeai_value moeai_u64(u16 id, u64 v)
{
	return (struct moeai_value){ .id = id, .len = 8, .u64 = v };
}

static inline struct moeai_value moeai_s64(u16 id, s64 v)
{
	return moeai_u64(id, (u64)v);
}

static inline struct moeai_value moeai_bytes(u16 id, const void *data, u16 len)
{
	return (struct moeai_value){ .id = id, .len = len, .kind = MOEAI_VALUE_BYTES,
				     .data = data };
}

/* @len bytes of @s, which hold no NUL. */
static inline struct moeai_value moeai_strn(u16 id, const char *s, u16 len)
{
	return (struct moeai_value){ .id = id, .len = len, .kind = MOEAI_VALUE_STRING,
				     .data = s };
}

static inline struct moeai_value moeai_str(u16 id, const char *s)
{
	return moeai_strn(id, s, min_t(size_t, strlen(s), U16_MAX)); /* too long anyway */
}

/* The attribute's nla_len; it takes NLA_ALIGN() of it. */
static __always_inline u32 moeai_value_len(const struct moeai_value *v)
{
	return NLA_HDRLEN + v->len + (v->kind == MOEAI_VALUE_STRING);
}

static inline u32 moeai_values_len(const struct moeai_value *values, unsigned int n)
{
	u32 len = 0;

	while (n--)
		len += NLA_ALIGN(moeai_value_len(values++));
	return len;
}

/* memcpy(), of which a call costs more than a few words do. */
static __always_inline void moeai_copy(u8 *to, const u8 *from, u32 len)
{
	u32 i;

	if (len < 4 || len > 32) {
		memcpy(to, from, len);
		return;
	}
	if (len < 8) {
		memcpy(to, from, 4);
		memcpy(to + len - 4, from + len - 4, 4);
		return;
	}
	for (i = 0; i < len - 8; i += 8)
		memcpy(to + i, from + i, 8);
	memcpy(to + len - 8, from + len - 8, 8);
}

/* Writes the attribute at @p, a multiple of 4; returns its end. */
static __always_inline void *moeai_value_put(void *p, const struct moeai_value *v)
{
	u32 len = moeai_value_len(v), padded = NLA_ALIGN(len);

	*(struct nlattr *)p = (struct nlattr){ len, v->id };
	if (v->kind == MOEAI_VALUE_NUMBER && v->len == 8) {
		memcpy(p + NLA_HDRLEN, &v->u64, 8);
	} else if (v->kind == MOEAI_VALUE_NUMBER) {
		*(u32 *)(p + NLA_HDRLEN) = v->len == 4 ? v->u32 : 0;
		if (v->len != 4)
			*(u8 *)(p + NLA_HDRLEN) = v->u8;
	} else {
		/* The last word first: it zeroes a string's NUL and the padding. */
		if (len > NLA_HDRLEN)
			*(u32 *)(p + padded - 4) = 0;
		moeai_copy(p + NLA_HDRLEN, v->data, v->len);
	}
	return p + padded;
}

/* ---- events ------------------------------------------------------------- */

#define MOEAI_IMAGE_LEN 112

/**
 * struct moeai_event_type - a kind of event
 * @name: "module.thing"
 * @help: one line for people
 * @schema: the fields of DATA
 * @id: private: on the wire, assigned when the module is registered
 * @image_len: private
 * @image: private: the record's head as it will be written
 */
struct moeai_event_type {
	const char *name;
	const char *help;
	struct moeai_schema schema;

	u32 id;
	u16 image_len;
	u8 image[MOEAI_IMAGE_LEN] __aligned(8);
};

/**
 * moeai_event_emit - log an event and deliver it to those who listen
 * @type: a type of a registered module
 * @priority: enum moeai_priority; critical events survive floods of others
 * @values: the fields, in any order, each at most once
 * @n: how many
 *
 * Context: any but NMI. Never sleeps, never allocates. Takes a raw spinlock
 * with interrupts off for the time it takes to copy the values. It may run
 * while the type's module is unregistered; afterwards the type is refused.
 * Return: 0, or what was counted in table log as refused: -EMSGSIZE over
 * MOEAI_DATA_LEN bytes, -EINVAL a type that is not registered or an unknown
 * priority, -EPERM in NMI context.
 */
int moeai_event_emit(const struct moeai_event_type *type, enum moeai_priority priority,
		     const struct moeai_value *values, unsigned int n);

/**
 * struct moeai_slot - a record that is being written, in place
 * @data: where its attributes go
 */
struct moeai_slot {
	void *data;
	/* private: */
	unsigned long irq;
	u32 len;
	u32 priority;
};

/**
 * moeai_event_reserve - begin an event of which the values are encoded already
 * @type: as of moeai_event_emit()
 * @priority: as of moeai_event_emit()
 * @len: bytes of all attributes, each with its padding: a multiple of 4
 * @slot: where to write them, by moeai_value_put() or as that once wrote them
 *
 * If it returns 0, the caller writes all @len bytes, of attributes that fit the
 * type's schema, and calls moeai_event_commit(), which checks that only in kernels made
 * for debugging, and warns. Meanwhile the log is locked with interrupts off: so he does
 * nothing else, and reads from memory that can't fault.
 *
 * Context: as of moeai_event_emit(). Return: as moeai_event_emit().
 */
int moeai_event_reserve(const struct moeai_event_type *type, enum moeai_priority priority,
			u32 len, struct moeai_slot *slot);
/** moeai_event_commit - log and deliver what was written after moeai_event_reserve() */
void moeai_event_commit(const struct moeai_slot *slot);

/* Each of up to 12 values in a variable of its own, which no array has to be made of. */
#define __MOEAI_0(m)
#define __MOEAI_1(m, v)	      m(1, v)
#define __MOEAI_2(m, v, ...)  m(2, v) __MOEAI_1(m, __VA_ARGS__)
#define __MOEAI_3(m, v, ...)  m(3, v) __MOEAI_2(m, __VA_ARGS__)
#define __MOEAI_4(m, v, ...)  m(4, v) __MOEAI_3(m, __VA_ARGS__)
#define __MOEAI_5(m, v, ...)  m(5, v) __MOEAI_4(m, __VA_ARGS__)
#define __MOEAI_6(m, v, ...)  m(6, v) __MOEAI_5(m, __VA_ARGS__)
#define __MOEAI_7(m, v, ...)  m(7, v) __MOEAI_6(m, __VA_ARGS__)
#define __MOEAI_8(m, v, ...)  m(8, v) __MOEAI_7(m, __VA_ARGS__)
#define __MOEAI_9(m, v, ...)  m(9, v) __MOEAI_8(m, __VA_ARGS__)
#define __MOEAI_10(m, v, ...) m(10, v) __MOEAI_9(m, __VA_ARGS__)
#define __MOEAI_11(m, v, ...) m(11, v) __MOEAI_10(m, __VA_ARGS__)
#define __MOEAI_12(m, v, ...) m(12, v) __MOEAI_11(m, __VA_ARGS__)
/* What a macro among the values expands to is counted: so in two steps. */
#define __MOEAI_EACH(m, ...) __MOEAI_EXPANDED(m, __VA_ARGS__)
#define __MOEAI_EXPANDED(m, ...)                                                       \
	CONCATENATE(__MOEAI_, COUNT_ARGS(__VA_ARGS__))(m, ##__VA_ARGS__)

#define __MOEAI_SET(i, v) const struct moeai_value __v##i = v;
#define __MOEAI_LEN(i, v) + NLA_ALIGN(moeai_value_len(&__v##i))
#define __MOEAI_PUT(i, v) __slot.data = moeai_value_put(__slot.data, &__v##i);

/*
 * moeai_emit(&type, priority, moeai_u32(id, v), moeai_str(id, s), …)
 *
 * As moeai_event_emit(), of up to 12 values, compiled where it is used, as the
 * compiler knows the fields there.
 */
#define moeai_emit(type, priority, ...)                                                \
	({                                                                             \
		__MOEAI_EACH(__MOEAI_SET, ##__VA_ARGS__)                               \
		struct moeai_slot __slot;                                              \
		int __ret = moeai_event_reserve(                                       \
			type, priority, 0 __MOEAI_EACH(__MOEAI_LEN, ##__VA_ARGS__), &__slot); \
		if (likely(!__ret)) {                                                  \
			__MOEAI_EACH(__MOEAI_PUT, ##__VA_ARGS__)                       \
			moeai_event_commit(&__slot);                                   \
		}                                                                      \
		__ret;                                                                 \
	})

/* ---- commands ----------------------------------------------------------- */

enum moeai_via {
	MOEAI_VIA_NETLINK,
	MOEAI_VIA_PROCFS,
};

/**
 * struct moeai_call - one call of a command, valid until its handler returns
 * @command: what was called
 * @args: attributes by field id, validated; NULL where not given
 * @data: the command's @data
 * @via: enum moeai_via
 * @portid: netlink port of the caller, 0 for procfs
 * @pid: thread group id of the caller, initial pid namespace
 * @uid: of the caller
 * @comm: of the caller
 */
struct moeai_call {
	const struct moeai_command *command;
	struct nlattr **args;
	void *data;
	enum moeai_via via;
	u32 portid;
	u32 pid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
};

#define MOEAI_COMMAND_READ (1 << 0) /* changes nothing: no core.command event */

/**
 * struct moeai_command - something that user space can ask for
 * @name: "module.thing"
 * @help: one line for people
 * @args: the arguments' schema; required ones bear MOEAI_F_REQUIRED
 * @reply: the reply's schema
 * @flags: MOEAI_COMMAND_*
 * @handler: called in process context, may sleep, concurrently with itself.
 *	Returns 0 or the negative errno that the RESPONSE will carry as STATUS.
 *	It may add fields with moeai_reply() and a text with moeai_call_error().
 * @data: for the handler
 * @id: private: on the wire, assigned when the module is registered
 *
 * The caller has CAP_NET_ADMIN in the initial user namespace, over netlink and
 * procfs alike.
 */
struct moeai_command {
	const char *name;
	const char *help;
	struct moeai_schema args;
	struct moeai_schema reply;
	u32 flags;
	int (*handler)(struct moeai_call *call);
	void *data;

	u32 id;
};

/**
 * moeai_call_reply - add fields to the answer of a call
 * Context: the call's handler.
 * Return: 0, or -EMSGSIZE past MOEAI_ARGS_LEN.
 */
int moeai_call_reply(struct moeai_call *call, const struct moeai_value *values, unsigned int n);

/* moeai_reply(call, moeai_u32(id, v), …) */
#define moeai_reply(call, ...)                                                         \
	({                                                                             \
		const struct moeai_value __values[] = { __VA_ARGS__ };                 \
		moeai_call_reply(call, __values, ARRAY_SIZE(__values));                \
	})

/**
 * moeai_call_error - say in words why a call fails; returns @err
 * Context: the call's handler.
 */
__printf(3, 4) int moeai_call_error(struct moeai_call *call, int err, const char *fmt, ...);

/**
 * moeai_call_defer - answer this call later, by moeai_answer()
 * @call: the call
 * @ticket: set to a number that names the call from now on
 *
 * The handler then returns 0. If it returns an error, the ticket is void and
 * the error is the answer. Arguments must be copied: they go with the handler.
 * Context: the call's handler.
 * Return: 0, -ENOMEM, or -EBUSY: too many unanswered calls of this caller.
 */
int moeai_call_defer(struct moeai_call *call, u32 *ticket);

/**
 * moeai_answer - answer a deferred call
 * @ticket: from moeai_call_defer()
 * @status: 0 or a negative errno
 * @values: fields of the reply, or NULL
 * @n: how many
 *
 * Context: process or softirq.
 * Return: 0; -ENOENT: the call was answered, its caller is gone, or its module
 * was unregistered; -EMSGSIZE past MOEAI_ARGS_LEN (the caller is told);
 * -ENOMEM (the ticket stays valid).
 */
int moeai_answer(u32 ticket, int status, const struct moeai_value *values, unsigned int n);

static inline u32 moeai_arg_u32(const struct moeai_call *call, u16 id, u32 missing)
{
	return call->args[id] ? nla_get_u32(call->args[id]) : missing;
}

static inline u64 moeai_arg_u64(const struct moeai_call *call, u16 id, u64 missing)
{
	return call->args[id] ? nla_get_u64(call->args[id]) : missing;
}

static inline bool moeai_arg_bool(const struct moeai_call *call, u16 id, bool missing)
{
	return call->args[id] ? nla_get_u8(call->args[id]) : missing;
}

/* NULL when it was not given. */
static inline const char *moeai_arg_str(const struct moeai_call *call, u16 id)
{
	return call->args[id] ? nla_data(call->args[id]) : NULL;
}

/* ---- parameters and statistics ------------------------------------------ */

#define MOEAI_PARAM_WRITE (1 << 0) /* param.set may change it */
#define MOEAI_PARAM_STAT  (1 << 1) /* a statistic */
#define MOEAI_PARAM_COUNT (1 << 2) /* a statistic that stats.reset sets to 0 */

/**
 * struct moeai_param - a module's parameter or statistic
 * @field: bool, u32, s32, u64, s64, enum or flags, with its range
 * @flags: MOEAI_PARAM_*
 * @value: where it is: bool, u32, s32, u64 or s64 as @field says. Read and
 *	written whole (READ_ONCE); NULL if @read is given
 * @read: computes it instead
 * @set: optional: called with a value within @field's range, under the module's
 *	lock; stores it itself or refuses with -errno. Without it, the core stores
 * @rule: optional: what @set wants beyond the range, for the text of its refusal,
 *	which has room for some 80 bytes of it
 */
struct moeai_param {
	struct moeai_field field;
	u32 flags;
	void *value;
	u64 (*read)(const struct moeai_param *param);
	int (*set)(const struct moeai_param *param, u64 value);
	const char *rule;
};

/* ---- tables ------------------------------------------------------------- */

#define MOEAI_TABLE_OPEN  (1 << 0) /* readable without CAP_SYS_ADMIN */
#define MOEAI_TABLE_WRITE (1 << 1) /* user space may change its rows */

/* Rows that a table's @fill or @next makes; the core's. */
struct moeai_rows;
struct moeai_table_priv;
struct moeai_table;
struct moeai_change;

/**
 * struct moeai_row_error - why a row is refused, for the answer
 * @why: a constant text, or NULL
 * @field: id of the field at fault, 0: none
 * @change: which of the changes, U32_MAX: no one of them
 */
struct moeai_row_error {
	const char *why;
	u16 field;
	u32 change;
};

/**
 * struct moeai_changes - a transaction, for the module that keeps the rows
 * @flush: all rows there were go first
 * @n: then come so many changes, in this order
 * @list: private, see moeai_changes_row()
 * @pid: thread group id of who commits, initial pid namespace
 * @uid: of his
 * @comm: of his
 */
struct moeai_changes {
	bool flush;
	u32 n;
	const struct moeai_change *list;
	u32 pid;
	kuid_t uid;
	const char *comm;
};

/**
 * moeai_changes_row - one of the changes
 * @changes: as handed to @make
 * @i: which, below @changes->n
 * @row: schema.max + 1 pointers, set to the row's attributes by field id. They
 *	fit the schema, and @check has seen them if this is no deletion
 *
 * Return: MOEAI_ACTION_ADD, MOEAI_ACTION_REPLACE or MOEAI_ACTION_DELETE.
 */
u8 moeai_changes_row(const struct moeai_table *table, const struct moeai_changes *changes, u32 i,
		     struct nlattr **row);

/* Where a dump is: the module's, zeroed before the first @next. */
struct moeai_row_cursor {
	u64 at[4];
};

/* Why readers get another generation. */
enum moeai_published {
	MOEAI_PUBLISHED_COMMITTED,   /* user space changed the table */
	MOEAI_PUBLISHED_ROLLED_BACK, /* and did not confirm it, or took it back */
	MOEAI_PUBLISHED_AMENDED,     /* the module itself did: moeai_table_amend() */
};

/**
 * struct moeai_table_ops - how a module keeps a table's rows itself
 * @make: a new generation: @old after @changes, or ERR_PTR with @wrong filled
 *	in, if a row is to blame: -EEXIST for a key that is there already, -ENOENT
 *	for one that is not. @old stays as it is
 * @free: a generation that nobody reads any more, an RCU grace period after it
 *	could last be found
 * @count: its rows
 * @next: add the row at @cursor by moeai_row() and move on; false: there is none.
 *	Rows come in an order of the module's choice, each once
 * @published: optional: readers get this one now
 *
 * A generation is the module's object; NULL is one without rows, as the first
 * is, and no callback but @make, @published and moeai_table_amend()'s sees it. It
 * must not change in what rows there are, as dumps and a change that awaits its
 * confirmation hold older ones; a row's read-only fields may. All are called in
 * process context and may sleep; @make and @published one at a time. While a dump
 * runs, the module can't be unloaded; there is none before its init has succeeded.
 */
struct moeai_table_ops {
	void *(*make)(const struct moeai_table *table, void *old,
		      const struct moeai_changes *changes, struct moeai_row_error *wrong);
	void (*free)(const struct moeai_table *table, void *rows);
	u64 (*count)(const struct moeai_table *table, const void *rows);
	bool (*next)(const struct moeai_table *table, const void *rows,
		     struct moeai_row_cursor *cursor, struct moeai_rows *out);
	void (*published)(const struct moeai_table *table, void *rows, enum moeai_published how);
};

/**
 * struct moeai_table - rows under a schema
 * @name: "module.thing"
 * @help: one line for people
 * @schema: the columns; those with MOEAI_F_KEY are a row's key
 * @flags: MOEAI_TABLE_*
 * @max_rows: of a stored table; 0 means 65536
 * @fill: computes all rows, by moeai_row(), each time the table is read; process
 *	context, may sleep. NULL: the table is stored
 * @ops: of a stored table, optional: the module keeps the rows, in a form of its
 *	own. NULL: the core does
 * @check: of a stored table, optional: is this row acceptable beyond what its
 *	schema says? @row: attributes by field id. Returns 0 or -errno with @wrong's
 *	why and field set. Process context, may sleep
 * @changed: of a stored table, optional: its rows are other ones now. Process
 *	context, may sleep; once for each generation, not for each row
 * @data: for the callbacks
 * @priv: private
 *
 * Callbacks may run for as long as the module is registered: before its @start,
 * after its @stop, and beside both. None may unregister the module.
 *
 * A stored table is changed from user space by DATA, all or nothing, and what the
 * core keeps is in order of its keys. Each change makes a new generation; readers
 * keep theirs. CONFIRM and what it rolls back are the core's, whoever keeps the rows.
 */
struct moeai_table {
	const char *name;
	const char *help;
	struct moeai_schema schema;
	u32 flags;
	u32 max_rows;
	void (*fill)(const struct moeai_table *table, struct moeai_rows *rows);
	const struct moeai_table_ops *ops;
	int (*check)(const struct moeai_table *table, struct nlattr **row,
		     struct moeai_row_error *wrong);
	void (*changed)(const struct moeai_table *table);
	void *data;

	struct moeai_table_priv *priv;
};

/* Add a row. Context: a @fill or @next. If there is no memory, the dump fails. */
void moeai_rows_add(struct moeai_rows *rows, const struct moeai_value *values, unsigned int n);

/* moeai_row(rows, moeai_u32(id, v), …) */
#define moeai_row(rows, ...)                                                           \
	({                                                                             \
		const struct moeai_value __values[] = { __VA_ARGS__ };                 \
		moeai_rows_add(rows, __values, ARRAY_SIZE(__values));                  \
	})

/**
 * moeai_table_find - a stored table's row
 * @table: of a registered module; one whose rows the core keeps
 * @key: values of the key fields, in order of their ids
 * @n: how many
 * @row: schema.max + 1 pointers, set to the row's attributes by field id
 *
 * Context: any but NMI, under rcu_read_lock(), until whose end @row is valid.
 * Return: 0; -ENOENT, also of a module that is not registered; -E2BIG: a key of
 * more than 512 bytes, attribute heads included, can't be looked up.
 */
int moeai_table_find(const struct moeai_table *table, const struct moeai_value *key,
		     unsigned int n, struct nlattr **row);

/**
 * moeai_table_amend - a module changes rows that it keeps on its own
 * @table: with @ops
 * @amend: returns the generation after @old, @old itself if nothing is to change,
 *	or ERR_PTR
 * @arg: for it
 *
 * Unlike user space's, this change needs no confirmation and is not rolled back:
 * if a change awaits its confirmation, @amend is called for the generation that
 * would come back as well, first. All or nothing.
 * Context: process, may sleep, between the module's @start and @stop. Not from
 * callbacks of the same table.
 * Return: 0, -ENOENT: not registered, -ENOMEM, or @amend's error.
 */
int moeai_table_amend(const struct moeai_table *table,
		      void *(*amend)(const struct moeai_table *table, void *old, void *arg),
		      void *arg);

/* ---- modules ------------------------------------------------------------ */

/**
 * struct moeai_module - a feature module
 * @name: lower case, digits and '_'; prefix of all its names. Not one of core,
 *	module, param, log, stats, user
 * @help: one line for people
 * @version: a string
 * @events: its event types
 * @n_events: how many
 * @commands: its commands
 * @n_commands: how many
 * @params: its parameters and statistics. Saved ones are restored in this order: what
 *	switches something on is best the last
 * @n_params: how many
 * @tables: its tables
 * @n_tables: how many
 * @start: optional: begins its work; process context, may sleep
 * @stop: optional: ends it; when it returns, nothing of the module runs but
 *	command handlers, and callbacks of tables and parameters
 * @priv: private
 *
 * All tables live until moeai_module_unregister() has returned.
 */
struct moeai_module {
	const char *name;
	const char *help;
	const char *version;
	struct moeai_event_type *events;
	unsigned int n_events;
	struct moeai_command *commands;
	unsigned int n_commands;
	const struct moeai_param *params;
	unsigned int n_params;
	struct moeai_table *tables;
	unsigned int n_tables;
	int (*start)(struct moeai_module *module);
	void (*stop)(struct moeai_module *module);

	struct moeai_module_priv *priv;
};

/**
 * moeai_module_register - announce a module and start it
 * @module: its description
 *
 * Checks every name, id and schema first. A failing @start does not fail the
 * registration: the module stands in state "failed" and can be started again.
 * Context: process, may sleep; usually the module's init.
 * Return: 0, -EEXIST a name is taken, -EINVAL (the kernel log says what is
 * wrong), -ENOMEM.
 */
#define moeai_module_register(module) __moeai_module_register(module, THIS_MODULE)
int __moeai_module_register(struct moeai_module *module, struct module *owner);

/**
 * moeai_module_unregister - stop a module and forget it
 * @module: a registered module
 *
 * Calls @stop if it runs, waits for handlers in flight, and answers deferred
 * calls with -ECANCELED. Afterwards nothing of the core refers to it.
 * Context: process, may sleep; usually the module's exit. Not from a handler.
 */
void moeai_module_unregister(struct moeai_module *module);

/* ---- regions -------------------------------------------------------------- */

/**
 * moeai_shmem_create - memory that programs can map, under a name
 * @name: "module.thing", of a module that the caller has registered; copied
 * @size: bytes; whole pages are what it gets
 * @flags: MOEAI_SHMEM_WRITE: programs with CAP_NET_ADMIN may write it. Else who can read
 *	/dev/moeai may read it, and nobody but the module can write
 *
 * The memory is zero at first, contiguous for the module, and pinned. To have much of it
 * may take long, for which nobody else waits; table shmem shows it as being made. It is the
 * module's until moeai_shmem_destroy(), or until moeai_module_unregister() is about to
 * return; programs that have it open then keep it as it is, are told by poll(2), and do
 * not keep the module. A region of the same name may be made at once: but as long as they
 * have the old one, its bytes and itself count against core.shmem_bytes and the number of
 * regions, and so who may read can keep a module that is loaded anew from making its own.
 *
 * What is in it can be read, at any time: nothing that is secret, and no pointers. What
 * programs may write changes at any time to whatever they like: read it once, by
 * READ_ONCE(), check what was read, and keep what has to be true elsewhere.
 *
 * Context: process, may sleep, from the module's @start on. If it is made there, @stop
 * is where to destroy it.
 * Return: the address, a page's; or NULL, counted in core.shmem_refused, and the kernel
 * log says why: the name is bad or taken, core.shmem_bytes or the number of regions is
 * used up, there is no memory.
 */
#define moeai_shmem_create_flags(name, size, flags)                                    \
	__moeai_shmem_create(name, size, flags, THIS_MODULE)
void *__moeai_shmem_create(const char *name, size_t size, u32 flags, struct module *module);

/* Give it up before the module goes. The address is void. Return: 0, or -ENOENT. */
int moeai_shmem_destroy(const char *name);

/* ---- the specification's interface -------------------------------------- */

/* void *moeai_shmem_create(const char *name, size_t size): which programs can't write. */
#define moeai_shmem_create(name, size) moeai_shmem_create_flags(name, size, 0)

/**
 * moeai_shmem_export - a region as a file descriptor of the current process
 * @name: of the region
 *
 * What programs get by MOEAI_IOC_SHMEM of /dev/moeai, for a module that has a way of its
 * own to hand it out, to whomever it likes. It can be mapped for writing if the region
 * allows that and the process has CAP_NET_ADMIN.
 * Context: a system call of the process, such as a command's handler; not a kernel thread.
 * Return: the descriptor, close-on-exec; -EBUSY: its user has MOEAI_OPEN_MAX of them;
 * -ENOENT, -EINVAL, -EMFILE, -ENFILE, -ENOMEM.
 */
int moeai_shmem_export(const char *name);

/**
 * struct moeai_nl_msg_hdr - a message's head as a handler sees it
 * @msg_type: enum moeai_netlink_msg_types
 * @flags: 0
 * @seq: names the call; what moeai_netlink_send_response() wants back. Given by
 *	the core, unique, so that no answer can reach a later owner of the port
 * @pid: the caller's netlink port, 0 for procfs
 */
struct moeai_nl_msg_hdr {
	u16 msg_type;
	u16 flags;
	u32 seq;
	u32 pid;
};

/**
 * struct moeai_nl_event - an event for moeai_netlink_send_event()
 * @hdr: ignored
 * @event_type: a registered type's id
 * @event_priority: enum moeai_priority
 * @timestamp: ignored: the log sets it, ns
 * @source: ignored: the type's module
 * @data_len: bytes of @data
 * @data: netlink attributes by the type's schema
 */
struct moeai_nl_event {
	struct moeai_nl_msg_hdr hdr;
	u32 event_type;
	u32 event_priority;
	u64 timestamp;
	char source[MOEAI_MAX_NAME_LEN];
	u32 data_len;
	char data[];
};

typedef struct moeai_nl_event moeai_event_t;

/**
 * struct moeai_nl_command - a call, as a moeai_netlink_register_command() handler sees it
 * @hdr: who asks
 * @command_id: the command
 * @args_len: bytes of @args
 * @args: the one binary argument as it was sent
 */
struct moeai_nl_command {
	struct moeai_nl_msg_hdr hdr;
	u32 command_id;
	u32 args_len;
	char args[];
};

/**
 * moeai_netlink_send_event - log and deliver an event given as attributes
 * Context: any but NMI.
 * Return: as moeai_event_emit(); -EINVAL also for data that does not fit the schema.
 */
int moeai_netlink_send_event(const moeai_event_t *event);

/**
 * moeai_netlink_send_status - notify group "status" now, of the last sample
 * Context: process.
 * Return: 0, also when nobody listens; -ENOMEM.
 */
int moeai_netlink_send_status(void);

/**
 * moeai_netlink_send_response - answer a call of a registered command
 * @pid: hdr.pid of the call
 * @seq: hdr.seq of the call
 * @command_id: its command
 * @status: 0 or a negative errno
 * @data: netlink attributes, or NULL
 * @data_len: bytes of @data
 *
 * Context: process or softirq.
 * Return: as moeai_answer(); -EINVAL: @data is not a run of attributes.
 */
int moeai_netlink_send_response(u32 pid, u32 seq, u32 command_id, s32 status, const void *data,
				u32 data_len);

/**
 * moeai_netlink_register_command - add a command that takes bytes
 * @command_id: MOEAI_ID_DYNAMIC or above and not taken; its name is "id.<decimal>"
 * @handler: returns 0 having answered or to be answered with status 0,
 *	-EINPROGRESS to answer later by moeai_netlink_send_response(), or an errno
 * @data: for the handler
 *
 * Context: process.
 * Return: 0, -EEXIST, -EINVAL, -ENOMEM.
 */
int moeai_netlink_register_command(u32 command_id,
				   int (*handler)(const struct moeai_nl_command *cmd, void *data),
				   void *data);

/* Waits for handlers in flight. Return: 0, or -ENOENT. */
int moeai_netlink_unregister_command(u32 command_id);

/* @args: the rest of the line; returns 0 or -errno. Process context, may sleep. */
typedef int (*moeai_procfs_cmd_handler_t)(const char *args, void *data);

/**
 * moeai_procfs_register_cmd_handler - add a command that takes one text
 * @name: as written into /proc/moeai/control; no reserved prefix
 * @handler: called with what follows the name
 * @data: for the handler
 *
 * Over netlink it is a command with the argument "text".
 * Context: process.
 * Return: 0, -EEXIST, -EINVAL, -ENOMEM.
 */
int moeai_procfs_register_cmd_handler(const char *name, moeai_procfs_cmd_handler_t handler,
				      void *data);

/* Waits for handlers in flight. Return: 0, or -ENOENT. */
int moeai_procfs_unregister_cmd_handler(const char *name);

/**
 * moeai_procfs_create_entry - add a file below /proc/moeai
 * @name: file name
 * @parent: directory, NULL: /proc/moeai
 * @mode: permissions; every open also needs CAP_NET_ADMIN
 * @show: prints the file
 * @write: takes a write, or NULL
 * @data: for both: the private of the seq_file that is file->private_data
 *
 * Context: process.
 * Return: the entry, or NULL.
 */
struct proc_dir_entry *
moeai_procfs_create_entry(const char *name, struct proc_dir_entry *parent, umode_t mode,
			  int (*show)(struct seq_file *, void *),
			  ssize_t (*write)(struct file *, const char __user *, size_t, loff_t *),
			  void *data);

/* Waits for calls in flight. */
void moeai_procfs_remove_entry(const char *name, struct proc_dir_entry *parent);

#endif /* _LINUX_MOEAI_H */
