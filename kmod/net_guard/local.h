/* SPDX-License-Identifier: GPL-2.0 */
/* What is this host's own: addresses, and ports that a socket has. */
#ifndef GUARD_LOCAL_H
#define GUARD_LOCAL_H

#include <linux/skbuff.h>
#include "packet.h"

/* Whether a packet is for us, not for somebody behind us. Under RCU. */
bool guard_local_dest(const struct net *net, const struct sk_buff *skb, bool v6);

/* Whether somebody here waits for what a UDP packet brings. Under RCU. */
bool guard_local_socket(struct net *net, const struct sk_buff *skb, bool v6,
			const struct guard_packet *p);

/* Whether a prefix of @len bits (32, if it is of IPv4) has an address of ours. */
bool guard_local_within(struct net *net, struct guard_addr addr, bool v6, u8 len);

#endif
