/* SPDX-License-Identifier: GPL-2.0 */
/* A module's schemas as a C header. */
#ifndef MOECTL_GENERATE_H
#define MOECTL_GENERATE_H

#include <stdio.h>

#include "described.h"

/*
 * Write a header, C11 and C++, that needs <moeai/moeai.h> and the library alone.
 * The same schemas give the same text. Whatever the kernel's names and texts
 * have in them, they end no comment, string or line; identifiers are of letters,
 * digits and '_', no keywords, and each stands for one thing. Returns 0 or -ENOMEM.
 */
int generate_header(FILE *to, const char *module, const struct described *d);

#endif /* MOECTL_GENERATE_H */
