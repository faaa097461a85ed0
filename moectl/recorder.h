/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flight recorder: what the log has of the time before an event that is a trigger,
 * and what follows it, becomes a file.
 *
 * One monitor at a time. While nothing happens it is live; at a trigger another one
 * takes its place, which replays the log and then goes on live, so that nothing is
 * missed between the two.
 *
 * A line for each file beside those of a stream, see stream.h; in tab form
 *   incident  PATH  TIME-NS  TYPE  SEQ  TRIGGERS  EVENTS  LOST  BYTES
 * TYPE and SEQ of the first trigger, empty without one.
 */
#ifndef MOECTL_RECORDER_H
#define MOECTL_RECORDER_H

#include <moeai/moeai.h>

#include "incidents.h"
#include "output.h"

#define RECORDER_TYPES	    32
#define RECORDER_NEVER	    (MOEAI_PRIO_MAX + 1) /* as priority */
#define RECORDER_AFTER_MAX  10 /* times what is recorded after a trigger, for a row of them */
#define RECORDER_LOG_SHARE  4 /* max_size is so many times the log, and one file's end */

struct recorder_options {
	const char *types[RECORDER_TYPES];
	size_t n_types;
	unsigned int priority;
	int before, after; /* ms */
};

/*
 * Until a signal. Returns 0, or 1 after complaining; a file that cannot be written is
 * told, and does not end it.
 */
int recorder_run(const struct recorder_options *o, struct incidents *d, struct output *out);

/* What there is of the time before now. Returns 0, or 1 after complaining. */
int recorder_now(const struct recorder_options *o, struct incidents *d, struct output *out);

#endif /* MOECTL_RECORDER_H */
