// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "moeai_net_guard: " fmt
#include <linux/bottom_half.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <uapi/linux/moeai_net_guard.h>
#include "blocked.h"
#include "hook.h"
#include "local.h"
#include "offence.h"
#include "param.h"
#include "prefix.h"
#include "rule.h"
#include "source.h"
#include "table.h"

struct guard_net {
	struct list_head list;
	struct net *net;
	bool hooked;
};

static unsigned int net_id;
static DEFINE_MUTEX(lock); /* guards nets, their hooked, and running */
static LIST_HEAD(nets);
static bool running;

static DEFINE_PER_CPU(struct guard_stats, stats);

/* ---- packets: softirq or process context, under RCU -------------------------------- */

/*
 * Jiffies, their lower half, and below the tick that it was then: in one word, so
 * whoever reads it has two that belong together. It is from this jiffy, or of no use.
 */
static u64 clock;

static noinline u32 read_clock(u32 now)
{
	u32 tick = max(guard_now(), 1U);

	WRITE_ONCE(clock, (u64)now << 32 | tick);
	return tick;
}

static __always_inline u32 tick(void)
{
	u64 read = READ_ONCE(clock);
	u32 now = jiffies;

	return likely(read >> 32 == now) ? read : read_clock(now);
}

/* @node's rule blocks a first packet for an interval; @last is its, from the hit before. */
static void begin(const struct guard_node *node, struct guard_addr source, bool v6, u64 hits,
		  u64 bytes, u32 packet, u32 last)
{
	const struct guard_named named = { .addr = guard_mask(source, node->len),
					   .rule = node->rule, .len = node->len,
					   .action = node->action, .v6 = v6 };
	struct guard_rule *rule = guard_rule(node->rule);

	if (guard_blocked_begin(&named, source, hits, bytes, packet))
		return;
	WRITE_ONCE(rule->last, READ_ONCE(rule->last) | GUARD_LAST_UNTOLD);
	if (!(last & GUARD_LAST_UNTOLD))
		guard_blocked_untold();
}

/* The rule's first hit in this tick. */
static noinline void hit_anew(const struct guard_node *node, struct guard_addr source, bool v6,
			      u64 hits, u64 bytes, u32 packet, u32 now)
{
	struct guard_rule *rule = guard_rule(node->rule);
	u32 last = READ_ONCE(rule->last);

	WRITE_ONCE(rule->last, now);
	if (node->action != MOEAI_GUARD_ALLOW && guard_blocked_news(last, now))
		begin(node, source, v6, hits, bytes, packet, last);
}

static __always_inline void count(const struct guard_node *node, struct guard_addr source,
				  bool v6, const struct sk_buff *skb)
{
	struct guard_rule *rule = guard_rule(node->rule);
	u64 hits = atomic64_inc_return(&rule->hits);
	u64 bytes = atomic64_add_return(skb->len, &rule->bytes);
	u32 now = tick();

	if (guard_rule_last(rule) != now)
		hit_anew(node, source, v6, hits, bytes, skb->len, now);
}

/* No single sender's address, whoever writes it into a packet. */
static bool is_nobody(struct guard_addr source, bool v6)
{
	__be32 v4 = cpu_to_be32(source.hi >> 32);

	if (v6)
		return !source.hi || source.hi >> 56 == 0xff;
	return ipv4_is_loopback(v4) || ipv4_is_zeronet(v4) || ipv4_is_multicast(v4) ||
	       ipv4_is_lbcast(v4);
}

/* Of somebody behind us we don't know which ports it has, or whom its clients ask. */
static bool is_probe(struct net *net, const struct sk_buff *skb, bool v6,
		     const struct guard_packet *p)
{
	if (!guard_local_dest(net, skb, v6))
		return READ_ONCE(guard_params.scan_forwarded);
	return p->class != GUARD_UDP || !p->has_port || !guard_local_socket(net, skb, v6, p);
}

/* The coarse clock goes on with jiffies, so it is looked at once in each. */
struct coarse {
	unsigned long jiffies;
	u64 ns;
};
static DEFINE_PER_CPU(struct coarse, coarse);

