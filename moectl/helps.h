/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says of its event types and tables, a line each. */
#ifndef MOECTL_HELPS_H
#define MOECTL_HELPS_H

#include "listing.h"

/* Names and helps by turns. All zero at first. */
struct helps {
	char **v;
	size_t n;
};

/* Returns 0 or the library's error. */
int helps_load(struct helps *h, struct moeai *moeai);

/* "" if there is none. */
const char *helps_get(const struct helps *h, const char *name);
void helps_free(struct helps *h);

#endif /* MOECTL_HELPS_H */
