// SPDX-License-Identifier: GPL-2.0
/*
 * mem_monitor: tells how short memory is, who holds it, and whom the OOM killer
 * takes.
 */
#define pr_fmt(fmt) "moeai_mem_monitor: " fmt
#include <linux/module.h>
#include <linux/moeai.h>
#include "command.h"
#include "event.h"
#include "monitor.h"
#include "oom.h"
#include "param.h"
#include "table.h"

#define VERSION "0.1.0"

static int start(struct moeai_module *module)
{
	int ret = mem_monitor_start();

	if (ret)
		return ret;
	ret = mem_oom_start();
	if (ret)
		mem_monitor_stop();
	return ret;
}

static void stop(struct moeai_module *module)
{
	mem_oom_stop();
	mem_monitor_stop();
}

static struct moeai_module mem_monitor = {
	.name = "mem_monitor",
	.help = "memory pressure, its largest consumers, and OOM kills",
	.version = VERSION,
	.events = mem_events,
	.n_events = MEM_EVENTS,
	.commands = mem_commands,
	.n_commands = MEM_COMMANDS,
	.params = mem_param_table,
	.n_params = MEM_PARAMS,
	.tables = mem_tables,
	.n_tables = MEM_TABLES,
	.start = start,
	.stop = stop,
};

static int __init mem_monitor_module_init(void)
{
	if (mem_params_init()) {
		pr_err("want " LIMITS_RULE "; " INTERVALS_RULE "\n");
		return -EINVAL;
	}
	mem_monitor_init();
	return moeai_module_register(&mem_monitor);
}

static void __exit mem_monitor_module_exit(void)
{
	moeai_module_unregister(&mem_monitor);
}

module_init(mem_monitor_module_init);
module_exit(mem_monitor_module_exit);
MODULE_DESCRIPTION("MoeAI: memory pressure and OOM kills");
MODULE_LICENSE("GPL");
MODULE_VERSION(VERSION);
