// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "bench.h"

static struct moeai_command commands[] = {
	/* Changes nothing: else core.command would be among the events. */
	{ .name = "bench.emit", .help = "emit events, as fast as possible or at intervals",
	  .flags = MOEAI_COMMAND_READ, .handler = bench_emit },
	{ .name = "bench.packets", .help = "have packets come, as far as to PRE_ROUTING",
	  .flags = MOEAI_COMMAND_READ, .handler = bench_packets },
	{ .name = "bench.mark", .help = "count what is done on a file system, and no more",
	  .flags = MOEAI_COMMAND_READ, .handler = bench_mark },
};

static struct moeai_module module = {
	.name = "bench",
	.help = "for tests/bench",
	.version = "1",
	.events = &bench_event,
	.n_events = 1,
	.commands = commands,
	.n_commands = ARRAY_SIZE(commands),
};

static int __init bench_init(void)
{
	int ret = bench_peer_init();

	if (ret)
		return ret;
	commands[0].args = bench_emit_args;
	commands[0].reply = bench_emit_reply;
	commands[1].args = bench_packets_args;
	commands[1].reply = bench_packets_reply;
	commands[2].args = bench_mark_args;
	commands[2].reply = bench_mark_reply;
	ret = moeai_module_register(&module);
	if (ret)
		bench_peer_exit();
	return ret;
}

static void __exit bench_exit(void)
{
	moeai_module_unregister(&module);
	bench_mark_exit();
	bench_peer_exit();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("MoeAI: the producer of tests/bench");
MODULE_LICENSE("GPL");
