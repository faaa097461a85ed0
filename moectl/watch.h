/* SPDX-License-Identifier: GPL-2.0 */
/* Monitors of the library, and their failures in words. */
#ifndef MOECTL_WATCH_H
#define MOECTL_WATCH_H

#include "selection.h"

/* Complain of the first wanted type that does not exist now. Returns 1, 0: all do. */
int watch_unknown_type(struct moeai *h, const struct selection *selection);

/* Open. Returns 0, or 1 after complaining; an unknown type with those that exist. */
int watch_open(struct moeai_monitor **out, const struct moeai_monitor_options *o,
	       const struct selection *selection);

/*
 * The log, from its oldest event to its newest: of o since, history, no_wait and epoch are
 * set here. epoch is the load of the module that it is about, by which what is gone is
 * told; 0: the one that h finds. Returns 0, -ENOENT, of which nothing was said: no module
 * has the wanted types, or 1 after complaining.
 */
int watch_open_log(struct moeai_monitor **out, struct moeai *h, uint64_t epoch,
		   struct moeai_monitor_options o);

/* Say why moeai_monitor_next() failed. Returns 1. */
int watch_complain(const struct moeai_monitor *m, int error);

#endif /* MOECTL_WATCH_H */
