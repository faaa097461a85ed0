/* SPDX-License-Identifier: GPL-2.0 */
/* Table fs_logger.watches. */
#ifndef FS_TABLE_H
#define FS_TABLE_H

#include <linux/moeai.h>

extern struct moeai_table fs_watches;

/* Let go of watches whose holder has ended. While started; may sleep. */
void fs_watches_release(void);

#endif /* FS_TABLE_H */
