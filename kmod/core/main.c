// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "moeai: " fmt
#include <linux/log2.h>
#include <linux/module.h>
#include "builtin.h"
#include "device.h"
#include "intern.h"
#include "log.h"
#include "netlink.h"
#include "procfs.h"
#include "pump.h"
#include "specification.h"
#include "status.h"
#include "store.h"
#include "ticket.h"
#include "txn.h"
#include "wake.h"

static unsigned long log_size = 4 << 20;
module_param(log_size, ulong, 0444);
MODULE_PARM_DESC(log_size, "size of the event log in bytes, a power of two, 64 KiB to 256 MiB");
static unsigned long log_pos;
module_param(log_pos, ulong, 0444);
MODULE_PARM_DESC(log_pos, "position of the log's first byte, a multiple of 8: to test what happens when positions wrap");
module_param_named(flush_us, moeai_flush_us, uint, 0444);
MODULE_PARM_DESC(flush_us, "how long an event may wait for others before it is sent, us");
module_param_named(status_ms, moeai_status_ms, uint, 0444);
MODULE_PARM_DESC(status_ms, "interval of samples and status notifications, ms");
module_param_named(publish_rate, moeai_publish_rate, uint, 0444);
MODULE_PARM_DESC(publish_rate, "messages a second that a uid may publish, 0: no limit");

static int __init check_params(void)
{
	if (log_pos % 8) {
		pr_err("log_pos must be a multiple of 8\n");
		return -EINVAL;
	}
	if (!is_power_of_2(log_size) || log_size < MOEAI_LOG_SIZE_MIN ||
	    log_size > MOEAI_LOG_SIZE_MAX) {
		pr_err("log_size must be a power of two from 65536 to 268435456\n");
		return -EINVAL;
	}
	if (!moeai_flush_us || moeai_flush_us > 1000000 || moeai_status_ms < 10 ||
	    moeai_status_ms > 3600000 || moeai_publish_rate > 10000000) {
		pr_err("flush_us must be 1 to 1000000, status_ms 10 to 3600000, publish_rate up to 10000000\n");
		return -EINVAL;
	}
	return 0;
}

static int __init moeai_init(void)
{
	int ret = check_params();

	if (ret)
		return ret;
	ret = moeai_log_init(log_size, log_pos);
	if (ret)
		return ret;
	moeai_wake_init();
	ret = moeai_pump_init();
	if (ret)
		goto log;
	ret = moeai_tickets_init();
	if (ret)
		goto pump;
	ret = moeai_store_init();
	if (ret)
		goto tickets;
	ret = moeai_txns_init();
	if (ret)
		goto store;
	ret = moeai_status_init();
	if (ret)
		goto txns;
	ret = moeai_procfs_init();
	if (ret)
		goto status;
	ret = moeai_netlink_init();
	if (ret)
		goto procfs;
	ret = moeai_builtin_init();
	moeai_netlink_open();
	if (ret)
		goto netlink;
	moeai_log_publish(moeai_epoch(), moeai_family_id());
	ret = moeai_device_init();
	if (ret)
		goto builtin;
	moeai_status_start();
	return 0;

builtin:
	moeai_builtin_exit();
netlink:
	moeai_pump_stop();
	moeai_netlink_exit();
procfs:
	moeai_procfs_exit();
status:
	moeai_status_exit();
txns:
	moeai_txns_exit();
store:
	moeai_store_exit();
tickets:
	moeai_tickets_exit();
pump:
	moeai_pump_exit();
log:
	moeai_wake_exit();
	moeai_log_exit();
	moeai_intern_exit();
	return ret;
}

/*
 * No feature module is left: each holds a reference to this one. The status
 * tells its group of the end while the family still stands; the family goes
 * before the log, so that nothing reads or writes it any more.
 */
static void __exit moeai_exit(void)
{
	moeai_device_exit();
	moeai_specification_exit();
	moeai_builtin_exit();
	moeai_status_stop(); /* no param.set can start it again */
	moeai_pump_stop();
	moeai_netlink_exit();
	moeai_procfs_exit();
	moeai_status_exit();
	moeai_txns_exit();
	moeai_store_exit();
	moeai_tickets_exit();
	moeai_pump_exit();
	moeai_wake_exit();
	moeai_log_exit();
	moeai_intern_exit();
}

module_init(moeai_init);
module_exit(moeai_exit);
MODULE_DESCRIPTION("MoeAI: events, commands, status and tables for user space");
MODULE_AUTHOR("The MoeAI-C authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(MOEAI_VERSION);
