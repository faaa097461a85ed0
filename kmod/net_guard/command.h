/* SPDX-License-Identifier: GPL-2.0 */
/* Commands: what becomes of packets from an address, and why. */
#ifndef GUARD_COMMAND_H
#define GUARD_COMMAND_H

#include <linux/moeai.h>

#define GUARD_COMMANDS 1
extern struct moeai_command guard_commands[GUARD_COMMANDS];

#endif
