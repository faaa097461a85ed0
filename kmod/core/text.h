/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values as text, as procfs shows them: key=value, numbers plain, labels for
 * enums and flags, strings in double quotes. Quotes, backslashes and all that is
 * not printable ASCII are escaped by a backslash, so that no name can forge a
 * line: newline as n, tab as t, other bytes as x and two digits.
 */
#ifndef MOEAI_TEXT_H
#define MOEAI_TEXT_H

#include <linux/moeai.h>

/* Text under construction; len goes past size when it did not fit. */
struct moeai_text {
	char *buf;
	size_t size;
	size_t len;
};

#define MOEAI_TEXT_INIT(b) { .buf = (b), .size = sizeof(b) }

__printf(2, 3) void moeai_text_printf(struct moeai_text *t, const char *fmt, ...);

/* @len bytes of @s, escaped, without quotes. */
void moeai_text_escape(struct moeai_text *t, const char *s, size_t len);

/* One payload; strings without quotes if @plain. */
void moeai_text_payload(struct moeai_text *t, const struct moeai_field *field, const void *data,
			int len, bool plain);

/* A run of attributes, each with @before in front and @equals after its name. */
void moeai_text_attrs(struct moeai_text *t, const struct moeai_schema *schema,
		      const struct nlattr *head, int len, const char *before, const char *equals);

/* NUL-terminate within size; returns the text's length as far as it fits. */
size_t moeai_text_end(struct moeai_text *t);

#endif
