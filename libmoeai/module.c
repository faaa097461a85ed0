// SPDX-License-Identifier: LGPL-2.1-or-later
/* The core's commands that are typed calls here. */
#include "handle.h"

int moeai_module_start(struct moeai *h, const char *module)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("name", module) };

	return moeai_call(h, "module.start", args, ARRAY_SIZE(args), ANSWER_TIMEOUT, NULL);
}

int moeai_module_stop(struct moeai *h, const char *module)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("name", module) };

	return moeai_call(h, "module.stop", args, ARRAY_SIZE(args), ANSWER_TIMEOUT, NULL);
}

int moeai_param_set(struct moeai *h, const char *name, const char *value)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("name", name), MOEAI_TEXT("value", value) };

	return moeai_call(h, "param.set", args, ARRAY_SIZE(args), ANSWER_TIMEOUT, NULL);
}
