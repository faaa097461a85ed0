// SPDX-License-Identifier: GPL-2.0
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/ip_fib.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/udp.h>
#include <linux/moeai_compat.h>
#include "local.h"

bool guard_local_dest(const struct net *net, const struct sk_buff *skb, bool v6)
{
	struct net *n = (struct net *)net; /* older kernels have no const there */

	if (!v6)
		return inet_addr_type_dev_table(n, skb->dev, ip_hdr(skb)->daddr) == RTN_LOCAL;
	return IS_ENABLED(CONFIG_IPV6) && ipv6_chk_addr(n, &ipv6_hdr(skb)->daddr, NULL, 0);
}

/* Kernels have these two for netfilter's modules, if at all. */
static struct sock *find_v4(struct net *net, const struct sk_buff *skb, __be16 from, __be16 to)
{
#if IS_ENABLED(CONFIG_NF_TPROXY_IPV4) || IS_ENABLED(CONFIG_NF_SOCKET_IPV4)
	const struct iphdr *ip = ip_hdr(skb);

	return udp4_lib_lookup(net, ip->saddr, from, ip->daddr, to, skb->dev->ifindex);
#else
	return NULL;
#endif
}

static struct sock *find_v6(struct net *net, const struct sk_buff *skb, __be16 from, __be16 to)
{
#if IS_ENABLED(CONFIG_NF_TPROXY_IPV6) || IS_ENABLED(CONFIG_NF_SOCKET_IPV6)
	const struct ipv6hdr *ip = ipv6_hdr(skb);

	return udp6_lib_lookup(net, &ip->saddr, from, &ip->daddr, to, skb->dev->ifindex);
#else
	return NULL;
#endif
}

bool guard_local_socket(struct net *net, const struct sk_buff *skb, bool v6,
			const struct guard_packet *p)
{
	__be16 from = htons(p->from), to = htons(p->port);
	struct sock *sk = v6 ? find_v6(net, skb, from, to) : find_v4(net, skb, from, to);

	if (sk)
		sock_put(sk);
	return sk;
}

bool guard_local_within(struct net *net, struct guard_addr addr, bool v6, u8 len)
{
	struct in6_addr in6;
	struct net_device *dev;
	bool found = false;

	if (!v6)
		return inet_addr_type(net, cpu_to_be32(addr.hi >> 32)) == RTN_LOCAL;
	if (!IS_ENABLED(CONFIG_IPV6))
		return false;
	put_unaligned_be64(addr.hi, &in6.s6_addr[0]);
	put_unaligned_be64(addr.lo, &in6.s6_addr[8]);
	rcu_read_lock();
	for_each_netdev_rcu(net, dev)
		found = found || ipv6_chk_custom_prefix(&in6, len, dev);
	rcu_read_unlock();
	return found;
}
