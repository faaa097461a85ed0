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

/* The same, with its name. */
#define MOEAI_PARAM_LEN 256
void moeai_param_describe(const struct moeai_module_priv *module, unsigned int i,
			  char name[MOEAI_FULL_NAME_LEN], char value[MOEAI_PARAM_LEN]);

/* "module.param": its module, and the index there; NULL: no such. Under the lock as well. */
struct moeai_module_priv *moeai_param_find(const char *name, unsigned int *i);

/* The value as it is, and as its module shall take it: 0 or -errno. Under the lock as well. */
u64 moeai_param_raw(const struct moeai_param *p);
int moeai_param_put(const struct moeai_param *p, u64 value);

/*
 * For param.set: @name is "module.param", @value as text. With @confirm, seconds, its
 * old value comes back then, see undo.h.
 * Returns 0, or -errno with a text in @error: -ENOENT, -EPERM (can't be set), -EBUSY (a
 * change of it awaits its confirmation), -EINVAL, -ERANGE, -ENOMEM, or what the module
 * says.
 */
int moeai_param_set(const char *name, const char *value, u32 confirm, char *error, size_t size);

/* Set all MOEAI_PARAM_COUNT statistics to 0. */
void moeai_params_reset(void);

#endif
