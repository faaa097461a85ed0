// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "event.h"
#include "param.h"
#include "parse.h"
#include "schema.h"
#include "text.h"

static u64 raw(const struct moeai_param *p)
{
	if (p->read)
		return p->read(p);
	switch (moeai_type_len(p->field.type)) {
	case 1:
		return READ_ONCE(*(u8 *)p->value);
	case 4:
		return READ_ONCE(*(u32 *)p->value);
	default:
		return READ_ONCE(*(u64 *)p->value);
	}
}

static void store(const struct moeai_param *p, u64 v)
{
	switch (moeai_type_len(p->field.type)) {
	case 1:
		WRITE_ONCE(*(u8 *)p->value, v);
		break;
	case 4:
		WRITE_ONCE(*(u32 *)p->value, v);
		break;
	default:
		WRITE_ONCE(*(u64 *)p->value, v);
	}
}

u64 moeai_param_get(const struct moeai_module_priv *module, unsigned int i)
{
	lockdep_assert_held(&moeai_modules_lock);
	return raw(&module->module->params[i]) - module->bases[i];
}

void moeai_param_text(const struct moeai_module_priv *module, unsigned int i,
		      struct moeai_text *text)
{
	const struct moeai_field *f = &module->module->params[i].field;
	u64 v = moeai_param_get(module, i);
	u32 v32 = v;
	u8 v8 = v;
	int len = moeai_type_len(f->type);

	moeai_text_payload(text, f, len == 1 ? (void *)&v8 : len == 4 ? (void *)&v32 : &v, len,
			   true);
}

/* NULL: no such. */
static struct moeai_module_priv *find(const char *name, unsigned int *i)
{
	const char *dot = strchr(name, '.');
	struct moeai_module_priv *m = dot ? moeai_module_find(name, dot - name) : NULL;

	for (*i = 0; m && *i < m->module->n_params; ++*i)
		if (!strcmp(m->module->params[*i].field.name, dot + 1))
			return m;
	return NULL;
}

/* What is wrong with @s as a value of @f, in words that say what would be right. */
static int wrong(const struct moeai_field *f, int err, char *error, size_t size)
{
	struct moeai_text t = { .buf = error, .size = size };
	u32 i, n = moeai_field_labels(f);

	if (n) {
		moeai_text_printf(&t, "%s: one of", f->name);
		for (i = 0; i < n; i++)
			moeai_text_printf(&t, " %s", f->labels[i]);
	} else if (f->min || f->max) {
		moeai_text_printf(&t, "%s: a number from %lld to %lld", f->name, f->min, f->max);
	} else {
		moeai_text_printf(&t, "%s: not a number of its type", f->name);
	}
	moeai_text_end(&t);
	return err;
}

static int put(const struct moeai_param *p, u64 v)
{
	if (p->set)
		return p->set(p, v);
	store(p, v);
	return 0;
}

/* ---- changes that await their confirmation ----------------------------------------------- */

/* What one parameter was. */
struct undo {
	struct list_head list;
	const struct moeai_module_priv *module;
	unsigned int i;
	u64 value;
	unsigned long due; /* jiffies */
	unsigned int refused; /* how often, with … */
	int status;
};

static void timed_out(struct work_struct *work);

static LIST_HEAD(undos); /* under moeai_modules_lock */
static DECLARE_DELAYED_WORK(undoer, timed_out);

static const struct moeai_param *param_of(const struct undo *u)
{
	return &u->module->module->params[u->i];
}

static struct undo *undo_of(const struct moeai_module_priv *m, unsigned int i)
{
	struct undo *u;

	lockdep_assert_held(&moeai_modules_lock);
	list_for_each_entry(u, &undos, list)
		if (u->module == m && u->i == i)
			return u;
	return NULL;
}

bool moeai_param_awaits(const struct moeai_module_priv *m, unsigned int i)
{
	return undo_of(m, i);
}

static void forget(struct undo *u)
{
	list_del(&u->list);
	kfree(u);
}

/* The value that the parameter has now, after a try to give it back the old one. */
static void tell(const struct undo *u)
{
	char name[MOEAI_FULL_NAME_LEN], buf[256];
	struct moeai_text value = MOEAI_TEXT_INIT(buf);

	snprintf(name, sizeof(name), "%s.%s", u->module->module->name, param_of(u)->field.name);
	moeai_param_text(u->module, u->i, &value);
	moeai_text_end(&value);
	moeai_emit(moeai_ev_param, u->status ? MOEAI_PRIO_WARNING : MOEAI_PRIO_NOTICE,
		   moeai_str(MOEAI_A_PARAM_EVENT_NAME, name),
		   moeai_str(MOEAI_A_PARAM_EVENT_VALUE, buf),
		   moeai_s32(MOEAI_A_PARAM_EVENT_STATUS, u->status));
}

static void wait_for_next(unsigned long least)
{
	unsigned long delay = MAX_JIFFY_OFFSET;
	struct undo *u;

	list_for_each_entry(u, &undos, list) {
		unsigned long left = time_after(u->due, jiffies) ? u->due - jiffies : 0;

		delay = min(delay, max(left, least));
	}
	if (!list_empty(&undos))
		mod_delayed_work(system_wq, &undoer, delay);
}

