/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For a name that does not exist: those that may have been meant.
 */
#ifndef MOECTL_SUGGEST_H
#define MOECTL_SUGGEST_H

#include <stddef.h>

/*
 * Write "did you mean a, b or c?", at most three of the names, into buf; an
 * empty string if none is near. Near is: few letters apart, or one holds the
 * other.
 */
void suggest(char *buf, size_t size, const char *wrong, const char *const *names, size_t n);

#endif /* MOECTL_SUGGEST_H */
