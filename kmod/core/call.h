/* SPDX-License-Identifier: GPL-2.0 */
/* One call of a command: from validated arguments to the answer. */
#ifndef MOEAI_CALL_H
#define MOEAI_CALL_H

#include <linux/moeai.h>

struct genl_info;
struct moeai_control;
struct moeai_command_entry;

#define MOEAI_CALL_TEXT 256 /* of arguments in core.command, and of messages */

/* Who asks, and where the answer goes. */
struct moeai_origin {
	enum moeai_via via;
	struct sock *sk; /* netlink: the caller's, whoever has its port later */
	u32 portid;
	u32 seq;
	struct moeai_control *control; /* procfs: the open file */
	u32 pid;
	kuid_t uid;
	u64 started; /* ns from boot */
	char comm[TASK_COMM_LEN];
};

/* Fills in pid, uid, started and comm from current; and the socket's part of a request. */
void moeai_origin_init(struct moeai_origin *origin, enum moeai_via via);
void moeai_origin_request(struct moeai_origin *origin, const struct sk_buff *skb,
			  const struct genl_info *info);

/*
 * Call @entry's command with @len bytes of attributes at @args.
 * Returns 0: it ran, and was or will be answered; or why it was not even
 * started: -EINVAL, -ERANGE (text in @extack), -ENOMEM.
 */
int moeai_call_run(struct moeai_command_entry *entry, const struct moeai_origin *origin,
		   const struct nlattr *args, int len, struct netlink_ext_ack *extack);

/* A RESPONSE under construction. */
struct moeai_response {
	struct sk_buff *skb;
	unsigned int nest; /* offset of the DATA nest, 0 before it is begun */
	unsigned int data; /* bytes in it */
};

int moeai_response_begin(struct moeai_response *r, const struct moeai_origin *origin, u32 id,
			 gfp_t gfp);
int moeai_response_put(struct moeai_response *r, const struct moeai_value *values, unsigned int n,
		       gfp_t gfp);

/* Close it with @status and, if there is memory for it, @message (or NULL). */
void moeai_response_end(struct moeai_response *r, int status, const char *message, gfp_t gfp);

/* Send it; takes it. Process or softirq context. */
int moeai_response_send(struct moeai_response *r, const struct moeai_origin *origin);

/* The call of @command is over: log it, if it changes state. */
void moeai_call_log(const struct moeai_command *command, const struct moeai_origin *origin,
		    const char *args, int status);

/* The last call that ended, for procfs. */
struct moeai_last_call {
	u32 id;
	u32 seq;
	int status;
};

void moeai_last_call(struct moeai_last_call *last);

#endif
