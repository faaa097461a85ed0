// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel_stat.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/ktime.h>
#include <linux/vmstat.h>
#include <net/net_namespace.h>
#include "gauges.h"

/* What only grows; rates are differences of two of these. */
struct counts {
	u64 ns;	     /* monotonic */
	u64 busy_ns; /* of all CPUs */
	u64 rx, tx;
	u64 pages_in, pages_out;
};

static struct counts last;
static unsigned long *vm_events; /* all_vm_events() is too large for the stack */

static u64 busy_ns(void)
{
	static const int busy[] = { CPUTIME_USER, CPUTIME_NICE,	   CPUTIME_SYSTEM,
				    CPUTIME_IRQ,  CPUTIME_SOFTIRQ, CPUTIME_STEAL };
	u64 sum = 0;
	int cpu, i;

	for_each_possible_cpu(cpu)
		for (i = 0; i < ARRAY_SIZE(busy); i++)
			sum += kcpustat_cpu(cpu).cpustat[busy[i]];
	return sum;
}

static void net_bytes(struct counts *c)
{
	struct rtnl_link_stats64 s;
	struct net_device *dev;

	rcu_read_lock();
	for_each_netdev_rcu(&init_net, dev) {
		if (dev->flags & IFF_LOOPBACK)
			continue;
		dev_get_stats(dev, &s);
		c->rx += s.rx_bytes;
		c->tx += s.tx_bytes;
	}
	rcu_read_unlock();
}

static void count(struct counts *c)
{
	*c = (struct counts){ .ns = ktime_get_ns(), .busy_ns = busy_ns() };
	net_bytes(c);
	all_vm_events(vm_events);
	/* Counted in sectors of 512 bytes. */
	c->pages_in = (u64)vm_events[PGPGIN] >> (PAGE_SHIFT - 9);
	c->pages_out = (u64)vm_events[PGPGOUT] >> (PAGE_SHIFT - 9);
}

/* A device that went takes its bytes with it: no rate then, rather than a huge one. */
static u64 rate(u64 now, u64 before, u64 ns)
{
	return now > before ? mul_u64_u64_div_u64(now - before, NSEC_PER_SEC, ns) : 0;
}

void moeai_gauges_sample(struct moeai_gauges *g)
{
	struct counts now;
	struct sysinfo info;
	u64 ns;

	count(&now);
	ns = max(now.ns - last.ns, 1ULL);
	si_meminfo(&info);
	*g = (struct moeai_gauges){
		.time = ktime_get_real_ns(),
		.cpu = min_t(u64, 1000, rate(now.busy_ns, last.busy_ns, ns * num_online_cpus()) /
						(NSEC_PER_SEC / 1000)),
		.memory = 1000 - min_t(u64, 1000, (u64)max(si_mem_available(), 0L) * 1000 /
							  info.totalram),
		.swap_free = (u64)max(get_nr_swap_pages(), 0L) << PAGE_SHIFT,
		.rx = rate(now.rx, last.rx, ns),
		.tx = rate(now.tx, last.tx, ns),
		.pages_in = rate(now.pages_in, last.pages_in, ns),
		.pages_out = rate(now.pages_out, last.pages_out, ns),
	};
	last = now;
}

int moeai_gauges_init(void)
{
	vm_events = kcalloc(NR_VM_EVENT_ITEMS, sizeof(*vm_events), GFP_KERNEL);
	if (!vm_events)
		return -ENOMEM;
	count(&last);
	return 0;
}

void moeai_gauges_exit(void)
{
	kfree(vm_events);
}
