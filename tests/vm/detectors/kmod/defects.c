// SPDX-License-Identifier: GPL-2.0
/*
 * Deliberate defects, one for each detector of the debug kernel: writing the name
 * of one to the parameter 'defect' makes it happen. Never load this on a kernel
 * that matters.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

/* What the compiler must not see through. */
static int eight = 8;
static int forty = 40;
static int sink;
static char global[16];

static void use_after_free(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return;
	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(sink, READ_ONCE(p[READ_ONCE(eight)]));
}

static void slab_out_of_bounds(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return;
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[56 + READ_ONCE(eight)], 0);
	kfree(p);
}

static void stack_out_of_bounds(void)
{
	char a[16] = {};
	char *p = a;

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(sink, READ_ONCE(p[8 + READ_ONCE(eight)]));
}

static void global_out_of_bounds(void)
{
	char *p = global;

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(sink, READ_ONCE(p[8 + READ_ONCE(eight)]));
}

static void shift(void)
{
	WRITE_ONCE(sink, 1 << READ_ONCE(forty));
}

static void array_index(void)
{
	static int table[8];

	WRITE_ONCE(sink, table[READ_ONCE(eight)]);
}

static void sleep_in_atomic(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	kfree(kmalloc(64, GFP_KERNEL));
	spin_unlock(&lock);
}

static void schedule_in_atomic(void)
{
	preempt_disable();
	schedule_timeout_uninterruptible(1);
	preempt_enable();
}

static void lock_order(void)
{
	static DEFINE_MUTEX(a);
	static DEFINE_MUTEX(b);

	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

static DEFINE_SPINLOCK(irq_lock);

static void take_irq_lock(struct timer_list *unused)
{
	spin_lock(&irq_lock);
	spin_unlock(&irq_lock);
}
static DEFINE_TIMER(irq_timer, take_irq_lock);

static void lock_in_irq(void)
{
	mod_timer(&irq_timer, jiffies + 1);
	msleep(100);
	take_irq_lock(NULL);
}

static void rcu_without_lock(void)
{
	static int __rcu *pointer;

	WRITE_ONCE(sink, !rcu_dereference(pointer));
}

static void nothing(struct timer_list *unused)
{
}

static void free_active_timer(void)
{
	struct timer_list *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return;
	timer_setup(t, nothing, 0);
	mod_timer(t, jiffies + HZ);
	kfree(t);
}

static void corrupt_list(void)
{
	struct list_head head, twice;

	INIT_LIST_HEAD(&head);
	list_add(&twice, &head);
	list_add(&twice, &head);
}

static void leak(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		char *p = kmalloc(100 + i, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(p);
		if (p)
			memset(p, 0, 100);
	}
}

static const struct {
	const char *name;
	void (*make)(void);
} defects[] = {
	{ "use_after_free", use_after_free },
	{ "slab_out_of_bounds", slab_out_of_bounds },
	{ "stack_out_of_bounds", stack_out_of_bounds },
	{ "global_out_of_bounds", global_out_of_bounds },
	{ "shift", shift },
	{ "index", array_index },
	{ "sleep_in_atomic", sleep_in_atomic },
	{ "schedule_in_atomic", schedule_in_atomic },
	{ "lock_order", lock_order },
	{ "lock_in_irq", lock_in_irq },
	{ "rcu_without_lock", rcu_without_lock },
	{ "free_active_timer", free_active_timer },
	{ "corrupt_list", corrupt_list },
	{ "leak", leak },
};

static int set_defect(const char *name, const struct kernel_param *kp)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(defects); i++) {
		if (sysfs_streq(name, defects[i].name)) {
			defects[i].make();
			return 0;
		}
	}
	return -EINVAL;
}

static const struct kernel_param_ops ops = { .set = set_defect };
module_param_cb(defect, &ops, NULL, 0200);
MODULE_PARM_DESC(defect, "what to do wrong");

static int __init defects_init(void)
{
	return 0;
}

static void __exit defects_exit(void)
{
	timer_delete_sync(&irq_timer);
}

module_init(defects_init);
module_exit(defects_exit);

MODULE_DESCRIPTION("Deliberate defects, for tests of the debug kernel");
MODULE_LICENSE("GPL");
