/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The specification's interface in terms of our own: each registrar wraps one
 * struct moeai_command.
 */
#ifndef MOEAI_SPECIFICATION_H
#define MOEAI_SPECIFICATION_H

#include <linux/moeai.h>

/* Takes the rest of a line as its one argument. */
#define MOEAI_COMMAND_TEXT (1 << 16)

/* Write @text as that argument. Returns 0 or -EMSGSIZE. */
int moeai_text_argument(const char *text, void *args, int *len, int size);

/* Whatever was not unregistered. */
void moeai_specification_exit(void);

#endif
