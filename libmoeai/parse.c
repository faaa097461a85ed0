// SPDX-License-Identifier: LGPL-2.1-or-later
/* Arguments as payloads: the mirror of value.c, and of the kernel's parser. */
#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "value.h"

/* ---- numbers ---------------------------------------------------------------- */

static const struct {
	uint8_t unit;
	const char *text;
	uint64_t factor;
} suffixes[] = {
	{ MOEAI_UNIT_BYTES, "K", 1ULL << 10 },
	{ MOEAI_UNIT_BYTES, "M", 1ULL << 20 },
	{ MOEAI_UNIT_BYTES, "G", 1ULL << 30 },
	{ MOEAI_UNIT_NS, "ns", 1 },
	{ MOEAI_UNIT_NS, "us", 1000 },
	{ MOEAI_UNIT_NS, "ms", 1000000 },
	{ MOEAI_UNIT_NS, "s", 1000000000 },
	{ MOEAI_UNIT_NS, "m", 60000000000ULL },
	{ MOEAI_UNIT_NS, "h", 3600000000000ULL },
	{ MOEAI_UNIT_PERMILLE, "%", 10 },
};

static const char *const hints[] = {
	[MOEAI_UNIT_BYTES] = ": bytes, like 4096, 64K, 16M",
	[MOEAI_UNIT_NS] = ": a duration, like 10s, 250ms, 5m",
	[MOEAI_UNIT_TIME] = ": ns since 1970, or a time, like 2026-01-31T23:59:59Z",
	[MOEAI_UNIT_PERMILLE] = ": permille, or like 25%",
	[MOEAI_UNIT_MAX] = NULL,
};

static int not_a_number(const struct moeai_field *f, const char *s, struct error *e)
{
	const char *hint = f->unit <= MOEAI_UNIT_MAX ? hints[f->unit] : NULL;

	return error_set(e, -EINVAL, "'%s' is not a number%s", s, hint ? hint : "");
}

static int out_of_range(const struct moeai_field *f, const char *what, struct error *e)
{
	if (!f->has_range)
		return error_set(e, -ERANGE, "%s does not fit its type", what);
	return error_set(e, -ERANGE, "%s is out of range: %" PRId64 " to %" PRId64, what,
			 f->min, f->max);
}

static bool is_signed(const struct moeai_field *f)
{
	return f->type == MOEAI_TYPE_S32 || f->type == MOEAI_TYPE_S64;
}

/* Digits, with a suffix by unit. Of a negative number, *out is its size. */
static int parse_digits(const struct moeai_field *f, const char *s, uint64_t *out)
{
	bool hex = !strncasecmp(s, "0x", 2);
	char *end;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	*out = strtoull(s, &end, hex ? 16 : 10);
	if (errno)
		return -errno;
	if (!*end)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (suffixes[i].unit == f->unit && !strcasecmp(suffixes[i].text, end))
			return __builtin_mul_overflow(*out, suffixes[i].factor, out) ? -ERANGE : 0;
	return -EINVAL;
}

/* So many digits as a number, *s moved behind them. -1: others are there. */
static int take_digits(const char **s, int n)
{
	int v = 0;

	while (n--) {
		if (!isdigit((unsigned char)**s))
			return -1;
		v = 10 * v + *(*s)++ - '0';
	}
	return v;
}

/* "2026-01-31T23:59:59.5Z" (RFC 3339, UTC), in ns since 1970. */
static int parse_time(const char *s, uint64_t *out)
{
	static const char between[] = "--T::";
	uint64_t fraction = 0, digit = 100000000;
	int v[6], given[6];
	struct tm tm;
	time_t t;

	for (int i = 0; i < 6; i++) {
		v[i] = take_digits(&s, i ? 2 : 4);
		if (v[i] < 0 || (i < 5 && *s++ != between[i]))
			return -EINVAL;
	}
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); digit /= 10)
			fraction += digit * (uint64_t)(*s++ - '0');
	if (strcmp(s, "Z") != 0 || v[0] < 1970)
		return -EINVAL;
	tm = (struct tm){ .tm_year = v[0] - 1900, .tm_mon = v[1] - 1, .tm_mday = v[2],
			  .tm_hour = v[3], .tm_min = v[4], .tm_sec = v[5] };
	t = timegm(&tm);
	memcpy(given, (int[]){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			       tm.tm_min, tm.tm_sec }, sizeof(given));
	if (memcmp(given, v, sizeof(v)) != 0)
		return -EINVAL; /* there is no such day, or second */
	return __builtin_mul_overflow((uint64_t)t, 1000000000ULL, out) ||
	       __builtin_add_overflow(*out, fraction, out) ? -ERANGE : 0;
}

