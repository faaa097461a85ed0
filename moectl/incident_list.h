/* SPDX-License-Identifier: GPL-2.0 */
/* Which incident files there are, and what of. */
#ifndef MOECTL_INCIDENT_LIST_H
#define MOECTL_INCIDENT_LIST_H

#include "incidents.h"
#include "output.h"

/*
 * A row each, the oldest first; each is read whole. Returns 0, or 1 after complaining,
 * with all rows, of those that are not whole.
 */
int incident_list(const struct incidents *d, struct output *out);

#endif /* MOECTL_INCIDENT_LIST_H */
