/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of the tables of all modules that are about a thing, by what their schemas mark. */
#ifndef MOECTL_RELATED_H
#define MOECTL_RELATED_H

#include <jansson.h>

#include "inquiry.h"

#define RELATED_MAX 20 /* rows that are kept; the others are counted */

struct related {
	struct related_row {
		char *table, *sentence;
		json_t *json;
	} v[RELATED_MAX];
	size_t n;
	uint64_t more;
	bool refused; /* a table that may not be read */
};

/* Of the kernel as it is now; process: who is meant, or NULL. Returns 0 or the library's error. */
int related_find(struct related *r, struct moectl *ctl, struct inquiry *in);
void related_free(struct related *r);

#endif /* MOECTL_RELATED_H */
