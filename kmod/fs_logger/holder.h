/* SPDX-License-Identifier: GPL-2.0 */
/* Watches that go with the process that added them: looked after once a second. */
#ifndef FS_HOLDER_H
#define FS_HOLDER_H

#include <linux/types.h>

void fs_holders_start(void);
void fs_holders_stop(void);

/* Are there any? May be told before the start and after the stop. */
void fs_holders_exist(bool exist);

#endif /* FS_HOLDER_H */
