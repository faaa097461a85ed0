// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/ktime.h>
#include <linux/moeai_compat.h>
#include <linux/workqueue.h>
#include "builtin.h"
#include "call.h"
#include "event.h"
#include "log.h"
#include "module.h"
#include "netlink.h"
#include "param.h"
#include "pump.h"
#include "region.h"
#include "status.h"
#include "table.h"
#include "ticket.h"
#include "txn.h"
#include "undo.h"

#define PING_DELAY_MAX (60 * NSEC_PER_SEC)
#define PING_TEXT_MAX  1024
#define PINGS_MAX      4096

/* ---- events --------------------------------------------------------------------- */

static const char *const via_labels[] = { "netlink", "procfs", NULL };

#define STRING(n, h) { .name = n, .help = h, .type = MOEAI_TYPE_STRING }
#define U32(n, h)    { .name = n, .help = h, .type = MOEAI_TYPE_U32 }
#define S32(n, h)    { .name = n, .help = h, .type = MOEAI_TYPE_S32 }
#define PID(h)	     { .name = "pid", .help = h, .type = MOEAI_TYPE_U32, .flags = MOEAI_F_PID }
#define UID(h)	     { .name = "uid", .help = h, .type = MOEAI_TYPE_U32, .flags = MOEAI_F_UID }
#define STARTED(h)                                                                     \
	{ "started", h, MOEAI_TYPE_U64, MOEAI_UNIT_NS, MOEAI_F_STARTED }
#define COMM(h)	     { .name = "comm", .help = h, .type = MOEAI_TYPE_STRING, .flags = MOEAI_F_COMM }

static const struct moeai_field command_event[] = {
	[MOEAI_A_COMMAND_EVENT_NAME]   = STRING("name", "the command"),
	[MOEAI_A_COMMAND_EVENT_STATUS] = S32("status", "0 or a negative errno"),
	[MOEAI_A_COMMAND_EVENT_PID]    = PID("of the caller"),
	[MOEAI_A_COMMAND_EVENT_UID]    = UID("of the caller"),
	[MOEAI_A_COMMAND_EVENT_COMM]   = COMM("of the caller"),
	[MOEAI_A_COMMAND_EVENT_VIA]    = { "via", "how it came", MOEAI_TYPE_ENUM,
					   .labels = via_labels },
	[MOEAI_A_COMMAND_EVENT_ARGS]   = STRING("args", "its arguments, cut at 255 bytes"),
	[MOEAI_A_COMMAND_EVENT_STARTED] = STARTED("when the caller did, after boot"),
};

static const struct moeai_field module_event[] = {
	[MOEAI_A_MODULE_EVENT_NAME]   = STRING("name", "the module"),
	[MOEAI_A_MODULE_EVENT_STATE]  = { "state", "what it is now", MOEAI_TYPE_ENUM,
					  .labels = moeai_module_states },
	[MOEAI_A_MODULE_EVENT_STATUS] = S32("status", "of its start: 0 or a negative errno"),
};

static const struct moeai_field message_event[] = {
	[MOEAI_A_MESSAGE_TEXT] = STRING("text", "as it was published"),
	[MOEAI_A_MESSAGE_PID]  = PID("of the publisher"),
	[MOEAI_A_MESSAGE_UID]  = UID("of the publisher"),
	[MOEAI_A_MESSAGE_COMM] = COMM("of the publisher"),
	[MOEAI_A_MESSAGE_STARTED] = STARTED("when the publisher did, after boot"),
};

static const char *const what_labels[] = { "committed", "confirmed", "rolled_back", NULL };

static const struct moeai_field table_event[] = {
	[MOEAI_A_TABLE_EVENT_NAME]	 = STRING("name", "the table"),
	[MOEAI_A_TABLE_EVENT_WHAT]	 = { "what", "was done", MOEAI_TYPE_ENUM,
					     .labels = what_labels },
	[MOEAI_A_TABLE_EVENT_CHANGED]	 = { "changed", "rows", MOEAI_TYPE_U64, MOEAI_UNIT_COUNT },
	[MOEAI_A_TABLE_EVENT_GENERATION] = { "generation", "that readers get now",
					     MOEAI_TYPE_U64 },
	[MOEAI_A_TABLE_EVENT_PID]	 = PID("of the caller, 0: the timer"),
	[MOEAI_A_TABLE_EVENT_UID]	 = UID("of the caller"),
	[MOEAI_A_TABLE_EVENT_COMM]	 = COMM("of the caller"),
	[MOEAI_A_TABLE_EVENT_STARTED]	 = STARTED("when the caller did, after boot"),
};

