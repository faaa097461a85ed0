// SPDX-License-Identifier: GPL-2.0
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include "packet.h"
#include "prefix.h"

#define TCP_FLAGS 13 /* where they are in its header */
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/*
 * From where programs here get ports for the asking, or take them themselves, what
 * comes is an answer, or a connection that was asked for, mostly.
 */
static bool is_ephemeral(struct net *net, u16 port)
{
	int low, high;

	if (port < 1024) /* the usual, and nobody's to take at random */
		return false;
	inet_get_local_port_range(net, &low, &high);
	return port >= low;
}

/*
 * An honest header is not cut before its flags: fragments that small hide what they
 * carry, and count as what they may be. Answers to us bear ACK or RST.
 */
static bool look_tcp(struct net *net, const struct sk_buff *skb, int offset,
		     struct guard_packet *p)
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
	p->probe = !is_ephemeral(net, p->port);
	return true;
}

static bool look_udp(struct net *net, const struct sk_buff *skb, int offset,
		     struct guard_packet *p)
{
	u8 buf[4];
	const u8 *uh = skb_header_pointer(skb, offset, sizeof(buf), buf);

	p->class = GUARD_UDP;
	if (!uh)
		return true;
	p->has_port = true;
	p->from = get_unaligned_be16(uh);
	p->port = get_unaligned_be16(uh + 2);
	p->probe = !is_ephemeral(net, p->port);
	return true;
}

static bool look_icmp(const struct sk_buff *skb, int offset, u8 echo, struct guard_packet *p)
{
	u8 buf, *type = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	p->class = GUARD_ICMP;
	p->probe = type && *type == echo;
	return true;
}

static bool is_discovery(u8 type, const struct ipv6hdr *ip)
{
	return type >= NDISC_ROUTER_SOLICITATION && type <= NDISC_REDIRECT && ip->hop_limit == 255;
}

static bool is_of_groups(u8 type, const struct ipv6hdr *ip)
{
	return ((type >= ICMPV6_MGM_QUERY && type <= ICMPV6_MGM_REDUCTION) ||
		type == ICMPV6_MLD2_REPORT) && ip->hop_limit == 1 &&
	       (ipv6_addr_any(&ip->saddr) || ipv6_addr_type(&ip->saddr) & IPV6_ADDR_LINKLOCAL);
}

/* A link can't do without: neighbours, routers, groups. Who is not on it can't send these. */
static bool is_of_link(const struct sk_buff *skb, int offset)
{
	u8 buf, *type = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	return type && (is_discovery(*type, ipv6_hdr(skb)) || is_of_groups(*type, ipv6_hdr(skb)));
}

bool guard_packet_type_is_discovery(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	int offset = skb_network_offset(skb) + sizeof(*ip);
	u8 buf, *type = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	return type && is_discovery(*type, ip);
}

/* @later: a fragment without a transport header; what it is part of is known. */
static bool look(struct net *net, const struct sk_buff *skb, u8 proto, int offset, bool later,
		 struct guard_packet *p)
{
	p->n = skb_shinfo(skb)->gso_segs ?: 1;
	switch (proto) {
	case IPPROTO_TCP:
		return !later && look_tcp(net, skb, offset, p);
	case IPPROTO_UDP:
		p->class = GUARD_UDP;
		return later || look_udp(net, skb, offset, p);
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

bool guard_packet_v4(struct net *net, struct sk_buff *skb, struct guard_packet *p)
{
	const struct iphdr *ip = ip_hdr(skb);

	*p = (struct guard_packet){ .dest = guard_addr_v4(ip->daddr) };
	return look(net, skb, ip->protocol, skb_network_offset(skb) + ip->ihl * 4,
		    ip->frag_off & htons(IP_OFFSET), p);
}

/*
 * In a later fragment the walk ends at the fragment header, which says what comes
 * first in the whole; what is behind options there is not to be seen: the widest
 * limit.
 */
static u8 fragment_proto(const struct sk_buff *skb, int offset)
{
	u8 buf, *proto = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	return !proto || ipv6_ext_hdr(*proto) ? IPPROTO_UDP : *proto;
}

bool guard_packet_v6(struct net *net, struct sk_buff *skb, struct guard_packet *p)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	u8 proto = ip->nexthdr;
	__be16 frag = 0;
	int offset = ipv6_skip_exthdr(skb, skb_network_offset(skb) + sizeof(*ip), &proto, &frag);

	*p = (struct guard_packet){ .dest = guard_addr_v6(&ip->daddr) };
	if (offset < 0)
		return false; /* nobody will get it */
	if (proto == NEXTHDR_FRAGMENT && frag & htons(IP6_OFFSET))
		proto = fragment_proto(skb, offset);
	return look(net, skb, proto, offset, frag & htons(IP6_OFFSET), p);
}
