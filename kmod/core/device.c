// SPDX-License-Identifier: GPL-2.0
#include <linux/cred.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "device.h"
#include "log.h"
#include "replay.h"
#include "ring.h"
#include "shmem.h"
#include "wake.h"

#define BUF SZ_16K

/* An open file. */
struct reader {
	struct moeai_device_user user; /* of users */
	struct moeai_waiter waiter;
	struct mutex lock; /* guards all below, and arming the waiter */
	struct moeai_replay replay;
	u64 armed_at; /* by MOEAI_IOC_ARM; else the replay's position counts */
	bool by_arm;
	int off, len; /* what buf has that was not read yet */
	u8 *buf;      /* from the first read on */
};

static DEFINE_MUTEX(lock); /* guards users */
static LIST_HEAD(users);

/* ---- read ------------------------------------------------------------------ */

/* The next messages into the buffer, if there are any. Returns 0 or -ENOMEM. */
static int refill(struct reader *r)
{
	int ret;

	lockdep_assert_held(&r->lock);
	if (r->off < r->len)
		return 0;
	if (!r->buf)
		r->buf = kvmalloc(BUF, GFP_KERNEL_ACCOUNT);
	if (!r->buf)
		return -ENOMEM;
	static_assert(BUF >= MOEAI_RECORD_MAX);
	do {
		moeai_replay_extend(&r->replay);
		ret = moeai_replay_fill(&r->replay, r->buf, BUF);
	} while (!ret && moeai_log_head() != r->replay.range.end);
	r->off = 0;
	r->len = max(ret, 0);
	return 0;
}

/* Anything to read, now; if not, the waiter is armed. */
static bool readable(struct reader *r)
{
	lockdep_assert_held(&r->lock);
	if (r->by_arm)
		return moeai_waiter_arm(&r->waiter, r->armed_at);
	return r->off < r->len || r->replay.stage != MOEAI_REPLAY_END ||
	       moeai_waiter_arm(&r->waiter, r->replay.range.end);
}

/* Whole messages of the buffer that fit. Returns their bytes or an error. */
static ssize_t take(struct reader *r, char __user *buf, size_t room)
{
	int n = 0;

	while (r->off + n < r->len) {
		u32 len = ((struct nlmsghdr *)(r->buf + r->off + n))->nlmsg_len;

		if (n + len > room)
			break;
		n += len;
	}
	if (!n)
		return -EMSGSIZE;
	if (copy_to_user(buf, r->buf + r->off, n))
		return -EFAULT;
	r->off += n;
	return n;
}

static ssize_t read_some(struct reader *r, char __user *buf, size_t room)
{
	size_t done = 0;

	while (room - done >= MOEAI_READ_MIN && !(done && signal_pending(current))) {
		ssize_t ret = refill(r);

		if (!ret && r->off == r->len)
			break;
		ret = ret ?: take(r, buf + done, room - done);
		if (ret < 0)
			return done ? done : ret;
		done += ret;
		cond_resched();
	}
	return done ? done : -EAGAIN;
}

static ssize_t device_read(struct file *file, char __user *buf, size_t room, loff_t *unused)
{
	struct reader *r = file->private_data;
	ssize_t ret;
	u64 pos;

	if (room < MOEAI_READ_MIN)
		return -EINVAL;
	do {
		if (mutex_lock_interruptible(&r->lock))
			return -ERESTARTSYS;
		r->by_arm = false;
		ret = read_some(r, buf, room);
		pos = r->replay.range.end; /* where it is when there is no more */
		mutex_unlock(&r->lock);
		if (ret != -EAGAIN)
			return ret;
		/* For an edge-triggered poll, which is not asked again before it is told. */
		if ((file->f_flags & O_NONBLOCK) && !moeai_waiter_arm(&r->waiter, pos))
			return ret;
	} while (!wait_event_interruptible(r->waiter.queue, moeai_waiter_arm(&r->waiter, pos)));
	return -ERESTARTSYS;
}

static __poll_t device_poll(struct file *file, struct poll_table_struct *table)
{
	struct reader *r = file->private_data;
	bool ready;

	poll_wait(file, &r->waiter.queue, table);
	mutex_lock(&r->lock);
	ready = readable(r);
	mutex_unlock(&r->lock);
	return ready ? EPOLLIN | EPOLLRDNORM : 0;
}

/* ---- the mapping ------------------------------------------------------------- */

/*
 * Each page is referenced by the mapping, which also holds the file and so the
 * module. Nobody may ever write or execute it, and it does not grow.
 */
static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long n;
	struct page **pages = moeai_log_pages(&n);

	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	moeai_vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE | VM_MAYEXEC);
	return vm_map_pages(vma, pages, n); /* checks the offset and the length */
}

/* ---- ioctls --------------------------------------------------------------------- */

static long get_map(struct reader *r, void __user *arg)
{
	unsigned long n;

	return copy_to_user(arg, page_address(*moeai_log_pages(&n)), sizeof(struct moeai_map)) ?
		       -EFAULT : 0;
}

static long get_range(struct reader *r, void __user *arg)
{
	struct moeai_log_range range;
	struct moeai_range out;

	if (copy_from_user(&out, arg, sizeof(out)))
		return -EFAULT;
	moeai_log_range(out.since, &range);
	out = (struct moeai_range){ .since = out.since, .pos = range.from.pos,
				    .seq = range.from.seq, .first = range.first_seq,
				    .next = range.next_seq, .head = range.end };
	return copy_to_user(arg, &out, sizeof(out)) ? -EFAULT : 0;
}

