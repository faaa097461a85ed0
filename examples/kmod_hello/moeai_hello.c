// SPDX-License-Identifier: GPL-2.0
/* hello, a feature module with one of each that it can have: see docs/writing-a-module.md */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/moeai.h>
#include <linux/workqueue.h>

#define NAME_LEN 32
#define MAX_DELAY (60 * NSEC_PER_SEC)

static u64 delay = 100 * NSEC_PER_MSEC;

static const struct moeai_param params[] = {
	{ .field = { "delay", "before a greeting", MOEAI_TYPE_U64, MOEAI_UNIT_NS, .max = MAX_DELAY },
	  .flags = MOEAI_PARAM_WRITE, .value = &delay },
};

/* ---- a table that user space fills: how to greet whom -------------------------- */

enum { GUEST_NAME = 1, GUEST_TONE };

static const char *const tones[] = { "plain", "polite", "loud", NULL };
static const char *const greetings[] = { "hi", "good morning", "HEY" };
static_assert(ARRAY_SIZE(greetings) == ARRAY_SIZE(tones) - 1);

static const struct moeai_field guest_fields[] = {
	[GUEST_NAME] = { "name", "of the guest", MOEAI_TYPE_STRING, .flags = MOEAI_F_KEY,
			 .min = 1, .max = NAME_LEN - 1 },
	[GUEST_TONE] = { "tone", "of the greeting", MOEAI_TYPE_ENUM, .flags = MOEAI_F_REQUIRED,
			 .labels = tones },
};

static int check_guest(const struct moeai_table *t, struct nlattr **row, struct moeai_row_error *e)
{
	if (strcmp(nla_data(row[GUEST_NAME]), "nobody"))
		return 0;
	*e = (struct moeai_row_error){ "nobody can't be greeted", GUEST_NAME };
	return -EINVAL;
}

static struct moeai_table guests = {
	.name = "hello.guests", .help = "how to greet whom",
	.schema = MOEAI_SCHEMA(guest_fields), .flags = MOEAI_TABLE_WRITE, .check = check_guest,
};

/* ---- an event, whose fields are the command's reply as well ---------------------- */

enum { GREETED_NAME = 1, GREETED_TEXT, GREETED_PID };
static const struct moeai_field greeted_fields[] = {
	[GREETED_NAME] = { "name", "who was greeted", MOEAI_TYPE_STRING },
	[GREETED_TEXT] = { "text", "what was said", MOEAI_TYPE_STRING },
	[GREETED_PID]  = { "pid", "who asked for it", MOEAI_TYPE_U32, .flags = MOEAI_F_PID },
};

static struct moeai_event_type greeted = {
	.name = "hello.greeted", .help = "somebody was greeted",
	.schema = MOEAI_SCHEMA(greeted_fields),
};

/* ---- a command that is answered later --------------------------------------------- */

static struct greeting {
	u32 ticket, pid;
	char name[NAME_LEN], text[2 * NAME_LEN];
} current_greeting; /* who sets busy owns it, until busy is cleared */
static unsigned long busy;

static void say(struct work_struct *work)
{
	const struct greeting g = current_greeting; /* the answer may bring the next call */
	const struct moeai_value values[] = {
		moeai_str(GREETED_NAME, g.name),
		moeai_str(GREETED_TEXT, g.text),
		moeai_u32(GREETED_PID, g.pid),
	};

	clear_bit_unlock(0, &busy);
	moeai_event_emit(&greeted, MOEAI_PRIO_INFO, values, ARRAY_SIZE(values));
	while (moeai_answer(g.ticket, 0, values, ARRAY_SIZE(values)) == -ENOMEM)
		msleep(100); /* the caller still waits for it */
}
static DECLARE_DELAYED_WORK(sayer, say);

static void compose(struct greeting *g)
{
	const struct moeai_value key = moeai_str(GUEST_NAME, g->name);
	struct nlattr *row[ARRAY_SIZE(guest_fields)];
	u32 tone = 0;

	rcu_read_lock();
	if (!moeai_table_find(&guests, &key, 1, row))
		tone = nla_get_u32(row[GUEST_TONE]);
	rcu_read_unlock();
	snprintf(g->text, sizeof(g->text), "%s, %s", greetings[tone], g->name);
}

enum { GREET_NAME = 1, GREET_DELAY };
static const struct moeai_field greet_fields[] = {
	[GREET_NAME]  = { "name", "whom", MOEAI_TYPE_STRING, .flags = MOEAI_F_REQUIRED,
			  .min = 1, .max = NAME_LEN - 1 },
	[GREET_DELAY] = { "delay", "if not the parameter's", MOEAI_TYPE_U64, MOEAI_UNIT_NS,
			  .max = MAX_DELAY },
};

static int greet(struct moeai_call *call)
{
	u64 ns = moeai_arg_u64(call, GREET_DELAY, READ_ONCE(delay));
	struct greeting *g = &current_greeting;
	int ret;

	if (test_and_set_bit_lock(0, &busy))
		return moeai_call_error(call, -EBUSY, "somebody else is being greeted");
	strscpy(g->name, moeai_arg_str(call, GREET_NAME), sizeof(g->name));
	compose(g);
	g->pid = call->pid;
	ret = moeai_call_defer(call, &g->ticket);
	if (ret)
		clear_bit_unlock(0, &busy);
	else
		schedule_delayed_work(&sayer, nsecs_to_jiffies(ns));
	return ret;
}

static struct moeai_command command = {
	.name = "hello.greet", .help = "greet somebody", .handler = greet,
	.args = MOEAI_SCHEMA(greet_fields), .reply = MOEAI_SCHEMA(greeted_fields),
};

static struct moeai_module hello = {
	.name = "hello", .help = "greets people", .version = "1.0",
	.events = &greeted, .n_events = 1, .commands = &command, .n_commands = 1,
	.params = params, .n_params = ARRAY_SIZE(params), .tables = &guests, .n_tables = 1,
};

static int __init hello_init(void)
{
	return moeai_module_register(&hello);
}

static void __exit hello_exit(void)
{
	moeai_module_unregister(&hello); /* no call can begin any more; */
	cancel_delayed_work_sync(&sayer); /* what was begun may still be due */
}

module_init(hello_init);
module_exit(hello_exit);
MODULE_DESCRIPTION("MoeAI: an example of a feature module");
MODULE_LICENSE("GPL");
