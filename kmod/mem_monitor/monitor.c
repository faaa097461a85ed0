// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/moeai_compat.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include "consumer.h"
#include "event.h"
#include "monitor.h"
#include "oom.h"
#include "pace.h"
#include "param.h"

/* How long one call of the OOM killer is pressure, ns. */
#define OOM_HOLD NSEC_PER_SEC

static void work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(work, work_fn);
static struct workqueue_struct *wq; /* while started */
static struct shrinker *shrinker;

static DEFINE_MUTEX(lock); /* guards what follows, down to the blank line, and the gauge */
static bool running;
static struct mem_level level;
static u64 entered_ns; /* the level; monotonic */
static u64 entered_time; /* the same; realtime */
static struct mem_episode episode; /* while the level isn't none */
static u64 kills_at_load;
static struct mem_consumer top[MEM_CONSUMERS]; /* too large for the stack */
static struct mem_pace pace;

/* Written by those who cannot take the lock. */
static unsigned long poked; /* a sample was asked for and hasn't begun */
static unsigned long poke_after; /* jiffies: sooner isn't worth it */
static u64 oom_ns; /* the last call of the OOM killer; 0: none */
static u64 oom_available; /* the least that one found since the last sample */

struct mem_stats mem_stats;

static void tell_consumers(enum moeai_priority priority)
{
	unsigned int i, n;

	n = mem_consumer_scan(top, min_t(u32, READ_ONCE(mem_params.consumers), MEM_CONSUMERS));
	for (i = 0; i < n; i++)
		mem_event_consumer(min(priority, MOEAI_PRIO_WARNING), i + 1, &top[i]);
}

/* The level changed from @previous: the level first, then what explains it. */
static void tell(enum moeai_mem_level previous, const struct mem_gauge *gauge)
{
	u64 now = ktime_get_ns();

	mem_event_level(level.level, previous, level.causes, gauge, now - entered_ns);
	if (level.level > previous)
		tell_consumers(mem_level_priority(level.level));
	if (level.level == MOEAI_MEM_NONE)
		mem_event_recovered(&episode, gauge, now - episode.began);
	entered_ns = now;
	entered_time = ktime_get_real_ns();
}

/* @kills: as of the sample before this one, whose kills belong to the episode */
static void follow_episode(enum moeai_mem_level previous, const struct mem_gauge *gauge, u64 kills)
{
	if (previous == MOEAI_MEM_NONE)
		episode = (struct mem_episode){
			.began = ktime_get_ns(),
			.lowest = gauge->available,
			.kills = kills,
		};
	episode.lowest = min3(episode.lowest, gauge->available, xchg(&oom_available, U64_MAX));
	episode.worst = max(episode.worst, level.level);
}

static bool oom_lately(void)
{
	u64 ns = READ_ONCE(oom_ns);

	return ns && ktime_get_ns() - ns < OOM_HOLD;
}

static void sample(struct mem_gauge *gauge)
{
	enum moeai_mem_level previous = level.level;
	u64 kills = kills_at_load + mem_stats.kills;

	lockdep_assert_held(&lock);
	WRITE_ONCE(poked, 0); /* from here on, a poke is worth another sample */
	mem_gauge_read(gauge);
	mem_pace_follow(&pace, gauge->available, ktime_get_ns());
	gauge->fall = max_t(s64, pace.fall, 0);
	mem_level_update(&level, &mem_params, gauge, oom_lately());
	WRITE_ONCE(poke_after, jiffies + msecs_to_jiffies(READ_ONCE(mem_params.min_interval_ms)));

	WRITE_ONCE(mem_stats.samples, mem_stats.samples + 1);
	WRITE_ONCE(mem_stats.level, level.level);
	if (gauge->kills > kills) {
		WRITE_ONCE(mem_stats.kills, gauge->kills - kills_at_load);
		mem_oom_killed(gauge->kills - kills);
	}
	follow_episode(previous, gauge, kills);
	if (level.level != previous)
		tell(previous, gauge);
	mem_consumer_remember(READ_ONCE(mem_params.interval_ms) * (u64)NSEC_PER_MSEC);
}

