/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a file, or a folder with all below it, has been called: from the renames of a
 * log, each name with the events for which it was so.
 */
#ifndef MOECTL_TRAIL_H
#define MOECTL_TRAIL_H

#include "marks.h"

struct trail;

/* bytes: that renames may take; then the oldest are forgotten. NULL: out of memory. */
struct trail *trail_new(size_t bytes);
void trail_free(struct trail *t);

/*
 * A name that is asked for; has_device: as of struct marked_path. All names come before the
 * first event. Returns 0 or -ENOMEM.
 */
int trail_ask(struct trail *t, const char *path, bool has_device, uint32_t device);

/* Each event's paths, in order of seq. Returns 0 or -ENOMEM. */
int trail_learn(struct trail *t, const struct fields *f, uint64_t seq);

/* After all of them: which other names it had. Returns 0 or -ENOMEM. */
int trail_settle(struct trail *t);

/* Is the event about it, or about something below it? After trail_settle(). */
bool trail_has(const struct trail *t, const struct fields *f, uint64_t seq);

/* The names, as of where they are seen from; those that were asked for come first. */
size_t trail_names(const struct trail *t);
const char *trail_name(const struct trail *t, size_t i);

/* So many renames were forgotten. */
uint64_t trail_forgotten(const struct trail *t);

#endif /* MOECTL_TRAIL_H */
