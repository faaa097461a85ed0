// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/random.h>
#include <linux/seqlock.h>
#include <linux/ktime.h>
#include <linux/moeai_compat.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include "gauges.h"
#include "log.h"
#include "module.h"
#include "netlink.h"
#include "pump.h"
#include "status.h"

u32 moeai_status_ms = 1000;

static u64 epoch;
static u64 loaded_ns; /* monotonic */
static bool stopping;

static DEFINE_MUTEX(lock); /* guards the sample below */
static struct moeai_gauges gauges;
static u32 modules, failed;
static enum moeai_state state = MOEAI_STATE_STARTING;
static u64 troubles; /* refused events and failed deliveries so far */

static const char *const states[] = { "starting", "ok", "degraded", "stopping", NULL };
static_assert(ARRAY_SIZE(states) == MOEAI_STATE_MAX + 2);

#define GAUGE(n, t, u, h) { .name = n, .type = MOEAI_TYPE_##t, .unit = MOEAI_UNIT_##u, .help = h }

static const struct moeai_field fields[] = {
	[MOEAI_A_STATUS_STATE]		 = { "state", "of the core", MOEAI_TYPE_ENUM,
					     .labels = states },
	[MOEAI_A_STATUS_EPOCH]		 = { "epoch", "which load of the module", MOEAI_TYPE_U64,
					     .flags = MOEAI_F_HEX },
	[MOEAI_A_STATUS_UPTIME]		 = GAUGE("uptime", U64, NS, "since it was loaded"),
	[MOEAI_A_STATUS_TIME]		 = GAUGE("time", U64, TIME, "of the gauges' sample"),
	[MOEAI_A_STATUS_CPU]		 = GAUGE("cpu", U32, PERMILLE, "of all CPUs in use"),
	[MOEAI_A_STATUS_MEMORY]		 = GAUGE("memory", U32, PERMILLE, "not available"),
	[MOEAI_A_STATUS_SWAP_FREE]	 = GAUGE("swap_free", U64, BYTES, NULL),
	[MOEAI_A_STATUS_RX]		 = GAUGE("rx", U64, BYTES_S, "without loopback"),
	[MOEAI_A_STATUS_TX]		 = GAUGE("tx", U64, BYTES_S, "without loopback"),
	[MOEAI_A_STATUS_PAGES_IN]	 = GAUGE("pages_in", U64, PAGES_S, "from disks"),
	[MOEAI_A_STATUS_PAGES_OUT]	 = GAUGE("pages_out", U64, PAGES_S, "to disks"),
	[MOEAI_A_STATUS_MODULES]	 = GAUGE("modules", U32, COUNT, "feature modules"),
	[MOEAI_A_STATUS_FAILED]		 = GAUGE("failed", U32, COUNT, "that could not start"),
	[MOEAI_A_STATUS_LOG_SIZE]	 = GAUGE("log_size", U64, BYTES, NULL),
	[MOEAI_A_STATUS_LOG_ATTEMPTED]	 = GAUGE("log_attempted", U64, COUNT,
						 "= log_logged + log_refused"),
	[MOEAI_A_STATUS_LOG_LOGGED]	 = GAUGE("log_logged", U64, COUNT,
						 "= log_held + log_overwritten + log_cleared"),
	[MOEAI_A_STATUS_LOG_REFUSED]	 = GAUGE("log_refused", U64, COUNT,
						 "for reasons see table log"),
	[MOEAI_A_STATUS_LOG_HELD]	 = GAUGE("log_held", U64, COUNT, "events"),
	[MOEAI_A_STATUS_LOG_OVERWRITTEN] = GAUGE("log_overwritten", U64, COUNT, "by newer events"),
	[MOEAI_A_STATUS_LOG_CLEARED]	 = GAUGE("log_cleared", U64, COUNT, "by log.clear"),
	[MOEAI_A_STATUS_LOG_FIRST]	 = GAUGE("log_first", U64, NONE, "oldest seq held"),
	[MOEAI_A_STATUS_LOG_NEXT]	 = GAUGE("log_next", U64, NONE, "seq of the next event"),
	[MOEAI_A_STATUS_VERSION]	 = { "version", "of the module", MOEAI_TYPE_STRING },
};

static_assert(ARRAY_SIZE(fields) == MOEAI_A_STATUS_MAX + 1);

const struct moeai_schema moeai_status_schema = MOEAI_SCHEMA(fields);

u64 moeai_epoch(void)
{
	return epoch;
}

static u64 refused(const struct moeai_log_stats *s)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < __MOEAI_REFUSED_MAX; i++)
		sum += s->refused[i];
	return sum;
}

static unsigned int log_values(struct moeai_value *v)
{
	struct moeai_log_stats s;
	unsigned int n = 0;

	moeai_log_stats(&s);
	v[n++] = moeai_u64(MOEAI_A_STATUS_LOG_SIZE, s.size);
	v[n++] = moeai_u64(MOEAI_A_STATUS_LOG_ATTEMPTED, s.attempted);
	v[n++] = moeai_u64(MOEAI_A_STATUS_LOG_LOGGED, s.logged);
	v[n++] = moeai_u64(MOEAI_A_STATUS_LOG_REFUSED, refused(&s));
	v[n++] = moeai_u64(MOEAI_A_STATUS_LOG_HELD, s.held);
	v[n++] = moeai_u64(MOEAI_A_STATUS_LOG_OVERWRITTEN, s.overwritten);
	v[n++] = moeai_u64(MOEAI_A_STATUS_LOG_CLEARED, s.cleared);
	v[n++] = moeai_u64(MOEAI_A_STATUS_LOG_FIRST, s.first_seq);
	v[n++] = moeai_u64(MOEAI_A_STATUS_LOG_NEXT, s.next_seq);
	return n;
}