static void work_fn(struct work_struct *unused)
{
	struct mem_gauge gauge;
	unsigned int ms;

	mutex_lock(&lock);
	sample(&gauge);
	ms = mem_pace_ms(&pace, &mem_params, gauge.total, level.level);
	mutex_unlock(&lock);
	/* Does nothing when a poke came meanwhile, or when it is being cancelled. */
	queue_delayed_work(wq, &work, msecs_to_jiffies(ms));
}

/*
 * The kernel reclaims: have a look. Runs in whatever needs memory, perhaps
 * thousands of times a second: nothing but the first poke since the last sample
 * goes further, and not too soon after it.
 */
static unsigned long poke(struct shrinker *unused, struct shrink_control *sc)
{
	if (READ_ONCE(poked) || time_before(jiffies, READ_ONCE(poke_after)) || xchg(&poked, 1))
		return SHRINK_EMPTY;
	atomic64_inc(&mem_stats.pokes);
	mem_monitor_wake();
	return SHRINK_EMPTY;
}

/* There is nothing of ours to free; reached through debugfs only. */
static unsigned long scan(struct shrinker *unused, struct shrink_control *sc)
{
	return SHRINK_STOP;
}

void mem_monitor_wake(void)
{
	struct workqueue_struct *q = READ_ONCE(wq);

	if (q)
		mod_delayed_work(q, &work, 0);
}

void mem_monitor_oom(u64 available)
{
	atomic64_inc(&mem_stats.oom_notices);
	WRITE_ONCE(oom_available, min(READ_ONCE(oom_available), available));
	WRITE_ONCE(oom_ns, ktime_get_ns());
	mem_monitor_wake();
}

void mem_monitor_sample(struct mem_sample *s)
{
	mutex_lock(&lock);
	if (running)
		sample(&s->gauge);
	else
		mem_gauge_read(&s->gauge);
	s->level = level.level;
	s->causes = level.causes;
	s->since = entered_time;
	s->kills = s->gauge.kills - kills_at_load;
	s->largest = (struct mem_consumer){};
	mem_consumer_scan(&s->largest, 1);
	mutex_unlock(&lock);
}

void mem_monitor_refresh(void)
{
	struct mem_gauge gauge;
	unsigned int ms;

	mutex_lock(&lock);
	if (running) {
		sample(&gauge);
		ms = mem_pace_ms(&pace, &mem_params, gauge.total, level.level);
		mod_delayed_work(wq, &work, msecs_to_jiffies(ms));
	}
	mutex_unlock(&lock);
}

unsigned int mem_monitor_consumers(struct mem_consumer *to, unsigned int n)
{
	mutex_lock(&lock);
	n = mem_consumer_scan(to, n);
	mutex_unlock(&lock);
	return n;
}

static void reset(bool run)
{
	mutex_lock(&lock);
	running = run;
	level = (struct mem_level){};
	entered_ns = ktime_get_ns();
	entered_time = ktime_get_real_ns();
	oom_ns = 0;
	oom_available = U64_MAX;
	poked = 0;
	poke_after = jiffies;
	mem_gauge_reset();
	mem_consumer_reset();
	pace = (struct mem_pace){};
	WRITE_ONCE(mem_stats.level, MOEAI_MEM_NONE);
	mutex_unlock(&lock);
}

void mem_monitor_init(void)
{
	kills_at_load = mem_gauge_kills();
}

int mem_monitor_start(void)
{
	/* Ahead of the load that it watches, and with a worker that needs no memory. */
	wq = alloc_workqueue("moeai_mem_monitor", WQ_MEM_RECLAIM | WQ_HIGHPRI | MOEAI_WQ_PERCPU, 1);
	if (!wq)
		return -ENOMEM;
	reset(true);
	shrinker = moeai_shrinker_register("moeai_mem_monitor", poke, scan);
	if (!shrinker)
		goto destroy_workqueue;
	queue_delayed_work(wq, &work, 0);
	return 0;

destroy_workqueue:
	destroy_workqueue(wq);
	wq = NULL;
	reset(false);
	return -ENOMEM;
}

/* Nobody pokes or rings any more when the work is cancelled, so it stays so. */
void mem_monitor_stop(void)
{
	moeai_shrinker_unregister(shrinker);
	cancel_delayed_work_sync(&work);
	destroy_workqueue(wq);
	WRITE_ONCE(wq, NULL);
	reset(false);
}
