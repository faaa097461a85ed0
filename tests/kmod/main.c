// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/module.h>
#include "test.h"

static const struct moeai_field result_fields[] = {
	[REPLY_RESULT] = { "result", "what the kernel API returned", MOEAI_TYPE_S32 },
};

const struct moeai_schema test_result_reply = MOEAI_SCHEMA(result_fields);

int test_result(struct moeai_call *call, int result)
{
	return moeai_reply(call, moeai_s32(REPLY_RESULT, result));
}

static struct moeai_command commands[] = {
	{ .name = "test.emit", .help = "emit events", .handler = test_emit },
	{ .name = "test.emit_all", .help = "emit one event with a field of each type",
	  .handler = test_emit_all },
	{ .name = "test.echo", .help = "give back all arguments", .flags = MOEAI_COMMAND_READ,
	  .handler = test_echo },
	{ .name = "test.fail", .help = "fail", .handler = test_fail },
	{ .name = "test.sleep", .help = "stay in the handler", .flags = MOEAI_COMMAND_READ,
	  .handler = test_sleep },
	{ .name = "test.big", .help = "give a long answer", .flags = MOEAI_COMMAND_READ,
	  .handler = test_big },
	{ .name = "test.defer", .help = "answer later", .handler = test_defer },
	{ .name = "test.spec", .help = "call a registrar of the specification",
	  .flags = MOEAI_COMMAND_READ, .handler = test_spec },
	{ .name = "test.send_event", .help = "moeai_netlink_send_event()",
	  .flags = MOEAI_COMMAND_READ, .handler = test_send_event },
	{ .name = "test.send_status", .help = "moeai_netlink_send_status()",
	  .flags = MOEAI_COMMAND_READ, .handler = test_send_status },
	{ .name = "test.describe", .help = "register another module", .flags = MOEAI_COMMAND_READ,
	  .handler = test_describe },
	{ .name = "test.find", .help = "a row of test.rows", .flags = MOEAI_COMMAND_READ,
	  .handler = test_find },
	{ .name = "test.shmem", .help = "make a region, and use it", .flags = MOEAI_COMMAND_READ,
	  .handler = test_shmem },
};

static void set_schemas(void)
{
	test_events[EV_ALL].schema = test_all_schema;
	commands[0].args = test_emit_args;
	commands[0].reply = test_emit_reply;
	commands[1].reply = test_result_reply;
	commands[2].args = test_all_schema;
	commands[2].reply = test_all_schema;
	commands[3].args = test_fail_args;
	commands[4].args = test_sleep_args;
	commands[5].args = test_big_args;
	commands[5].reply = test_big_reply;
	commands[6].args = test_defer_args;
	commands[6].reply = test_defer_reply;
	commands[7].args = test_spec_args;
	commands[7].reply = test_result_reply;
	commands[8].args = test_send_args;
	commands[8].reply = test_result_reply;
	commands[9].reply = test_result_reply;
	commands[10].args = test_describe_args;
	commands[10].reply = test_result_reply;
	commands[11].args = test_find_args;
	commands[11].reply = test_find_reply;
	commands[12].args = test_shmem_args;
	commands[12].reply = test_result_reply;
}

static int start(struct moeai_module *module)
{
	if (test_fail_start)
		return -EIO;
	test_look_up(true);
	return 0;
}

static void stop(struct moeai_module *module)
{
	test_look_up(false);
	test_shmem_rest();
}

static struct moeai_module module = {
	.name = "test",
	.help = "for tests",
	.version = "1",
	.events = test_events,
	.n_events = N_EVENTS,
	.commands = commands,
	.n_commands = ARRAY_SIZE(commands),
	.params = test_params,
	.tables = test_tables,
	.n_tables = N_TABLES,
	.start = start,
	.stop = stop,
};

static unsigned int linger;
module_param(linger, uint, 0);
MODULE_PARM_DESC(linger, "if not 0: so many ms after all is registered, loading fails");

static int __init test_init(void)
{
	int ret;

	set_schemas();
	module.n_params = test_n_params;
	ret = moeai_module_register(&module);
	if (ret || !linger)
		return ret;
	msleep(linger);
	moeai_module_unregister(&module);
	return -EIO;
}

static void __exit test_exit(void)
{
	moeai_module_unregister(&module);
	test_answer_exit();
	test_describe_exit();
	test_spec_exit();
}

module_init(test_init);
module_exit(test_exit);
MODULE_DESCRIPTION("MoeAI: the kernel API, used for tests");
MODULE_LICENSE("GPL");
