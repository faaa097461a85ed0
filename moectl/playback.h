/* SPDX-License-Identifier: GPL-2.0 */
/* A monitor's events up to its end, shown: those of the log, and those of a file. */
#ifndef MOECTL_PLAYBACK_H
#define MOECTL_PLAYBACK_H

#include <argp.h>

#include "stream.h"

#define PLAYBACK_OPTIONS { "count", 'n', "N", 0, "End after N events", 0 }

/* What PLAYBACK_OPTIONS set; 0: all. Returns 0, or ARGP_ERR_UNKNOWN. */
error_t playback_parse(uint64_t *count, int key, const char *arg, const struct argp_state *state);

/*
 * At most count events; 0: all. file is what is read, NULL: the kernel's log. Closes m.
 * Returns 0, or 1 after complaining, then after all that could be shown.
 */
int playback_show(struct stream *s, struct moeai_monitor *m, const char *file, uint64_t count);

/*
 * Open a file, "-" is standard input, as a monitor. What is wrong with what stands in it
 * comes later. Returns 0, or 1 after complaining.
 */
int playback_open(struct moeai_monitor **m, const char *file, const struct moeai_monitor_options *o);

#endif /* MOECTL_PLAYBACK_H */
