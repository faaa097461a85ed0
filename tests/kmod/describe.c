// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/slab.h>
#include "test.h"

/* ---- a small module to be described well and badly ------------------------------------ */

static int nothing(struct moeai_call *call)
{
	return 0;
}

/* Room for one argument too many. */
#define FIELDS (MOEAI_ARGS_MAX + 2)

static const char *const labels[] = { "a", "b", NULL };
static const char *many_labels[34];

/* All that a description is made of, made anew for each try. */
struct set {
	struct moeai_field fields[FIELDS];
	struct moeai_event_type events[2];
	struct moeai_command commands[2];
	struct moeai_param params[2];
	struct moeai_module module;
	u32 value;
};

static int fail_start(struct moeai_module *module)
{
	return -EIO;
}

static void init(struct set *s)
{
	*s = (struct set){
		.fields[1] = { "field", "of all", MOEAI_TYPE_U32 },
		.events[0] = { .name = "other.event", .schema = { s->fields, 1 } },
		.events[1] = { .name = "other.event2", .schema = { s->fields, 1 } },
		.commands[0] = { .name = "other.command", .args = { s->fields, 1 },
				 .handler = nothing },
		.commands[1] = { .name = "other.command2", .handler = nothing },
		.params[0] = { { "param", NULL, MOEAI_TYPE_U32 }, 0, &s->value },
		.params[1] = { { "param2", NULL, MOEAI_TYPE_U32 }, 0, &s->value },
		.module = { .name = "other", .help = "another module", .version = "2",
			    .events = s->events, .n_events = 2, .commands = s->commands,
			    .n_commands = 2, .params = s->params, .n_params = 2 },
	};
}

static u64 read_zero(const struct moeai_param *param)
{
	return 0;
}

/* ---- what can be wrong --------------------------------------------------------------------- */

#define WRONG(name, statement)                                                             \
	static void name(struct set *s)                                                    \
	{                                                                                  \
		statement;                                                                 \
	}

WRONG(good, (void)s)
WRONG(failing, s->module.start = fail_start)
WRONG(no_name, s->module.name = NULL)
WRONG(nameless, s->module.name = "")
WRONG(bad_name, s->module.name = "Other")
WRONG(dotted_name, s->module.name = "a.b")
WRONG(digit_name, s->module.name = "1a")
WRONG(long_name, s->module.name = "a1234567890123456789012345678901")
WRONG(reserved_name, s->module.name = "core")
WRONG(reserved_name2, s->module.name = "user")
WRONG(taken_name, s->module.name = "test"; s->module.n_events = 0; s->module.n_commands = 0)
WRONG(event_no_name, s->events[0].name = NULL)
WRONG(event_no_dot, s->events[0].name = "event")
WRONG(event_prefix, s->events[0].name = "test.event")
WRONG(event_bad, s->events[0].name = "other.Event")
WRONG(event_twice, s->events[1].name = "other.event")
WRONG(command_prefix, s->commands[1].name = "core.pong")
WRONG(command_twice, s->commands[1].name = "other.command")
WRONG(command_no_handler, s->commands[1].handler = NULL)
WRONG(command_no_fields, s->commands[1].args.max = 1)
WRONG(field_bad_name, s->fields[1].name = "a b")
WRONG(field_long_name, s->fields[1].name = "a1234567890123456789012345678901")
WRONG(field_no_type, s->fields[1].type = MOEAI_TYPE_UNSPEC)
WRONG(field_bad_type, s->fields[1].type = MOEAI_TYPE_MAX + 1)
WRONG(field_bad_unit, s->fields[1].unit = MOEAI_UNIT_MAX + 1)
WRONG(field_empty_range, s->fields[1].min = 2; s->fields[1].max = 1)
WRONG(field_no_labels, s->fields[1].type = MOEAI_TYPE_ENUM)
WRONG(field_labels, s->fields[1].labels = labels)
WRONG(field_33_flags, s->fields[1].type = MOEAI_TYPE_FLAGS; s->fields[1].labels = many_labels)
WRONG(field_twice, s->fields[2] = s->fields[1]; s->commands[0].args.max = 2)
WRONG(param_bad_name, s->params[0].field.name = "")
WRONG(param_string, s->params[0].field.type = MOEAI_TYPE_STRING)
WRONG(param_no_value, s->params[0].value = NULL)
WRONG(param_value_and_read, s->params[0].read = read_zero)
WRONG(param_stat_write, s->params[0].flags = MOEAI_PARAM_STAT | MOEAI_PARAM_WRITE)
WRONG(param_twice, s->params[1].field.name = "param")

