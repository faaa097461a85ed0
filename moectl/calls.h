/* SPDX-License-Identifier: GPL-2.0 */
/* Which commands the kernel has, and how each is called. */
#ifndef MOECTL_CALLS_H
#define MOECTL_CALLS_H

#include "command.h"
#include "fields.h"

/* Print all, with arguments. Returns 0, or 1 after complaining. */
int calls_list(struct moectl *ctl);

/*
 * An argument, a row of table fields, as in a usage line: "text=TEXT",
 * "[delay=DURATION]", "mode=off|on"; a new string, NULL: out of memory.
 */
char *calls_argument(const struct fields *field);

#endif /* MOECTL_CALLS_H */
