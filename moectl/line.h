/* SPDX-License-Identifier: GPL-2.0 */
/* A line of words "key=value", quoted as /proc/moeai/control takes them. Pure. */
#ifndef MOECTL_LINE_H
#define MOECTL_LINE_H

#include <stddef.h>

struct line_word {
	const char *key, *value; /* value NULL: a plain word */
	unsigned int column; /* where it begins: characters, from 1 */
};

#define LINE_WORDS_MAX 1024

/* All zero is empty; its memory is used again for the next line. */
struct line {
	size_t plain; /* the caller's: so many words at the beginning may have no '=' */
	struct line_word *words;
	size_t n, size;
	unsigned int column; /* where it is wrong … */
	char why[128];	     /* … and how */
};

/*
 * Take text, of len bytes and a NUL, apart; it is cut up in place. Quotes and
 * backslashes are as in a shell, \n, \t and \xHH stand for what they do in C; what
 * follows a '#' at the beginning of a word is a comment. No words: n is 0. At most
 * LINE_WORDS_MAX of them, no key twice.
 * Returns 0, -EINVAL with column and why, or -ENOMEM.
 */
int line_parse(char *text, size_t len, struct line *out);
void line_free(struct line *line);

#endif /* MOECTL_LINE_H */
