// SPDX-License-Identifier: GPL-2.0
/* The core's own tables. */
#include <linux/module.h>
#include "command.h"
#include "event.h"
#include "holders.h"
#include "keep.h"
#include "log.h"
#include "module.h"
#include "netlink.h"
#include "param.h"
#include "pump.h"
#include "region.h"
#include "schema.h"
#include "status.h"
#include "store.h"
#include "table.h"
#include "text.h"
#include "ticket.h"
#include "undo.h"

#define HELP(s) ((s) ?: "")

static const char *const type_labels[] = { "unspec", "bool",   "u32",	 "s32",	   "u64",  "s64",
					   "string", "binary", "prefix", "enum",   "flags", NULL };
static const char *const unit_labels[] = { "none", "count", "bytes",	"bytes_s", "pages_s",
					   "ns",   "time",  "permille", "count_s", NULL };
static const char *const kind_labels[] = { "event", "args", "reply", "param", "table", "status",
					   NULL };
static const char *const flag_labels[] = { "required", "key", "hex", "read", "holder", "pid",
					   "comm", "uid", "started", "path", "device", "old",
					   NULL };
static const char *const param_labels[] = { "param", "stat", NULL };

static_assert(ARRAY_SIZE(type_labels) == MOEAI_TYPE_MAX + 2);
static_assert(ARRAY_SIZE(unit_labels) == MOEAI_UNIT_MAX + 2);
static_assert(ARRAY_SIZE(kind_labels) == MOEAI_SCHEMA_MAX + 2);

#define STRING(n, h)    { .name = n, .help = h, .type = MOEAI_TYPE_STRING }
#define U32(n, h)       { .name = n, .help = h, .type = MOEAI_TYPE_U32 }
#define ENUM(n, h, l)   { .name = n, .help = h, .type = MOEAI_TYPE_ENUM, .labels = l }
#define COUNT(n, h)     { .name = n, .help = h, .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_COUNT }
#define BYTES(n, h)     { .name = n, .help = h, .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_BYTES }
#define KEY(n, h)       { .name = n, .help = h, .type = MOEAI_TYPE_STRING, .flags = MOEAI_F_KEY }

/* ---- modules ------------------------------------------------------------------ */

enum {
	M_NAME = 1,
	M_STATE,
	M_STATUS,
	M_VERSION,
	M_EVENTS,
	M_COMMANDS,
	M_PARAMS,
	M_REFS,
	M_HOLDERS,
	M_HELP,
};

static const struct moeai_field modules_fields[] = {
	[M_NAME]     = KEY("name", "the module"),
	[M_STATE]    = ENUM("state", "does it run", moeai_module_states),
	[M_STATUS]   = { "status", "of its last start: 0 or a negative errno", MOEAI_TYPE_S32 },
	[M_VERSION]  = STRING("version", "as the module says"),
	[M_EVENTS]   = U32("events", "event types"),
	[M_COMMANDS] = U32("commands", "commands"),
	[M_PARAMS]   = U32("params", "parameters and statistics"),
	[M_REFS]     = U32("refs", "what keeps it from being unloaded"),
	[M_HOLDERS]  = STRING("holders", "who they are, as far as the core knows"),
	[M_HELP]     = STRING("help", NULL),
};

static void modules_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	struct moeai_module_priv *p;
	char buf[256];

	mutex_lock(&moeai_modules_lock);
	list_for_each_entry(p, &moeai_modules, list) {
		const struct moeai_module *m = p->module;
		struct moeai_text holders = MOEAI_TEXT_INIT(buf);

		if (m == &moeai_core)
			moeai_holders_count(&holders);
		moeai_text_end(&holders);
		moeai_row(rows, moeai_str(M_NAME, m->name), moeai_u32(M_STATE, p->state),
			  moeai_s32(M_STATUS, p->status), moeai_str(M_VERSION, HELP(m->version)),
			  moeai_u32(M_EVENTS, m->n_events), moeai_u32(M_COMMANDS, m->n_commands),
			  moeai_u32(M_PARAMS, m->n_params),
			  moeai_u32(M_REFS, module_refcount(p->owner)),
			  moeai_str(M_HOLDERS, buf), moeai_str(M_HELP, HELP(m->help)));
	}
	mutex_unlock(&moeai_modules_lock);
}

