/* SPDX-License-Identifier: GPL-2.0 */
/* What is mounted below a folder, which a watch of it does not see. */
#ifndef MOECTL_MOUNTS_H
#define MOECTL_MOUNTS_H

#include <stdio.h>

#include "listing.h"

/*
 * Add the mount points below folder, a path without links, dots and a slash at its end,
 * but for those where a part of the folder itself is mounted again, and those that only
 * wait to be mounted. from: as /proc/self/mountinfo. Returns 0, -ENOMEM or -errno.
 */
int mounts_below(FILE *from, const char *folder, struct names *out);

#endif /* MOECTL_MOUNTS_H */
