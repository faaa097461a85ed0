/* SPDX-License-Identifier: GPL-2.0 */
/* The core as a module of itself: its events, commands and parameters. */
#ifndef MOEAI_BUILTIN_H
#define MOEAI_BUILTIN_H

int moeai_builtin_init(void);
void moeai_builtin_exit(void);

#endif
