/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What mem_monitor told of the past: episodes of pressure, from the level leaving none
 * to its being none again, and whom the OOM killer took.
 */
#ifndef MOECTL_EPISODES_H
#define MOECTL_EPISODES_H

#include "output.h"
#include <moeai/moeai.h>

struct episodes;

/* NULL: out of memory. */
struct episodes *episodes_new(void);
void episodes_free(struct episodes *e);

/* An event of mem_monitor, in order. Returns 0, -ENOMEM, or -EPROTO: it makes no sense. */
int episodes_add(struct episodes *e, const struct moeai_event *event);

/*
 * Tables: of episodes, and of kills. Return 0, or 1 after complaining. For people kills
 * are told in words.
 */
int episodes_print(struct episodes *e, struct output *out);
int episodes_print_kills(struct episodes *e, struct output *out);

#endif /* MOECTL_EPISODES_H */
