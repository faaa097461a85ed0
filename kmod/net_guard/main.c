// SPDX-License-Identifier: GPL-2.0
/*
 * net_guard: rules by source address, and detectors that make some. Tells whom it
 * stops, and why.
 */
#define pr_fmt(fmt) "moeai_net_guard: " fmt
#include <linux/module.h>
#include <linux/moeai.h>
#include "blocked.h"
#include "command.h"
#include "event.h"
#include "expire.h"
#include "hook.h"
#include "offence.h"
#include "param.h"
#include "rule.h"
#include "source.h"
#include "table.h"

#define VERSION "0.1.0"

static struct workqueue_struct *wq; /* while started */

static int start(struct moeai_module *module)
{
	int ret;

	wq = alloc_workqueue("moeai_net_guard", WQ_UNBOUND, 0);
	if (!wq)
		return -ENOMEM;
	ret = guard_params.mode == MOEAI_GUARD_OFF ? 0 : guard_sources_start();
	if (ret) {
		destroy_workqueue(wq);
		return ret;
	}
	guard_blocked_start(wq);
	guard_offences_start(wq);
	guard_expiry_start(wq);
	guard_hooks_start();
	return 0;
}

static void stop(struct moeai_module *module)
{
	guard_hooks_stop();
	guard_expiry_stop();
	guard_offences_stop();
	guard_blocked_stop();
	guard_sources_stop();
	destroy_workqueue(wq);
}

static struct moeai_module net_guard = {
	.name = "net_guard",
	.help = "who may send packets here, who floods and scans",
	.version = VERSION,
	.events = guard_events,
	.n_events = GUARD_EVENTS,
	.commands = guard_commands,
	.n_commands = GUARD_COMMANDS,
	.params = guard_param_table,
	.n_params = GUARD_PARAMS,
	.tables = guard_tables,
	.n_tables = GUARD_TABLES,
	.start = start,
	.stop = stop,
};

static int __init guard_init(void)
{
	int ret;

	guard_params_init();
	ret = guard_rules_init();
	if (ret)
		return ret;
	ret = guard_hooks_init();
	if (ret)
		goto exit_rules;
	ret = moeai_module_register(&net_guard);
	if (ret)
		goto exit_hooks;
	return 0;

exit_hooks:
	guard_hooks_exit();
exit_rules:
	guard_rules_exit();
	return ret;
}

/* With the module's table, its last generation has gone, and with that all rules. */
static void __exit guard_exit(void)
{
	moeai_module_unregister(&net_guard);
	guard_hooks_exit();
	guard_sources_stop(); /* the mode may have been set when it was stopped */
	guard_rules_exit();
}

module_init(guard_init);
module_exit(guard_exit);
MODULE_DESCRIPTION("MoeAI: rules by source address, flood and scan detection");
MODULE_LICENSE("GPL");
MODULE_VERSION(VERSION);
