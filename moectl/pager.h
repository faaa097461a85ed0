/* SPDX-License-Identifier: GPL-2.0 */
/* Output that is longer than the terminal goes to $PAGER, or less. */
#ifndef MOECTL_PAGER_H
#define MOECTL_PAGER_H

#include "output.h"

struct pager {
	FILE *file;
};

/* False: so many lines need none, or it is not wanted. */
bool pager_begin(struct pager *p, const struct output *out, size_t lines);

/* Wait for it. False: there was no such program, and nothing was shown. */
bool pager_end(struct pager *p);

#endif /* MOECTL_PAGER_H */
