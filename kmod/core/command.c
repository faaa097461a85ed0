// SPDX-License-Identifier: GPL-2.0
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "command.h"
#include "ticket.h"
#include "use.h"

/* Found under RCU. */
struct moeai_command_entry {
	struct moeai_command *command;
	struct hlist_node by_name;
	struct moeai_use use;
	struct list_head gone;	/* in moeai_commands_remove() */
};

static DEFINE_MUTEX(lock); /* guards changes to both */
static DEFINE_XARRAY_ALLOC(by_id);
static u32 next_id; /* so that an id is not used again in this epoch */
static DEFINE_HASHTABLE(by_name, 6);

static u32 name_hash(const char *name)
{
	return jhash(name, strlen(name), 0);
}

static struct moeai_command_entry *find_name(const char *name)
{
	struct moeai_command_entry *e;

	hash_for_each_possible_rcu(by_name, e, by_name, name_hash(name))
		if (!strcmp(e->command->name, name))
			return e;
	return NULL;
}

static int insert(struct moeai_command_entry *e)
{
	struct moeai_command *c = e->command;
	u32 id = c->id;
	int ret;

	lockdep_assert_held(&lock);
	if (id) /* reserve it first: who finds the entry reads its id */
		ret = xa_insert(&by_id, id, NULL, GFP_KERNEL);
	else
		ret = xa_alloc_cyclic(&by_id, &id, NULL, XA_LIMIT(MOEAI_ID_DYNAMIC, INT_MAX),
				      &next_id, GFP_KERNEL);
	if (ret < 0)
		return ret == -EBUSY ? -EEXIST : ret;
	c->id = id;
	xa_store(&by_id, id, e, GFP_KERNEL); /* has its place */
	hash_add_rcu(by_name, &e->by_name, name_hash(c->name));
	return 0;
}

int moeai_command_add(struct moeai_command *command)
{
	struct moeai_command_entry *e = kzalloc(sizeof(*e), GFP_KERNEL);
	int ret;

	if (!e)
		return -ENOMEM;
	e->command = command;
	moeai_use_init(&e->use);
	mutex_lock(&lock);
	rcu_read_lock();
	ret = find_name(command->name) ? -EEXIST : 0;
	rcu_read_unlock();
	if (!ret)
		ret = insert(e);
	mutex_unlock(&lock);
	if (ret)
		kfree(e);
	return ret;
}

/* Nobody finds it any more; those who did before are waited for. */
static void finish(struct moeai_command_entry *e)
{
	struct moeai_command *command = e->command;

	moeai_use_drain(&e->use);
	moeai_tickets_cancel(command);
	if (command->id >= MOEAI_ID_DYNAMIC)
		command->id = 0;
	kfree(e);
}

void moeai_commands_remove(struct moeai_command *commands, unsigned int n)
{
	LIST_HEAD(gone);
	struct moeai_command_entry *e, *next;
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; i < n; i++) {
		e = xa_erase(&by_id, commands[i].id);
		hash_del_rcu(&e->by_name);
		list_add(&e->gone, &gone);
	}
	mutex_unlock(&lock);
	if (n)
		synchronize_rcu(); /* find_name() reads the names, which go next */
	list_for_each_entry_safe(e, next, &gone, gone)
		finish(e);
}

static struct moeai_command_entry *get(struct moeai_command_entry *e)
{
	return e && moeai_use_get(&e->use) ? e : NULL;
}

struct moeai_command_entry *moeai_command_get(u32 id)
{
	struct moeai_command_entry *e;

	rcu_read_lock();
	e = get(xa_load(&by_id, id));
	rcu_read_unlock();
	return e;
}

struct moeai_command_entry *moeai_command_get_name(const char *name)
{
	struct moeai_command_entry *e;

	rcu_read_lock();
	e = get(find_name(name));
	rcu_read_unlock();
	return e;
}

void moeai_command_put(struct moeai_command_entry *e)
{
	moeai_use_put(&e->use);
}

const struct moeai_command *moeai_command_of(const struct moeai_command_entry *e)
{
	return e->command;
}

int moeai_commands_walk(int (*fn)(const struct moeai_command *command, void *arg), void *arg)
{
	struct moeai_command_entry *e;
	unsigned long id;
	int ret = 0;

	mutex_lock(&lock); /* no entry goes meanwhile */
	xa_for_each(&by_id, id, e) {
		ret = fn(e->command, arg);
		if (ret)
			break;
	}
	mutex_unlock(&lock);
	return ret;
}
