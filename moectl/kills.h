/* SPDX-License-Identifier: GPL-2.0 */
/* Whom the OOM killer took, and why. */
#ifndef MOECTL_KILLS_H
#define MOECTL_KILLS_H

#include "output.h"
#include <moeai/moeai.h>

/* All zero is empty. */
struct kills {
	struct kill *v;
	size_t n, room;
};

/* Returns 0 or -ENOMEM. */
int kills_add(struct kills *k, const struct moeai_mem_victim *victim, uint64_t time);

/* A table; for people in words. Returns 0, or 1 after complaining. */
int kills_print(const struct kills *k, struct output *out);

void kills_free(struct kills *k);

#endif /* MOECTL_KILLS_H */
