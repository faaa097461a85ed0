/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event as a line of JSON, written without building it first: what comes by
 * the hundred thousand. Whatever is not plain is left to show_json(), whose
 * output this is, byte for byte.
 */
#ifndef MOECTL_JSON_LINE_H
#define MOECTL_JSON_LINE_H

#include <stddef.h>
#include <moeai/moeai.h>

#include "fields.h"

/* All zero at first; kept to be used again. */
struct json_line {
	char *text; /* len bytes, without NUL or newline */
	size_t len, size;
	bool failed; /* no memory */
};

/* Returns 0, -ENOMEM, or -EINVAL: not this way, as a field may be there twice. */
int json_line_event(struct json_line *l, const struct moeai_event *e, const struct fields *fields);

void json_line_free(struct json_line *l);

#endif /* MOECTL_JSON_LINE_H */