static const struct moeai_field param_event[] = {
	[MOEAI_A_PARAM_EVENT_NAME]   = STRING("name", "module.parameter"),
	[MOEAI_A_PARAM_EVENT_VALUE]  = STRING("value", "that it has now"),
	[MOEAI_A_PARAM_EVENT_STATUS] = S32("status", "0, or why its old value was refused"),
};

static struct moeai_event_type events[] = {
	{ .name = "core.command", .help = "a call that changed something, or tried to",
	  .schema = MOEAI_SCHEMA(command_event), .id = MOEAI_EV_COMMAND },
	{ .name = "core.module", .help = "a module came, went, started or stopped",
	  .schema = MOEAI_SCHEMA(module_event), .id = MOEAI_EV_MODULE },
	{ .name = "user.message", .help = "published from user space",
	  .schema = MOEAI_SCHEMA(message_event), .id = MOEAI_EV_MESSAGE },
	{ .name = "core.table", .help = "rows of a table were changed",
	  .schema = MOEAI_SCHEMA(table_event), .id = MOEAI_EV_TABLE },
	{ .name = "core.param", .help = "a parameter is to be, or is, what it was: its change was not confirmed",
	  .schema = MOEAI_SCHEMA(param_event), .id = MOEAI_EV_PARAM },
};

struct moeai_event_type *const moeai_ev_command = &events[0];
struct moeai_event_type *const moeai_ev_module = &events[1];
struct moeai_event_type *const moeai_ev_message = &events[2];
struct moeai_event_type *const moeai_ev_table = &events[3];
struct moeai_event_type *const moeai_ev_param = &events[4];

#define RETRY_NS (100 * NSEC_PER_MSEC)

/* ---- core.ping -------------------------------------------------------------------- */

/* A ping to be answered later, in the list in order of due. */
struct ping {
	struct list_head list;
	u64 due; /* monotonic ns */
	u32 ticket;
	char text[];
};

static void answer_due(struct work_struct *work);

static DEFINE_MUTEX(pings_lock); /* guards pings */
static LIST_HEAD(pings);
static unsigned int n_pings; /* those whose callers are gone among them */
static DECLARE_DELAYED_WORK(pinger, answer_due);

/* False: there is no memory for it now. */
static bool answer(const struct ping *p)
{
	const struct moeai_value v[] = {
		moeai_u64(MOEAI_A_PING_TIME, ktime_get_real_ns()),
		moeai_str(MOEAI_A_PING_TEXT, p->text),
	};

	return moeai_answer(p->ticket, 0, v, *p->text ? 2 : 1) != -ENOMEM;
}

static void wait_for_first(void)
{
	struct ping *p = list_first_entry_or_null(&pings, struct ping, list);
	u64 now = ktime_get_ns();

	lockdep_assert_held(&pings_lock);
	if (p)
		mod_delayed_work(MOEAI_SYSTEM_WQ, &pinger,
				 p->due > now ? nsecs_to_jiffies(p->due - now) + 1 : 0);
}

static void answer_due(struct work_struct *work)
{
	struct ping *p, *next;

	mutex_lock(&pings_lock);
	list_for_each_entry_safe(p, next, &pings, list) {
		if (p->due > ktime_get_ns())
			break;
		if (!answer(p)) {
			p->due = ktime_get_ns() + RETRY_NS;
			break;
		}
		list_del(&p->list);
		kfree(p);
		n_pings--;
	}
	wait_for_first();
	mutex_unlock(&pings_lock);
}

/* In order of due; from the end, where most belong. */
static void insert(struct ping *ping)
{
	struct ping *p;

	mutex_lock(&pings_lock);
	list_for_each_entry_reverse(p, &pings, list)
		if (p->due <= ping->due)
			break;
	list_add(&ping->list, &p->list);
	n_pings++;
	wait_for_first();
	mutex_unlock(&pings_lock);
}

