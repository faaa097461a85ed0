/* SPDX-License-Identifier: GPL-2.0 */
/* What a watch leaves out, by name. */
#ifndef FS_EXCLUDE_H
#define FS_EXCLUDE_H

#include <linux/types.h>

#define FS_EXCLUDE_LEN 1024

struct fs_exclude;

/* See MOEAI_A_FS_WATCH_EXCLUDE. ERR_PTR: -ENOMEM, or -EINVAL with @why set if not NULL. */
struct fs_exclude *fs_exclude_parse(const char *text, const char **why);
void fs_exclude_free(struct fs_exclude *exclude);

/*
 * @below: a path below the watched folder: "/a/b", with a NUL. It is written to
 * meanwhile, and as before afterwards.
 */
bool fs_excluded(const struct fs_exclude *exclude, char *below);

#endif /* FS_EXCLUDE_H */
