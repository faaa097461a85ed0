// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "test.h"

/* ---- a field of each type ---------------------------------------------------- */

static const char *const enum_labels[] = { "zero", "one", "two", NULL };
static const char *const flag_labels[] = { "a", "b", "c", NULL };

static const struct moeai_field all_fields[] = {
	{ },
	{ "bool", NULL, MOEAI_TYPE_BOOL },
	{ "u32", NULL, MOEAI_TYPE_U32 },
	{ "s32", NULL, MOEAI_TYPE_S32, .min = -10, .max = 10 },
	{ "u64", NULL, MOEAI_TYPE_U64, .flags = MOEAI_F_HEX },
	{ "s64", NULL, MOEAI_TYPE_S64 },
	{ "string", NULL, MOEAI_TYPE_STRING, .max = 8000 },
	{ "binary", NULL, MOEAI_TYPE_BINARY, .min = 2, .max = 4 },
	{ "prefix", NULL, MOEAI_TYPE_PREFIX },
	{ "enum", NULL, MOEAI_TYPE_ENUM, .labels = enum_labels },
	{ "flags", NULL, MOEAI_TYPE_FLAGS, .labels = flag_labels },
	{ }, /* a hole: reserved */
	{ "bytes", "with suffixes", MOEAI_TYPE_U64, MOEAI_UNIT_BYTES },
	{ "ns", "with suffixes", MOEAI_TYPE_U64, MOEAI_UNIT_NS },
	{ "permille", "with suffixes", MOEAI_TYPE_U32, MOEAI_UNIT_PERMILLE, .max = 1000 },
};

const struct moeai_schema test_all_schema = MOEAI_SCHEMA(all_fields);

int test_echo(struct moeai_call *call)
{
	unsigned int id;
	int ret = 0;

	for (id = 1; id < ARRAY_SIZE(all_fields) && !ret; id++) {
		const struct nlattr *a = call->args[id];
		struct moeai_value v;

		if (!a)
			continue;
		v = moeai_bytes(id, nla_data(a), nla_len(a));
		ret = moeai_call_reply(call, &v, 1);
	}
	return ret;
}

/* ---- failing, sleeping, long ones --------------------------------------------------- */

static const struct moeai_field fail_fields[] = {
	[1] = { "status", "to fail with", MOEAI_TYPE_S32, .flags = MOEAI_F_REQUIRED, .min = -4095,
		.max = 0 },
	[2] = { "text", "to say", MOEAI_TYPE_STRING },
};

const struct moeai_schema test_fail_args = MOEAI_SCHEMA(fail_fields);

int test_fail(struct moeai_call *call)
{
	int status = (s32)moeai_arg_u32(call, 1, 0);
	const char *text = moeai_arg_str(call, 2);

	return text ? moeai_call_error(call, status, "%s", text) : status;
}

static const struct moeai_field sleep_fields[] = {
	[1] = { "ms", "how long", MOEAI_TYPE_U32, .flags = MOEAI_F_REQUIRED, .max = 10000 },
};

const struct moeai_schema test_sleep_args = MOEAI_SCHEMA(sleep_fields);

int test_sleep(struct moeai_call *call)
{
	msleep(moeai_arg_u32(call, 1, 0));
	return 0;
}

static const struct moeai_field big_fields[] = {
	[1] = { "size", "of bytes", MOEAI_TYPE_U32, .max = 60000 },
};

static const struct moeai_field big_reply_fields[] = {
	[1] = { "bytes", "zeros", MOEAI_TYPE_BINARY },
};

const struct moeai_schema test_big_args = MOEAI_SCHEMA(big_fields);
const struct moeai_schema test_big_reply = MOEAI_SCHEMA(big_reply_fields);

int test_big(struct moeai_call *call)
{
	u32 size = moeai_arg_u32(call, 1, 0);
	void *zeros = kvzalloc(size + 1, GFP_KERNEL);
	int ret;

	if (!zeros)
		return -ENOMEM;
	ret = moeai_reply(call, moeai_bytes(1, zeros, size));
	kvfree(zeros);
	return ret;
}

