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
 * For param.set: @name is "module.param", @value as text.
 * Returns 0, or -errno with a text in @error: -ENOENT, -EPERM (can't be set),
 * -EINVAL, -ERANGE, or what the module says.
 */
int moeai_param_set(const char *name, const char *value, char *error, size_t size);

/* Set all MOEAI_PARAM_COUNT statistics to 0. */
void moeai_params_reset(void);

#endif
