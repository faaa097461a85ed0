/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event as a line of JSON, written without building it first: what comes by
 * the hundred thousand. Whatever is not plain is left to show_json(), whose
 * output this is, byte for byte.
 */
#ifndef MOECTL_JSON_LINE_H
#define MOECTL_JSON_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <moeai/moeai.h>

struct piece;

/* All zero at first; kept to be used again. */
struct json_line {
	char *text; /* len bytes, a newline at their end, without NUL */
	size_t len, size;
	size_t reserve; /* bytes that there must be room for besides */
	bool odd;    /* jansson wrote a part of it, and lets a DEL pass */

	/* What the events of a type have in common, as long as they are of that type. */
	const struct moeai_schema *schema;
	const char *type_name;
	char *frame;
	size_t frame_len, frame_size;
	struct piece *pieces;
};

/*
 * Returns 0, -ENOMEM, or -EINVAL: not this way, as the fields are not all of the
 * schema, each once, in order. e's schema and names outlive l's use.
 */
int json_line_event(struct json_line *l, const struct moeai_event *e);

void json_line_free(struct json_line *l);

#endif /* MOECTL_JSON_LINE_H */
