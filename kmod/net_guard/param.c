// SPDX-License-Identifier: GPL-2.0
#include <linux/math64.h>
#include "field.h"
#include "hook.h"
#include "offence.h"
#include "param.h"
#include "source.h"
#include "table.h"

#define MINUTE	(60LL * NSEC_PER_SEC)
#define HOUR	(60 * MINUTE)

struct guard_params guard_params = {
	.interval = 10 * NSEC_PER_SEC,
	.limits = {
		[GUARD_SYN] = { 200, 400 },
		[GUARD_UDP] = { 20000, 40000 },
		[GUARD_ICMP] = { 200, 400 },
	},
	.scan_ports = 40,
	.scan_hosts = 30,
	.scan_window = MINUTE,
	.block_time = 10 * MINUTE,
	.block_max = 24 * HOUR,
	.auto_rules = 4096,
	.sources = 16384,
};

static const char *const mode_names[] = { "off", "shadow", "enforce", NULL };
static_assert(ARRAY_SIZE(mode_names) == __MOEAI_GUARD_MODE_MAX + 1);

/* What follows from the others. */
void guard_params_init(void)
{
	struct guard_params *p = &guard_params;
	int i;

	for (i = 0; i < GUARD_CLASSES; i++)
		WRITE_ONCE(p->limits[i].step, p->limits[i].rate ?
			   div_u64(NSEC_PER_SEC, p->limits[i].rate) : 0);
	WRITE_ONCE(p->port_bits, guard_sketch_bits(128, p->scan_ports));
	WRITE_ONCE(p->host_bits, guard_sketch_bits(64, p->scan_hosts));
}

static int set_u32(const struct moeai_param *param, u64 value)
{
	WRITE_ONCE(*(u32 *)param->value, value);
	guard_params_init();
	return 0;
}

static int set_mode(const struct moeai_param *param, u64 value)
{
	u32 before = guard_params.mode;
	int ret = value == MOEAI_GUARD_OFF ? 0 : guard_sources_start();

	if (ret)
		return ret;
	WRITE_ONCE(guard_params.mode, value);
	ret = guard_offences_adapt();
	if (ret)
		WRITE_ONCE(guard_params.mode, before);
	guard_hooks_update();
	return ret;
}

static int set_namespaces(const struct moeai_param *param, u64 value)
{
	WRITE_ONCE(guard_params.all_namespaces, value);
	guard_hooks_update();
	return 0;
}

#define STATISTIC(n, expression)                                                       \
	static u64 read_##n(const struct moeai_param *param)                           \
	{                                                                              \
		struct guard_stats sum;                                                \
									       \
		guard_stats_read(&sum);                                                \
		return expression;                                                     \
	}

STATISTIC(dropped, sum.dropped)
STATISTIC(shadowed, sum.shadowed)
STATISTIC(allowed, sum.allowed)
STATISTIC(limited, sum.limited)
STATISTIC(tracked, guard_sources_tracked())
STATISTIC(evicted, guard_sources_evicted())
STATISTIC(rules, guard_rules_count())
STATISTIC(hooked, guard_hooks_count())

#define U32_PARAM(n, member, u, least, most, h)                                        \
	{                                                                              \
		.field = { n, h, MOEAI_TYPE_U32, MOEAI_UNIT_##u, .min = least, .max = most }, \
		.flags = MOEAI_PARAM_WRITE, .value = &guard_params.member, .set = set_u32, \
	}

#define NS_PARAM(n, least, most, h)                                                    \
	{                                                                              \
		.field = { #n, h, MOEAI_TYPE_U64, MOEAI_UNIT_NS, .min = least, .max = most }, \
		.flags = MOEAI_PARAM_WRITE, .value = &guard_params.n,                  \
	}

#define RATE(n, class, what)                                                           \
	U32_PARAM(n, limits[class].rate, COUNT_S, 0, NSEC_PER_SEC,                     \
		  what " of one source that are no flood, 0: any")

#define BURST(n, class, what)                                                          \
	U32_PARAM(n, limits[class].burst, COUNT, 1, 100000000,                         \
		  what " of one source at once that are no flood")

#define GAUGE(n, u, h)                                                                 \
	{ .field = U64_FIELD(#n, u, h), .flags = MOEAI_PARAM_STAT, .read = read_##n }

#define COUNTER(n, h)                                                                  \
	{ .field = U64_FIELD(#n, COUNT, h),                                            \
	  .flags = MOEAI_PARAM_STAT | MOEAI_PARAM_COUNT, .read = read_##n }

const struct moeai_param guard_param_table[GUARD_PARAMS] = {
	{ .field = { "all_namespaces", "rules act in all network namespaces, not the first alone",
		     MOEAI_TYPE_BOOL },
	  .flags = MOEAI_PARAM_WRITE, .value = &guard_params.all_namespaces,
	  .set = set_namespaces },
	NS_PARAM(interval, NSEC_PER_SEC, HOUR, "between events of the same rule or source"),
	RATE("syn_rate", GUARD_SYN, "TCP connection attempts"),
	BURST("syn_burst", GUARD_SYN, "TCP connection attempts"),
	RATE("udp_rate", GUARD_UDP, "UDP packets"),
	BURST("udp_burst", GUARD_UDP, "UDP packets"),
	RATE("icmp_rate", GUARD_ICMP, "ICMP packets"),
	BURST("icmp_burst", GUARD_ICMP, "ICMP packets"),
	U32_PARAM("scan_ports", scan_ports, COUNT, 4, 256,
		  "distinct ports that one source tries in the window, and it is a scan"),
	U32_PARAM("scan_hosts", scan_hosts, COUNT, 4, 128, "distinct addresses, the same"),
	NS_PARAM(scan_window, NSEC_PER_SEC, HOUR, "in which a scan is noticed"),
	{ .field = { "scan_forwarded", "scans of whom we forward to are noticed, not ours alone",
		     MOEAI_TYPE_BOOL },
	  .flags = MOEAI_PARAM_WRITE, .value = &guard_params.scan_forwarded },
	NS_PARAM(block_time, NSEC_PER_SEC, 365 * 24 * HOUR,
		 "that a detector's first rule for a source lasts; doubled for each one more"),
	NS_PARAM(block_max, NSEC_PER_SEC, 365 * 24 * HOUR, "that any of them lasts"),
	U32_PARAM("auto_rules", auto_rules, COUNT, 0, 1 << 20, "that detectors make at most"),
	U32_PARAM("sources", sources, COUNT, 8, 1 << 20,
		  "that are followed at a time; taken when net_guard starts"),
	/* The last that can be set, as what is restored is set in this order. */
	{ .field = ENUM_FIELD("mode", mode_names,
			      "of the detectors; shadow: what they would drop passes"),
	  .flags = MOEAI_PARAM_WRITE, .value = &guard_params.mode, .set = set_mode },
	COUNTER(dropped, "packets dropped by a rule"),
	COUNTER(shadowed, "packets that a shadow rule would have dropped"),
	COUNTER(allowed, "packets that an allow rule let pass"),
	COUNTER(limited, "packets over a limit, dropped unless the mode is shadow"),
	COUNTER(evicted, "sources forgotten for others"),
	GAUGE(tracked, COUNT, "sources followed now"),
	GAUGE(rules, COUNT, "there are, those about to end included"),
	GAUGE(hooked, COUNT, "network namespaces in which packets are looked at"),
};