static void command_65_args(struct set *s)
{
	int i;

	for (i = 1; i <= MOEAI_ARGS_MAX + 1; i++)
		s->fields[i] = s->fields[1];
	s->commands[0].args.max = MOEAI_ARGS_MAX + 1;
}

#define TRY(name) { #name, name }

static const struct {
	const char *name;
	void (*spoil)(struct set *s);
} tries[] = {
	TRY(good), TRY(failing), TRY(no_name), TRY(nameless), TRY(bad_name), TRY(dotted_name),
	TRY(digit_name), TRY(long_name), TRY(reserved_name), TRY(reserved_name2), TRY(taken_name),
	TRY(event_no_name), TRY(event_no_dot), TRY(event_prefix), TRY(event_bad), TRY(event_twice),
	TRY(command_prefix), TRY(command_twice), TRY(command_no_handler), TRY(command_no_fields),
	TRY(field_bad_name), TRY(field_long_name), TRY(field_no_type), TRY(field_bad_type),
	TRY(field_bad_unit), TRY(field_empty_range), TRY(field_no_labels), TRY(field_labels),
	TRY(field_33_flags), TRY(field_twice), TRY(param_bad_name), TRY(param_string),
	TRY(param_no_value), TRY(param_value_and_read), TRY(param_stat_write), TRY(param_twice),
	TRY(command_65_args),
};

/* ---- test.describe ---------------------------------------------------------------------------- */

enum { DESCRIBE_TRY = 1, DESCRIBE_STAY, DESCRIBE_AGAIN, DESCRIBE_LEAVE };

static const struct moeai_field describe_fields[] = {
	[DESCRIBE_TRY]	 = { "try", "how to describe it", MOEAI_TYPE_STRING },
	[DESCRIBE_STAY]	 = { "stay", "leave it registered", MOEAI_TYPE_BOOL },
	[DESCRIBE_AGAIN] = { "again", "register it once more", MOEAI_TYPE_BOOL },
	[DESCRIBE_LEAVE] = { "leave", "unregister what stayed", MOEAI_TYPE_BOOL },
};

const struct moeai_schema test_describe_args = MOEAI_SCHEMA(describe_fields);

static struct set *staying;
static DEFINE_MUTEX(lock); /* guards staying */

static void leave(void)
{
	if (staying)
		moeai_module_unregister(&staying->module);
	kfree(staying);
	staying = NULL;
}

static int describe(struct set *s, const char *name, bool stay)
{
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(many_labels) - 1; i++)
		many_labels[i] = "label";
	init(s);
	for (i = 0; i < ARRAY_SIZE(tries); i++)
		if (!strcmp(tries[i].name, name))
			break;
	if (i == ARRAY_SIZE(tries))
		return -ESRCH;
	tries[i].spoil(s);
	ret = moeai_module_register(&s->module);
	if (!ret && !stay)
		moeai_module_unregister(&s->module);
	return ret;
}

int test_describe(struct moeai_call *call)
{
	bool stay = moeai_arg_bool(call, DESCRIBE_STAY, false);
	struct set *s;
	int ret = 0;

	mutex_lock(&lock);
	if (moeai_arg_bool(call, DESCRIBE_LEAVE, false)) {
		leave();
	} else if (moeai_arg_bool(call, DESCRIBE_AGAIN, false)) {
		ret = moeai_module_register(&staying->module);
	} else {
		s = kzalloc(sizeof(*s), GFP_KERNEL);
		ret = s ? describe(s, moeai_arg_str(call, DESCRIBE_TRY) ?: "good", stay) : -ENOMEM;
		if (!ret && stay)
			staying = s;
		else
			kfree(s);
	}
	mutex_unlock(&lock);
	return test_result(call, ret);
}

void test_describe_exit(void)
{
	leave();
}
