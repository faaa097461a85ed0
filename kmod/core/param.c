// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
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

static const struct moeai_param *find(const char *name)
{
	const char *dot = strchr(name, '.');
	struct moeai_module_priv *m = dot ? moeai_module_find(name, dot - name) : NULL;
	unsigned int i;

	for (i = 0; m && i < m->module->n_params; i++)
		if (!strcmp(m->module->params[i].field.name, dot + 1))
			return &m->module->params[i];
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

static int set(const char *name, const char *s, char *error, size_t size)
{
	const struct moeai_param *p = find(name);
	u64 v;
	int ret;

	if (!p || !(p->flags & MOEAI_PARAM_WRITE)) {
		snprintf(error, size, p ? "can't be set" : "no such parameter: see table params");
		return p ? -EPERM : -ENOENT;
	}
	ret = moeai_parse_number(&p->field, s, &v);
	if (ret)
		return wrong(&p->field, ret, error, size);
	if (!p->set) {
		store(p, v);
		return 0;
	}
	ret = p->set(p, v);
	if (ret)
		snprintf(error, size, "%s: %s%s", p->field.name,
			 p->rule ? "does not fit the others: " :
				   "the module refuses this value beside its others",
			 p->rule ?: "");
	return ret;
}

int moeai_param_set(const char *name, const char *value, char *error, size_t size)
{
	int ret;

	mutex_lock(&moeai_modules_lock);
	ret = set(name, value, error, size);
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
				m->bases[i] = raw(&m->module->params[i]);
	mutex_unlock(&moeai_modules_lock);
}
