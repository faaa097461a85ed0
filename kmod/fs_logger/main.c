// SPDX-License-Identifier: GPL-2.0
/* fs_logger: who does what to which file. */
#define pr_fmt(fmt) "moeai_fs_logger: " fmt
#include <linux/module.h>
#include <linux/moeai.h>
#include "event.h"
#include "fold.h"
#include "handle.h"
#include "holder.h"
#include "param.h"
#include "super.h"
#include "table.h"
#include "watch.h"

#define VERSION "0.1.0"

static int start(struct moeai_module *module)
{
	int ret = fs_fold_start();

	if (ret)
		return ret;
	fs_holders_start();
	fs_handle_start();
	return 0;
}

static void stop(struct moeai_module *module)
{
	fs_handle_stop();
	fs_holders_stop();
	fs_fold_stop();
}

static struct moeai_module fs_logger = {
	.name = "fs_logger",
	.help = "who does what to which file",
	.version = VERSION,
	.events = fs_events,
	.n_events = FS_EVENTS,
	.params = fs_params,
	.n_params = FS_PARAMS,
	.tables = &fs_watches,
	.n_tables = 1,
	.start = start,
	.stop = stop,
};

static int __init fs_logger_init(void)
{
	int ret = fs_handle_init();

	if (ret)
		return ret;
	ret = fs_supers_init();
	if (ret)
		goto exit_handle;
	ret = fs_watches_init();
	if (ret)
		goto exit_supers;
	ret = moeai_module_register(&fs_logger);
	if (ret)
		goto exit_watches;
	return 0;

exit_watches:
	fs_watches_exit();
exit_supers:
	fs_supers_exit();
exit_handle:
	fs_handle_exit();
	return ret;
}

/* With the module's table its last generation has gone, and with that all watches. */
static void __exit fs_logger_exit(void)
{
	moeai_module_unregister(&fs_logger);
	fs_watches_exit();
	fs_supers_exit();
	fs_handle_exit();
}

module_init(fs_logger_init);
module_exit(fs_logger_exit);
MODULE_DESCRIPTION("MoeAI: who does what to which file");
MODULE_LICENSE("GPL");
MODULE_VERSION(VERSION);
