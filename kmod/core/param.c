// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/slab.h>
#include "param.h"
#include "parse.h"
#include "schema.h"
#include "text.h"
#include "undo.h"

/* As moeai_parse_number() has it: with its sign. */
u64 moeai_param_raw(const struct moeai_param *p)
{
	if (p->read)
		return p->read(p);
	switch (moeai_type_len(p->field.type)) {
	case 1:
		return READ_ONCE(*(u8 *)p->value);
	case 4:
		if (p->field.type == MOEAI_TYPE_S32)
			return (s64)READ_ONCE(*(s32 *)p->value);
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
	return moeai_param_raw(&module->module->params[i]) - module->bases[i];
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

void moeai_param_describe(const struct moeai_module_priv *module, unsigned int i,
			  char name[MOEAI_FULL_NAME_LEN], char value[MOEAI_PARAM_LEN])
{
	struct moeai_text text = { .buf = value, .size = MOEAI_PARAM_LEN };

	snprintf(name, MOEAI_FULL_NAME_LEN, "%s.%s", module->module->name,
		 module->module->params[i].field.name);
	moeai_param_text(module, i, &text);
	moeai_text_end(&text);
}

struct moeai_module_priv *moeai_param_find(const char *name, unsigned int *i)
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

int moeai_param_put(const struct moeai_param *p, u64 v)
{
	if (p->set)
		return p->set(p, v);
	store(p, v);
	return 0;
}

static int put_text(struct moeai_module_priv *m, unsigned int i, const char *s, struct moeai_undo *u,
		    char *error, size_t size)
{
	const struct moeai_param *p = &m->module->params[i];
	u64 v;
	int ret = moeai_parse_number(&p->field, s, &v);

	if (ret)
		return wrong(&p->field, ret, error, size);
	if (u)
		moeai_undo_init(u, m, i);
	ret = moeai_param_put(p, v);
	if (ret)
		snprintf(error, size, "%s: %s%s", p->field.name,
			 p->rule ? "does not fit the others: " :
				   "the module refuses this value beside its others",
			 p->rule ?: "");
	return ret;
}

static int set(const char *name, const char *s, u32 confirm, char *error, size_t size)
{
	struct moeai_undo *u = NULL;
	unsigned int i;
	struct moeai_module_priv *m = moeai_param_find(name, &i);
	int ret;

	if (!m || !(m->module->params[i].flags & MOEAI_PARAM_WRITE)) {
		snprintf(error, size, m ? "can't be set" : "no such parameter: see table params");
		return m ? -EPERM : -ENOENT;
	}
	if (moeai_undo_awaits(m, i)) {
		snprintf(error, size, "%s: a change of it awaits its confirmation",
			 m->module->params[i].field.name);
		return -EBUSY;
	}
	if (confirm) {
		u = kzalloc(sizeof(*u), GFP_KERNEL_ACCOUNT);
		if (!u)
			return -ENOMEM;
	}
	ret = put_text(m, i, s, u, error, size);
	if (ret)
		kfree(u);
	else if (u)
		moeai_undo_await(u, confirm);
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

void moeai_params_reset(void)
{
	struct moeai_module_priv *m;
	unsigned int i;

	mutex_lock(&moeai_modules_lock);
	list_for_each_entry(m, &moeai_modules, list)
		for (i = 0; i < m->module->n_params; i++)
			if (m->module->params[i].flags & MOEAI_PARAM_COUNT)
				m->bases[i] = moeai_param_raw(&m->module->params[i]);
	mutex_unlock(&moeai_modules_lock);
}