/* ---- params ------------------------------------------------------------------- */

enum {
	P_NAME = 1,
	P_MODULE,
	P_KIND,
	P_TYPE,
	P_UNIT,
	P_WRITABLE,
	P_VALUE,
	P_HELP,
	P_AWAITS,
};

static const struct moeai_field params_fields[] = {
	[P_NAME]     = KEY("name", "module.parameter"),
	[P_MODULE]   = STRING("module", "whose it is"),
	[P_KIND]     = ENUM("kind", "a parameter or a statistic", param_labels),
	[P_TYPE]     = ENUM("type", "how its value reads", type_labels),
	[P_UNIT]     = ENUM("unit", NULL, unit_labels),
	[P_WRITABLE] = { "writable", "can param.set change it", MOEAI_TYPE_BOOL },
	[P_VALUE]    = STRING("value", "now, as text"),
	[P_HELP]     = STRING("help", NULL),
	[P_AWAITS]   = { "awaits", "a change awaits its confirmation", MOEAI_TYPE_BOOL },
};

static void param_row(struct moeai_rows *rows, const struct moeai_module_priv *m, unsigned int i)
{
	const struct moeai_param *p = &m->module->params[i];
	char name[MOEAI_FULL_NAME_LEN], value[MOEAI_PARAM_LEN];

	moeai_param_describe(m, i, name, value);
	moeai_row(rows, moeai_str(P_NAME, name), moeai_str(P_MODULE, m->module->name),
		  moeai_u32(P_KIND, !!(p->flags & MOEAI_PARAM_STAT)),
		  moeai_u32(P_TYPE, p->field.type), moeai_u32(P_UNIT, p->field.unit),
		  moeai_bool(P_WRITABLE, p->flags & MOEAI_PARAM_WRITE), moeai_str(P_VALUE, value),
		  moeai_str(P_HELP, HELP(p->field.help)),
		  moeai_bool(P_AWAITS, moeai_undo_awaits(m, i)));
}

static void params_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	struct moeai_module_priv *m;
	unsigned int i;

	mutex_lock(&moeai_modules_lock);
	list_for_each_entry(m, &moeai_modules, list)
		for (i = 0; i < m->module->n_params; i++)
			param_row(rows, m, i);
	mutex_unlock(&moeai_modules_lock);
}

/* ---- commands, event_types ------------------------------------------------------ */

enum { C_ID = 1, C_NAME, C_READ, C_HELP };

static const struct moeai_field commands_fields[] = {
	[C_ID]	 = { "id", "on the wire, in this epoch", MOEAI_TYPE_U32, .flags = MOEAI_F_KEY },
	[C_NAME] = STRING("name", "module.command"),
	[C_READ] = { "read", "it changes nothing", MOEAI_TYPE_BOOL },
	[C_HELP] = STRING("help", NULL),
};

static int command_row(const struct moeai_command *c, void *rows)
{
	moeai_row(rows, moeai_u32(C_ID, c->id), moeai_str(C_NAME, c->name),
		  moeai_bool(C_READ, c->flags & MOEAI_COMMAND_READ),
		  moeai_str(C_HELP, HELP(c->help)));
	return 0;
}

static void commands_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	moeai_commands_walk(command_row, rows);
}

enum { E_ID = 1, E_NAME, E_HELP };

static const struct moeai_field event_types_fields[] = {
	[E_ID]	 = { "id", "on the wire, in this epoch", MOEAI_TYPE_U32, .flags = MOEAI_F_KEY },
	[E_NAME] = STRING("name", "module.event"),
	[E_HELP] = STRING("help", NULL),
};

static int event_type_row(const struct moeai_event_type *e, void *rows)
{
	moeai_row(rows, moeai_u32(E_ID, e->id), moeai_str(E_NAME, e->name),
		  moeai_str(E_HELP, HELP(e->help)));
	return 0;
}

static void event_types_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	mutex_lock(&moeai_modules_lock); /* no type goes meanwhile */
	moeai_event_types_walk(event_type_row, rows);
	mutex_unlock(&moeai_modules_lock);
}

/* ---- fields --------------------------------------------------------------------- */

