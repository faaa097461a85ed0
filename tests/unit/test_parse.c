// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire.h"
#include "value.h"

static const char *const labels[] = { "red", "green", "blue" };

#define FIELD(_type, ...) ((struct moeai_field){ .name = "x", .help = "", .id = 1, \
						 .type = (_type), ##__VA_ARGS__ })
#define LABELS .labels = labels, .n_labels = 3
#define RANGE(a, b) .has_range = true, .min = (a), .max = (b)

static struct error e;

static int encode_text(struct moeai_field f, const char *text, struct payload *p)
{
	const struct moeai_arg arg = MOEAI_TEXT("x", text);

	memset(&e, 0, sizeof(e));
	return value_encode(&f, &arg, p, &e);
}

static void check(struct moeai_field f, const char *text, uint64_t expected)
{
	struct payload p;
	uint64_t v = 0;

	assert_int_equal(encode_text(f, text, &p), 0);
	assert_null(p.data);
	memcpy(&v, p.bytes, p.len);
	assert_true(v == expected);
}

static void check_refused(struct moeai_field f, const char *text, int code, const char *why)
{
	struct payload p;

	assert_int_equal(encode_text(f, text, &p), code);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" does not say \"%s\"", e.text, why);
}

static void plain_numbers(void **state)
{
	check(FIELD(MOEAI_TYPE_U32), "0", 0);
	check(FIELD(MOEAI_TYPE_U32), "4294967295", UINT32_MAX);
	check(FIELD(MOEAI_TYPE_U32), "0x1F", 31);
	check(FIELD(MOEAI_TYPE_U32), "010", 10);
	check(FIELD(MOEAI_TYPE_S32), "-2147483648", 0x80000000);
	check(FIELD(MOEAI_TYPE_U64), "18446744073709551615", UINT64_MAX);
	check(FIELD(MOEAI_TYPE_S64), "-1", UINT64_MAX);
	check(FIELD(MOEAI_TYPE_S64), "-9223372036854775808", 1ULL << 63);
	check(FIELD(MOEAI_TYPE_U32), "-0", 0);
}

static void bad_numbers(void **state)
{
	check_refused(FIELD(MOEAI_TYPE_U32), "4294967296", -ERANGE, "4294967296 does not fit");
	check_refused(FIELD(MOEAI_TYPE_U32), "-1", -ERANGE, "-1 does not fit");
	check_refused(FIELD(MOEAI_TYPE_S32), "2147483648", -ERANGE, "does not fit");
	check_refused(FIELD(MOEAI_TYPE_S64), "-9223372036854775809", -ERANGE, "does not fit");
	check_refused(FIELD(MOEAI_TYPE_S64), "9223372036854775808", -ERANGE, "does not fit");
	check_refused(FIELD(MOEAI_TYPE_U64), "18446744073709551616", -ERANGE, "does not fit");
	check_refused(FIELD(MOEAI_TYPE_U32), "", -EINVAL, "'' is not a number");
	check_refused(FIELD(MOEAI_TYPE_U32), "-", -EINVAL, "not a number");
	check_refused(FIELD(MOEAI_TYPE_U32), " 1", -EINVAL, "not a number");
	check_refused(FIELD(MOEAI_TYPE_U32), "1 ", -EINVAL, "not a number");
	check_refused(FIELD(MOEAI_TYPE_U32), "+1", -EINVAL, "not a number");
	check_refused(FIELD(MOEAI_TYPE_U32), "0x", -EINVAL, "not a number");
	check_refused(FIELD(MOEAI_TYPE_U32), "12K", -EINVAL, "not a number");
}

