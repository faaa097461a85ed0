// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "escape.h"
#include "exact.h"

#define NS_PER_S 1000000000ULL

/* The largest first. */
static const struct {
	uint8_t unit;
	uint64_t factor;
	const char *suffix;
} steps[] = {
	{ MOEAI_UNIT_BYTES, 1ULL << 30, "G" }, { MOEAI_UNIT_BYTES, 1ULL << 20, "M" },
	{ MOEAI_UNIT_BYTES, 1ULL << 10, "K" }, { MOEAI_UNIT_NS, 3600 * NS_PER_S, "h" },
	{ MOEAI_UNIT_NS, 60 * NS_PER_S, "m" }, { MOEAI_UNIT_NS, NS_PER_S, "s" },
	{ MOEAI_UNIT_NS, 1000000, "ms" },      { MOEAI_UNIT_NS, 1000, "us" },
	{ MOEAI_UNIT_PERMILLE, 10, "%" },
};

static void write_time(FILE *to, uint64_t ns)
{
	time_t s = (time_t)(ns / NS_PER_S);
	char text[32], fraction[16] = "";
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	if (ns % NS_PER_S)
		snprintf(fraction, sizeof(fraction), ".%09u", (unsigned int)(ns % NS_PER_S));
	for (size_t n = strlen(fraction); n && fraction[n - 1] == '0'; n--)
		fraction[n - 1] = '\0';
	fprintf(to, "%s%sZ", text, fraction);
}

/* With its unit, if it is one of whole ones. */
static bool write_number(FILE *to, const struct moeai_value *v)
{
	const struct moeai_field *f = v->field;

	if (f->unit == MOEAI_UNIT_TIME && f->type == MOEAI_TYPE_U64 && v->u64) {
		write_time(to, v->u64);
		return true;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (steps[i].unit == f->unit && v->s64 > 0 && v->u64 % steps[i].factor == 0) {
			fprintf(to, "%" PRIu64 "%s", v->u64 / steps[i].factor, steps[i].suffix);
			return true;
		}
	return false;
}

static bool is_number(const struct moeai_field *f)
{
	return f->type >= MOEAI_TYPE_U32 && f->type <= MOEAI_TYPE_S64 && !(f->flags & MOEAI_F_HEX);
}

/* In quotes, unless it is a word that needs none. */
static int write_text(FILE *to, const char *text, size_t len, bool quoted)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.:/|-";
	char *escaped;

	if (!quoted && strspn(text, plain) == len) {
		fputs(text, to);
		return 0;
	}
	escaped = escape_new(text, len, ESCAPE_WORD);
	if (!escaped)
		return -ENOMEM;
	fprintf(to, "\"%s\"", escaped);
	free(escaped);
	return 0;
}

int exact_write(FILE *to, const struct moeai_value *v)
{
	const struct moeai_field *f = v->field;
	size_t len = (size_t)moeai_value_text(v, NULL, 0);
	char buf[256], *text;
	int err;

	if (f->type == MOEAI_TYPE_STRING)
		return write_text(to, v->data, v->len, true);
	if (f->type == MOEAI_TYPE_BOOL) {
		fputs(v->u64 ? "yes" : "no", to);
		return 0;
	}
	if (is_number(f) && write_number(to, v))
		return 0;
	text = len < sizeof(buf) ? buf : malloc(len + 1);
	if (!text)
		return -ENOMEM;
	moeai_value_text(v, text, len + 1);
	err = write_text(to, text, len, false);
	if (text != buf)
		free(text);
	return err;
}
