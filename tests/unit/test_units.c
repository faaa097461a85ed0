// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "../../moectl/units.h"

static void assert_text(enum moeai_unit unit, uint64_t value, const char *want)
{
	char text[UNITS_LEN];

	units_text(text, unit, value);
	assert_string_equal(text, want);
}

static void bytes(void **state)
{
	assert_text(MOEAI_UNIT_BYTES, 0, "0B");
	assert_text(MOEAI_UNIT_BYTES, 1023, "1023B");
	assert_text(MOEAI_UNIT_BYTES, 1024, "1KiB");
	assert_text(MOEAI_UNIT_BYTES, 1536, "1.5KiB");
	assert_text(MOEAI_UNIT_BYTES, 479ULL << 20, "479MiB");
	assert_text(MOEAI_UNIT_BYTES, UINT64_MAX, "15.9EiB");
	assert_text(MOEAI_UNIT_BYTES_S, 2048, "2KiB/s");
}

static void durations(void **state)
{
	assert_text(MOEAI_UNIT_NS, 0, "0ns");
	assert_text(MOEAI_UNIT_NS, 999, "999ns");
	assert_text(MOEAI_UNIT_NS, 1500, "1.5us");
	assert_text(MOEAI_UNIT_NS, 20000000, "20ms");
	assert_text(MOEAI_UNIT_NS, 59900000000, "59.9s");
	assert_text(MOEAI_UNIT_NS, 61000000000, "1m01s");
	assert_text(MOEAI_UNIT_NS, 3600000000000, "1h00m");
	assert_text(MOEAI_UNIT_NS, 90000000000000, "1d01h");
	assert_text(MOEAI_UNIT_NS, UINT64_MAX, "213503d23h");
}

static void the_others(void **state)
{
	assert_text(MOEAI_UNIT_NONE, UINT64_MAX, "18446744073709551615");
	assert_text(MOEAI_UNIT_COUNT, 7, "7");
	assert_text(MOEAI_UNIT_COUNT_S, 7, "7/s");
	assert_text(MOEAI_UNIT_PAGES_S, 7, "7 pages/s");
	assert_text(MOEAI_UNIT_PERMILLE, 0, "0.0%");
	assert_text(MOEAI_UNIT_PERMILLE, 431, "43.1%");
	assert_text(MOEAI_UNIT_PERMILLE, 1000, "100.0%");
	assert_text(99, 7, "7");
}

static void times(void **state)
{
	setenv("TZ", "UTC", 1);
	tzset();
	assert_text(MOEAI_UNIT_TIME, 0, "1970-01-01 00:00:00.000");
	assert_text(MOEAI_UNIT_TIME, 1769903999999999999, "2026-01-31 23:59:59.999");
}

static void assert_seconds(const char *text, int rc, int want)
{
	int ms = -1;

	assert_int_equal(units_parse_seconds(text, &ms), rc);
	assert_int_equal(ms, rc ? -1 : want);
}

static void seconds(void **state)
{
	assert_seconds("0", 0, 0);
	assert_seconds("10", 0, 10000);
	assert_seconds("0.5", 0, 500);
	assert_seconds(".0001", 0, 1);
	assert_seconds("10s", 0, 10000);
	assert_seconds("250ms", 0, 250);
	assert_seconds("2m", 0, 120000);
	assert_seconds("1h", 0, 3600000);
	assert_seconds("1d", 0, 86400000);
	assert_seconds("596h", 0, 2145600000);
	assert_seconds("597h", -EINVAL, 0);
	assert_seconds("", -EINVAL, 0);
	assert_seconds("-1", -EINVAL, 0);
	assert_seconds("ten", -EINVAL, 0);
	assert_seconds("10x", -EINVAL, 0);
	assert_seconds("10 s", -EINVAL, 0);
	assert_seconds("1e300", -EINVAL, 0);
	assert_seconds("999999h", -EINVAL, 0);
	assert_seconds("nan", -EINVAL, 0);
}

/* How long ago something was: longer than anybody waits. */
static void spans(void **state)
{
	int64_t ms = -1;

	assert_int_equal(units_parse_span("720h", &ms), 0);
	assert_int_equal(ms, 2592000000);
	assert_int_equal(units_parse_span("30d", &ms), 0);
	assert_int_equal(ms, 2592000000);
	assert_int_equal(units_parse_span("1e5d", &ms), 0);
	assert_int_equal(ms, 8640000000000);
	assert_int_equal(units_parse_span("1e6d", &ms), -EINVAL);
	assert_int_equal(units_parse_span("1D", &ms), -EINVAL);
	assert_int_equal(ms, 8640000000000);
}

static void numbers(void **state)
{
	uint64_t n;

	assert_int_equal(units_parse_u64("18446744073709551615", &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(units_parse_u64("0x1f", &n), 0);
	assert_int_equal(n, 31);
	assert_int_equal(units_parse_u64("010", &n), 0);
	assert_int_equal(n, 10);
	assert_int_equal(units_parse_u64("18446744073709551616", &n), -EINVAL);
	assert_int_equal(units_parse_u64("", &n), -EINVAL);
	assert_int_equal(units_parse_u64("0x", &n), -EINVAL);
	assert_int_equal(units_parse_u64("-1", &n), -EINVAL);
	assert_int_equal(units_parse_u64(" 1", &n), -EINVAL);
	assert_int_equal(units_parse_u64("1 ", &n), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes), cmocka_unit_test(durations), cmocka_unit_test(the_others),
		cmocka_unit_test(times), cmocka_unit_test(seconds), cmocka_unit_test(spans),   cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