static long set_wake(struct reader *r, void __user *arg)
{
	struct moeai_wake wake;
	unsigned long n;
	const struct moeai_map *map = page_address(*moeai_log_pages(&n));

	if (copy_from_user(&wake, arg, sizeof(wake)))
		return -EFAULT;
	if (!wake.bytes || wake.bytes > map->log_size / 2 || wake.delay_ns > MOEAI_WAKE_DELAY_MAX)
		return -EINVAL;
	moeai_waiter_set(&r->waiter, &wake);
	return 0;
}

/* The position counts until the next read. It can't be one that is still to come. */
static long arm(struct reader *r, void __user *arg)
{
	u64 pos;

	if (copy_from_user(&pos, arg, sizeof(pos)))
		return -EFAULT;
	if (moeai_log_head() - pos > S64_MAX / 2)
		return -EINVAL;
	r->armed_at = pos;
	r->by_arm = true;
	/* Armed here, not only by poll: an edge-triggered one is not asked again. */
	if (moeai_waiter_arm(&r->waiter, pos))
		wake_up_all(&r->waiter.queue);
	return 0;
}

static long seek(struct reader *r, void __user *arg)
{
	struct moeai_filter filter = {};

	if (copy_from_user(&filter.since, arg, sizeof(filter.since)))
		return -EFAULT;
	moeai_replay_init(&r->replay, &filter);
	if (r->replay.seq > r->replay.range.next_seq) /* what has no number yet comes next */
		r->replay.seq = r->replay.range.next_seq;
	r->replay.filter.since = r->replay.seq;
	r->off = 0;
	r->len = 0;
	r->by_arm = false;
	return 0;
}

static long get_region(struct reader *r, void __user *arg)
{
	return moeai_shmem_open(arg);
}

static long (*const ioctls[])(struct reader *r, void __user *arg) = {
	[_IOC_NR(MOEAI_IOC_MAP)]   = get_map,
	[_IOC_NR(MOEAI_IOC_RANGE)] = get_range,
	[_IOC_NR(MOEAI_IOC_WAKE)]  = set_wake,
	[_IOC_NR(MOEAI_IOC_ARM)]   = arm,
	[_IOC_NR(MOEAI_IOC_SEEK)]  = seek,
	[_IOC_NR(MOEAI_IOC_SHMEM)] = get_region,
};

static const unsigned int ioctl_codes[] = { MOEAI_IOC_MAP, MOEAI_IOC_RANGE, MOEAI_IOC_WAKE,
					    MOEAI_IOC_ARM, MOEAI_IOC_SEEK,
					    MOEAI_IOC_SHMEM };

/* The whole code is compared: size and direction as well. */
static long device_ioctl(struct file *file, unsigned int code, unsigned long arg)
{
	struct reader *r = file->private_data;
	unsigned int nr = _IOC_NR(code);
	long ret;

	static_assert(ARRAY_SIZE(ioctls) == ARRAY_SIZE(ioctl_codes));
	if (nr >= ARRAY_SIZE(ioctls))
		return -ENOTTY;
	nr = array_index_nospec(nr, ARRAY_SIZE(ioctls));
	if (code != ioctl_codes[nr])
		return -ENOTTY;
	if (mutex_lock_interruptible(&r->lock))
		return -ERESTARTSYS;
	ret = ioctls[nr](r, (void __user *)arg);
	mutex_unlock(&r->lock);
	return ret;
}

/* ---- coming and going -------------------------------------------------------------- */

bool moeai_device_users_full(const struct list_head *list, kuid_t uid)
{
	const struct moeai_device_user *user;
	int n = 0;

	list_for_each_entry(user, list, list)
		n += uid_eq(user->uid, uid);
	return n >= MOEAI_OPEN_MAX && !capable(CAP_SYS_ADMIN);
}

static int device_open(struct inode *inode, struct file *file)
{
	struct reader *r;
	bool refused;

	if (file->f_mode & FMODE_WRITE)
		return -EPERM;
	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	mutex_init(&r->lock);
	moeai_waiter_init(&r->waiter);
	moeai_replay_init(&r->replay, NULL);
	moeai_device_user_init(&r->user);
	mutex_lock(&lock);
	/* What each waits for is looked at when an event comes. */
	refused = moeai_device_users_full(&users, r->user.uid);
	if (!refused)
		list_add_tail(&r->user.list, &users);
	mutex_unlock(&lock);
	if (refused) {
		kfree(r);
		return -EBUSY;
	}
	file->private_data = r;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	struct reader *r = file->private_data;

	mutex_lock(&lock);
	list_del(&r->user.list);
	mutex_unlock(&lock);
	moeai_waiter_exit(&r->waiter);
	kvfree(r->buf);
	kfree(r);
	return 0;
}

void moeai_device_walk(void (*fn)(const struct moeai_device_user *user, void *arg), void *arg)
{
	const struct moeai_device_user *user;

	mutex_lock(&lock);
	list_for_each_entry(user, &users, list)
		fn(user, arg);
	mutex_unlock(&lock);
}

static const struct file_operations device_ops = {
	.owner		= THIS_MODULE, /* open files and mappings hold the module */
	.open		= device_open,
	.release	= device_release,
	.read		= device_read,
	.poll		= device_poll,
	.mmap		= device_mmap,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name  = "moeai",
	.fops  = &device_ops,
	.mode  = 0640, /* udev's rule gives it to group moeai */
};

int __init moeai_device_init(void)
{
	return misc_register(&device);
}

void moeai_device_exit(void)
{
	misc_deregister(&device);
}
