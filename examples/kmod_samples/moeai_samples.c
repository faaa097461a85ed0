// SPDX-License-Identifier: GPL-2.0
/*
 * samples: how much memory is free, at each timer tick, into a region that programs
 * map. A feature module for MoeAI that streams more than events are for; samples.h
 * says how it is read, examples/read_samples.c does.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moeai.h>
#include <linux/timer.h>
#include <linux/vmstat.h>
#include "samples.h"

/*
 * The region is for reading alone, so that what we read of it is what we wrote. All the
 * same nothing is: what the next sample is we know here.
 */
static struct samples *samples;
static u64 taken;
static ktime_t due;
static u32 interval = 1; /* ticks */

static u64 read_taken(const struct moeai_param *param)
{
	return READ_ONCE(taken);
}

static const struct moeai_param params[] = {
	{ .field = { "interval", "ticks between samples", MOEAI_TYPE_U32, .min = 1, .max = 1000 },
	  .flags = MOEAI_PARAM_WRITE, .value = &interval },
	{ .field = { "taken", "samples", MOEAI_TYPE_U64, MOEAI_UNIT_COUNT },
	  .flags = MOEAI_PARAM_STAT, .read = read_taken },
};

/* The letters are those of samples.h. */
static void put(const struct sample *s)
{
	struct sample *slot = &samples->ring[taken % SAMPLES_N];

	WRITE_ONCE(slot->seq, 0); /* A */
	smp_wmb(); /* B */
	slot->time = s->time;
	slot->free = s->free;
	slot->cpu = s->cpu;
	slot->late = s->late;
	smp_store_release(&slot->seq, taken + 1); /* D */
	smp_store_release(&samples->written, taken + 1); /* for who looks at it before E */
	WRITE_ONCE(taken, taken + 1);
}

static void take(struct timer_list *timer)
{
	u32 ticks = READ_ONCE(interval);
	struct sample s = {
		.time = ktime_get_real_ns(),
		.free = (u64)global_zone_page_state(NR_FREE_PAGES) << PAGE_SHIFT,
		.cpu = smp_processor_id(),
		.late = max_t(s64, ktime_us_delta(ktime_get(), due), 0),
	};

	put(&s);
	due = ktime_add_ns(ktime_get(), jiffies_to_nsecs(ticks));
	mod_timer(timer, jiffies + ticks);
}
static DEFINE_TIMER(sampler, take);

static int start(struct moeai_module *module)
{
	samples = moeai_shmem_create(SAMPLES_REGION, sizeof(*samples));
	if (!samples)
		return -ENOMEM; /* the kernel log says why */
	taken = 0;
	samples->version = SAMPLES_VERSION;
	samples->n = SAMPLES_N;
	due = ktime_get();
	mod_timer(&sampler, jiffies + 1);
	return 0;
}

/* Nobody may write there any more when it is given up. */
static void stop(struct moeai_module *module)
{
	timer_delete_sync(&sampler);
	moeai_shmem_destroy(SAMPLES_REGION);
}

static struct moeai_module module = {
	.name = "samples", .help = "streams samples of free memory", .version = "1.0",
	.params = params, .n_params = ARRAY_SIZE(params), .start = start, .stop = stop,
};

static int __init samples_init(void)
{
	return moeai_module_register(&module);
}

static void __exit samples_exit(void)
{
	moeai_module_unregister(&module);
}

module_init(samples_init);
module_exit(samples_exit);
MODULE_DESCRIPTION("MoeAI: an example of a region that programs map");
MODULE_LICENSE("GPL");
