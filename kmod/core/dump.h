/* SPDX-License-Identifier: GPL-2.0 */
/* Dumps under way: who has them, and how many one user may have. */
#ifndef MOEAI_DUMP_H
#define MOEAI_DUMP_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/uidgid.h>

struct netlink_callback;
struct nlattr;

/* Embedded in what a dump keeps between its parts. */
struct moeai_dump {
	struct list_head list;
	const char *what; /* the table, or "replay" */
	u32 portid;
	u32 pid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
};

/*
 * Refuse a dump in its start callback; @attr is at fault, or NULL. Some kernels
 * have no place for a text there: then the dump starts, and moeai_dump_refused()
 * in its dump callback returns the error and gives the text, with NLMSG_DONE.
 * Uses the last two of cb->args.
 */
int moeai_dump_refuse(struct netlink_callback *cb, const struct nlattr *attr, int err,
		      const char *text);
int moeai_dump_refused(struct netlink_callback *cb);

/*
 * A dump begins. A user without CAP_NET_ADMIN or CAP_SYS_ADMIN may have a few at
 * a time. Returns 0 or -EBUSY. Process context.
 */
int moeai_dump_get(struct moeai_dump *dump, const char *what, struct netlink_callback *cb);
void moeai_dump_put(struct moeai_dump *dump);

/* Call @fn for each, under a mutex. */
void moeai_dumps_walk(void (*fn)(const struct moeai_dump *dump, void *arg), void *arg);

#endif