/* BH off. */
static u64 coarse_now(void)
{
	unsigned long now = jiffies;

	if (unlikely(__this_cpu_read(coarse.jiffies) != now)) {
		__this_cpu_write(coarse.ns, ktime_to_ns(ktime_get_coarse_boottime()));
		__this_cpu_write(coarse.jiffies, now);
	}
	return __this_cpu_read(coarse.ns);
}

/* Whether it is more than its source may send. BH off. */
static bool is_over(struct sk_buff *skb, struct guard_addr source, bool v6, struct net *net)
{
	u64 now_ns = coarse_now();
	struct guard_offence offence;
	struct guard_packet p;
	bool tell, over;

	if (!(v6 ? guard_packet_v6(net, skb, &p) : guard_packet_v4(net, skb, &p)))
		return false;
	source = guard_source_of(source, v6);
	over = guard_source_look(source, v6, &p, now_ns, &offence, &tell);
	if (p.probe && !over) { /* one that floods is found anyhow */
		p.probe = is_probe(net, skb, v6, &p);
		over = guard_source_try(source, v6, &p, now_ns, &offence, &tell);
	}
	if (tell && !guard_offence_note(&offence))
		guard_source_untold(&offence);
	return over;
}

/* Detectors look at what comes from outside, to the initial namespace. */
static noinline unsigned int detect(struct sk_buff *skb, struct guard_addr source, bool v6,
				    u32 mode, const struct nf_hook_state *state)
{
	bool over;

	if (is_nobody(source, v6))
		return NF_ACCEPT;
	if (likely(in_softirq())) {
		over = is_over(skb, source, v6, state->net);
	} else { /* it was put back from a queue */
		local_bh_disable();
		over = is_over(skb, source, v6, state->net);
		local_bh_enable();
	}
	if (!over)
		return NF_ACCEPT;
	this_cpu_inc(stats.limited);
	return mode == MOEAI_GUARD_ENFORCE ? NF_DROP : NF_ACCEPT;
}

static __always_inline const struct guard_node *find(const struct guard_gen *gen,
						     struct guard_addr source, bool v6)
{
	const struct guard_node *node;

	if (!guard_set_only(gen->base[v6], gen->delta[v6], source, v6, &node))
		return guard_gen_lookup(gen, v6, source);
	return node && guard_rule_alive(node->rule) ? node : NULL;
}

static __always_inline unsigned int judge(struct sk_buff *skb, struct guard_addr source, bool v6,
					  const struct nf_hook_state *state)
{
	const struct guard_gen *gen = rcu_dereference(guard_rules);
	const struct guard_node *node = NULL;
	u32 mode;

	if (!state->in || state->in->flags & IFF_LOOPBACK)
		return NF_ACCEPT; /* we are not kept from ourselves */
	if (gen)
		node = find(gen, source, v6);
	mode = READ_ONCE(guard_params.mode);
	if (node) {
		if (v6 && node->action != MOEAI_GUARD_ALLOW && guard_packet_is_discovery(skb))
			return NF_ACCEPT;
		count(node, source, v6, skb);
		if (node->action == MOEAI_GUARD_DROP) {
			this_cpu_inc(stats.dropped);
			return NF_DROP;
		}
		if (node->action == MOEAI_GUARD_ALLOW) {
			this_cpu_inc(stats.allowed);
			return NF_ACCEPT;
		}
		this_cpu_inc(stats.shadowed);
		/* In enforce mode it would not have come further. */
		if (mode == MOEAI_GUARD_WATCH && guard_rule_is_auto(node->rule))
			return NF_ACCEPT;
	}
	if (mode == MOEAI_GUARD_OFF || !net_eq(state->net, &init_net))
		return NF_ACCEPT;
	return detect(skb, source, v6, mode, state);
}

/* IP has seen to it that there is a whole header, and what it says of lengths is true. */
static unsigned int hook_v4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return judge(skb, guard_addr_v4(ip_hdr(skb)->saddr), false, state);
}

