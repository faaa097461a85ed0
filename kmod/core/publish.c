// SPDX-License-Identifier: GPL-2.0
/* EVENT do: user.message, from those with CAP_NET_ADMIN, so many a second. */
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/ktime.h>
#include <net/genetlink.h>
#include "call.h"
#include "event.h"
#include "log.h"
#include "netlink.h"
#include "schema.h"

#define UIDS 64

u32 moeai_publish_rate = 1000;

/* A token bucket that holds one second's worth. */
struct bucket {
	kuid_t uid;
	u64 credit; /* ns; an event costs NSEC_PER_SEC / rate */
	u64 seen;   /* monotonic ns, 0: free */
};

static DEFINE_SPINLOCK(lock);
static struct bucket buckets[UIDS]; /* under lock; the one unseen longest is reused */

static struct bucket *find(kuid_t uid, u64 now)
{
	struct bucket *b, *oldest = buckets;

	lockdep_assert_held(&lock);
	for (b = buckets; b < buckets + UIDS; b++) {
		if (b->seen && uid_eq(b->uid, uid))
			return b;
		if (b->seen < oldest->seen)
			oldest = b;
	}
	*oldest = (struct bucket){ uid, NSEC_PER_SEC, now };
	return oldest;
}

static bool allowed(kuid_t uid)
{
	u32 rate = READ_ONCE(moeai_publish_rate);
	u64 now, cost = rate ? NSEC_PER_SEC / rate : 0;
	struct bucket *b;
	bool ok;

	if (!cost)
		return true;
	spin_lock(&lock);
	now = ktime_get_ns();
	b = find(uid, now);
	b->credit = min_t(u64, NSEC_PER_SEC, b->credit + (now - b->seen));
	b->seen = now;
	ok = b->credit >= cost;
	if (ok)
		b->credit -= cost;
	spin_unlock(&lock);
	return ok;
}

/* What a publisher gives of user.message; the rest is the kernel's. */
static const struct moeai_field publish_fields[] = {
	[MOEAI_A_MESSAGE_TEXT] = { "text", NULL, MOEAI_TYPE_STRING, .flags = MOEAI_F_REQUIRED,
				   .min = 1, .max = MOEAI_MESSAGE_LEN },
};

static const struct moeai_schema publish_schema = MOEAI_SCHEMA(publish_fields);

static int parse(struct genl_info *info, struct nlattr **tb)
{
	struct nlattr *data = info->attrs[MOEAI_A_EVENT_DATA];

	if (info->attrs[MOEAI_A_EVENT_FILTER]) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[MOEAI_A_EVENT_FILTER],
				    "FILTER goes with a dump");
		return -EINVAL;
	}
	return moeai_schema_parse(&publish_schema, data ? nla_data(data) : NULL,
				  data ? nla_len(data) : 0, tb, MOEAI_F_REQUIRED, info->extack);
}

int moeai_publish_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[ARRAY_SIZE(publish_fields)];
	struct nlattr *prio = info->attrs[MOEAI_A_EVENT_PRIORITY];
	struct moeai_origin o;
	int ret;

	if (!netlink_capable(skb, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG(info->extack, "publishing needs CAP_NET_ADMIN");
		return -EPERM;
	}
	ret = moeai_netlink_wait() ?: parse(info, tb);
	if (ret)
		return ret;
	moeai_origin_init(&o, MOEAI_VIA_NETLINK);
	if (!allowed(o.uid)) {
		moeai_log_refuse(MOEAI_REFUSED_RATE);
		NL_SET_ERR_MSG(info->extack, "too many messages a second: see core.publish_rate");
		return -EBUSY;
	}
	return moeai_emit(moeai_ev_message, prio ? nla_get_u32(prio) : MOEAI_PRIO_INFO,
			  moeai_strn(MOEAI_A_MESSAGE_TEXT, nla_data(tb[MOEAI_A_MESSAGE_TEXT]),
				     nla_len(tb[MOEAI_A_MESSAGE_TEXT]) - 1),
			  moeai_u32(MOEAI_A_MESSAGE_PID, o.pid),
			  moeai_u32(MOEAI_A_MESSAGE_UID, from_kuid(&init_user_ns, o.uid)),
			  moeai_str(MOEAI_A_MESSAGE_COMM, o.comm),
			  moeai_u64(MOEAI_A_MESSAGE_STARTED, o.started));
}
