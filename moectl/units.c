// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "units.h"

#define NS_PER_S 1000000000ULL

struct step {
	uint64_t size;
	const char *name;
};

/* value in the largest step that it fills, with one decimal where that says something */
static void scaled(char *buf, const struct step *steps, size_t n, uint64_t value,
		   const char *after)
{
	size_t i = 0;

	while (i + 1 < n && value >= steps[i + 1].size)
		i++;
	uint64_t whole = value / steps[i].size;
	uint64_t tenth = (uint64_t)((__uint128_t)(value % steps[i].size) * 10 /
				    steps[i].size);

	if (tenth && whole < 1000)
		snprintf(buf, UNITS_LEN, "%" PRIu64 ".%" PRIu64 "%s%s", whole, tenth,
			 steps[i].name, after);
	else
		snprintf(buf, UNITS_LEN, "%" PRIu64 "%s%s", whole, steps[i].name, after);
}

static void bytes_text(char *buf, uint64_t value, const char *after)
{
	static const struct step steps[] = {
		{ 1, "B" },	     { 1ULL << 10, "KiB" }, { 1ULL << 20, "MiB" },
		{ 1ULL << 30, "GiB" }, { 1ULL << 40, "TiB" }, { 1ULL << 50, "PiB" },
		{ 1ULL << 60, "EiB" },
	};

	scaled(buf, steps, sizeof(steps) / sizeof(*steps), value, after);
}

static void duration_text(char *buf, uint64_t ns)
{
	static const struct step steps[] = {
		{ 1, "ns" }, { 1000, "us" }, { 1000000, "ms" }, { NS_PER_S, "s" },
	};
	uint64_t s = ns / NS_PER_S;

	if (s < 60)
		scaled(buf, steps, sizeof(steps) / sizeof(*steps), ns, "");
	else if (s < 3600)
		snprintf(buf, UNITS_LEN, "%" PRIu64 "m%02" PRIu64 "s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, UNITS_LEN, "%" PRIu64 "h%02" PRIu64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(buf, UNITS_LEN, "%" PRIu64 "d%02" PRIu64 "h", s / 86400, s / 3600 % 24);
}

void units_time(char buf[UNITS_LEN], uint64_t ns)
{
	time_t s = (time_t)(ns / NS_PER_S);
	struct tm tm;
	size_t n = localtime_r(&s, &tm) ? strftime(buf, UNITS_LEN, "%F %T", &tm) : 0;

	if (n)
		snprintf(buf + n, UNITS_LEN - n, ".%03u", (unsigned int)(ns % NS_PER_S / 1000000));
	else
		snprintf(buf, UNITS_LEN, "%" PRIu64 "ns", ns);
}

void units_text(char buf[UNITS_LEN], enum moeai_unit unit, uint64_t value)
{
	switch (unit) {
	case MOEAI_UNIT_BYTES:
		bytes_text(buf, value, "");
		break;
	case MOEAI_UNIT_BYTES_S:
		bytes_text(buf, value, "/s");
		break;
	case MOEAI_UNIT_NS:
		duration_text(buf, value);
		break;
	case MOEAI_UNIT_TIME:
		units_time(buf, value);
		break;
	case MOEAI_UNIT_PERMILLE:
		snprintf(buf, UNITS_LEN, "%" PRIu64 ".%" PRIu64 "%%", value / 10, value % 10);
		break;
	case MOEAI_UNIT_PAGES_S:
		snprintf(buf, UNITS_LEN, "%" PRIu64 " pages/s", value);
		break;
	case MOEAI_UNIT_COUNT_S:
		snprintf(buf, UNITS_LEN, "%" PRIu64 "/s", value);
		break;
	default:
		snprintf(buf, UNITS_LEN, "%" PRIu64, value);
	}
}

int units_parse_span(const char *text, int64_t *ms)
{
	static const struct step steps[] = {
		{ 1, "ms" },	{ 1000, "" },	  { 1000, "s" },
		{ 60000, "m" }, { 3600000, "h" }, { 86400000, "d" },
	};
	char *end;
	double value;

	if (!isdigit((unsigned char)*text) && *text != '.')
		return -EINVAL;
	value = strtod(text, &end);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (strcmp(end, steps[i].name))
			continue;
		value *= (double)steps[i].size;
		if (!(value < (double)(INT64_MAX / 1000000)))
			return -EINVAL;
		*ms = (int64_t)value;
		*ms += (double)*ms < value; /* rather a little longer than not at all */
		return 0;
	}
	return -EINVAL;
}

int units_parse_seconds(const char *text, int *ms)
{
	int64_t span;

	if (units_parse_span(text, &span) || span > INT_MAX)
		return -EINVAL;
	*ms = (int)span;
	return 0;
}

int units_parse_u64(const char *text, uint64_t *out)
{
	int base = !strncmp(text, "0x", 2) ? 16 : 10;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*out = strtoull(text, &end, base);
	return errno || *end ? -EINVAL : 0;
}

int units_parse_bytes(const char *text, uint64_t *out)
{
	static const char suffixes[] = "KMG";
	const size_t len = strlen(text);
	const char *suffix = len ? strchr(suffixes, text[len - 1]) : NULL;
	char number[24];

	if (!suffix)
		return units_parse_u64(text, out);
	if (len > sizeof(number))
		return -EINVAL;
	snprintf(number, sizeof(number), "%.*s", (int)len - 1, text);
	return units_parse_u64(number, out) ||
		       __builtin_mul_overflow(*out, 1024ULL << 10 * (suffix - suffixes), out) ?
		       -EINVAL : 0;
}