static const struct moeai_field fields_fields[] = {
	[MOEAI_A_FIELDS_KIND]	= ENUM("kind", "what the schema describes", kind_labels),
	[MOEAI_A_FIELDS_OWNER]	= KEY("owner", "whose schema it is"),
	[MOEAI_A_FIELDS_ID]	= { "id", "the attribute's", MOEAI_TYPE_U32, .flags = MOEAI_F_KEY },
	[MOEAI_A_FIELDS_NAME]	= STRING("name", NULL),
	[MOEAI_A_FIELDS_TYPE]	= ENUM("type", NULL, type_labels),
	[MOEAI_A_FIELDS_UNIT]	= ENUM("unit", NULL, unit_labels),
	[MOEAI_A_FIELDS_FLAGS]	= { "flags", NULL, MOEAI_TYPE_FLAGS, .labels = flag_labels },
	[MOEAI_A_FIELDS_RANGE_MIN] = { "min", "least value or length", MOEAI_TYPE_S64 },
	[MOEAI_A_FIELDS_RANGE_MAX] = { "max", "greatest value or length", MOEAI_TYPE_S64 },
	[MOEAI_A_FIELDS_LABELS] = STRING("labels", "of enum and flags, joined by |"),
	[MOEAI_A_FIELDS_HELP]	= STRING("help", NULL),
};

static void join_labels(const struct moeai_field *f, struct moeai_text *t)
{
	u32 i, n = moeai_field_labels(f);

	for (i = 0; i < n; i++)
		moeai_text_printf(t, "%s%s", i ? "|" : "", f->labels[i]);
	moeai_text_end(t);
}

static void field_row(struct moeai_rows *rows, enum moeai_schema_kind kind, const char *owner,
		      u32 id, const struct moeai_field *f)
{
	char buf[MOEAI_LABELS_LEN + 1];
	struct moeai_text labels = MOEAI_TEXT_INIT(buf);
	struct moeai_value v[MOEAI_A_FIELDS_MAX];
	int n = 0;

	join_labels(f, &labels);
	v[n++] = moeai_u32(MOEAI_A_FIELDS_KIND, kind);
	v[n++] = moeai_str(MOEAI_A_FIELDS_OWNER, owner);
	v[n++] = moeai_u32(MOEAI_A_FIELDS_ID, id);
	v[n++] = moeai_str(MOEAI_A_FIELDS_NAME, f->name);
	v[n++] = moeai_u32(MOEAI_A_FIELDS_TYPE, f->type);
	v[n++] = moeai_u32(MOEAI_A_FIELDS_UNIT, f->unit);
	v[n++] = moeai_u32(MOEAI_A_FIELDS_FLAGS, f->flags);
	if (f->min || f->max) {
		v[n++] = moeai_s64(MOEAI_A_FIELDS_RANGE_MIN, f->min);
		v[n++] = moeai_s64(MOEAI_A_FIELDS_RANGE_MAX, f->max);
	}
	v[n++] = moeai_str(MOEAI_A_FIELDS_LABELS, buf);
	v[n++] = moeai_str(MOEAI_A_FIELDS_HELP, HELP(f->help));
	moeai_rows_add(rows, v, n);
}

static void schema_rows(struct moeai_rows *rows, enum moeai_schema_kind kind, const char *owner,
			const struct moeai_schema *schema)
{
	unsigned int id;

	for (id = 1; id <= schema->max; id++)
		if (schema->fields[id].name)
			field_row(rows, kind, owner, id, &schema->fields[id]);
}

static int event_fields(const struct moeai_event_type *e, void *rows)
{
	schema_rows(rows, MOEAI_SCHEMA_EVENT, e->name, &e->schema);
	return 0;
}

static int command_fields(const struct moeai_command *c, void *rows)
{
	schema_rows(rows, MOEAI_SCHEMA_ARGS, c->name, &c->args);
	schema_rows(rows, MOEAI_SCHEMA_REPLY, c->name, &c->reply);
	return 0;
}

static void table_fields(struct moeai_table_priv *t, void *rows)
{
	schema_rows(rows, MOEAI_SCHEMA_TABLE, t->table->name, &t->table->schema);
}

