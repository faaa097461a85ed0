// SPDX-License-Identifier: GPL-2.0
#include <linux/moduleparam.h>
#include "consumer.h"
#include "event.h"
#include "field.h"
#include "gauge.h"
#include "monitor.h"
#include "param.h"

/* What the table and the command line write to; the core serialises. */
static struct mem_params wanted = {
	.below = {
		[MOEAI_MEM_LOW] = 200,
		[MOEAI_MEM_MEDIUM] = 100,
		[MOEAI_MEM_CRITICAL] = 50,
	},
	.hysteresis = 30,
	.hysteresis_bytes = 16 << 20,
	.stall_limit = 20,
	.consumers = 3,
	.interval_ms = 1000,
	.min_interval_ms = 20,
};

struct mem_params mem_params;

#define INITIAL(name, value, type, what)                                               \
	module_param_named(name, wanted.value, type, 0444);                            \
	MODULE_PARM_DESC(name, what)

#define BELOW_HELP(unit, level)	    unit " available below which the level is " level ", 0: none"
#define LOW_HELP		    BELOW_HELP("permille of memory", "low")
#define MEDIUM_HELP		    BELOW_HELP("permille of memory", "medium")
#define CRITICAL_HELP		    BELOW_HELP("permille of memory", "critical")
#define LOW_BYTES_HELP		    BELOW_HELP("bytes", "low")
#define MEDIUM_BYTES_HELP	    BELOW_HELP("bytes", "medium")
#define CRITICAL_BYTES_HELP	    BELOW_HELP("bytes", "critical")
#define HYSTERESIS_HELP		    "permille above its limit in permille at which a level is left"
#define HYSTERESIS_BYTES_HELP	    "bytes above its limit in bytes at which a level is left"
#define STALL_LIMIT_HELP	    "direct-reclaim stalls per second that are pressure, 0: never"
#define CONSUMERS_HELP		    "how many processes are named when the level rises"
#define INTERVAL_HELP		    "longest time between samples, ms"
#define MIN_INTERVAL_HELP	    "time between samples, ms, unless memory sinks faster"

INITIAL(low, below[MOEAI_MEM_LOW], uint, LOW_HELP);
INITIAL(medium, below[MOEAI_MEM_MEDIUM], uint, MEDIUM_HELP);
INITIAL(critical, below[MOEAI_MEM_CRITICAL], uint, CRITICAL_HELP);
INITIAL(low_bytes, below_bytes[MOEAI_MEM_LOW], ullong, LOW_BYTES_HELP);
INITIAL(medium_bytes, below_bytes[MOEAI_MEM_MEDIUM], ullong, MEDIUM_BYTES_HELP);
INITIAL(critical_bytes, below_bytes[MOEAI_MEM_CRITICAL], ullong, CRITICAL_BYTES_HELP);
INITIAL(hysteresis, hysteresis, uint, HYSTERESIS_HELP);
INITIAL(hysteresis_bytes, hysteresis_bytes, ullong, HYSTERESIS_BYTES_HELP);
INITIAL(stall_limit, stall_limit, uint, STALL_LIMIT_HELP);
INITIAL(consumers, consumers, uint, CONSUMERS_HELP);
INITIAL(interval_ms, interval_ms, uint, INTERVAL_HELP);
INITIAL(min_interval_ms, min_interval_ms, uint, MIN_INTERVAL_HELP);

#define MAX_INTERVAL_MS 60000

static bool make_sense(const struct mem_params *p)
{
	return mem_level_sensible(p, mem_gauge_total()) && p->consumers <= MEM_CONSUMERS &&
	       p->interval_ms <= MAX_INTERVAL_MS && p->min_interval_ms &&
	       p->min_interval_ms <= p->interval_ms;
}

int mem_params_init(void)
{
	if (!make_sense(&wanted))
		return -EINVAL;
	mem_params = wanted;
	return 0;
}

static void store(const struct moeai_param *param, u64 value)
{
	if (param->field.type == MOEAI_TYPE_U64)
		*(u64 *)param->value = value;
	else
		*(u32 *)param->value = value;
}

