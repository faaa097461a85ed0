/* SPDX-License-Identifier: GPL-2.0 */
/* A file that is the old one or the new one, whenever the power fails. */
#ifndef MOECTL_REPLACE_H
#define MOECTL_REPLACE_H

#include <stddef.h>

/*
 * Write text to path. A regular file, or one that is not there yet, gets mode 0600,
 * and is replaced as a whole; what else there is, a device or a pipe, is written to.
 * Returns 0, or 1 after complaining.
 */
int replace_file(const char *path, const char *text, size_t len);

#endif /* MOECTL_REPLACE_H */
