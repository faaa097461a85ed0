/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a watch leaves out by name, as MOEAI_A_FS_WATCH_EXCLUDE has it: for what other
 * watches tell, and for what is mounted below.
 */
#ifndef MOECTL_EXCLUDE_H
#define MOECTL_EXCLUDE_H

#include <stdbool.h>
#include <stddef.h>

#define EXCLUDE_LEN 1024 /* bytes at most */

/* below: a path below the watched folder, "/a/b"; "": the folder itself. */
bool exclude_matches(const char *patterns, const char *below);

/*
 * The patterns of a watch for what is mounted at below: paths that lead there go on
 * from there, other paths are left out. Writes at most EXCLUDE_LEN bytes and a NUL.
 */
void exclude_rebase(const char *patterns, const char *below, char out[EXCLUDE_LEN + 1]);

#endif /* MOECTL_EXCLUDE_H */
