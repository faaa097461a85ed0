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
	.stall_limit = 20,
	.consumers = 3,
	.interval_ms = 1000,
	.min_interval_ms = 20,
};

struct mem_params mem_params;

#define INITIAL(name, value, what)                                                     \
	module_param_named(name, wanted.value, uint, 0444);                            \
	MODULE_PARM_DESC(name, what)

#define LOW_HELP	  "permille of memory available below which the level is low"
#define MEDIUM_HELP	  "permille of memory available below which the level is medium"
#define CRITICAL_HELP	  "permille of memory available below which the level is critical"
#define HYSTERESIS_HELP	  "permille above its limit at which a level is left"
#define STALL_LIMIT_HELP  "direct-reclaim stalls per second that are pressure, 0: never"
#define CONSUMERS_HELP	  "how many processes are named when the level rises"
#define INTERVAL_HELP	  "longest time between samples, ms"
#define MIN_INTERVAL_HELP "shortest time between samples, ms"

INITIAL(low, below[MOEAI_MEM_LOW], LOW_HELP);
INITIAL(medium, below[MOEAI_MEM_MEDIUM], MEDIUM_HELP);
INITIAL(critical, below[MOEAI_MEM_CRITICAL], CRITICAL_HELP);
INITIAL(hysteresis, hysteresis, HYSTERESIS_HELP);
INITIAL(stall_limit, stall_limit, STALL_LIMIT_HELP);
INITIAL(consumers, consumers, CONSUMERS_HELP);
INITIAL(interval_ms, interval_ms, INTERVAL_HELP);
INITIAL(min_interval_ms, min_interval_ms, MIN_INTERVAL_HELP);

#define MAX_INTERVAL_MS 60000

static bool make_sense(const struct mem_params *p)
{
	return p->below[MOEAI_MEM_CRITICAL] < p->below[MOEAI_MEM_MEDIUM] &&
	       p->below[MOEAI_MEM_MEDIUM] < p->below[MOEAI_MEM_LOW] &&
	       p->below[MOEAI_MEM_LOW] <= 1000 &&
	       p->hysteresis <= 1000 - p->below[MOEAI_MEM_LOW] &&
	       p->consumers <= MEM_CONSUMERS && p->interval_ms <= MAX_INTERVAL_MS &&
	       p->min_interval_ms && p->min_interval_ms <= p->interval_ms;
}

int mem_params_init(void)
{
	if (!make_sense(&wanted))
		return -EINVAL;
	mem_params = wanted;
	return 0;
}

/* Readers never see what doesn't make sense; each takes its fields one by one. */
static int set(const struct moeai_param *param, u64 value)
{
	u32 *field = param->value;
	u32 previous = *field;

	*field = value;
	if (!make_sense(&wanted)) {
		*field = previous;
		return -EINVAL;
	}
	mem_params = wanted;
	mem_monitor_wake();
	return 0;
}

static u64 read_available(const struct moeai_param *param)
{
	return mem_gauge_available();
}

#define SETTING(n, member, u, least, most, h)                                          \
	{                                                                              \
		.field = { .name = n, .help = h, .type = MOEAI_TYPE_U32, .unit = u,    \
			   .min = least, .max = most },                                \
		.flags = MOEAI_PARAM_WRITE, .value = &wanted.member, .set = set,   \
	}

#define COUNTER(n, counter, h)                                                         \
	{                                                                              \
		.field = U64_FIELD(n, COUNT, h),                                       \
		.flags = MOEAI_PARAM_STAT | MOEAI_PARAM_COUNT, .value = &(counter),    \
	}

const struct moeai_param mem_param_table[MEM_PARAMS] = {
	SETTING("low", below[MOEAI_MEM_LOW], MOEAI_UNIT_PERMILLE, 0, 1000, LOW_HELP),
	SETTING("medium", below[MOEAI_MEM_MEDIUM], MOEAI_UNIT_PERMILLE, 0, 1000, MEDIUM_HELP),
	SETTING("critical", below[MOEAI_MEM_CRITICAL], MOEAI_UNIT_PERMILLE, 0, 1000,
		CRITICAL_HELP),
	SETTING("hysteresis", hysteresis, MOEAI_UNIT_PERMILLE, 0, 1000, HYSTERESIS_HELP),
	SETTING("stall_limit", stall_limit, MOEAI_UNIT_COUNT_S, 0, U32_MAX, STALL_LIMIT_HELP),
	SETTING("consumers", consumers, MOEAI_UNIT_COUNT, 0, MEM_CONSUMERS, CONSUMERS_HELP),
	SETTING("interval_ms", interval_ms, MOEAI_UNIT_NONE, 1, MAX_INTERVAL_MS, INTERVAL_HELP),
	SETTING("min_interval_ms", min_interval_ms, MOEAI_UNIT_NONE, 1, MAX_INTERVAL_MS,
		MIN_INTERVAL_HELP),
	{ .field = ENUM_FIELD("level", mem_level_names, "the pressure level"),
	  .flags = MOEAI_PARAM_STAT, .value = &mem_stats.level },
	{ .field = U64_FIELD("available", BYTES, AVAILABLE_HELP),
	  .flags = MOEAI_PARAM_STAT, .read = read_available },
	COUNTER("samples", mem_stats.samples, "readings taken"),
	COUNTER("pokes", mem_stats.pokes.counter, "readings taken early because of reclaim"),
	COUNTER("oom_notices", mem_stats.oom_notices.counter,
		"times the kernel looked for a victim, system-wide"),
	COUNTER("kills", mem_stats.kills, "OOM kills, of cgroups too"),
};
