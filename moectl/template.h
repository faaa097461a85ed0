/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sentences with places for values:
 *
 *   {name}		the field's value; {who}: COMM[PID] of USER, of the first process that
 *			is named; {error}: status in words, if it is not 0
 *   {name:a=x|b=y|z}	x if its label is a, y if it is b, else z
 *   [...]		only if all fields in it are there, and are not 0 or ""
 *
 * Values are escaped, and quoted where they could be misread; the rest stays as it is.
 */
#ifndef MOECTL_TEMPLATE_H
#define MOECTL_TEMPLATE_H

#include <stdio.h>

#include "fields.h"
#include "users.h"

/* What is told. */
struct telling {
	const struct fields *f;
	struct users *users;
	unsigned int escape; /* ESCAPE_* */
	const char *path, *old; /* of an event, as they are called where the watch is, or NULL */
};

void template_write(const struct telling *t, FILE *to, const char *template);

/* The name of a user, as in a sentence. */
void template_user(const struct telling *t, FILE *to, uint32_t uid);

#endif /* MOECTL_TEMPLATE_H */
