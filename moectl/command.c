// SPDX-License-Identifier: GPL-2.0
#include "command.h"

int command_open(struct moectl *ctl)
{
	int err;

	if (ctl->h)
		return 0;
	err = moeai_open(&ctl->h);
	return err ? complain_call(NULL, err) : 0;
}

error_t command_parse_word(int key, char *arg, struct argp_state *state, void *input)
{
	const char **word = input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (*word)
		complain_usage(state, "one name is enough: '%s' is too much", arg);
	*word = arg;
	return 0;
}