static void ranges(void **state)
{
	check(FIELD(MOEAI_TYPE_U32, RANGE(1, 100)), "100", 100);
	check(FIELD(MOEAI_TYPE_S32, RANGE(-5, 5)), "-5", 0xfffffffb);
	check_refused(FIELD(MOEAI_TYPE_U32, RANGE(1, 100)), "0", -ERANGE,
		      "0 is out of range: 1 to 100");
	check_refused(FIELD(MOEAI_TYPE_S32, RANGE(-5, 5)), "-6", -ERANGE, "-5 to 5");
	check_refused(FIELD(MOEAI_TYPE_U64, RANGE(0, INT64_MAX)), "18446744073709551615",
		      -ERANGE, "out of range");
}

static void units(void **state)
{
	const struct moeai_field bytes = FIELD(MOEAI_TYPE_U64, .unit = MOEAI_UNIT_BYTES);
	const struct moeai_field ns = FIELD(MOEAI_TYPE_U64, .unit = MOEAI_UNIT_NS);
	const struct moeai_field permille = FIELD(MOEAI_TYPE_U32, .unit = MOEAI_UNIT_PERMILLE);

	check(bytes, "64M", 64 << 20);
	check(bytes, "4k", 4096);
	check(bytes, "17", 17);
	check(bytes, "0x10K", 16384);
	check(ns, "10s", 10000000000);
	check(ns, "250ms", 250000000);
	check(ns, "5m", 300000000000);
	check(ns, "1h", 3600000000000);
	check(ns, "7us", 7000);
	check(ns, "7ns", 7);
	check(permille, "25%", 250);
	check_refused(bytes, "10s", -EINVAL, "bytes, like 4096, 64K, 16M");
	check_refused(bytes, "1.5G", -EINVAL, "not a number");
	check_refused(bytes, "17179869184G", -ERANGE, "does not fit");
	check_refused(ns, "10x", -EINVAL, "a duration, like 10s");
	check_refused(FIELD(MOEAI_TYPE_U64, .unit = MOEAI_UNIT_MAX + 1), "x", -EINVAL,
		      "not a number");
}

#define TIME FIELD(MOEAI_TYPE_U64, .unit = MOEAI_UNIT_TIME)

static void times(void **state)
{
	static const char *const bad[] = {
		"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00",
		"2026-01-01T00:00:00+01:00", "2026-01-01 00:00:00Z", "26-01-01T00:00:00Z",
		"2026-1-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-01-01T00:00:00.5",
		"2026-01-01T00:00:00Z ", "2026-", "now",
	};

	check(TIME, "1764150000123456789", 1764150000123456789);
	check(TIME, "1970-01-01T00:00:00Z", 0);
	check(TIME, "2026-11-26T09:40:00Z", 1795686000000000000);
	check(TIME, "2026-11-26T09:40:00.5Z", 1795686000500000000);
	check(TIME, "2026-11-26T09:40:00.123456789Z", 1795686000123456789);
	check(TIME, "2026-11-26T09:40:00.1234567891Z", 1795686000123456789);
	check(TIME, "2024-02-29T23:59:59.Z", 1709251199000000000);
	check(TIME, "2554-07-21T23:34:33.709551615Z", UINT64_MAX);
	check_refused(TIME, "2554-07-21T23:34:33.709551616Z", -ERANGE, "does not fit");
	check_refused(TIME, "9999-12-31T23:59:59Z", -ERANGE, "does not fit");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		check_refused(TIME, bad[i], -EINVAL, "a time, like 2026-01-31T23:59:59Z");
	check_refused(FIELD(MOEAI_TYPE_U64), "2026-11-26T09:40:00Z", -EINVAL, "not a number");
}