unsigned int moeai_status_values(struct moeai_value v[MOEAI_A_STATUS_MAX])
{
	unsigned int n = 0;

	mutex_lock(&lock);
	v[n++] = moeai_u32(MOEAI_A_STATUS_STATE, state);
	v[n++] = moeai_u64(MOEAI_A_STATUS_EPOCH, epoch);
	v[n++] = moeai_u64(MOEAI_A_STATUS_UPTIME, ktime_get_ns() - loaded_ns);
	v[n++] = moeai_u64(MOEAI_A_STATUS_TIME, gauges.time);
	v[n++] = moeai_u32(MOEAI_A_STATUS_CPU, gauges.cpu);
	v[n++] = moeai_u32(MOEAI_A_STATUS_MEMORY, gauges.memory);
	v[n++] = moeai_u64(MOEAI_A_STATUS_SWAP_FREE, gauges.swap_free);
	v[n++] = moeai_u64(MOEAI_A_STATUS_RX, gauges.rx);
	v[n++] = moeai_u64(MOEAI_A_STATUS_TX, gauges.tx);
	v[n++] = moeai_u64(MOEAI_A_STATUS_PAGES_IN, gauges.pages_in);
	v[n++] = moeai_u64(MOEAI_A_STATUS_PAGES_OUT, gauges.pages_out);
	v[n++] = moeai_u32(MOEAI_A_STATUS_MODULES, modules);
	v[n++] = moeai_u32(MOEAI_A_STATUS_FAILED, failed);
	mutex_unlock(&lock);
	n += log_values(v + n);
	v[n++] = moeai_str(MOEAI_A_STATUS_VERSION, MOEAI_VERSION);
	return n;
}

/* One encoder for reply and notification. NULL: no memory. */
static struct sk_buff *message(u32 portid, u32 seq)
{
	struct moeai_value v[MOEAI_A_STATUS_MAX];
	unsigned int n = moeai_status_values(v), i;
	u32 len = moeai_values_len(v, n);
	struct sk_buff *skb = genlmsg_new(len, GFP_KERNEL);
	void *hdr, *p;

	if (!skb)
		return NULL;
	hdr = moeai_msg_put(skb, portid, seq, 0, MOEAI_MSG_STATUS);
	p = skb_put(skb, len);
	for (i = 0; i < n; i++)
		p = moeai_value_put(p, &v[i]);
	genlmsg_end(skb, hdr);
	return skb;
}

int moeai_status_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply = message(info->snd_portid, info->snd_seq);

	return reply ? genlmsg_reply(reply, info) : -ENOMEM;
}

int moeai_netlink_send_status(void)
{
	struct sk_buff *skb;

	if (!moeai_has_listeners(MOEAI_GROUP_STATUS))
		return 0;
	skb = message(0, 0);
	if (!skb)
		return -ENOMEM;
	moeai_multicast(skb, MOEAI_GROUP_STATUS, GFP_KERNEL);
	return 0;
}
EXPORT_SYMBOL_GPL(moeai_netlink_send_status);

static u64 count_troubles(void)
{
	struct moeai_pump_stats p;
	struct moeai_log_stats s;

	moeai_log_stats(&s);
	moeai_pump_stats(&p);
	return refused(&s) + p.lost + p.retries;
}

static void sample(struct work_struct *work)
{
	u64 now = count_troubles();
	u32 n_modules, n_failed;

	moeai_modules_count(&n_modules, &n_failed);
	mutex_lock(&lock);
	moeai_gauges_sample(&gauges);
	modules = n_modules;
	failed = n_failed;
	state = stopping ? MOEAI_STATE_STOPPING :
		now > troubles || failed ? MOEAI_STATE_DEGRADED : MOEAI_STATE_OK;
	troubles = now; /* less than before after stats.reset */
	mutex_unlock(&lock);
	moeai_netlink_send_status();
	if (!stopping)
		schedule_delayed_work(to_delayed_work(work),
				      msecs_to_jiffies(READ_ONCE(moeai_status_ms)));
}

static DECLARE_DELAYED_WORK(sampler, sample);

int moeai_status_init(void)
{
	int ret = moeai_gauges_init();

	if (ret)
		return ret;
	epoch = (get_random_u64() >> 1) ?: 1; /* fits a signed 64-bit integer too */
	loaded_ns = ktime_get_ns();
	return 0;
}

void moeai_status_start(void)
{
	mod_delayed_work(MOEAI_SYSTEM_WQ, &sampler, 0);
}

void moeai_status_stop(void)
{
	WRITE_ONCE(stopping, true);
	cancel_delayed_work_sync(&sampler);
	sample(&sampler.work); /* tells group "status" */
}

void moeai_status_exit(void)
{
	moeai_gauges_exit();
}