static unsigned int hook_v6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return judge(skb, guard_addr_v6(&ipv6_hdr(skb)->saddr), true, state);
}

static const struct nf_hook_ops ops[] = {
	{ .hook = hook_v4, .pf = NFPROTO_IPV4, .hooknum = NF_INET_PRE_ROUTING,
	  .priority = NF_IP_PRI_RAW_BEFORE_DEFRAG },
	{ .hook = hook_v6, .pf = NFPROTO_IPV6, .hooknum = NF_INET_PRE_ROUTING,
	  .priority = NF_IP6_PRI_RAW_BEFORE_DEFRAG },
};

/* ---- coming and going ---------------------------------------------------------------- */

static bool wanted(const struct guard_net *g)
{
	lockdep_assert_held(&lock);
	if (!running)
		return false;
	if (net_eq(g->net, &init_net))
		return guard_rules_count() || READ_ONCE(guard_params.mode) != MOEAI_GUARD_OFF;
	return guard_rules_count() && READ_ONCE(guard_params.all_namespaces);
}

static void try_again(struct work_struct *work)
{
	guard_hooks_update();
}
static DECLARE_DELAYED_WORK(again, try_again);

/* Rules that stand there shall act: what fails for want of memory is tried again. */
static void update(struct guard_net *g, bool want)
{
	lockdep_assert_held(&lock);
	if (want == g->hooked)
		return;
	if (!want) {
		nf_unregister_net_hooks(g->net, ops, ARRAY_SIZE(ops));
		g->hooked = false;
	} else if (nf_register_net_hooks(g->net, ops, ARRAY_SIZE(ops))) {
		pr_err_ratelimited("no memory for the hooks, trying again\n");
		schedule_delayed_work(&again, HZ);
	} else {
		g->hooked = true;
	}
}

void guard_hooks_update(void)
{
	struct guard_net *g;

	mutex_lock(&lock);
	list_for_each_entry(g, &nets, list)
		update(g, wanted(g));
	mutex_unlock(&lock);
}

void guard_hooks_start(void)
{
	mutex_lock(&lock);
	running = true;
	mutex_unlock(&lock);
	guard_hooks_update();
}

void guard_hooks_stop(void)
{
	mutex_lock(&lock);
	running = false;
	mutex_unlock(&lock);
	guard_hooks_update();
	cancel_delayed_work_sync(&again);
	synchronize_net();
}

static int __net_init net_begins(struct net *net)
{
	struct guard_net *g = net_generic(net, net_id);

	g->net = net;
	mutex_lock(&lock);
	list_add_tail(&g->list, &nets);
	update(g, wanted(g));
	mutex_unlock(&lock);
	return 0;
}

/* After it, and before its memory goes, an RCU grace period ends. */
static void __net_exit net_ends(struct net *net)
{
	struct guard_net *g = net_generic(net, net_id);

	mutex_lock(&lock);
	update(g, false);
	list_del(&g->list);
	mutex_unlock(&lock);
}

static struct pernet_operations net_ops = {
	.init = net_begins,
	.pre_exit = net_ends,
	.id = &net_id,
	.size = sizeof(struct guard_net),
};

int guard_hooks_init(void)
{
	return register_pernet_subsys(&net_ops);
}

void guard_hooks_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}

void guard_stats_read(struct guard_stats *sum)
{
	int cpu;

	*sum = (struct guard_stats){};
	for_each_possible_cpu(cpu) {
		const struct guard_stats *s = per_cpu_ptr(&stats, cpu);

		sum->dropped += READ_ONCE(s->dropped);
		sum->shadowed += READ_ONCE(s->shadowed);
		sum->allowed += READ_ONCE(s->allowed);
		sum->limited += READ_ONCE(s->limited);
	}
}

u64 guard_hooks_count(void)
{
	const struct guard_net *g;
	u64 n = 0;

	mutex_lock(&lock);
	list_for_each_entry(g, &nets, list)
		n += g->hooked;
	mutex_unlock(&lock);
	return n;
}