static int put_back(struct undo *u)
{
	u->status = put(param_of(u), u->value);
	if (u->status)
		return u->status;
	tell(u);
	forget(u);
	return 0;
}

/*
 * A module may take a value only beside certain others, and so only after them: what is
 * refused is tried again as long as others are not, and then each second. That it was
 * refused twice is told.
 */
static void roll_back_due(void)
{
	struct undo *u, *next;
	bool again;

	do {
		again = false;
		list_for_each_entry_safe(u, next, &undos, list)
			if (time_after_eq(jiffies, u->due))
				again |= !put_back(u);
	} while (again);
	list_for_each_entry(u, &undos, list)
		if (time_after_eq(jiffies, u->due) && ++u->refused == 2)
			tell(u);
	wait_for_next(HZ);
}

static void timed_out(struct work_struct *work)
{
	mutex_lock(&moeai_modules_lock);
	roll_back_due();
	mutex_unlock(&moeai_modules_lock);
}

/* All that awaits, or @only. */
static void end_all(const struct undo *only, bool keep)
{
	struct undo *u, *next;

	list_for_each_entry_safe(u, next, &undos, list) {
		if (only && u != only)
			continue;
		if (keep)
			forget(u);
		else
			u->due = jiffies;
	}
	if (!keep)
		roll_back_due();
}

static int end(const char *name, bool keep, char *error, size_t size)
{
	struct moeai_module_priv *m = NULL;
	const struct undo *only = NULL;
	unsigned int i;

	if (name) {
		m = find(name, &i);
		only = m ? undo_of(m, i) : NULL;
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
	if (keep || (name ? !undo_of(m, i) : list_empty(&undos)))
		return 0;
	snprintf(error, size, "%s: its old value is refused now, and is tried again each second",
		 name ?: "some parameter");
	return -EAGAIN;
}

int moeai_param_end(const char *name, bool keep, char *error, size_t size)
{
	int ret;

	mutex_lock(&moeai_modules_lock);
	ret = end(name, keep, error, size);
	mutex_unlock(&moeai_modules_lock);
	return ret;
}

void moeai_params_forget(const struct moeai_module_priv *module)
{
	struct undo *u, *next;

	lockdep_assert_held(&moeai_modules_lock);
	list_for_each_entry_safe(u, next, &undos, list)
		if (u->module == module)
			forget(u);
}

void moeai_params_exit(void)
{
	cancel_delayed_work_sync(&undoer);
}

/* ---- setting one --------------------------------------------------------------------------- */

/* Those that are set within a second come back together. */
static void await(struct undo *u, u32 confirm)
{
	u->due = round_jiffies_up(jiffies + confirm * HZ);
	list_add(&u->list, &undos);
	wait_for_next(0);
}

static int put_text(struct moeai_module_priv *m, unsigned int i, const char *s, struct undo *u,
		    char *error, size_t size)
{
	const struct moeai_param *p = &m->module->params[i];
	u64 v;
	int ret = moeai_parse_number(&p->field, s, &v);

	if (ret)
		return wrong(&p->field, ret, error, size);
	if (u)
		*u = (struct undo){ .module = m, .i = i, .value = raw(p) };
	ret = put(p, v);
	if (ret)
		snprintf(error, size, "%s: %s%s", p->field.name,
			 p->rule ? "does not fit the others: " :
				   "the module refuses this value beside its others",
			 p->rule ?: "");
	return ret;
}

static int set(const char *name, const char *s, u32 confirm, char *error, size_t size)
{
	struct undo *u = NULL;
	unsigned int i;
	struct moeai_module_priv *m = find(name, &i);
	int ret;

	if (!m || !(m->module->params[i].flags & MOEAI_PARAM_WRITE)) {
		snprintf(error, size, m ? "can't be set" : "no such parameter: see table params");
		return m ? -EPERM : -ENOENT;
	}
	if (undo_of(m, i)) {
		snprintf(error, size, "%s: a change of it awaits its confirmation",
			 m->module->params[i].field.name);
		return -EBUSY;
	}
	if (confirm) {
		u = kmalloc(sizeof(*u), GFP_KERNEL_ACCOUNT);
		if (!u)
			return -ENOMEM;
	}
	ret = put_text(m, i, s, u, error, size);
	if (ret)
		kfree(u);
	else if (u)
		await(u, confirm);
	return ret;
}

int moeai_param_set(const char *name, const char *value, u32 confirm, char *error, size_t size)
{
	int ret;

	mutex_lock(&moeai_modules_lock);
	ret = set(name, value, confirm, error, size);
	mutex_unlock(&moeai_modules_lock);
	return ret;
}

/* ---- statistics ------------------------------------------------------------------------------ */

void moeai_params_reset(void)
{
	struct moeai_module_priv *m;
	unsigned int i;

	mutex_lock(&moeai_modules_lock);
	list_for_each_entry(m, &moeai_modules, list)
		for (i = 0; i < m->module->n_params; i++)
			if (m->module->params[i].flags & MOEAI_PARAM_COUNT)
				m->bases[i] = raw(&m->module->params[i]);
	mutex_unlock(&moeai_modules_lock);
}
