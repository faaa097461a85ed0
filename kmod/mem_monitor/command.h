/* SPDX-License-Identifier: GPL-2.0 */
/* The commands of mem_monitor. */
#ifndef MEM_COMMAND_H
#define MEM_COMMAND_H

#include <linux/moeai.h>

#define MEM_COMMANDS 1
extern struct moeai_command mem_commands[MEM_COMMANDS];

#endif /* MEM_COMMAND_H */
