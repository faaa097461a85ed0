// SPDX-License-Identifier: GPL-2.0
#include <moeai/moeai.h>

#include "complain.h"
#include "confirm.h"
#include "units.h"

uint32_t confirm_parse(const char *text, const struct argp_state *state)
{
	int ms;

	if (units_parse_seconds(text, &ms) || ms < 1 || ms > MOEAI_CONFIRM_MAX * 1000)
		complain_usage(state, "--confirm %s: give seconds, up to %d, or a number with s, "
			       "m or h", text, MOEAI_CONFIRM_MAX);
	return ((uint32_t)ms + 999) / 1000;
}
