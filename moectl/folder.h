/* SPDX-License-Identifier: GPL-2.0 */
/* Whether an absolute path, without a slash at its end, is in a folder. */
#ifndef MOECTL_FOLDER_H
#define MOECTL_FOLDER_H

/* What of path is behind folder, from a slash on, or nothing; NULL: it is elsewhere. */
const char *folder_behind(const char *folder, const char *path);

#endif /* MOECTL_FOLDER_H */
