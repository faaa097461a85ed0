// SPDX-License-Identifier: GPL-2.0
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include "compat.h"
#include "parse.h"
#include "schema.h"

#define SPACES " \t\r\v\f" /* ASCII alone: a byte of UTF-8 is no space */

static int hex_byte(const char *s)
{
	int high = hex_to_bin(s[0]), low = high < 0 ? -1 : hex_to_bin(s[1]);

	return low < 0 ? -1 : high << 4 | low;
}

/* What follows a backslash: *in is moved past it. */
static char unescape(char **in)
{
	char c = *(*in)++;
	int byte;

	if (c == 'n')
		return '\n';
	if (c == 't')
		return '\t';
	if (c == 'x') {
		byte = hex_byte(*in);
		if (byte > 0) {
			*in += 2;
			return byte;
		}
	}
	return c;
}

char *moeai_parse_word(char **p)
{
	char *in = *p + strspn(*p, SPACES), *out = in, *word = in, quote = 0;

	if (!*in)
		return NULL;
	while (*in && (quote || !strchr(SPACES, *in))) {
		char c = *in++;

		if (c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else if (c == '\\' && quote != '\'' && *in)
			*out++ = unescape(&in);
		else
			*out++ = c;
	}
	if (quote)
		return ERR_PTR(-EINVAL);
	*p = *in ? in + 1 : in;
	*out = 0;
	return word;
}

static const struct suffix {
	u8 unit;
	const char *text;
	u64 factor;
} suffixes[] = {
	{ MOEAI_UNIT_BYTES, "K", SZ_1K },
	{ MOEAI_UNIT_BYTES, "M", SZ_1M },
	{ MOEAI_UNIT_BYTES, "G", SZ_1G },
	{ MOEAI_UNIT_NS, "ns", 1 },
	{ MOEAI_UNIT_NS, "us", 1000 },
	{ MOEAI_UNIT_NS, "ms", 1000000 },
	{ MOEAI_UNIT_NS, "s", 1000000000 },
	{ MOEAI_UNIT_NS, "m", 60000000000ULL },
	{ MOEAI_UNIT_NS, "h", 3600000000000ULL },
	{ MOEAI_UNIT_PERMILLE, "%", 10 },
};

static int parse_suffix(const struct moeai_field *f, const char *s, u64 *v)
{
	int i;

	if (!*s)
		return 0;
	for (i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (suffixes[i].unit == f->unit && !strcasecmp(suffixes[i].text, s))
			return check_mul_overflow(*v, suffixes[i].factor, v) ? -ERANGE : 0;
	return -EINVAL;
}

static int parse_digits(const struct moeai_field *f, const char *s, u64 *v)
{
	bool negative = *s == '-' && moeai_type_signed(f->type);
	char digits[24];
	size_t n;
	int ret;

	s += negative;
	n = strspn(s, strncasecmp(s, "0x", 2) ? "0123456789" : "0123456789abcdefABCDEFxX");
	if (!n || n >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, s, n);
	digits[n] = 0;
	ret = kstrtou64(digits, strncasecmp(s, "0x", 2) ? 10 : 16, v);
	if (!ret)
		ret = parse_suffix(f, s + n, v);
	if (!ret && moeai_type_signed(f->type) && *v > (u64)S64_MAX + negative)
		ret = -ERANGE;
	if (negative)
		*v = -*v;
	return ret;
}

static int label_index(const struct moeai_field *f, const char *s, size_t len)
{
	u32 i, n = moeai_field_labels(f);

	for (i = 0; i < n; i++)
		if (strlen(f->labels[i]) == len && !memcmp(f->labels[i], s, len))
			return i;
	return -EINVAL;
}

static int parse_flags(const struct moeai_field *f, const char *s, u64 *v)
{
	*v = 0;
	while (*s) {
		size_t n = strcspn(s, "|,");
		int bit = label_index(f, s, n);

		if (bit < 0)
			return bit;
		*v |= BIT_ULL(bit);
		s += n + !!s[n];
	}
	return 0;
}

int moeai_parse_number(const struct moeai_field *f, const char *s, u64 *v)
{
	bool b = false;
	int ret;

	if (isdigit(*s) || *s == '-') {
		ret = parse_digits(f, s, v);
	} else if (f->type == MOEAI_TYPE_BOOL) {
		ret = kstrtobool(s, &b);
		*v = b;
	} else if (f->type == MOEAI_TYPE_ENUM) {
		ret = label_index(f, s, strlen(s));
		*v = ret;
		ret = min(ret, 0);
	} else if (f->type == MOEAI_TYPE_FLAGS) {
		ret = parse_flags(f, s, v);
	} else {
		ret = -EINVAL;
	}
	if (ret)
		return ret;
	return moeai_field_in_range(f, *v) ? 0 : -ERANGE;
}

/* "192.0.2.0/24" into prefix length and address; returns bytes or -EINVAL. */
static int parse_prefix(const char *s, u8 *p)
{
	const char *end;
	u8 bits, max;
	int len;

	if (in4_pton(s, -1, p + 1, '/', &end))
		len = 4;
	else if (in6_pton(s, -1, p + 1, '/', &end))
		len = 16;
	else
		return -EINVAL;
	max = len * 8;
	bits = max;
	if (*end == '/' && (kstrtou8(end + 1, 10, &bits) || bits > max))
		return -EINVAL;
	p[0] = bits;
	return 1 + len;
}

static int parse_hex(const char *s, u8 *p, int room)
{
	int n = strlen(s) / 2;

	if (strlen(s) % 2 || n > room || hex2bin(p, s, n))
		return -EINVAL;
	return n;
}

static void put_number(void *p, int len, u64 v)
{
	if (len == 1)
		*(u8 *)p = v;
	else if (len == 4)
		*(u32 *)p = v;
	else
		put_unaligned(v, (u64 *)p);
}

/* Writes @s as @f's payload to @p; returns its length or -errno. */
static int parse_payload(const struct moeai_field *f, const char *s, void *p, int room)
{
	int len = moeai_type_len(f->type), ret;
	u64 v;

	if (len) {
		ret = moeai_parse_number(f, s, &v);
		if (ret)
			return ret;
		put_number(p, len, v);
		return len;
	}
	if (f->type == MOEAI_TYPE_PREFIX)
		return room < 17 ? -EMSGSIZE : parse_prefix(s, p);
	if (f->type == MOEAI_TYPE_BINARY)
		return parse_hex(s, p, room);
	len = strlen(s) + 1;
	if (len > room)
		return -EMSGSIZE;
	memcpy(p, s, len);
	return len;
}

static int wrong(char *error, size_t size, int err, const char *name, const char *text)
{
	snprintf(error, size, "%s: %s", name, text);
	return err;
}

int moeai_parse_argument(const struct moeai_schema *schema, char *word, void *buf, int *len,
			 int size, char *error, size_t error_size)
{
	char *value = strchr(word, '=');
	struct nlattr *nla = buf + *len;
	const struct moeai_field *f;
	int ret, room = size - *len - NLA_HDRLEN - NLA_ALIGNTO;
	u16 id;

	if (!value)
		return wrong(error, error_size, -EINVAL, word, "not key=value");
	*value++ = 0;
	f = moeai_schema_find(schema, word, strlen(word), &id);
	if (!f)
		return wrong(error, error_size, -EINVAL, word, "no such argument");
	if (room < 8)
		return wrong(error, error_size, -EMSGSIZE, word, "too many bytes of arguments");
	ret = parse_payload(f, value, (u8 *)nla + NLA_HDRLEN, room);
	if (ret < 0)
		return wrong(error, error_size, ret, word,
			     ret == -ERANGE ? "out of range" : "can't be read as its type");
	nla->nla_len = NLA_HDRLEN + ret;
	nla->nla_type = id;
	memset((u8 *)nla + nla->nla_len, 0, NLA_ALIGN(ret) - ret);
	*len += NLA_HDRLEN + NLA_ALIGN(ret);
	return 0;
}