static void words(void **state)
{
	check(FIELD(MOEAI_TYPE_BOOL), "yes", 1);
	check(FIELD(MOEAI_TYPE_BOOL), "off", 0);
	check(FIELD(MOEAI_TYPE_BOOL), "TRUE", 1);
	check(FIELD(MOEAI_TYPE_BOOL), "0", 0);
	check(FIELD(MOEAI_TYPE_ENUM, LABELS), "green", 1);
	check(FIELD(MOEAI_TYPE_ENUM, LABELS), "2", 2);
	check(FIELD(MOEAI_TYPE_FLAGS, LABELS), "red|blue", 5);
	check(FIELD(MOEAI_TYPE_FLAGS, LABELS), "green,red", 3);
	check(FIELD(MOEAI_TYPE_FLAGS, LABELS), "0x4", 4);
	check_refused(FIELD(MOEAI_TYPE_BOOL), "2", -ERANGE, "does not fit");
	check_refused(FIELD(MOEAI_TYPE_BOOL), "maybe", -EINVAL, "neither yes nor no");
	check_refused(FIELD(MOEAI_TYPE_ENUM, LABELS), "pink", -EINVAL,
		      "'pink' is none of red, green, blue");
	check_refused(FIELD(MOEAI_TYPE_ENUM, LABELS), "re", -EINVAL, "none of");
	check_refused(FIELD(MOEAI_TYPE_FLAGS, LABELS), "red|", -EINVAL, "none of");
	check_refused(FIELD(MOEAI_TYPE_FLAGS, LABELS), "", -EINVAL, "none of");
}

static void check_bytes(struct moeai_field f, const char *text, const char *expected, size_t len)
{
	struct payload p;

	assert_int_equal(encode_text(f, text, &p), 0);
	assert_int_equal(p.len, len);
	assert_memory_equal(p.data ? p.data : p.bytes, expected, len);
}

static void prefixes(void **state)
{
	const struct moeai_field f = FIELD(MOEAI_TYPE_PREFIX);

	check_bytes(f, "192.0.2.0/24", "\x18\xc0\0\2\0", 5);
	check_bytes(f, "192.0.2.1", "\x20\xc0\0\2\1", 5);
	check_bytes(f, "0.0.0.0/0", "\0\0\0\0\0", 5);
	check_bytes(f, "2001:db8::/32", "\x20 \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 17);
	check_bytes(f, "::1", "\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 17);
	check_refused(f, "192.0.2.0/33", -EINVAL, "no address or prefix");
	check_refused(f, "192.0.2.0/", -EINVAL, "no address or prefix");
	check_refused(f, "192.0.2.0/-1", -EINVAL, "no address or prefix");
	check_refused(f, "192.0.2.0/8x", -EINVAL, "no address or prefix");
	check_refused(f, "192.0.2", -EINVAL, "no address or prefix");
	check_refused(f, "::1/129", -EINVAL, "no address or prefix");
	check_refused(f, "", -EINVAL, "no address or prefix");
	check_refused(f, "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", -EINVAL, "no address");
}

static void strings_and_binaries(void **state)
{
	const struct moeai_field text = FIELD(MOEAI_TYPE_STRING, RANGE(1, 5));
	const struct moeai_field binary = FIELD(MOEAI_TYPE_BINARY, RANGE(0, 3));
	char hex[600];

	check_bytes(text, "hello", "hello", 6);
	check_refused(text, "", -ERANGE, "0 bytes are out of range: 1 to 5");
	check_refused(text, "hello!", -ERANGE, "6 bytes");
	check_bytes(binary, "00aBff", "\0\xab\xff", 3);
	check_bytes(binary, "", "", 0);
	check_refused(binary, "00abff01", -ERANGE, "4 bytes");
	check_refused(binary, "0", -EINVAL, "hexadecimal");
	check_refused(binary, "zz", -EINVAL, "hexadecimal");
	memset(hex, '0', sizeof(hex) - 2);
	hex[sizeof(hex) - 2] = 0;
	check_refused(FIELD(MOEAI_TYPE_BINARY), hex, -EMSGSIZE, "more than 256 bytes");
}

static int encode(struct moeai_field f, struct moeai_arg arg, struct payload *p)
{
	return value_encode(&f, &arg, p, &e);
}

static void number_arguments(void **state)
{
	const struct moeai_arg five = MOEAI_NUMBER("x", 5), minus = MOEAI_NUMBER("x", -5);
	struct payload p;

	assert_int_equal(encode(FIELD(MOEAI_TYPE_U64), five, &p), 0);
	assert_int_equal(p.len, 8);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_BOOL), five, &p), -ERANGE);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_U64), minus, &p), -ERANGE);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_S32), minus, &p), 0);
	assert_int_equal((int)get_u32(p.bytes), -5);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_STRING), minus, &p), 0);
	assert_string_equal(p.bytes, "-5");
	assert_int_equal(encode(FIELD(MOEAI_TYPE_PREFIX), five, &p), -EINVAL);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_BINARY), five, &p), -EINVAL);
}

