/* SPDX-License-Identifier: GPL-2.0 */
/* The registry of commands, for netlink and procfs alike. */
#ifndef MOEAI_COMMAND_H
#define MOEAI_COMMAND_H

#include <linux/moeai.h>

struct moeai_command_entry;

/*
 * Give @command an id (its own if it has one) and let it be called. Process
 * context. Returns 0, -EEXIST: name or id taken, -ENOMEM.
 */
int moeai_command_add(struct moeai_command *command);

/*
 * Remove @n commands. Waits for handlers in flight, and cancels what they
 * deferred. May sleep.
 */
void moeai_commands_remove(struct moeai_command *commands, unsigned int n);

/* Find a command and keep it from being removed until _put(). NULL: no such. */
struct moeai_command_entry *moeai_command_get(u32 id);
struct moeai_command_entry *moeai_command_get_name(const char *name);
void moeai_command_put(struct moeai_command_entry *entry);

const struct moeai_command *moeai_command_of(const struct moeai_command_entry *entry);

/* Call @fn for each command, in order of ids, until it returns non-zero. */
int moeai_commands_walk(int (*fn)(const struct moeai_command *command, void *arg), void *arg);

#endif
