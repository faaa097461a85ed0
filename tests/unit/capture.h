/* SPDX-License-Identifier: GPL-2.0 */
/* What moectl prints, kept in memory, for tests of its output. */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <stdio.h>
#include <stdlib.h>
#include "../../moectl/output.h"

struct capture {
	struct output out;
	char *text;
	size_t size;
};

static inline void capture_begin(struct capture *c, enum form form)
{
	*c = (struct capture){ .out.form = form };
	c->out.file = open_memstream(&c->text, &c->size);
	if (!c->out.file)
		abort();
}

/* What was printed; free it. */
static inline char *capture_end(struct capture *c)
{
	fclose(c->out.file);
	return c->text;
}

#endif /* TESTS_CAPTURE_H */
