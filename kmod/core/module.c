// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "moeai: " fmt
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include "command.h"
#include "event.h"
#include "module.h"
#include "procfs.h"
#include "region.h"
#include "schema.h"
#include "table.h"
#include "undo.h"

DEFINE_MUTEX(moeai_modules_lock);
LIST_HEAD(moeai_modules);

const char *const moeai_module_states[] = { "stopped", "running", "failed", "gone", NULL };
static_assert(ARRAY_SIZE(moeai_module_states) == __MOEAI_MODULE_STATE_MAX + 1);

static const char *const reserved[] = { "core", "module", "param", "log", "stats", "user", "id" };
static atomic64_t generation = ATOMIC64_INIT(1);

u64 moeai_generation(void)
{
	return atomic64_read(&generation);
}

void moeai_generation_next(void)
{
	atomic64_inc(&generation);
}

/* ---- does a description make sense? ---------------------------------------- */

static int bad(const struct moeai_module *m, const char *what, const char *name)
{
	pr_err("module %s: %s: %s\n", m->name, name, what);
	return -EINVAL;
}

/* "module.thing"; the core may use any prefix. */
static int check_name(const struct moeai_module *m, const char *name)
{
	size_t len = strlen(m->name);
	const char *dot = name ? strchr(name, '.') : NULL;

	if (!dot || !moeai_name_valid(dot + 1))
		return bad(m, "not a name \"module.thing\"", name ?: "(null)");
	if (m != &moeai_core && (dot - name != len || memcmp(name, m->name, len)))
		return bad(m, "does not begin with the module's name", name);
	return 0;
}

static int check_once(const struct moeai_module *m, unsigned int event)
{
	unsigned int i;

	for (i = 0; i < event; i++)
		if (!strcmp(m->events[i].name, m->events[event].name))
			return bad(m, "stands twice", m->events[i].name);
	return 0;
}

static int check_names(const struct moeai_module *m)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < m->n_events && !ret; i++)
		ret = check_name(m, m->events[i].name) ?:
		      moeai_schema_check(&m->events[i].schema, m->events[i].name) ?:
		      check_once(m, i);
	for (i = 0; i < m->n_commands && !ret; i++) {
		const struct moeai_command *c = &m->commands[i];

		ret = check_name(m, c->name) ?: moeai_schema_check(&c->args, c->name) ?:
		      moeai_schema_check(&c->reply, c->name);
		if (!ret && (!c->handler || c->args.max > MOEAI_ARGS_MAX))
			ret = bad(m, "no handler, or too many arguments", c->name);
	}
	return ret;
}

static bool has_key(const struct moeai_schema *schema)
{
	unsigned int i;

	for (i = 1; i <= schema->max; i++)
		if (schema->fields[i].name && (schema->fields[i].flags & MOEAI_F_KEY))
			return true;
	return false;
}

static int check_tables(const struct moeai_module *m)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < m->n_tables && !ret; i++) {
		const struct moeai_table *t = &m->tables[i];

		ret = (m == &moeai_core ? 0 : check_name(m, t->name)) ?:
		      moeai_schema_check(&t->schema, t->name);
		if (!ret && t->schema.max > MOEAI_ARGS_MAX)
			ret = bad(m, "too many columns", t->name);
		if (!ret && !t->fill && !has_key(&t->schema))
			ret = bad(m, "a stored table needs a key", t->name);
		if (!ret && t->ops && (t->fill || t->changed))
			ret = bad(m, "a table with ops has neither fill nor changed", t->name);
		if (!ret && t->fill && (t->flags & MOEAI_TABLE_WRITE))
			ret = bad(m, "a computed table can't be written", t->name);
	}
	return ret;
}