static void fields_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	struct moeai_module_priv *m;
	unsigned int i;

	mutex_lock(&moeai_modules_lock);
	moeai_event_types_walk(event_fields, rows);
	list_for_each_entry(m, &moeai_modules, list)
		for (i = 0; i < m->module->n_params; i++)
			field_row(rows, MOEAI_SCHEMA_PARAM, m->module->name, i + 1,
				  &m->module->params[i].field);
	mutex_unlock(&moeai_modules_lock);
	moeai_commands_walk(command_fields, rows);
	moeai_tables_walk(table_fields, rows);
	schema_rows(rows, MOEAI_SCHEMA_STATUS, "status", &moeai_status_schema);
}

/* ---- log -------------------------------------------------------------------------- */

enum {
	L_EPOCH = 1,
	L_SIZE,
	L_HELD_BYTES,
	L_ATTEMPTED,
	L_LOGGED,
	L_TOO_LONG,
	L_INVALID,
	L_NMI,
	L_RATE,
	L_HELD,
	L_OVERWRITTEN,
	L_CLEARED,
	L_FIRST,
	L_NEXT,
	L_KEEP_SIZE,
	L_KEPT,
	L_KEEP_HELD,
	L_KEEP_EVICTED,
	L_SENT,
	L_DATAGRAMS,
	L_SEND_LOST,
	L_SEND_RETRIES,
	L_UNANSWERED,
};

static const struct moeai_field log_fields[] = {
	[L_EPOCH]	 = { "epoch", "which load of the module", MOEAI_TYPE_U64,
			     .flags = MOEAI_F_HEX },
	[L_SIZE]	 = BYTES("size", "of the log"),
	[L_HELD_BYTES]	 = BYTES("held_bytes", "in use"),
	[L_ATTEMPTED]	 = COUNT("attempted", "= logged + refused_*"),
	[L_LOGGED]	 = COUNT("logged", "= held + overwritten + cleared"),
	[L_TOO_LONG]	 = COUNT("refused_too_long", "longer than an event may be"),
	[L_INVALID]	 = COUNT("refused_invalid", "unknown type or priority, bad data"),
	[L_NMI]		 = COUNT("refused_nmi", "emitted in NMI context"),
	[L_RATE]	 = COUNT("refused_rate", "published faster than publish_rate"),
	[L_HELD]	 = COUNT("held", "in the log now"),
	[L_OVERWRITTEN]	 = COUNT("overwritten", "by newer events"),
	[L_CLEARED]	 = COUNT("cleared", "by log.clear"),
	[L_FIRST]	 = { "first_seq", "oldest held", MOEAI_TYPE_U64 },
	[L_NEXT]	 = { "next_seq", "that the next event will get", MOEAI_TYPE_U64 },
	[L_KEEP_SIZE]	 = BYTES("keep_size", "of the ring for critical events"),
	[L_KEPT]	 = COUNT("kept", "= keep_held + keep_evicted"),
	[L_KEEP_HELD]	 = COUNT("keep_held", "critical events held there"),
	[L_KEEP_EVICTED] = COUNT("keep_evicted", "by newer critical events, or cleared"),
	[L_SENT]	 = COUNT("sent", "events delivered to group events"),
	[L_DATAGRAMS]	 = COUNT("datagrams", "that carried them"),
	[L_SEND_LOST]	 = COUNT("send_lost", "overwritten before they could be sent, told"),
	[L_SEND_RETRIES] = COUNT("send_retries", "no memory for a datagram, tried again"),
	[L_UNANSWERED]	 = COUNT("unanswered", "calls that await their answer"),
};

