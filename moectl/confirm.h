/* SPDX-License-Identifier: GPL-2.0 */
/* Changes that the kernel undoes unless they are confirmed: option --confirm. */
#ifndef MOECTL_CONFIRM_H
#define MOECTL_CONFIRM_H

#include <argp.h>
#include <stdint.h>

#define CONFIRM_OPTION(key)                                                               \
	{ "confirm", key, "SECONDS", 0,                                                   \
	  "Undo the change after that time, unless it was confirmed: 30, 5m, 1h", 0 }

/* The option's seconds, at least 1; another is a usage error. */
uint32_t confirm_parse(const char *text, const struct argp_state *state);

#endif /* MOECTL_CONFIRM_H */
