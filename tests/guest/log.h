/* SPDX-License-Identifier: GPL-2.0 */
/* A log of any size, filled by moeai_test. */
#ifndef TESTS_LOG_H
#define TESTS_LOG_H

#include "events.h"

/* The core with these parameters, and moeai_test; @w is opened anew. */
void log_reload(struct wire *w, const char *args);

/* The seq that the next event will get. */
uint64_t log_next(struct wire *w);

/* Events of moeai_test; the command itself is one more. */
void log_emit(unsigned int count, unsigned int size, const char *priority);

/* What a replay from there on tells; it must succeed. */
void log_tell(struct wire *w, uint64_t since, struct tale *t);

#endif