static int check_params(const struct moeai_module *m)
{
	unsigned int i, j;

	for (i = 0; i < m->n_params; i++) {
		const struct moeai_param *p = &m->params[i];
		const struct moeai_field fields[2] = { {}, p->field };
		const struct moeai_schema schema = { fields, 1 };

		if (!p->field.name)
			return bad(m, "a parameter has no name", m->name);
		if (moeai_schema_check(&schema, m->name))
			return -EINVAL;
		for (j = 0; j < i; j++)
			if (!strcmp(m->params[j].field.name, p->field.name))
				return bad(m, "stands twice", p->field.name);
		if (!moeai_type_len(p->field.type))
			return bad(m, "a parameter must be a number", p->field.name);
		if (!p->value == !p->read)
			return bad(m, "needs either value or read", p->field.name);
		if ((p->flags & MOEAI_PARAM_WRITE) && !p->value && !p->set)
			return bad(m, "can't be stored: needs set", p->field.name);
		if ((p->flags & MOEAI_PARAM_WRITE) && (p->flags & MOEAI_PARAM_STAT))
			return bad(m, "a statistic can't be set", p->field.name);
	}
	return 0;
}

static int check(const struct moeai_module *m)
{
	int i;

	if (!moeai_name_valid(m->name))
		return bad(m, "bad module name", m->name ?: "(null)");
	for (i = 0; i < ARRAY_SIZE(reserved) && m != &moeai_core; i++)
		if (!strcmp(m->name, reserved[i]))
			return bad(m, "reserved module name", m->name);
	return check_names(m) ?: check_tables(m) ?: check_params(m);
}

/* ---- states ----------------------------------------------------------------- */

static void set_state(struct moeai_module_priv *p, enum moeai_module_state state, int status)
{
	lockdep_assert_held(&moeai_modules_lock);
	p->state = state;
	p->status = status;
	moeai_generation_next();
	moeai_emit(moeai_ev_module,
		   state == MOEAI_MODULE_FAILED ? MOEAI_PRIO_WARNING : MOEAI_PRIO_NOTICE,
		   moeai_str(MOEAI_A_MODULE_EVENT_NAME, p->module->name),
		   moeai_u32(MOEAI_A_MODULE_EVENT_STATE, state),
		   moeai_s32(MOEAI_A_MODULE_EVENT_STATUS, status));
}

static int start(struct moeai_module_priv *p)
{
	int ret = p->module->start ? p->module->start(p->module) : 0;

	set_state(p, ret ? MOEAI_MODULE_FAILED : MOEAI_MODULE_RUNNING, ret);
	return ret;
}

static void stop(struct moeai_module_priv *p, enum moeai_module_state state)
{
	if (p->state == MOEAI_MODULE_RUNNING && p->module->stop)
		p->module->stop(p->module);
	set_state(p, state, 0);
}

static bool is_named(const struct moeai_module_priv *p, const char *name, size_t len)
{
	return strlen(p->module->name) == len && !memcmp(p->module->name, name, len);
}

struct moeai_module_priv *moeai_module_find(const char *name, size_t len)
{
	struct moeai_module_priv *p;

	lockdep_assert_held(&moeai_modules_lock);
	list_for_each_entry(p, &moeai_modules, list)
		if (is_named(p, name, len))
			return p;
	return NULL;
}

const struct moeai_module_priv *moeai_module_of(const char *name, const struct module *owner)
{
	const char *dot = name ? strchr(name, '.') : NULL;
	const struct moeai_module_priv *p, *found = NULL;

	if (!dot || !moeai_name_valid(dot + 1))
		return NULL;
	rcu_read_lock();
	list_for_each_entry_rcu(p, &moeai_modules, list)
		if (p->owner == owner && is_named(p, name, dot - name))
			found = p;
	rcu_read_unlock();
	return found;
}

int moeai_module_run(const char *name, bool want)
{
	struct moeai_module_priv *p;
	int ret = 0;

	mutex_lock(&moeai_modules_lock);
	p = moeai_module_find(name, strlen(name));
	if (!p)
		ret = -ENOENT;
	else if (p->module == &moeai_core)
		ret = -EPERM;
	else if (want == (p->state == MOEAI_MODULE_RUNNING))
		ret = -EALREADY;
	else if (want)
		ret = start(p);
	else
		stop(p, MOEAI_MODULE_STOPPED);
	mutex_unlock(&moeai_modules_lock);
	return ret;
}