/* Readers never see what doesn't make sense; each takes its fields one by one. */
static int set(const struct moeai_param *param, u64 value)
{
	const struct mem_params before = wanted;

	store(param, value);
	if (!make_sense(&wanted)) {
		wanted = before;
		return -EINVAL;
	}
	mem_params = wanted;
	mem_monitor_refresh();
	return 0;
}

static u64 read_available(const struct moeai_param *param)
{
	return mem_gauge_available();
}

#define SETTING(n, member, u, least, most, r, h)                                       \
	{                                                                              \
		.field = { .name = n, .help = h, .type = MOEAI_TYPE_U32, .unit = u,    \
			   .min = least, .max = most },                                \
		.flags = MOEAI_PARAM_WRITE, .value = &wanted.member, .set = set, .rule = r, \
	}

#define BYTES(n, member, h)                                                            \
	{                                                                              \
		.field = U64_FIELD(n, BYTES, h), .flags = MOEAI_PARAM_WRITE,           \
		.value = &wanted.member, .set = set, .rule = LIMITS_RULE,              \
	}

#define PERMILLE(n, member, h)                                                         \
	SETTING(n, member, MOEAI_UNIT_PERMILLE, 0, 1000, LIMITS_RULE, h)

#define COUNTER(n, counter, h)                                                         \
	{                                                                              \
		.field = U64_FIELD(n, COUNT, h),                                       \
		.flags = MOEAI_PARAM_STAT | MOEAI_PARAM_COUNT, .value = &(counter),    \
	}

const struct moeai_param mem_param_table[MEM_PARAMS] = {
	PERMILLE("low", below[MOEAI_MEM_LOW], LOW_HELP),
	PERMILLE("medium", below[MOEAI_MEM_MEDIUM], MEDIUM_HELP),
	PERMILLE("critical", below[MOEAI_MEM_CRITICAL], CRITICAL_HELP),
	BYTES("low_bytes", below_bytes[MOEAI_MEM_LOW], LOW_BYTES_HELP),
	BYTES("medium_bytes", below_bytes[MOEAI_MEM_MEDIUM], MEDIUM_BYTES_HELP),
	BYTES("critical_bytes", below_bytes[MOEAI_MEM_CRITICAL], CRITICAL_BYTES_HELP),
	PERMILLE("hysteresis", hysteresis, HYSTERESIS_HELP),
	BYTES("hysteresis_bytes", hysteresis_bytes, HYSTERESIS_BYTES_HELP),
	SETTING("stall_limit", stall_limit, MOEAI_UNIT_COUNT_S, 0, U32_MAX, NULL, STALL_LIMIT_HELP),
	SETTING("consumers", consumers, MOEAI_UNIT_COUNT, 0, MEM_CONSUMERS, NULL, CONSUMERS_HELP),
	SETTING("interval_ms", interval_ms, MOEAI_UNIT_NONE, 1, MAX_INTERVAL_MS, INTERVALS_RULE,
		INTERVAL_HELP),
	SETTING("min_interval_ms", min_interval_ms, MOEAI_UNIT_NONE, 1, MAX_INTERVAL_MS,
		INTERVALS_RULE, MIN_INTERVAL_HELP),
	{ .field = ENUM_FIELD("level", mem_level_names, "the pressure level"),
	  .flags = MOEAI_PARAM_STAT, .value = &mem_stats.level },
	{ .field = U64_FIELD("available", BYTES, AVAILABLE_HELP),
	  .flags = MOEAI_PARAM_STAT, .read = read_available },
	COUNTER("samples", mem_stats.samples, "readings taken"),
	COUNTER("pokes", mem_stats.pokes.counter, "readings taken early because of reclaim"),
	COUNTER("oom_notices", mem_stats.oom_notices.counter,
		"times the kernel looked for a victim, system-wide"),
	COUNTER("kills", mem_stats.kills, "OOM kills, of cgroups too"),
	COUNTER("untold", mem_stats.untold, "victims of cgroups that were too many to be told"),
};
