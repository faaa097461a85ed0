// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that have come to a device and go as far as to the hooks at PRE_ROUTING,
 * where filters are. It is one packet, held, so that who drops it frees nothing;
 * who it is from has been made before. So a packet costs little besides its
 * filters, and the same for all of these.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/vmalloc.h>
#include <net/net_namespace.h>
#include "bench.h"
#include "sources.h"

#define PAYLOAD 18 /* a frame's least */

enum {
	ARG_COUNT = 1, ARG_SOURCES, ARG_OF, ARG_V6, ARG_MISS, ARG_IN_TURN, ARG_PROTO, ARG_PORT,
	ARG_HOOK, ARG_PRODUCERS
};

static const char *const sources_names[] = { "addresses", "nets", "nets-24", NULL };
static const char *const proto_names[] = { "udp", "syn", "ping", NULL };
static const char *const hook_names[] = { "none", "accept", "drop", NULL };

enum packet_kind { UDP, SYN, PING };

static const struct moeai_field arg_fields[] = {
	[ARG_COUNT]	= { "count", "packets", MOEAI_TYPE_U32, .flags = MOEAI_F_REQUIRED,
			    .min = 1, .max = 1 << 20 },
	[ARG_SOURCES]	= { "sources", "what rules they are from", MOEAI_TYPE_ENUM,
			    .labels = sources_names },
	[ARG_OF]	= { "of", "so many rules", MOEAI_TYPE_U32, .min = 1, .max = 1 << 20 },
	[ARG_V6]	= { "v6", "IPv6", MOEAI_TYPE_BOOL },
	[ARG_MISS]	= { "miss", "close to rules, but from none", MOEAI_TYPE_BOOL },
	[ARG_IN_TURN]	= { "in_turn", "rule by rule, not at random", MOEAI_TYPE_BOOL },
	[ARG_PROTO]	= { "proto", "what they are", MOEAI_TYPE_ENUM, .labels = proto_names },
	[ARG_PORT]	= { "port", "where to", MOEAI_TYPE_U32, .max = U16_MAX },
	[ARG_HOOK]	= { "hook", "one that does nothing else", MOEAI_TYPE_ENUM,
			    .labels = hook_names },
	[ARG_PRODUCERS]	= { "producers", "threads, one a CPU; 0: the caller's own",
			    MOEAI_TYPE_U32, .max = BENCH_PRODUCERS_MAX },
};

const struct moeai_schema bench_packets_args = MOEAI_SCHEMA(arg_fields);

enum { REPLY_NS = 1, REPLY_PASSED };

static const struct moeai_field reply_fields[] = {
	[REPLY_NS]     = { "ns", "from the first packet to the last", MOEAI_TYPE_U64,
			   MOEAI_UNIT_NS },
	[REPLY_PASSED] = { "passed", "packets that no filter dropped", MOEAI_TYPE_U32 },
};

const struct moeai_schema bench_packets_reply = MOEAI_SCHEMA(reply_fields);

/* ---- hooks --------------------------------------------------------------------- */

static unsigned int accept(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static unsigned int drop(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return NF_DROP;
}

enum { HOOK_NONE, HOOK_ACCEPT, HOOK_DROP, HOOKS };

#define HOOK(f, family)                                                             \
	{ .hook = f, .pf = family, .hooknum = NF_INET_PRE_ROUTING,                  \
	  .priority = NF_IP_PRI_RAW_BEFORE_DEFRAG }

static const struct nf_hook_ops hooks[HOOKS][2] = {
	[HOOK_ACCEPT] = { HOOK(accept, NFPROTO_IPV4), HOOK(accept, NFPROTO_IPV6) },
	[HOOK_DROP] = { HOOK(drop, NFPROTO_IPV4), HOOK(drop, NFPROTO_IPV6) },
};

/* ---- the packet ------------------------------------------------------------------ */

static void put_transport(struct sk_buff *skb, enum packet_kind proto, bool v6, u16 port)
{
	struct udphdr *uh;
	struct tcphdr *th;
	u8 *type;

	switch (proto) {
	case UDP:
		uh = skb_put_zero(skb, sizeof(*uh) + PAYLOAD);
		uh->source = htons(1000);
		uh->dest = htons(port);
		uh->len = htons(sizeof(*uh) + PAYLOAD);
		break;
	case SYN:
		th = skb_put_zero(skb, sizeof(*th));
		th->source = htons(40000);
		th->dest = htons(port);
		th->doff = sizeof(*th) / 4;
		th->syn = 1;
		break;
	case PING:
		type = skb_put_zero(skb, sizeof(struct icmphdr) + PAYLOAD);
		*type = v6 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO;
		break;
	}
}

static const u8 protos[][2] = {
	[UDP] = { IPPROTO_UDP, IPPROTO_UDP },
	[SYN] = { IPPROTO_TCP, IPPROTO_TCP },
	[PING] = { IPPROTO_ICMP, IPPROTO_ICMPV6 },
};

static void put_v4(struct sk_buff *skb, enum packet_kind proto, u16 port)
{
	struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));

	skb_set_transport_header(skb, sizeof(*ip));
	put_transport(skb, proto, false, port);
	*ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = protos[proto][0],
			      .tot_len = htons(skb->len),
			      .daddr = htonl(BENCH_DEST_V4) };
	skb->protocol = htons(ETH_P_IP);
}

static void put_v6(struct sk_buff *skb, enum packet_kind proto, u16 port)
{
	struct ipv6hdr *ip = skb_put_zero(skb, sizeof(*ip));

	skb_set_transport_header(skb, sizeof(*ip));
	put_transport(skb, proto, true, port);
	ip->version = 6;
	ip->hop_limit = 64;
	ip->nexthdr = protos[proto][1];
	ip->payload_len = htons(skb->len - sizeof(*ip));
	ip->daddr = (struct in6_addr)BENCH_DEST_V6;
	skb->protocol = htons(ETH_P_IPV6);
}