void moeai_modules_count(u32 *registered, u32 *failed)
{
	struct moeai_module_priv *p;

	*registered = 0;
	*failed = 0;
	mutex_lock(&moeai_modules_lock);
	list_for_each_entry(p, &moeai_modules, list) {
		*registered += p->module != &moeai_core;
		*failed += p->state == MOEAI_MODULE_FAILED;
	}
	mutex_unlock(&moeai_modules_lock);
}

/* ---- coming and going --------------------------------------------------------- */

static void remove_events(struct moeai_module *m, unsigned int n)
{
	mutex_lock(&moeai_modules_lock); /* against moeai_event_types_walk() */
	while (n--)
		moeai_event_type_remove(&m->events[n]);
	mutex_unlock(&moeai_modules_lock);
	synchronize_rcu(); /* for moeai_event_type_find() */
}

static void remove_tables(struct moeai_module *m, unsigned int n)
{
	while (n--)
		moeai_table_remove(&m->tables[n]);
}

static int add_all(struct moeai_module *m, struct module *owner)
{
	unsigned int e, c, t;
	int ret = 0;

	for (e = 0; e < m->n_events; e++) {
		ret = moeai_event_type_add(&m->events[e]);
		if (ret)
			goto remove_events;
	}
	for (c = 0; c < m->n_commands; c++) {
		ret = moeai_command_add(&m->commands[c]);
		if (ret)
			goto remove_commands;
	}
	for (t = 0; t < m->n_tables; t++) {
		ret = moeai_table_add(&m->tables[t], owner);
		if (ret)
			goto remove_tables;
	}
	return 0;

remove_tables:
	remove_tables(m, t);
remove_commands:
	moeai_commands_remove(m->commands, c);
remove_events:
	remove_events(m, e);
	return ret;
}

static int insert(struct moeai_module_priv *p)
{
	struct moeai_module *m = p->module;
	int ret = 0;

	mutex_lock(&moeai_modules_lock);
	if (moeai_module_find(m->name, strlen(m->name))) {
		ret = -EEXIST;
	} else {
		m->priv = p;
		list_add_tail_rcu(&p->list, &moeai_modules);
		start(p);
	}
	mutex_unlock(&moeai_modules_lock);
	return ret;
}

/* Without the lock: all three wait for users in flight, who may want it. */
static void remove_all(struct moeai_module *m)
{
	moeai_commands_remove(m->commands, m->n_commands);
	remove_tables(m, m->n_tables);
	remove_events(m, m->n_events);
}

int __moeai_module_register(struct moeai_module *m, struct module *owner)
{
	struct moeai_module_priv *p;
	int ret = m->priv ? -EEXIST : check(m);

	if (ret)
		return ret;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->module = m;
	p->owner = owner;
	p->bases = kcalloc(m->n_params + 1, sizeof(*p->bases), GFP_KERNEL);
	if (!p->bases) {
		ret = -ENOMEM;
		goto free;
	}
	ret = add_all(m, owner);
	if (ret)
		goto free;
	ret = insert(p);
	if (ret)
		goto remove;
	p->proc = moeai_procfs_module_add(m); /* a mirror: works without it */
	return 0;

remove:
	remove_all(m);
free:
	kfree(p->bases);
	kfree(p);
	return ret;
}
EXPORT_SYMBOL_GPL(__moeai_module_register);

/*
 * Commands, tables and the procfs file go without the lock: they wait for users in
 * flight, who may want it. Until it has stopped, the module may look up its rows.
 */
void moeai_module_unregister(struct moeai_module *m)
{
	struct moeai_module_priv *p = m->priv;

	moeai_commands_remove(m->commands, m->n_commands);
	moeai_procfs_module_remove(p->proc);
	mutex_lock(&moeai_modules_lock);
	stop(p, MOEAI_MODULE_GONE);
	moeai_undo_forget(p);
	list_del_rcu(&p->list);
	mutex_unlock(&moeai_modules_lock);
	remove_tables(m, m->n_tables);
	remove_events(m, m->n_events); /* waits for moeai_module_of() as well */
	moeai_region_leave(p);
	moeai_generation_next();
	m->priv = NULL;
	kfree(p->bases);
	kfree(p);
}
EXPORT_SYMBOL_GPL(moeai_module_unregister);
