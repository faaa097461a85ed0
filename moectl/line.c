// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

#define SPACES " \t\r\n\v\f"

/* Where the parser is. */
struct cursor {
	char *in;
	unsigned int column;
};

static char next(struct cursor *c)
{
	/* What continues a character of UTF-8 has no column of its own. */
	if (((unsigned char)c->in[1] & 0xc0) != 0x80)
		c->column++;
	return *c->in++;
}

static void skip_spaces(struct cursor *c)
{
	while (*c->in && strchr(SPACES, *c->in))
		next(c);
}

/* What follows a backslash. */
static char unescape(struct cursor *c)
{
	char first = next(c), digits[3] = "";
	long byte;

	if (first == 'n')
		return '\n';
	if (first == 't')
		return '\t';
	if (first != 'x' || !isxdigit((unsigned char)c->in[0]) ||
	    !isxdigit((unsigned char)c->in[1]))
		return first;
	memcpy(digits, c->in, 2);
	byte = strtol(digits, NULL, 16);
	if (!byte)
		return first;
	next(c);
	next(c);
	return (char)byte;
}

/* The word at c, unquoted in place. NULL: a quote is not closed; c is there. */
static char *take_word(struct cursor *c)
{
	struct cursor opened = *c;
	char *word = c->in, *out = word, quote = 0;

	while (*c->in && (quote || !strchr(SPACES, *c->in))) {
		struct cursor here = *c;
		char one = next(c);

		if (one == quote) {
			quote = 0;
		} else if (!quote && (one == '"' || one == '\'')) {
			quote = one;
			opened = here;
		} else if (one == '\\' && quote != '\'' && *c->in) {
			*out++ = unescape(c);
		} else {
			*out++ = one;
		}
	}
	if (quote) {
		*c = opened;
		return NULL;
	}
	if (*c->in)
		next(c);
	*out = '\0';
	return word;
}

static int wrong(struct line *l, unsigned int column, const char *format, const char *what)
{
	l->column = column;
	snprintf(l->why, sizeof(l->why), format, what);
	return -EINVAL;
}

static int add(struct line *l, char *word, unsigned int column)
{
	char *equals = strchr(word, '=');
	struct line_word *words;

	if (l->n == LINE_WORDS_MAX)
		return wrong(l, column, "too many words%s", "");
	if (equals == word || (!equals && l->n >= l->plain))
		return wrong(l, column, "'%.80s' is not key=value", word);
	if (equals)
		*equals++ = '\0';
	for (size_t i = 0; equals && i < l->n; i++)
		if (l->words[i].value && !strcmp(l->words[i].key, word))
			return wrong(l, column, "'%.80s' is given twice", word);
	if (l->n == l->size) {
		words = realloc(l->words, (l->size + 16) * sizeof(*words));
		if (!words)
			return -ENOMEM;
		l->words = words;
		l->size += 16;
	}
	l->words[l->n++] = (struct line_word){ word, equals, column };
	return 0;
}

int line_parse(char *text, size_t len, struct line *out)
{
	const char *nul = memchr(text, '\0', len);
	struct cursor c = { text, 1 };
	int err = 0;

	out->n = 0;
	while (nul && c.in < nul)
		next(&c);
	if (nul)
		return wrong(out, c.column, "a NUL byte%s", "");
	while (!err) {
		unsigned int column;
		char *word;

		skip_spaces(&c);
		if (!*c.in || *c.in == '#')
			return 0;
		column = c.column;
		word = take_word(&c);
		err = word ? add(out, word, column) :
			     wrong(out, c.column, "this quote is not closed%s", "");
	}
	return err;
}

void line_free(struct line *line)
{
	free(line->words);
	*line = (struct line){ 0 };
}