/* Does it fit type and range? The bits of v, negative if minus. */
static bool fits(const struct moeai_field *f, uint64_t v, bool minus)
{
	static const uint64_t max[] = {
		[MOEAI_TYPE_BOOL] = 1,		[MOEAI_TYPE_U32] = UINT32_MAX,
		[MOEAI_TYPE_S32] = INT32_MAX,	[MOEAI_TYPE_U64] = UINT64_MAX,
		[MOEAI_TYPE_S64] = INT64_MAX,	[MOEAI_TYPE_ENUM] = UINT32_MAX,
		[MOEAI_TYPE_FLAGS] = UINT32_MAX,
	};

	if (minus && (!is_signed(f) || (int64_t)v < -(int64_t)max[f->type] - 1))
		return false;
	if (!minus && v > max[f->type])
		return false;
	if (!f->has_range)
		return true;
	if (!minus && v > INT64_MAX)
		return false;
	return (int64_t)v >= f->min && (int64_t)v <= f->max;
}

static int parse_label(const struct moeai_field *f, const char *s, size_t len, uint64_t *out)
{
	for (uint32_t i = 0; i < f->n_labels; i++) {
		if (strlen(f->labels[i]) != len || memcmp(f->labels[i], s, len))
			continue;
		*out = i;
		return 0;
	}
	return -EINVAL;
}

static int no_label(const struct moeai_field *f, const char *s, struct error *e)
{
	size_t len;

	error_set(e, 0, "'%s' is none of", s);
	for (uint32_t i = 0; i < f->n_labels; i++) {
		len = strlen(e->text);
		snprintf(e->text + len, sizeof(e->text) - len, "%s %s", i ? "," : "",
			 f->labels[i]);
	}
	return -EINVAL;
}

/* A label, or bits that have none as moeai_value_text() writes them. */
static int parse_flag(const struct moeai_field *f, const char *s, size_t len, uint64_t *out)
{
	uint64_t bit, bits;
	char *end;

	if (!parse_label(f, s, len, &bit) && bit < 32) {
		*out |= 1ULL << bit;
		return 0;
	}
	if (strncmp(s, "0x", 2))
		return -EINVAL;
	bits = strtoull(s, &end, 16);
	*out |= bits;
	return end == s + len && bits <= UINT32_MAX ? 0 : -EINVAL;
}

/* Joined by '|' or ','. */
static int parse_flags(const struct moeai_field *f, const char *s, uint64_t *out)
{
	size_t len;

	*out = 0;
	do {
		len = strcspn(s, "|,");
		if (parse_flag(f, s, len, out))
			return -EINVAL;
		s += len;
	} while (*s++);
	return 0;
}

static int parse_bool(const char *s, uint64_t *out)
{
	static const char *const words[] = { "no", "yes", "off", "on", "false", "true", "n", "y" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcasecmp(words[i], s))
			continue;
		*out = i % 2;
		return 0;
	}
	return -EINVAL;
}

static int parse_number(const struct moeai_field *f, const char *s, uint64_t *out,
			struct error *e)
{
	bool minus = *s == '-';
	int rc;

