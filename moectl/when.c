// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "units.h"
#include "when.h"

#define NS_PER_S 1000000000ULL

/* ".123", or nothing; what is behind it in *end. */
static uint64_t parse_fraction(const char *text, const char **end)
{
	uint64_t ns = 0, digit = NS_PER_S / 10;

	*end = text;
	if (*text != '.' || !isdigit((unsigned char)text[1]))
		return 0;
	for (text++; isdigit((unsigned char)*text); text++, digit /= 10)
		ns += (uint64_t)(*text - '0') * digit;
	*end = text;
	return ns;
}

static int parse_clock(const char *text, uint64_t now, struct when *out)
{
	static const char *const forms[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
					     "%Y-%m-%d %H:%M",	  "%Y-%m-%d",
					     "%H:%M:%S",	  "%H:%M" };
	time_t today = (time_t)(now / NS_PER_S), s;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct tm tm;
		const char *end;
		uint64_t ns;

		localtime_r(&today, &tm);
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		tm.tm_isdst = -1;
		end = strptime(text, forms[i], &tm);
		ns = end ? parse_fraction(end, &end) : 0;
		if (!end || (*end && strcmp(end, "Z") != 0))
			continue;
		s = *end ? timegm(&tm) : mktime(&tm);
		if (s <= 0)
			return -EINVAL;
		out->time = (uint64_t)s * NS_PER_S + ns;
		return 0;
	}
	return -EINVAL;
}

int when_parse(const char *text, uint64_t now, struct when *out)
{
	uint64_t seq;
	int64_t ms;

	*out = (struct when){ 0 };
	if (!strcmp(text, "oldest"))
		return 0;
	if (!units_parse_u64(text, &seq)) {
		out->seq = seq;
		return seq ? 0 : -EINVAL;
	}
	if (!units_parse_span(text, &ms)) {
		if ((uint64_t)ms * 1000000 >= now)
			return -EINVAL;
		out->time = now - (uint64_t)ms * 1000000;
		return 0;
	}
	return parse_clock(text, now, out);
}