static int ping_later(struct moeai_call *call, const char *text, u64 delay)
{
	struct ping *p;
	int ret;

	if (READ_ONCE(n_pings) >= PINGS_MAX)
		return moeai_call_error(call, -EBUSY, "too many pings wait");
	p = kmalloc(sizeof(*p) + strlen(text) + 1, GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	strcpy(p->text, text);
	p->due = ktime_get_ns() + delay;
	ret = moeai_call_defer(call, &p->ticket);
	if (ret)
		kfree(p);
	else
		insert(p);
	return ret;
}

static int ping(struct moeai_call *call)
{
	const char *text = moeai_arg_str(call, MOEAI_A_PING_TEXT);
	u64 delay = moeai_arg_u64(call, MOEAI_A_PING_DELAY, 0);
	int ret;

	if (delay)
		return ping_later(call, text ?: "", delay);
	ret = moeai_reply(call, moeai_u64(MOEAI_A_PING_TIME, ktime_get_real_ns()));
	if (!ret && text)
		ret = moeai_reply(call, moeai_str(MOEAI_A_PING_TEXT, text));
	return ret;
}

static void pings_exit(void)
{
	struct ping *p, *next;

	cancel_delayed_work_sync(&pinger);
	list_for_each_entry_safe(p, next, &pings, list)
		kfree(p);
	INIT_LIST_HEAD(&pings);
}

/* ---- the other commands -------------------------------------------------------------- */

static int module_run(struct moeai_call *call, bool start)
{
	const char *name = moeai_arg_str(call, MOEAI_A_MODULE_ARG_NAME);
	int ret = moeai_module_run(name, start);

	switch (ret) {
	case -ENOENT:
		return moeai_call_error(call, ret, "no such module: see table modules");
	case -EPERM:
		return moeai_call_error(call, ret, "the core can't be started or stopped");
	case -EALREADY:
		return moeai_call_error(call, ret, start ? "it runs already" : "it does not run");
	}
	return ret;
}

static int module_start(struct moeai_call *call)
{
	return module_run(call, true);
}

static int module_stop(struct moeai_call *call)
{
	return module_run(call, false);
}

static int param_set(struct moeai_call *call)
{
	char error[MOEAI_CALL_TEXT / 2] = "";
	int ret = moeai_param_set(moeai_arg_str(call, MOEAI_A_PARAM_SET_NAME),
				  moeai_arg_str(call, MOEAI_A_PARAM_SET_VALUE),
				  moeai_arg_u32(call, MOEAI_A_PARAM_SET_CONFIRM, 0), error,
				  sizeof(error));

	return ret && error[0] ? moeai_call_error(call, ret, "%s", error) : ret;
}

static int param_end(struct moeai_call *call, bool keep)
{
	char error[MOEAI_CALL_TEXT / 2] = "";
	int ret = moeai_undo_end(moeai_arg_str(call, MOEAI_A_PARAM_ARG_NAME), keep, error,
				  sizeof(error));

	return ret ? moeai_call_error(call, ret, "%s", error) : 0;
}

static int param_confirm(struct moeai_call *call)
{
	return param_end(call, true);
}

static int param_rollback(struct moeai_call *call)
{
	return param_end(call, false);
}

static int log_clear(struct moeai_call *call)
{
	moeai_log_clear();
	return 0;
}

static int stats_reset(struct moeai_call *call)
{
	moeai_log_stats_reset();
	moeai_pump_stats_reset();
	moeai_params_reset();
	return 0;
}

static const struct moeai_field ping_args[] = {
	[MOEAI_A_PING_TEXT]  = { "text", "comes back as it was sent", MOEAI_TYPE_STRING,
				 .max = PING_TEXT_MAX },
	[MOEAI_A_PING_DELAY] = { "delay", "before the answer", MOEAI_TYPE_U64, MOEAI_UNIT_NS,
				 .max = PING_DELAY_MAX },
};

static const struct moeai_field ping_reply[] = {
	[MOEAI_A_PING_TEXT] = STRING("text", NULL),
	[MOEAI_A_PING_TIME] = { "time", "when it was answered", MOEAI_TYPE_U64, MOEAI_UNIT_TIME },
};

static const struct moeai_field module_args[] = {
	[MOEAI_A_MODULE_ARG_NAME] = { "name", "the module's", MOEAI_TYPE_STRING,
				      .flags = MOEAI_F_REQUIRED, .min = 1,
				      .max = MOEAI_MAX_NAME_LEN - 1 },
};

static const struct moeai_field param_args[] = {
	[MOEAI_A_PARAM_SET_NAME]  = { "name", "module.parameter", MOEAI_TYPE_STRING,
				      .flags = MOEAI_F_REQUIRED, .min = 1,
				      .max = MOEAI_FULL_NAME_LEN - 1 },
	[MOEAI_A_PARAM_SET_VALUE] = { "value", "as text", MOEAI_TYPE_STRING,
				      .flags = MOEAI_F_REQUIRED, .min = 1, .max = 255 },
	[MOEAI_A_PARAM_SET_CONFIRM] = { "confirm", "seconds: then undone, unless confirmed",
					MOEAI_TYPE_U32, .min = 1, .max = MOEAI_CONFIRM_MAX },
};

static const struct moeai_field param_end_args[] = {
	[MOEAI_A_PARAM_ARG_NAME] = { "name", "module.parameter; without: all that await it",
				     MOEAI_TYPE_STRING, .min = 1,
				     .max = MOEAI_FULL_NAME_LEN - 1 },
};

static struct moeai_command commands[] = {
	{ .id = MOEAI_CMD_PING, .name = "core.ping", .help = "answer, at once or later",
	  .args = MOEAI_SCHEMA(ping_args), .reply = MOEAI_SCHEMA(ping_reply),
	  .flags = MOEAI_COMMAND_READ, .handler = ping },
	{ .id = MOEAI_CMD_MODULE_START, .name = "module.start", .help = "start a module",
	  .args = MOEAI_SCHEMA(module_args), .handler = module_start },
	{ .id = MOEAI_CMD_MODULE_STOP, .name = "module.stop", .help = "stop a module",
	  .args = MOEAI_SCHEMA(module_args), .handler = module_stop },
	{ .id = MOEAI_CMD_PARAM_SET, .name = "param.set", .help = "set a module's parameter",
	  .args = MOEAI_SCHEMA(param_args), .handler = param_set },
	{ .id = MOEAI_CMD_PARAM_CONFIRM, .name = "param.confirm",
	  .help = "keep what param.set would undo", .args = MOEAI_SCHEMA(param_end_args),
	  .handler = param_confirm },
	{ .id = MOEAI_CMD_PARAM_ROLLBACK, .name = "param.rollback",
	  .help = "undo what awaits param.confirm", .args = MOEAI_SCHEMA(param_end_args),
	  .handler = param_rollback },
	{ .id = MOEAI_CMD_LOG_CLEAR, .name = "log.clear", .help = "forget all logged events",
	  .handler = log_clear },
	{ .id = MOEAI_CMD_STATS_RESET, .name = "stats.reset", .help = "set all counters to 0",
	  .handler = stats_reset },
};

/* From now on, not after the interval that is running. */
static int set_status_ms(const struct moeai_param *param, u64 value)
{
	WRITE_ONCE(moeai_status_ms, value);
	moeai_status_start();
	return 0;
}

static const struct moeai_param params[] = {
	{ .field = { "flush_us", "how long an event may wait for others", MOEAI_TYPE_U32,
		     .min = 1, .max = 1000000 },
	  .flags = MOEAI_PARAM_WRITE, .value = &moeai_flush_us },
	{ .field = { "status_ms", "between two samples", MOEAI_TYPE_U32, .min = 10,
		     .max = 3600000 },
	  .flags = MOEAI_PARAM_WRITE, .value = &moeai_status_ms, .set = set_status_ms },
	{ .field = { "publish_rate", "messages of a uid, 0: no limit", MOEAI_TYPE_U32,
		     MOEAI_UNIT_COUNT_S, .max = 10000000 },
	  .flags = MOEAI_PARAM_WRITE, .value = &moeai_publish_rate },
	{ .field = { "txn_bytes", "that open transactions may stage", MOEAI_TYPE_U64,
		     MOEAI_UNIT_BYTES, .min = 65536, .max = 1LL << 40 },
	  .flags = MOEAI_PARAM_WRITE, .value = &moeai_txn_bytes },
	{ .field = { "shmem_bytes", "that regions may have in all", MOEAI_TYPE_U64,
		     MOEAI_UNIT_BYTES, .max = 1LL << 40 },
	  .flags = MOEAI_PARAM_WRITE, .value = &moeai_shmem_bytes },
	{ .field = { "shmem_used", "that they have", MOEAI_TYPE_U64, MOEAI_UNIT_BYTES },
	  .flags = MOEAI_PARAM_STAT, .value = &moeai_shmem_used },
	{ .field = { "shmem_refused", "regions that could not be made: see the kernel log",
		     MOEAI_TYPE_U64, MOEAI_UNIT_COUNT },
	  .flags = MOEAI_PARAM_STAT | MOEAI_PARAM_COUNT, .value = &moeai_shmem_refused },
};

struct moeai_module moeai_core = {
	.name = "core",
	.help = "events, commands, status and tables",
	.events = events,
	.n_events = ARRAY_SIZE(events),
	.commands = commands,
	.n_commands = ARRAY_SIZE(commands),
	.params = params,
	.n_params = ARRAY_SIZE(params),
};

int moeai_builtin_init(void)
{
	int ret;

	moeai_core.version = MOEAI_VERSION;
	moeai_core.tables = moeai_core_tables;
	moeai_core.n_tables = moeai_n_core_tables;
	ret = moeai_module_register(&moeai_core);
	if (ret)
		pings_exit();
	return ret;
}

void moeai_builtin_exit(void)
{
	moeai_module_unregister(&moeai_core);
	moeai_undo_exit();
	pings_exit(); /* their tickets are void by now */
}
