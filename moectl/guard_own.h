/* SPDX-License-Identifier: GPL-2.0 */
/* Whoever changes net_guard's rules by ssh shall not shut himself out. */
#ifndef MOECTL_GUARD_OWN_H
#define MOECTL_GUARD_OWN_H

#include "change.h"
#include "own.h"

#define GUARD_RULES    "net_guard.rules"
#define GUARD_MARGIN_S 5 /* an allow that ends no later than so long after the block is no use */

/* Rows that allow own addresses, for one transaction: of n the last has all. All zero at first. */
struct guard_allows {
	struct change row[OWN_MAX];
	char *words[OWN_MAX][3];
	size_t n;
};

/* All of these return 0, or 1 after complaining. */

/* Those that @prefix, for @timeout (NULL: for good), would shut out; @prefix NULL: any. */
int guard_allows_find(struct moectl *ctl, struct guard_allows *a, const char *prefix,
		      const char *timeout);
void guard_allows_free(struct guard_allows *a);

/* The rule of @prefix goes: refused if it keeps a session open. */
int guard_keep(struct moectl *ctl, const char *prefix);

/* A call failed: it is not there, or the module is not. */
int guard_failed(struct moectl *ctl, int err);

#endif /* MOECTL_GUARD_OWN_H */
