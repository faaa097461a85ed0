// SPDX-License-Identifier: GPL-2.0
#include <linux/moeai_compat.h>
#include <linux/workqueue.h>
#include "holder.h"
#include "table.h"

static void look(struct work_struct *work);
static DECLARE_DELAYED_WORK(looker, look);
static DEFINE_MUTEX(lock); /* guards started and exist */
static bool started, exist;

static void look_later(void)
{
	lockdep_assert_held(&lock);
	if (started && exist)
		queue_delayed_work(MOEAI_SYSTEM_UNBOUND_WQ, &looker, HZ);
}

static void look(struct work_struct *work)
{
	fs_watches_release();
	mutex_lock(&lock);
	look_later();
	mutex_unlock(&lock);
}

void fs_holders_exist(bool they_do)
{
	mutex_lock(&lock);
	exist = they_do;
	look_later();
	mutex_unlock(&lock);
}

void fs_holders_start(void)
{
	mutex_lock(&lock);
	started = true;
	look_later();
	mutex_unlock(&lock);
}

void fs_holders_stop(void)
{
	mutex_lock(&lock);
	started = false;
	mutex_unlock(&lock);
	cancel_delayed_work_sync(&looker);
}
