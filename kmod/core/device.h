/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/moeai: the log mapped, or read as a stream; see the uapi header. */
#ifndef MOEAI_DEVICE_H
#define MOEAI_DEVICE_H

#include <linux/cred.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/uidgid.h>

int moeai_device_init(void);
void moeai_device_exit(void);

/* Who opened a file, as table subscribers shows it. */
struct moeai_device_user {
	struct list_head list;
	u32 pid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
};

/* The caller. */
static inline void moeai_device_user_init(struct moeai_device_user *user)
{
	user->pid = task_tgid_nr(current);
	user->uid = current_uid();
	get_task_comm(user->comm, current);
}

/* Has @uid as many of @list as one may have? Under what guards the list. */
bool moeai_device_users_full(const struct list_head *list, kuid_t uid);

/* Call @fn for each, under a mutex. */
void moeai_device_walk(void (*fn)(const struct moeai_device_user *user, void *arg), void *arg);

#endif
