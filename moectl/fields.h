/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decoded values that belong together: a status, an answer, a row, an event's
 * data, from the library or from procfs.
 */
#ifndef MOECTL_FIELDS_H
#define MOECTL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <moeai/moeai.h>

/* Values of one owner, in its order. All zero is empty. */
struct fields {
	struct moeai_value *values;
	size_t n, size;
	void **owned; /* what fields_add_text() made */
	size_t n_owned, size_owned;
};

void fields_clear(struct fields *r); /* empty, its memory kept for the next */
void fields_free(struct fields *r);

/* Returns 0 or -ENOMEM. */
int fields_add(struct fields *r, const struct moeai_value *v);

/*
 * Decode a run of attributes; the values point into it. Returns 0, -ENOMEM, or
 * -EPROTO with what could be decoded before.
 */
int fields_decode(struct fields *r, const struct moeai_values *values);

/*
 * A value that has no schema: name and text are copied. Unless quoted is set, a
 * text that is a number becomes one. Returns 0 or -ENOMEM.
 */
int fields_add_text(struct fields *r, const char *name, const char *text, bool quoted);

/* The value of a field's name, or NULL. */
const struct moeai_value *fields_get(const struct fields *r, const char *name);

/* The text of a string or enum value by its name; NULL: not there. */
const char *fields_text(const struct fields *r, const char *name);

/* Its number; missing if it is not there. */
uint64_t fields_u64(const struct fields *r, const char *name, uint64_t missing);

/* Values made here; text stays the caller's. */
struct moeai_value fields_string(const struct moeai_field *field, const char *text);
struct moeai_value fields_number(const struct moeai_field *field, uint64_t number);

#endif /* MOECTL_FIELDS_H */
