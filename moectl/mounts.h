/* SPDX-License-Identifier: GPL-2.0 */
/* What is mounted where: below a folder, which a watch of it does not see; of a path. */
#ifndef MOECTL_MOUNTS_H
#define MOECTL_MOUNTS_H

#include <stdint.h>
#include <stdio.h>

#include "listing.h"

/*
 * Add the mount points below folder, a path without links, dots and a slash at its end,
 * but for those where a part of the folder itself is mounted again, and those that only
 * wait to be mounted. from: as /proc/self/mountinfo. Returns 0, -ENOMEM or -errno.
 */
int mounts_below(FILE *from, const char *folder, struct names *out);

/*
 * Which file system a path is in, as fs_logger numbers it, and the path seen from its root,
 * a new string. path: as folder above, of what may be no more. Returns 0, -ENOENT, -ENOMEM
 * or -errno.
 */
int mounts_place(FILE *from, const char *path, uint32_t *device, char **inside);

#endif /* MOECTL_MOUNTS_H */
