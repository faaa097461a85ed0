// SPDX-License-Identifier: GPL-2.0
/*
 * What one would write without MoeAI: a genl family that sends each event as a
 * message of its own, and a device.
 */
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <net/genetlink.h>
#include "bench.h"

static const struct nla_policy policy[BENCH_A_MAX + 1] = {
	[BENCH_A_NUMBER] = { .type = NLA_U32 },
};

static int echo(struct sk_buff *request, struct genl_info *info);

static const struct genl_small_ops ops[] = {
	{ .cmd = BENCH_CMD_ECHO, .doit = echo },
};

static const struct genl_multicast_group groups[] = { { .name = BENCH_GROUP } };

static struct genl_family family = {
	.name = BENCH_FAMILY,
	.version = 1,
	.maxattr = BENCH_A_MAX,
	.policy = policy,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.small_ops = ops,
	.n_small_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

static atomic64_t last_seq;

static int echo(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *number = info->attrs[BENCH_A_NUMBER];
	struct sk_buff *skb = genlmsg_new(nla_total_size(4), GFP_KERNEL);
	void *head;

	if (!skb)
		return -ENOMEM;
	head = genlmsg_put_reply(skb, info, &family, 0, BENCH_CMD_ECHO);
	if (!head || nla_put_u32(skb, BENCH_A_NUMBER, number ? nla_get_u32(number) + 1 : 0)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return genlmsg_reply(skb, info);
}

static int put_event(struct sk_buff *skb, const struct bench_fields *f, u32 priority)
{
	return nla_put_u64_64bit(skb, BENCH_A_SEQ, atomic64_inc_return(&last_seq), BENCH_A_PAD) ||
	       nla_put_u64_64bit(skb, BENCH_A_TIME, ktime_get_real_ns(), BENCH_A_PAD) ||
	       nla_put_u32(skb, BENCH_A_TYPE, 1) ||
	       nla_put_u32(skb, BENCH_A_PRIORITY, priority) ||
	       nla_put(skb, BENCH_A_SOURCE, sizeof(BENCH_SOURCE), BENCH_SOURCE) ||
	       nla_put_u32(skb, BENCH_A_PID, f->pid) ||
	       nla_put_u32(skb, BENCH_A_UID, f->uid) ||
	       nla_put_u32(skb, BENCH_A_FLAGS, f->flags) ||
	       nla_put_u64_64bit(skb, BENCH_A_BYTES, f->bytes, BENCH_A_PAD) ||
	       nla_put_u64_64bit(skb, BENCH_A_STAMP, f->stamp, BENCH_A_PAD) ||
	       nla_put(skb, BENCH_A_NAME, f->name_len + 1, f->name);
}

int bench_peer_send(const struct bench_fields *f, enum moeai_priority priority)
{
	size_t len = 4 * nla_total_size_64bit(8) + 5 * nla_total_size(4) +
		     nla_total_size(sizeof(BENCH_SOURCE)) + nla_total_size(f->name_len + 1);
	struct sk_buff *skb = genlmsg_new(len, GFP_KERNEL);
	void *head;
	int ret;

	if (!skb)
		return -ENOMEM;
	head = genlmsg_put(skb, 0, 0, &family, 0, BENCH_CMD_EVENT);
	if (!head || put_event(skb, f, priority)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	ret = genlmsg_multicast(&family, skb, 0, 0, GFP_KERNEL);
	return ret == -ESRCH ? 0 : ret;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	u32 __user *at = (u32 __user *)arg;
	u32 number;

	if (cmd != BENCH_IOC_ECHO)
		return -ENOTTY;
	if (get_user(number, at))
		return -EFAULT;
	return put_user(number + 1, at);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = device_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "moeai_bench",
	.mode = 0600,
	.fops = &device_fops,
};

int bench_peer_init(void)
{
	int ret = genl_register_family(&family);

	if (ret)
		return ret;
	ret = misc_register(&device);
	if (ret)
		genl_unregister_family(&family);
	return ret;
}

void bench_peer_exit(void)
{
	misc_deregister(&device);
	genl_unregister_family(&family);
}
