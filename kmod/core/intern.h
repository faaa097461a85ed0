/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Texts for extended ACKs. The kernel keeps only a pointer to such a text, so
 * one that is made at run time is stored here until the core is unloaded. Only
 * names and ranges of schemas may go into it, never a caller's words: so their
 * number is bounded by the modules', and by a limit.
 */
#ifndef MOEAI_INTERN_H
#define MOEAI_INTERN_H

#include <linux/compiler.h>

/* Process context, may sleep. Never NULL: past the limit, a general text. */
__printf(1, 2) const char *moeai_intern(const char *fmt, ...);

void moeai_intern_exit(void);

#endif
