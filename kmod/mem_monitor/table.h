/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of mem_monitor. */
#ifndef MEM_TABLE_H
#define MEM_TABLE_H

#include <linux/moeai.h>

#define MEM_TABLES 1
extern struct moeai_table mem_tables[MEM_TABLES];

#endif /* MEM_TABLE_H */
