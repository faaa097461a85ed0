// SPDX-License-Identifier: GPL-2.0
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "packet.h"
#include "prefix.h"

#define TCP_FLAGS 13 /* where they are in its header */
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/*
 * An honest header is not cut before its flags: fragments that small hide what they
 * carry, and count as what they may be. Answers to us bear ACK or RST.
 */
static bool look_tcp(const struct sk_buff *skb, int offset, struct guard_packet *p)
{
	u8 buf[TCP_FLAGS + 1], flags;
	const u8 *th = skb_header_pointer(skb, offset, sizeof(buf), buf);

	p->probe = true;
	if (!th) {
		p->class = GUARD_SYN;
		return true;
	}
	flags = th[TCP_FLAGS];
	if (flags & (ACK | RST))
		return false;
	p->class = flags & SYN ? GUARD_SYN : GUARD_OTHER;
	p->has_port = true;
	p->port = get_unaligned_be16(th + 2);
	return true;
}

/* Packets to ports that programs here get for the asking are answers, mostly. */
static bool is_ephemeral(const struct sk_buff *skb, u16 port)
{
	int low, high;

	inet_get_local_port_range(dev_net(skb->dev), &low, &high);
	return port >= low && port <= high;
}

static bool look_udp(const struct sk_buff *skb, int offset, struct guard_packet *p)
{
	u8 buf[4];
	const u8 *uh = skb_header_pointer(skb, offset, sizeof(buf), buf);

	p->class = GUARD_UDP;
	if (!uh)
		return true;
	p->has_port = true;
	p->port = get_unaligned_be16(uh + 2);
	p->probe = !is_ephemeral(skb, p->port);
	return true;
}

static bool look_icmp(const struct sk_buff *skb, int offset, u8 echo, struct guard_packet *p)
{
	u8 buf, *type = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	p->class = GUARD_ICMP;
	p->probe = type && *type == echo;
	return true;
}

/* A link can't do without: neighbours, routers, groups. */
static bool is_of_link(const struct sk_buff *skb, int offset)
{
	u8 buf, *type = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	return type && *type >= ICMPV6_MGM_QUERY && *type <= 143; /* to MLDv2 reports */
}

/* @later: a fragment without a transport header; what it is part of is known. */
static bool look(const struct sk_buff *skb, u8 proto, int offset, bool later,
		 struct guard_packet *p)
{
	switch (proto) {
	case IPPROTO_TCP:
		return !later && look_tcp(skb, offset, p);
	case IPPROTO_UDP:
		p->class = GUARD_UDP;
		return later || look_udp(skb, offset, p);
	case IPPROTO_ICMP:
		p->class = GUARD_ICMP;
		return later || look_icmp(skb, offset, ICMP_ECHO, p);
	case IPPROTO_ICMPV6:
		p->class = GUARD_ICMP;
		return later || (!is_of_link(skb, offset) &&
				 look_icmp(skb, offset, ICMPV6_ECHO_REQUEST, p));
	}
	return false;
}

bool guard_packet_v4(struct sk_buff *skb, struct guard_packet *p)
{
	const struct iphdr *ip = ip_hdr(skb);

	*p = (struct guard_packet){ .dest = guard_addr_v4(ip->daddr) };
	return look(skb, ip->protocol, skb_network_offset(skb) + ip->ihl * 4,
		    ip->frag_off & htons(IP_OFFSET), p);
}

bool guard_packet_v6(struct sk_buff *skb, struct guard_packet *p)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	u8 proto = ip->nexthdr;
	__be16 frag = 0;
	int offset = ipv6_skip_exthdr(skb, skb_network_offset(skb) + sizeof(*ip), &proto, &frag);

	*p = (struct guard_packet){ .dest = guard_addr_v6(&ip->daddr) };
	if (offset < 0)
		return false; /* nobody will get it */
	return look(skb, proto, offset, frag & htons(IP6_OFFSET), p);
}
