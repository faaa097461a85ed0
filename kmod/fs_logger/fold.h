/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of the same operation by the same process on the same file, one event in a while:
 * the first is told at once, the others are counted, and told when their time is over.
 */
#ifndef FS_FOLD_H
#define FS_FOLD_H

#include <linux/dcache.h>
#include "event.h"

int fs_fold_start(void);
/* Tells all that was counted. Nothing may be folded any more. */
void fs_fold_stop(void);

/*
 * @dentry: the file's; @window: ns. True: it is counted; false: it is to be told.
 * Any context that may wait for a spinlock.
 */
bool fs_fold(const struct fs_record *record, const struct fs_who *who,
	     const struct dentry *dentry, u64 window);

#endif /* FS_FOLD_H */
