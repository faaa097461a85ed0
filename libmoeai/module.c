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
	return moeai_param_try(h, name, value, 0);
}

int moeai_param_try(struct moeai *h, const char *name, const char *value, uint32_t confirm)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("name", name), MOEAI_TEXT("value", value),
					  MOEAI_NUMBER("confirm", confirm) };

	return moeai_call(h, "param.set", args, ARRAY_SIZE(args) - !confirm, ANSWER_TIMEOUT, NULL);
}

static int end(struct moeai *h, const char *command, const char *name)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("name", name) };

	return moeai_call(h, command, args, name ? 1 : 0, ANSWER_TIMEOUT, NULL);
}

int moeai_param_confirm(struct moeai *h, const char *name)
{
	return end(h, "param.confirm", name);
}

int moeai_param_rollback(struct moeai *h, const char *name)
{
	return end(h, "param.rollback", name);
}
