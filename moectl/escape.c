// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"

/*
 * Length of the UTF-8 character at s, its code in *code; 0: not UTF-8. Overlong
 * forms, surrogates and codes above U+10FFFF are not UTF-8.
 */
static size_t utf8_char(const unsigned char *s, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 :
		   s[0] < 0xc2 ? 0 :
		   s[0] < 0xe0 ? 2 :
		   s[0] < 0xf0 ? 3 :
		   s[0] < 0xf5 ? 4 :
				 0;

	if (!n || n > len)
		return 0;
	*code = n == 1 ? s[0] : s[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return n;
}

/* Controls (C0, DEL, C1), and characters that end lines or reorder text. */
static bool unshowable(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	       code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

static char short_escape(uint32_t code)
{
	switch (code) {
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '\\':
		return '\\';
	default:
		return 0;
	}
}

/* The n bytes of one character, escaped or not, to out; returns the end. */
static char *put_char(char *out, const unsigned char *p, size_t n, bool valid, uint32_t code,
		      unsigned int flags)
{
	if (n == 1 && valid && short_escape(code) && !(code == '\r' && (flags & ESCAPE_WORD))) {
		*out++ = '\\';
		*out++ = short_escape(code);
	} else if (n == 1 && valid && code == '"' && (flags & (ESCAPE_QUOTE | ESCAPE_WORD))) {
		*out++ = '\\';
		*out++ = '"';
	} else if (!valid || unshowable(code) || (n > 1 && (flags & ESCAPE_ASCII))) {
		for (size_t i = 0; i < n; i++)
			out += sprintf(out, "\\x%02x", p[i]);
	} else {
		memcpy(out, p, n);
		out += n;
	}
	return out;
}

char *escape_new(const char *s, size_t len, unsigned int flags)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;
	char *text = malloc(4 * len + 1), *out = text;
	uint32_t code = 0;

	if (!text)
		return NULL;
	while (p < end) {
		size_t n = utf8_char(p, (size_t)(end - p), &code);

		out = put_char(out, p, n ? n : 1, n, code, flags);
		p += n ? n : 1;
	}
	*out = '\0';
	return text;
}

void escape_write(FILE *to, const char *s, size_t len, unsigned int flags)
{
	char *text = escape_new(s, len, flags);

	fputs(text ? text : "?", to);
	free(text);
}

char *escape_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;
	char *out = malloc(3 * len + 1), *o = out;
	uint32_t code = 0;

	if (!out)
		return NULL;
	while (p < end) {
		size_t n = utf8_char(p, (size_t)(end - p), &code);

		if (n && !(code >= 0xf780 && code <= 0xf7ff)) {
			memcpy(o, p, n);
			o += n;
			p += n;
		} else {
			code = 0xf700 | *p++;
			*o++ = (char)(0xe0 | code >> 12);
			*o++ = (char)(0x80 | (code >> 6 & 0x3f));
			*o++ = (char)(0x80 | (code & 0x3f));
		}
	}
	*o = '\0';
	return out;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool octal_digit(char c)
{
	return c >= '0' && c <= '7';
}

/* The character that the escape at s (a backslash) stands for; its length, 0: none. */
static size_t escape_char(const char *s, char *c)
{
	static const char names[] = "nrtabfve\\\"'";
	static const char chars[] = "\n\r\t\a\b\f\v\033\\\"'";
	const char *name = s[1] ? strchr(names, s[1]) : NULL;

	if (name) {
		*c = chars[name - names];
		return 2;
	}
	if (s[1] == 'x' && hex_digit(s[2]) >= 0 && hex_digit(s[3]) >= 0) {
		*c = (char)(hex_digit(s[2]) << 4 | hex_digit(s[3]));
		return 4;
	}
	if (octal_digit(s[1]) && octal_digit(s[2]) && octal_digit(s[3])) {
		*c = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
		return 4;
	}
	return 0;
}

size_t escape_undo(char *s)
{
	char *from = s, *to = s;

	while (*from) {
		size_t n = *from == '\\' ? escape_char(from, to) : 0;

		if (!n) {
			*to = *from;
			n = 1;
		}
		to++;
		from += n;
	}
	*to = '\0';
	return (size_t)(to - s);
}
