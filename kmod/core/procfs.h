/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/moeai: a thin mirror of status, log, commands and modules. */
#ifndef MOEAI_PROCFS_H
#define MOEAI_PROCFS_H

#include <linux/moeai.h>

int moeai_procfs_init(void);
void moeai_procfs_exit(void);

/* modules/<name>. NULL: no memory; removing NULL is fine. Removal waits for users. */
struct proc_dir_entry *moeai_procfs_module_add(struct moeai_module *module);
void moeai_procfs_module_remove(struct proc_dir_entry *entry);

#endif
