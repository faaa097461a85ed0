/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes from the kernel (names of programs, texts, paths) made fit to show.
 */
#ifndef MOECTL_ESCAPE_H
#define MOECTL_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

enum escape_flags {
	ESCAPE_ASCII = 1 << 0, /* everything that is not ASCII as well */
	ESCAPE_QUOTE = 1 << 1, /* double quotes as well */
	ESCAPE_WORD = 1 << 2,  /* and return as \x0d: for line_parse(), within double quotes */
};

/*
 * s as printable UTF-8, a new string; NULL: out of memory. Backslash is \\,
 * newline, return and tab are \n, \r and \t, other control characters, bytes
 * that are not UTF-8 and characters that reorder text (bidirectional controls)
 * are \xHH, byte by byte. Undone by escape_undo(), or printf %b.
 */
char *escape_new(const char *s, size_t len, unsigned int flags);

/* The same, written; "?" when out of memory. */
void escape_write(FILE *to, const char *s, size_t len, unsigned int flags);

/*
 * s as valid UTF-8 for JSON, a new string: what is UTF-8 stays as it is; a byte
 * XX that is not becomes the character U+F7XX. So that this can be undone, the
 * characters U+F780 to U+F7FF are taken for three such bytes themselves.
 */
char *escape_utf8(const char *s, size_t len);

/*
 * Undo C escapes in place: \n \t …, \xHH, \ooo, \" and \\. Returns the length;
 * the string stays NUL-terminated. What is no escape stays as it is.
 */
size_t escape_undo(char *s);

#endif /* MOECTL_ESCAPE_H */