	if (!minus && (!isdigit((unsigned char)*s) || strpbrk(s, "|,"))) {
		if (f->type == MOEAI_TYPE_BOOL && !parse_bool(s, out))
			return 0;
		if (f->type == MOEAI_TYPE_FLAGS && !parse_flags(f, s, out))
			return 0;
		if (f->type == MOEAI_TYPE_ENUM && !parse_label(f, s, strlen(s), out))
			return 0;
		if (f->type == MOEAI_TYPE_BOOL)
			return error_set(e, -EINVAL, "'%s' is neither yes nor no", s);
		return f->n_labels ? no_label(f, s, e) : not_a_number(f, s, e);
	}
	rc = parse_digits(f, s + minus, out);
	if (rc == -EINVAL && f->unit == MOEAI_UNIT_TIME && !minus)
		rc = parse_time(s, out);
	if (rc == -EINVAL)
		return not_a_number(f, s, e);
	if (!rc && minus && *out > 1ULL << 63)
		rc = -ERANGE;
	if (minus)
		*out = -*out;
	return !rc && fits(f, *out, minus && *out) ? 0 : out_of_range(f, s, e);
}

/* ---- payloads --------------------------------------------------------------- */

static int put_number(const struct moeai_field *f, uint64_t v, struct payload *out)
{
	uint32_t v32 = v;

	out->data = NULL;
	if (f->type == MOEAI_TYPE_BOOL) {
		out->len = 1;
		out->bytes[0] = v;
	} else if (f->type == MOEAI_TYPE_U64 || f->type == MOEAI_TYPE_S64) {
		out->len = 8;
		out->number = v;
	} else {
		out->len = 4;
		memcpy(out->bytes, &v32, sizeof(v32));
	}
	return 0;
}

static int encode_number(const struct moeai_field *f, const struct moeai_arg *arg,
			 struct payload *out, struct error *e)
{
	uint64_t v = arg->u64;
	bool minus = arg->kind == MOEAI_ARG_NUMBER && arg->number < 0;
	char text[24];
	int rc;

	if (arg->kind == MOEAI_ARG_BYTES)
		return error_set(e, -EINVAL, "takes a number or text, not bytes");
	if (arg->kind == MOEAI_ARG_TEXT) {
		rc = parse_number(f, arg->text, &v, e);
		return rc ? rc : put_number(f, v, out);
	}
	if (!fits(f, v, minus)) {
		snprintf(text, sizeof(text), minus ? "%" PRId64 : "%" PRIu64, v);
		return out_of_range(f, text, e);
	}
	return put_number(f, v, out);
}

static int check_length(const struct moeai_field *f, size_t len, struct error *e)
{
	if (f->has_range && ((int64_t)len < f->min || (int64_t)len > f->max))
		return error_set(e, -ERANGE,
				 "%zu bytes are out of range: %" PRId64 " to %" PRId64, len,
				 f->min, f->max);
	if (len >= MOEAI_ARGS_LEN)
		return error_set(e, -EMSGSIZE, "%zu bytes are too many", len);
	return 0;
}

/* The payload ends in a NUL, which text has, and bytes are lent. */
static int encode_string(const struct moeai_field *f, const struct moeai_arg *arg,
			 struct payload *out, struct error *e)
{
	size_t len;

	if (arg->kind == MOEAI_ARG_NUMBER) {
		len = snprintf(out->bytes, sizeof(out->bytes), "%" PRId64, arg->number);
		out->data = NULL;
	} else if (arg->kind == MOEAI_ARG_TEXT) {
		len = strlen(arg->text);
		out->data = arg->text;
	} else {
		return error_set(e, -EINVAL, "takes text");
	}
	out->len = len + 1;
	return check_length(f, len, e);
}

/* Returns how many bytes, of which no more than size are written; or an error. */
static int parse_hex(const char *text, void *buf, size_t size, struct error *e)
{
	size_t len = strlen(text);
	unsigned char *to = buf;

	if (len % 2 || strspn(text, "0123456789abcdefABCDEF") != len)
		return error_set(e, -EINVAL, "'%s' is not pairs of hexadecimal digits", text);
	for (size_t i = 0; i < len / 2 && i < size; i++)
		sscanf(text + 2 * i, "%2hhx", &to[i]);
	return (int)(len / 2);
}

static int encode_binary(const struct moeai_field *f, const struct moeai_arg *arg,
			 struct payload *out, struct error *e)
{
	int len;

