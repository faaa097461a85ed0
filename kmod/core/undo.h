/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters' changes that await their confirmation: the old value comes back in time,
 * as a table's generation does, see change.c. All but moeai_undo_end() and _exit()
 * under moeai_modules_lock.
 */
#ifndef MOEAI_UNDO_H
#define MOEAI_UNDO_H

#include "module.h"

/* What one parameter was. */
struct moeai_undo {
	struct list_head list;
	const struct moeai_module_priv *module;
	unsigned int i;
	u64 value;
	unsigned long due; /* jiffies */
	unsigned int refused; /* how often in time, … */
	int status; /* … the last time with this; 0: it was not tried */
};

void moeai_undo_init(struct moeai_undo *u, const struct moeai_module_priv *module,
		     unsigned int i);

/* It has been changed, and that awaits its confirmation for so many seconds; owns @u. */
void moeai_undo_await(struct moeai_undo *u, u32 confirm);
bool moeai_undo_awaits(const struct moeai_module_priv *module, unsigned int i);

/*
 * For param.confirm, @keep, and param.rollback: of the parameter @name, NULL: of all.
 * Returns 0, or -errno with a text in @error: -ENOENT, -ENODATA (none awaits it), -EAGAIN
 * (an old value is refused beside the others, and is tried again each second).
 */
int moeai_undo_end(const char *name, bool keep, char *error, size_t size);

/* The module goes, and what awaits of it. */
void moeai_undo_forget(const struct moeai_module_priv *module);

/* All modules have gone. */
void moeai_undo_exit(void);

#endif