static void unsigned_arguments(void **state)
{
	const struct moeai_arg most = { "x", MOEAI_ARG_UNSIGNED, .u64 = UINT64_MAX };
	struct payload p;

	assert_int_equal(encode(FIELD(MOEAI_TYPE_U64), most, &p), 0);
	assert_true(p.number == UINT64_MAX);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_S64), most, &p), -ERANGE);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_U32), most, &p), -ERANGE);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_STRING), most, &p), -EINVAL);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_BINARY), most, &p), -EINVAL);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_PREFIX), most, &p), -EINVAL);
}

static void bytes_arguments(void **state)
{
	const struct moeai_arg arg = { "x", MOEAI_ARG_BYTES, .bytes = "\x18\xc0\0\2\0", .len = 5 };
	struct payload p;

	assert_int_equal(encode(FIELD(MOEAI_TYPE_BINARY), arg, &p), 0);
	assert_ptr_equal(p.data, arg.bytes);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_PREFIX), arg, &p), 0);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_STRING), arg, &p), -EINVAL);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_U32), arg, &p), -EINVAL);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_MAX + 1), arg, &p), -EINVAL);
	assert_int_equal(encode(FIELD(MOEAI_TYPE_UNSPEC), arg, &p), -EINVAL);
}

/* As values, in the caller's buffer. */
static void values(void **state)
{
	const struct moeai_field binary = FIELD(MOEAI_TYPE_BINARY), text = FIELD(MOEAI_TYPE_STRING);
	const struct moeai_field ns = FIELD(MOEAI_TYPE_U64, .unit = MOEAI_UNIT_NS);
	struct moeai_value v;
	char hex[1001], buf[512];

	assert_int_equal(value_parse(&ns, "5m", buf, sizeof(buf), &v, &e), 0);
	assert_true(v.field == &ns && v.u64 == 300000000000 && v.data == buf && v.len == 8);
	assert_int_equal(value_parse(&text, "hello", buf, 6, &v, &e), 0);
	assert_string_equal(v.data, "hello");
	assert_int_equal(v.len, 5);
	assert_int_equal(value_parse(&text, "hello", buf, 5, &v, &e), -EMSGSIZE);
	assert_string_equal(e.text, "needs room for 6 bytes");
	memset(hex, 'a', 1000);
	hex[1000] = '\0';
	assert_int_equal(value_parse(&binary, hex, buf, sizeof(buf), &v, &e), 0);
	assert_int_equal(v.len, 500);
	assert_int_equal((unsigned char)buf[499], 0xaa);
	assert_int_equal(value_parse(&binary, hex, buf, 499, &v, &e), -EMSGSIZE);
	assert_int_equal(value_parse(&binary, "abc", buf, sizeof(buf), &v, &e), -EINVAL);
	assert_int_equal(value_parse(&ns, "soon", buf, sizeof(buf), &v, &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_numbers),    cmocka_unit_test(bad_numbers),
		cmocka_unit_test(ranges),	    cmocka_unit_test(units),
		cmocka_unit_test(words),	    cmocka_unit_test(prefixes),
		cmocka_unit_test(strings_and_binaries), cmocka_unit_test(number_arguments),
		cmocka_unit_test(unsigned_arguments),
		cmocka_unit_test(bytes_arguments), cmocka_unit_test(times), cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