static void log_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	struct moeai_log_stats s;
	struct moeai_pump_stats p;

	moeai_log_stats(&s);
	moeai_pump_stats(&p);
	moeai_row(rows, moeai_u64(L_EPOCH, moeai_epoch()), moeai_u64(L_SIZE, s.size),
		  moeai_u64(L_HELD_BYTES, s.held_bytes), moeai_u64(L_ATTEMPTED, s.attempted),
		  moeai_u64(L_LOGGED, s.logged),
		  moeai_u64(L_TOO_LONG, s.refused[MOEAI_REFUSED_SIZE]),
		  moeai_u64(L_INVALID, s.refused[MOEAI_REFUSED_INVALID]),
		  moeai_u64(L_NMI, s.refused[MOEAI_REFUSED_NMI]),
		  moeai_u64(L_RATE, s.refused[MOEAI_REFUSED_RATE]), moeai_u64(L_HELD, s.held),
		  moeai_u64(L_OVERWRITTEN, s.overwritten), moeai_u64(L_CLEARED, s.cleared),
		  moeai_u64(L_FIRST, s.first_seq), moeai_u64(L_NEXT, s.next_seq),
		  moeai_u64(L_KEEP_SIZE, s.keep_size), moeai_u64(L_KEPT, s.kept),
		  moeai_u64(L_KEEP_HELD, s.keep_held), moeai_u64(L_KEEP_EVICTED, s.keep_evicted),
		  moeai_u64(L_SENT, p.events), moeai_u64(L_DATAGRAMS, p.datagrams),
		  moeai_u64(L_SEND_LOST, p.lost), moeai_u64(L_SEND_RETRIES, p.retries),
		  moeai_u64(L_UNANSWERED, moeai_tickets_count()));
}

/* ---- tables ----------------------------------------------------------------------- */

enum { T_NAME = 1, T_WRITABLE, T_OPEN, T_STORED, T_ROWS, T_GENERATION, T_AWAITS, T_HELP };

static const struct moeai_field tables_fields[] = {
	[T_NAME]       = KEY("name", "the table"),
	[T_WRITABLE]   = { "writable", "user space may change it", MOEAI_TYPE_BOOL },
	[T_OPEN]       = { "open", "readable without CAP_SYS_ADMIN", MOEAI_TYPE_BOOL },
	[T_STORED]     = { "stored", "not computed when it is read", MOEAI_TYPE_BOOL },
	[T_ROWS]       = COUNT("rows", "of a stored table"),
	[T_GENERATION] = { "generation", "of a stored table", MOEAI_TYPE_U64 },
	[T_AWAITS]     = { "awaits", "a change awaits its confirmation", MOEAI_TYPE_BOOL },
	[T_HELP]       = STRING("help", NULL),
};

static void table_row(struct moeai_table_priv *t, void *rows)
{
	const struct moeai_table *table = t->table;
	struct moeai_gen *gen = table->fill ? NULL : moeai_table_pin(t);

	moeai_row(rows, moeai_str(T_NAME, table->name),
		  moeai_bool(T_WRITABLE, table->flags & MOEAI_TABLE_WRITE),
		  moeai_bool(T_OPEN, table->flags & MOEAI_TABLE_OPEN),
		  moeai_bool(T_STORED, gen), moeai_u64(T_ROWS, gen ? moeai_gen_count(gen) : 0),
		  moeai_u64(T_GENERATION, gen ? gen->number : 0),
		  moeai_bool(T_AWAITS, READ_ONCE(t->undo)), moeai_str(T_HELP, HELP(table->help)));
	moeai_gen_put(gen);
}

static void tables_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	moeai_tables_walk(table_row, rows);
}

#define COMPUTED(n, f, h)                                                              \
	{ .name = #n, .help = h, .schema = MOEAI_SCHEMA(n##_fields), .flags = f,       \
	  .fill = n##_fill }

struct moeai_table moeai_core_tables[] = {
	COMPUTED(modules, MOEAI_TABLE_OPEN, "registered modules"),
	COMPUTED(params, 0, "their parameters and statistics"),
	COMPUTED(commands, MOEAI_TABLE_OPEN, "what can be called"),
	COMPUTED(event_types, MOEAI_TABLE_OPEN, "what can be logged"),
	COMPUTED(fields, MOEAI_TABLE_OPEN, "every schema's fields"),
	COMPUTED(tables, MOEAI_TABLE_OPEN, "what can be read"),
	{ .name = "subscribers",
	  .help = "who has a dump or a transaction under way, or /dev/moeai or a region open",
	  .schema = MOEAI_SCHEMA(moeai_subscribers_fields), .fill = moeai_subscribers_fill },
	COMPUTED(log, 0, "the event log's counters"),
	{ .name = "shmem", .help = "memory of modules that programs can map",
	  .schema = MOEAI_SCHEMA(moeai_shmem_fields), .flags = MOEAI_TABLE_OPEN,
	  .fill = moeai_shmem_fill },
};

const unsigned int moeai_n_core_tables = ARRAY_SIZE(moeai_core_tables);
