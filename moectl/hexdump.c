// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hexdump.h"

#define LINE 16

static void print_line(FILE *to, const unsigned char *b, size_t n, uint64_t offset)
{
	char text[LINE + 1] = "";

	fprintf(to, "%08" PRIx64, offset);
	for (size_t i = 0; i < LINE; i++) {
		fputs(i % (LINE / 2) ? " " : "  ", to);
		if (i >= n) {
			fputs("  ", to);
			continue;
		}
		fprintf(to, "%02x", b[i]);
		text[i] = b[i] >= ' ' && b[i] <= '~' ? (char)b[i] : '.';
	}
	fprintf(to, "  |%s|\n", text);
}

void hexdump(FILE *to, const void *data, size_t len, uint64_t offset)
{
	unsigned char now[LINE], last[LINE];
	bool same = false, starred = false;
	size_t n;

	for (size_t at = 0; at < len && !ferror(to); at += n) {
		n = len - at < LINE ? len - at : LINE;
		memcpy(now, (const char *)data + at, n);
		same = at && n == LINE && !memcmp(now, last, LINE);
		if (!same)
			print_line(to, now, n, offset + at);
		else if (!starred)
			fputs("*\n", to);
		starred = same;
		memcpy(last, now, n);
	}
	fprintf(to, "%08" PRIx64 "\n", offset + len);
}

char *hexdump_digits(const void *data, size_t len)
{
	const unsigned char *b = data;
	char *digits = malloc(2 * len + 1), *to = digits;

	if (!digits)
		return NULL;
	*to = '\0';
	for (size_t i = 0; i < len; i++)
		to += sprintf(to, "%02x", b[i]);
	return digits;
}
