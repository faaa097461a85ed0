/* SPDX-License-Identifier: GPL-2.0 */
/* Registered modules, the core's own description among them. */
#ifndef MOEAI_MODULE_H
#define MOEAI_MODULE_H

#include <linux/moeai.h>
#include <linux/mutex.h>

struct moeai_module_priv {
	struct moeai_module *module;
	struct module *owner;
	struct list_head list;
	enum moeai_module_state state;
	int status; /* of the last start */
	u64 *bases; /* of each parameter: what stats.reset subtracts */
	struct proc_dir_entry *proc;
};

/* Guards the list, which moeai_module_of() reads without, states and parameters; held while
 * start and stop run.
 */
extern struct mutex moeai_modules_lock;
extern struct list_head moeai_modules;

/* The core's, which may use the reserved names and cannot be stopped. */
extern struct moeai_module moeai_core;

/* Changes with every change of what the tables show of modules. */
u64 moeai_generation(void);
void moeai_generation_next(void);

/* Under moeai_modules_lock. NULL: no such module. */
struct moeai_module_priv *moeai_module_find(const char *name, size_t len);

/*
 * The module of that name "module.thing" which @owner registered, from start on. NULL:
 * there is none, or this is no such name. It may be on its way out, and is valid until
 * moeai_region_leave() of it has returned.
 */
const struct moeai_module_priv *moeai_module_of(const char *name, const struct module *owner);

/* For module.start and module.stop: 0, -ENOENT, -EALREADY, -EPERM, or start's. */
int moeai_module_run(const char *name, bool start);

/* How many are registered, and how many of them failed; the core not counted. */
void moeai_modules_count(u32 *registered, u32 *failed);

extern const char *const moeai_module_states[];

#endif
