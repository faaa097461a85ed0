/* SPDX-License-Identifier: GPL-2.0 */
/* Events of one module that the log still holds. */
#ifndef MOECTL_PAST_H
#define MOECTL_PAST_H

#include "command.h"

struct past {
	const char *module;
	const char *const *types;
	size_t n_types;
	uint64_t since; /* ns since 1970 */
	uint64_t lost;	/* private: no longer held, of any type, and maybe not older than since */
	uint64_t oldest; /* likewise */
};

/* Since so many ms ago. */
void past_last(struct past *p, int ms);

/* Returns 0, or a negative errno: -ENOMEM, or the event makes no sense. */
typedef int (*past_fn)(const struct moeai_event *event, void *arg);

/* All of them, in order. Returns 0, or 1 after complaining. */
int past_read(struct moectl *ctl, struct past *p, past_fn take, void *arg);

/* On stderr, when all was read and shown: what there may have been besides. */
void past_tell_lost(const struct past *p);

#endif /* MOECTL_PAST_H */
