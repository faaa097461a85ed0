/* SPDX-License-Identifier: GPL-2.0 */
/* What the detectors want to know of a packet. No conntrack: of it alone. */
#ifndef GUARD_PACKET_H
#define GUARD_PACKET_H

#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include "set.h"

enum guard_class {
	GUARD_SYN,
	GUARD_UDP,
	GUARD_ICMP,
	GUARD_CLASSES,
	GUARD_OTHER = GUARD_CLASSES, /* of no flood that is looked for */
};

struct guard_packet {
	u8 class; /* enum guard_class */
	bool probe; /* may be one of a scan */
	bool has_port;
	u16 from, port; /* ports, the latter where to */
	u32 n; /* so many packets the card or GRO made one of */
	struct guard_addr dest;
};

/*
 * IP has seen to it that its own header is there, whole, and within the packet. What
 * is behind it may be cut off, fragmented, in pages, or not what it says.
 * False: of no interest.
 */
bool guard_packet_v4(struct net *net, struct sk_buff *skb, struct guard_packet *p);
bool guard_packet_v6(struct net *net, struct sk_buff *skb, struct guard_packet *p);

bool guard_packet_type_is_discovery(const struct sk_buff *skb);

/* Neighbour discovery, from the link itself: without it an address has no way there. */
static __always_inline bool guard_packet_is_discovery(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);

	return ip->hop_limit == 255 && ip->nexthdr == IPPROTO_ICMPV6 &&
	       guard_packet_type_is_discovery(skb);
}

#endif
