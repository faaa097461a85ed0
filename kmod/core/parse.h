/* SPDX-License-Identifier: GPL-2.0 */
/* Text as values: lines of procfs and param.set, the mirror of text.h. */
#ifndef MOEAI_PARSE_H
#define MOEAI_PARSE_H

#include <linux/moeai.h>

/*
 * The next word of *@p, with shell-like quoting ('…', "…", \), unquoted in
 * place and NUL-terminated; *@p moves behind it.
 * Returns the word, NULL at the end, or ERR_PTR(-EINVAL): an open quote.
 */
char *moeai_parse_word(char **p);

/*
 * A text as a number of @field's type: decimal or 0x, a label, flags joined by
 * '|' or ','. Suffixes by unit: K, M, G for bytes; us, ms, s, m, h for ns; %
 * for permille. Returns 0, -EINVAL, or -ERANGE.
 */
int moeai_parse_number(const struct moeai_field *field, const char *s, u64 *value);

/*
 * Append "key=value" to the attributes in @buf, at *@len of @size bytes.
 * Returns 0 or -errno with a text in @error.
 */
int moeai_parse_argument(const struct moeai_schema *schema, char *word, void *buf, int *len,
			 int size, char *error, size_t error_size);

#endif
