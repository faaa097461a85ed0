/* SPDX-License-Identifier: GPL-2.0 */
/* Which rows: conditions "column=value", all of which must hold. */
#ifndef MOECTL_WHERE_H
#define MOECTL_WHERE_H

#include "fields.h"

/* All zero: every row. */
struct where {
	struct {
		const char *column, *value;
	} *v;
	size_t n;
};

/* Add "column=value", which is cut in two. Returns 0, -EINVAL or -ENOMEM. */
int where_add(struct where *w, char *word);
void where_free(struct where *w);

/* The first column that the schema does not have, or NULL. */
const char *where_unknown(const struct where *w, const struct moeai_schema *schema);

/* Values are compared as the tab form prints them; one that is missing is empty. */
bool where_matches(const struct where *w, const struct fields *row);

#endif /* MOECTL_WHERE_H */