static struct sk_buff *make_packet(struct net_device *dev, enum packet_kind proto, bool v6, u16 port)
{
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, ETH_HLEN);
	skb_set_mac_header(skb, -ETH_HLEN);
	skb_reset_network_header(skb);
	if (v6)
		put_v6(skb, proto, port);
	else
		put_v4(skb, proto, port);
	skb->dev = dev;
	skb->skb_iif = dev->ifindex;
	skb->pkt_type = PACKET_HOST;
	return skb;
}

/* ---- the way they go --------------------------------------------------------------- */

struct flow {
	struct net_device *dev;
	struct sk_buff *skb;
	const struct in6_addr *sources; /* IPv4: the first 32 bits */
	u32 count;
	u32 passed;
	bool v6;
};

static int through(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	return 0;
}

static void packet_v4(struct flow *f, u32 i)
{
	ip_hdr(f->skb)->saddr = f->sources[i].s6_addr32[0];
	if (nf_hook(NFPROTO_IPV4, NF_INET_PRE_ROUTING, &init_net, NULL, skb_get(f->skb), f->dev,
		    NULL, through) != 1)
		return;
	f->passed++;
	consume_skb(f->skb);
}

static void packet_v6(struct flow *f, u32 i)
{
	ipv6_hdr(f->skb)->saddr = f->sources[i];
	if (nf_hook(NFPROTO_IPV6, NF_INET_PRE_ROUTING, &init_net, NULL, skb_get(f->skb), f->dev,
		    NULL, through) != 1)
		return;
	f->passed++;
	consume_skb(f->skb);
}

#define BURST 64

/* In bursts, as cards have them, in each without being interrupted. */
static void come(void *arg)
{
	struct flow *f = arg;
	u32 i = 0, end;

	while (i < f->count) {
		end = min(i + BURST, f->count);
		rcu_read_lock();
		local_bh_disable();
		if (f->v6)
			for (; i < end; i++)
				packet_v6(f, i);
		else
			for (; i < end; i++)
				packet_v4(f, i);
		local_bh_enable();
		rcu_read_unlock();
		cond_resched();
	}
}

static struct in6_addr *make_sources(struct moeai_call *call, u32 count)
{
	u32 kind = moeai_arg_u32(call, ARG_SOURCES, BENCH_ADDRESSES);
	u32 of = moeai_arg_u32(call, ARG_OF, 1), i, random = 1, nth;
	bool v6 = moeai_arg_bool(call, ARG_V6, false), miss = moeai_arg_bool(call, ARG_MISS, false);
	bool in_turn = moeai_arg_bool(call, ARG_IN_TURN, false);
	struct in6_addr *sources = vmalloc(array_size(count, sizeof(*sources)));
	struct bench_prefix p;

	for (i = 0; sources && i < count; i++) {
		random = bench_hash(random + i);
		nth = in_turn ? i % of : ((u64)random * of) >> 32;
		p = bench_source(kind, v6, nth, miss, bench_hash(random));
		sources[i].s6_addr32[0] = htonl(p.hi >> 32);
		sources[i].s6_addr32[1] = htonl(p.hi);
		sources[i].s6_addr32[2] = htonl(p.lo >> 32);
		sources[i].s6_addr32[3] = htonl(p.lo);
	}
	return sources;
}

static int run(struct moeai_call *call, struct flow *flows, u32 producers, u64 *ns)
{
	u32 i, n = max(producers, 1U);
	int ret = 0;

	for (i = 0; i < n; i++) {
		flows[i].skb = make_packet(flows[i].dev, moeai_arg_u32(call, ARG_PROTO, UDP),
					   flows[i].v6, moeai_arg_u32(call, ARG_PORT, 9));
		if (!flows[i].skb)
			ret = -ENOMEM;
	}
	if (!ret)
		ret = bench_produce(producers, come, flows, sizeof(*flows), ns);
	for (i = 0; i < n; i++)
		kfree_skb(flows[i].skb);
	return ret;
}

int bench_packets(struct moeai_call *call)
{
	u32 producers = moeai_arg_u32(call, ARG_PRODUCERS, 0), i, passed = 0;
	u32 count = moeai_arg_u32(call, ARG_COUNT, 0), hook = moeai_arg_u32(call, ARG_HOOK, 0);
	struct net_device *dev = dev_get_by_name(&init_net, BENCH_NETDEV);
	struct in6_addr *sources = make_sources(call, count);
	struct flow flows[BENCH_PRODUCERS_MAX];
	int ret = !dev ? -ENODEV : !sources ? -ENOMEM : 0;
	u64 ns;

	for (i = 0; i < BENCH_PRODUCERS_MAX; i++)
		flows[i] = (struct flow){ .dev = dev, .sources = sources, .count = count,
					  .v6 = moeai_arg_bool(call, ARG_V6, false) };
	if (!ret && hook)
		ret = nf_register_net_hooks(&init_net, hooks[hook], 2);
	if (!ret) {
		ret = run(call, flows, producers, &ns);
		if (hook)
			nf_unregister_net_hooks(&init_net, hooks[hook], 2);
	}
	dev_put(dev);
	vfree(sources);
	if (ret)
		return ret;
	for (i = 0; i < max(producers, 1U); i++)
		passed += flows[i].passed;
	return moeai_reply(call, moeai_u64(REPLY_NS, ns), moeai_u32(REPLY_PASSED, passed));
}
