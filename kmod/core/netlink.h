/* SPDX-License-Identifier: GPL-2.0 */
/* The Generic Netlink family: its operations, and sending. */
#ifndef MOEAI_NETLINK_H
#define MOEAI_NETLINK_H

#include <linux/moeai.h>

struct sk_buff;

int moeai_netlink_init(void);
void moeai_netlink_exit(void);

/*
 * The family is announced before all that it serves is registered, since event
 * types need its id: requests wait until it is opened. Returns 0, -EINTR, or
 * -ENOENT if the family goes instead.
 */
void moeai_netlink_open(void);
int moeai_netlink_wait(void);

/* nlmsg_type of all messages; known from moeai_netlink_init() on. */
u16 moeai_family_id(void);

/* Any context but NMI. */
bool moeai_has_listeners(enum moeai_netlink_groups group);

/* A message's head; the skb has room for it. */
void *moeai_msg_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd);

/* Both take the skb. Process or softirq context. */
int moeai_multicast(struct sk_buff *skb, enum moeai_netlink_groups group, gfp_t gfp);
int moeai_unicast(struct sk_buff *skb, u32 portid);

/* EVENT do; see publish.c. */
struct genl_info;
int moeai_publish_doit(struct sk_buff *skb, struct genl_info *info);
extern u32 moeai_publish_rate; /* events/s for each uid, 0: no limit */

#endif
