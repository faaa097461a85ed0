// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guard_load.h"

#define SPACE " \t\r\n\f\v"

static int wrong(struct guard_line *out, const char *text, const char *at, const char *why)
{
	out->column = (unsigned int)(at - text) + 1;
	out->why = why;
	return -EINVAL;
}

/* Bits behind the prefix, of which there must be none. */
static bool has_more(const unsigned char *address, unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		if (address[from / 8] & (0x80 >> from % 8))
			return true;
	return false;
}

static int read_prefix(struct guard_line *out, const char *text, char *word)
{
	char *slash = strchr(word, '/'), *end = NULL;
	int family = strchr(word, ':') ? AF_INET6 : AF_INET;
	unsigned int most = family == AF_INET ? 32 : 128;
	unsigned long len = most;

	if (slash)
		*slash++ = '\0';
	if (inet_pton(family, word, out->prefix + 1) != 1)
		return wrong(out, text, word, "no address, and no prefix: 192.0.2.0/24, 2001:db8::/32");
	if (slash)
		len = strtoul(slash, &end, 10);
	if (slash && (*slash < '0' || *slash > '9' || *end || len > most))
		return wrong(out, text, slash, family == AF_INET ?
			     "the length is a number up to 32" : "the length is a number up to 128");
	if (has_more(out->prefix + 1, (unsigned int)len, most))
		return wrong(out, text, word, "bits behind the prefix are set");
	out->prefix[0] = (unsigned char)len;
	out->len = family == AF_INET ? 5 : 17;
	return 0;
}

static bool read_action(const char *word, enum moeai_guard_action *action)
{
	static const char *const names[] = {
		[MOEAI_GUARD_ALLOW] = "allow",
		[MOEAI_GUARD_DROP] = "block",
		[MOEAI_GUARD_SHADOW] = "shadow",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], word)) {
			*action = (enum moeai_guard_action)i;
			return true;
		}
	return false;
}

/* The first word of the text, ended by a NUL; *rest is what follows. */
static char *next_word(char *text, char **rest)
{
	char *word = text + strspn(text, SPACE), *end = word + strcspn(word, SPACE);

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

int guard_line_parse(char *text, struct guard_line *out)
{
	char *comment = text + strcspn(text, "#;"), *word, *rest;
	size_t n;

	*out = (struct guard_line){ .action = MOEAI_GUARD_DROP, .reason = "" };
	if (*comment) {
		*comment++ = '\0';
		comment += strspn(comment, SPACE "#;");
		for (n = strlen(comment); n && strchr(SPACE, comment[n - 1]); n--)
			comment[n - 1] = '\0';
		out->reason = comment;
	}
	word = next_word(text, &rest);
	if (!*word)
		return 0;
	if (read_action(word, &out->action))
		word = next_word(rest, &rest);
	if (!*word)
		return wrong(out, text, word, "an address or prefix is missing");
	if (read_prefix(out, text, word))
		return -EINVAL;
	word = next_word(rest, &rest);
	return *word ? wrong(out, text, word, "this is too much; a comment begins with #") : 0;
}
