/* SPDX-License-Identifier: GPL-2.0 */
/* Parameters and statistics of modules. */
#ifndef MOEAI_PARAM_H
#define MOEAI_PARAM_H

#include "module.h"

struct moeai_text;

/* The value as its field's type reads it. Under moeai_modules_lock. */
u64 moeai_param_get(const struct moeai_module_priv *module, unsigned int i);
void moeai_param_text(const struct moeai_module_priv *module, unsigned int i,
		      struct moeai_text *text);

/*
 * For param.set: @name is "module.param", @value as text. With @confirm, seconds, its
 * old value comes back then, unless moeai_param_end() was called for it.
 * Returns 0, or -errno with a text in @error: -ENOENT, -EPERM (can't be set), -EBUSY (a
 * change of it awaits its confirmation), -EINVAL, -ERANGE, -ENOMEM, or what the module
 * says.
 */
int moeai_param_set(const char *name, const char *value, u32 confirm, char *error, size_t size);

/*
 * For param.confirm, @keep, and param.rollback: what becomes of a change that awaits
 * confirmation; @name NULL: of all. Returns 0, or -errno with a text in @error: -ENOENT,
 * -ENODATA (none does), or what the module has against an old value, which is then tried
 * again each second.
 */
int moeai_param_end(const char *name, bool keep, char *error, size_t size);

/* Does a change of it await confirmation? Under moeai_modules_lock. */
bool moeai_param_awaits(const struct moeai_module_priv *module, unsigned int i);

/* The module goes, and what awaits of it. Under moeai_modules_lock. */
void moeai_params_forget(const struct moeai_module_priv *module);

/* All modules have gone. */
void moeai_params_exit(void);

/* Set all MOEAI_PARAM_COUNT statistics to 0. */
void moeai_params_reset(void);

#endif
