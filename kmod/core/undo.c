// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/moeai_compat.h>
#include "event.h"
#include "param.h"
#include "undo.h"

static void timed_out(struct work_struct *work);

static LIST_HEAD(undos); /* under moeai_modules_lock */
static DECLARE_DELAYED_WORK(undoer, timed_out);

static struct moeai_undo *find(const struct moeai_module_priv *m, unsigned int i)
{
	struct moeai_undo *u;

	lockdep_assert_held(&moeai_modules_lock);
	list_for_each_entry(u, &undos, list)
		if (u->module == m && u->i == i)
			return u;
	return NULL;
}

bool moeai_undo_awaits(const struct moeai_module_priv *m, unsigned int i)
{
	return find(m, i);
}

static void forget(struct moeai_undo *u)
{
	list_del(&u->list);
	kfree(u);
}

/* ---- the old value comes back ---------------------------------------------------------- */

static void tell(const struct moeai_undo *u)
{
	char name[MOEAI_FULL_NAME_LEN], value[MOEAI_PARAM_LEN];

	moeai_param_describe(u->module, u->i, name, value);
	moeai_emit(moeai_ev_param, u->status ? MOEAI_PRIO_WARNING : MOEAI_PRIO_NOTICE,
		   moeai_str(MOEAI_A_PARAM_EVENT_NAME, name),
		   moeai_str(MOEAI_A_PARAM_EVENT_VALUE, value),
		   moeai_s32(MOEAI_A_PARAM_EVENT_STATUS, u->status));
}

static void wait_for_next(void)
{
	unsigned long now = jiffies, delay = MAX_JIFFY_OFFSET;
	struct moeai_undo *u;

	list_for_each_entry(u, &undos, list)
		delay = min(delay, time_after(u->due, now) ? u->due - now : 0);
	if (!list_empty(&undos))
		mod_delayed_work(MOEAI_SYSTEM_WQ, &undoer, delay);
}

/* What was refused may fit now that another is as it was. */
static bool is_due(const struct moeai_undo *u)
{
	return u->status || time_after_eq(jiffies, u->due);
}

static bool put_back(struct moeai_undo *u)
{
	u->status = moeai_param_put(&u->module->module->params[u->i], u->value);
	if (u->status)
		return false;
	tell(u);
	forget(u);
	return true;
}

/*
 * A module may take a value only beside certain others, and so only after them: what is
 * refused is tried again as long as others are not, and then each second.
 */
static void roll_back(void)
{
	struct moeai_undo *u, *next;
	bool again;

	do {
		again = false;
		list_for_each_entry_safe(u, next, &undos, list)
			if (is_due(u))
				again |= put_back(u);
	} while (again);
	list_for_each_entry(u, &undos, list)
		if (u->status)
			u->due = jiffies + HZ;
	wait_for_next();
}

/* At the second time it is no matter of who comes first any more, and is told. */
static void timed_out(struct work_struct *work)
{
	struct moeai_undo *u;

	mutex_lock(&moeai_modules_lock);
	roll_back();
	list_for_each_entry(u, &undos, list)
		if (u->status && ++u->refused == 2)
			tell(u);
	mutex_unlock(&moeai_modules_lock);
}

/* ---- from outside ------------------------------------------------------------------------ */

void moeai_undo_init(struct moeai_undo *u, const struct moeai_module_priv *module,
		     unsigned int i)
{
	*u = (struct moeai_undo){ .module = module, .i = i,
				  .value = moeai_param_raw(&module->module->params[i]) };
}

/* Those of the same second come back together. */
void moeai_undo_await(struct moeai_undo *u, u32 confirm)
{
	u->due = roundup(jiffies + confirm * HZ, HZ);
	list_add(&u->list, &undos);
	wait_for_next();
}

/* All that awaits, or @only. */
static void end_all(const struct moeai_undo *only, bool keep)
{
	struct moeai_undo *u, *next;

	list_for_each_entry_safe(u, next, &undos, list) {
		if (only && u != only)
			continue;
		if (keep)
			forget(u);
		else
			u->due = jiffies;
	}
	if (!keep)
		roll_back();
}

static int end(const char *name, bool keep, char *error, size_t size)
{
	struct moeai_module_priv *m = NULL;
	const struct moeai_undo *only = NULL;
	unsigned int i;

	if (name) {
		m = moeai_param_find(name, &i);
		only = m ? find(m, i) : NULL;
	}
	if (name && !m) {
		snprintf(error, size, "no such parameter: see table params");
		return -ENOENT;
	}
	if (name ? !only : list_empty(&undos)) {
		snprintf(error, size, "no change of %s awaits confirmation",
			 name ? "it" : "a parameter");
		return -ENODATA;
	}
	end_all(only, keep);
	if (keep || (name ? !find(m, i) : list_empty(&undos)))
		return 0;
	snprintf(error, size, "%s: its old value is refused now, and is tried again each second",
		 name ?: "some parameter");
	return -EAGAIN;
}

int moeai_undo_end(const char *name, bool keep, char *error, size_t size)
{
	int ret;

	mutex_lock(&moeai_modules_lock);
	ret = end(name, keep, error, size);
	mutex_unlock(&moeai_modules_lock);
	return ret;
}

void moeai_undo_forget(const struct moeai_module_priv *module)
{
	struct moeai_undo *u, *next;

	lockdep_assert_held(&moeai_modules_lock);
	list_for_each_entry_safe(u, next, &undos, list)
		if (u->module == module)
			forget(u);
}

void moeai_undo_exit(void)
{
	cancel_delayed_work_sync(&undoer);
}