/* ---- later -------------------------------------------------------------------------- */

enum { DEFER_HOW = 1, DEFER_MS, DEFER_STATUS, DEFER_SIZE, DEFER_TWICE };

static const char *const how_labels[] = { "work", "softirq", "never", "at_once", "void", NULL };
enum { BY_WORK, BY_SOFTIRQ, NEVER, AT_ONCE, VOID };

static const struct moeai_field defer_fields[] = {
	[DEFER_HOW]    = { "how", "to answer", MOEAI_TYPE_ENUM, .labels = how_labels },
	[DEFER_MS]     = { "ms", "to wait", MOEAI_TYPE_U32, .max = 10000 },
	[DEFER_STATUS] = { "status", "of the answer", MOEAI_TYPE_S32, .min = -4095, .max = 0 },
	[DEFER_SIZE]   = { "size", "of its bytes", MOEAI_TYPE_U32, .max = 9000 },
	[DEFER_TWICE]  = { "twice", "answer twice", MOEAI_TYPE_BOOL },
};

const struct moeai_schema test_defer_args = MOEAI_SCHEMA(defer_fields);

static const struct moeai_field defer_reply_fields[] = {
	[1] = { "bytes", "zeros", MOEAI_TYPE_BINARY },
};

const struct moeai_schema test_defer_reply = MOEAI_SCHEMA(defer_reply_fields);

s32 test_first_answer, test_second_answer;

struct later {
	struct list_head list;
	u32 ticket, size;
	int status;
	bool twice;
	struct timer_list timer;
	struct delayed_work work;
};

static DEFINE_MUTEX(lock); /* guards laters, all of them until the module goes */
static LIST_HEAD(laters);

static void answer(struct later *l)
{
	static const u8 zeros[9000];
	struct moeai_value v = moeai_bytes(1, zeros, l->size);

	WRITE_ONCE(test_first_answer, moeai_answer(l->ticket, l->status, &v, !!l->size));
	if (l->twice)
		WRITE_ONCE(test_second_answer, moeai_answer(l->ticket, 0, NULL, 0));
}

static void answer_timer(struct timer_list *t)
{
	answer(container_of(t, struct later, timer));
}

static void answer_work(struct work_struct *w)
{
	answer(container_of(to_delayed_work(w), struct later, work));
}

static void begin(struct later *l, u32 how, u32 ms)
{
	timer_setup(&l->timer, answer_timer, 0);
	INIT_DELAYED_WORK(&l->work, answer_work);
	if (how == BY_SOFTIRQ)
		mod_timer(&l->timer, jiffies + msecs_to_jiffies(ms));
	else if (how == BY_WORK)
		schedule_delayed_work(&l->work, msecs_to_jiffies(ms));
	else if (how == AT_ONCE)
		answer(l);
	mutex_lock(&lock);
	list_add(&l->list, &laters);
	mutex_unlock(&lock);
}

int test_defer(struct moeai_call *call)
{
	u32 how = moeai_arg_u32(call, DEFER_HOW, BY_WORK);
	struct later *l = kzalloc(sizeof(*l), GFP_KERNEL);
	int ret;

	if (!l)
		return -ENOMEM;
	l->size = moeai_arg_u32(call, DEFER_SIZE, 0);
	l->status = (s32)moeai_arg_u32(call, DEFER_STATUS, 0);
	l->twice = moeai_arg_bool(call, DEFER_TWICE, false);
	ret = moeai_call_defer(call, &l->ticket);
	if (ret) {
		kfree(l);
		return ret;
	}
	begin(l, how, moeai_arg_u32(call, DEFER_MS, 0));
	return how == VOID ? -EIO : 0;
}

void test_answer_exit(void)
{
	struct later *l, *next;

	list_for_each_entry_safe(l, next, &laters, list) {
		timer_delete_sync(&l->timer);
		cancel_delayed_work_sync(&l->work);
		kfree(l);
	}
}
