/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values in the three forms of output.
 */
#ifndef MOECTL_SHOW_H
#define MOECTL_SHOW_H

#include <jansson.h>

#include "output.h"
#include "fields.h"

/* A field's name; that of an attribute without a field is "#" and its id. */
const char *show_name(const struct moeai_value *v, char buf[16]);

/*
 * The text of a value, a new string; NULL: out of memory.
 * plain: for scripts: numbers and labels, strings escaped.
 * people: with units.
 * term: people, to stand after "key=": quoted where it could be misread.
 * flags: ESCAPE_*, of the place where it is shown.
 */
char *show_plain(const struct moeai_value *v, unsigned int flags);
char *show_people(const struct moeai_value *v, unsigned int flags);
char *show_term(const struct moeai_value *v, unsigned int flags);

/*
 * As JSON: bool; numbers as integers, those above 2^63-1 as strings of decimal
 * digits; a field that is shown in hexadecimal as "0x..."; an enum's label
 * (without one, its number); flags as an array of labels; prefixes as text;
 * binaries as a string of hex digits; strings as escape_utf8() makes them.
 */
json_t *show_json(const struct moeai_value *v);
json_t *show_json_text(const char *text, size_t len);
json_t *show_json_u64(uint64_t number);

/*
 * A line for each of the fields: name and value, in columns for people, or
 * in tab form. Returns 0, or 1 after complaining.
 */
int show_fields_lines(struct output *out, const struct fields *r);

/* A line for people: text, with "{name}" for the value of a field, "?" if it is not there. */
void show_layout(const struct output *out, const struct fields *r, const char *line);

/* An object of the values by their names. */
json_t *show_fields_json(const struct fields *r);

#endif /* MOECTL_SHOW_H */