	out->data = arg->bytes;
	out->len = arg->len;
	if (arg->kind == MOEAI_ARG_BYTES)
		return check_length(f, arg->len, e);
	if (arg->kind != MOEAI_ARG_TEXT)
		return error_set(e, -EINVAL, "takes bytes, or text in hexadecimal");
	out->data = NULL;
	len = parse_hex(arg->text, out->bytes, sizeof(out->bytes), e);
	if (len < 0)
		return len;
	out->len = (size_t)len;
	if (out->len > sizeof(out->bytes))
		return error_set(e, -EMSGSIZE, "more than %zu bytes as text",
				 sizeof(out->bytes));
	return check_length(f, out->len, e);
}

/* "192.0.2.0/24", "2001:db8::/32", or an address alone. */
static int parse_prefix(const char *text, struct payload *out)
{
	size_t n = strcspn(text, "/");
	char address[INET6_ADDRSTRLEN], *end;
	long bits;

	if (n >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, n);
	address[n] = 0;
	if (inet_pton(AF_INET, address, out->bytes + 1) == 1)
		out->len = 5;
	else if (inet_pton(AF_INET6, address, out->bytes + 1) == 1)
		out->len = 17;
	else
		return -EINVAL;
	bits = (out->len - 1) * 8;
	if (text[n]) {
		if (!isdigit((unsigned char)text[n + 1]))
			return -EINVAL;
		bits = strtol(text + n + 1, &end, 10);
		if (*end || bits > (long)(out->len - 1) * 8)
			return -EINVAL;
	}
	out->bytes[0] = bits;
	return 0;
}

static int encode_prefix(const struct moeai_field *f, const struct moeai_arg *arg,
			 struct payload *out, struct error *e)
{
	out->data = NULL;
	if (arg->kind == MOEAI_ARG_TEXT && !parse_prefix(arg->text, out))
		return 0;
	if (arg->kind == MOEAI_ARG_TEXT)
		return error_set(e, -EINVAL,
				 "'%s' is no address or prefix, like 192.0.2.0/24 or 2001:db8::1",
				 arg->text);
	if (arg->kind == MOEAI_ARG_BYTES && (arg->len == 5 || arg->len == 17)) {
		out->data = arg->bytes;
		out->len = arg->len;
		return 0;
	}
	return error_set(e, -EINVAL, "takes an address or a prefix");
}

int value_encode(const struct moeai_field *field, const struct moeai_arg *arg,
		 struct payload *out, struct error *e)
{
	switch (field->type) {
	case MOEAI_TYPE_STRING:
		return encode_string(field, arg, out, e);
	case MOEAI_TYPE_BINARY:
		return encode_binary(field, arg, out, e);
	case MOEAI_TYPE_PREFIX:
		return encode_prefix(field, arg, out, e);
	case MOEAI_TYPE_UNSPEC:
		break;
	default:
		if (field->type <= MOEAI_TYPE_MAX)
			return encode_number(field, arg, out, e);
	}
	return error_set(e, -EINVAL, "is of a type that this library does not know");
}

int value_parse(const struct moeai_field *field, const char *text, void *buf, size_t size,
		struct moeai_value *out, struct error *e)
{
	const struct moeai_arg arg = { .name = field->name, .kind = MOEAI_ARG_TEXT, .text = text };
	struct payload p = { .data = buf };
	int rc;

	if (field->type == MOEAI_TYPE_BINARY) { /* which may be longer than p.bytes */
		rc = parse_hex(text, buf, size, e);
		p.len = (size_t)rc;
		rc = rc < 0 ? rc : check_length(field, p.len, e);
	} else {
		rc = value_encode(field, &arg, &p, e);
	}
	if (rc)
		return rc;
	if (p.len > size)
		return error_set(e, -EMSGSIZE, "needs room for %zu bytes", p.len);
	if (p.data != buf)
		memcpy(buf, p.data ? p.data : p.bytes, p.len);
	return value_decode(field, &(struct attr){ field->id, (uint16_t)p.len, buf }, out);
}
