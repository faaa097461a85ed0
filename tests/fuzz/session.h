/* SPDX-License-Identifier: GPL-2.0 */
/* What fuzz_session.c does with the library, for record.c to record. */
#ifndef TESTS_SESSION_H
#define TESTS_SESSION_H

#include <stdbool.h>
#include "kernel.h"

struct session {
	const char *name; /* NULL: the end */
	bool recorded;
	void (*run)(void);
};

extern const struct session sessions[];

#endif /* TESTS_SESSION_H */
