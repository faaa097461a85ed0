/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The text of /proc/moeai, taken apart, and its files.
 *
 * The parsers work on a line without its newline, which they cut up in place.
 */
#ifndef MOECTL_PROCFS_H
#define MOECTL_PROCFS_H

#include <stdbool.h>
#include "fields.h"

#define PROCFS "/proc/moeai"

/* "name: value" (or "name value"). Returns 0 or -EINVAL. */
int procfs_parse_pair(char *line, char **name, char **value);

/*
 * Words 'key=value key="quoted \" text" …' into fields, escapes undone.
 * Returns 0, -EINVAL or -ENOMEM.
 */
int procfs_parse_words(char *line, struct fields *out);

/*
 * A line of the log: "seq time priority type key=value …", "lost from= to=
 * reason=", or "epoch= first= next=", which is an item of kind MOEAI_EPOCH.
 * Strings of the item point into line; fields are in *out, which
 * is emptied first. The source is the part of the type before its first dot.
 * Returns 0, -EINVAL or -ENOMEM.
 */
int procfs_parse_event(char *line, struct moeai_item *item, char source[MOEAI_MAX_NAME_LEN],
		       struct fields *out);

/*
 * The answer of control: "status CODE TEXT", then a line for each field. On
 * success *status is 0 or a negative errno, *text why. Returns 0, -EINVAL or
 * -ENOMEM.
 */
int procfs_parse_answer(char *answer, int *status, char **text, struct fields *out);

/*
 * A line for control: name key="value" …, from "key=value" words; a new string.
 * NULL: out of memory, or a word without '='.
 */
char *procfs_command_line(const char *name, char *const *words, size_t n);

/*
 * All of a file below PROCFS, a new string. name may be "status", "log",
 * "modules/mem_monitor" … Returns 0, or 1 after complaining.
 */
int procfs_read(const char *name, char **text);

/*
 * Write a line to control and read the answer, a new string; timeout in ms.
 * Returns 0, or 1 after complaining.
 */
int procfs_control(const char *line, int timeout, char **answer);

/*
 * Call a command: status 0 fills *reply. Returns 0, or 1 after complaining;
 * *answer is what the values of reply point to, to be freed by the caller.
 */
int procfs_call(const char *name, char *const *words, size_t n, int timeout,
		struct fields *reply, char **answer);

/* Say why a file of PROCFS could not be used, and what to do. Returns 1. */
int procfs_complain(const char *path, int error);

#endif /* MOECTL_PROCFS_H */
