// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "../../moectl/when.h"

#define NOW 1769947199000000000ULL /* 2026-02-01 11:59:59 UTC */
#define S 1000000000ULL

static void assert_when(const char *text, uint64_t time, uint64_t seq)
{
	struct when w;

	assert_int_equal(when_parse(text, NOW, &w), 0);
	assert_int_equal(w.time, time);
	assert_int_equal(w.seq, seq);
}

static void whens(void **state)
{
	assert_when("17", 0, 17);
	assert_when("oldest", 0, 0);
	assert_when("10m", NOW - 600 * S, 0);
	assert_when("2h", NOW - 7200 * S, 0);
	assert_when("720h", NOW - 720 * 3600 * S, 0);
	assert_when("30d", NOW - 720 * 3600 * S, 0);
	assert_when("1.5s", NOW - 3 * S / 2, 0);
	assert_when("500ms", NOW - S / 2, 0);
	assert_when("2026-01-31 23:59:59", 1769903999 * S, 0);
	assert_when("2026-01-31 23:59:59.25", 1769903999 * S + S / 4, 0);
	assert_when("2026-01-31T23:59:59Z", 1769903999 * S, 0);
	assert_when("2026-01-31 23:59", 1769903940 * S, 0);
	assert_when("2026-01-31", 1769817600 * S, 0);
	assert_when("11:00", NOW / S * S - 3599 * S, 0);
	assert_when("11:00:01", NOW / S * S - 3598 * S, 0);
}

static void nonsense(void **state)
{
	static const char *const words[] = {
		"",	     "0",	   "x",		 "10x",
		"yesterday", "25:00",	   "2026-13-01", "2026-01-31 23:59:59 x",
		"-1",	     "1969-01-01", ":",		 "9999999h"
	};
	struct when w;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		assert_int_equal(when_parse(words[i], NOW, &w), -EINVAL);
}

/* What is local is so; what says Z is not. */
static void zones(void **state)
{
	setenv("TZ", "EST5", 1);
	tzset();
	assert_when("2026-01-31 18:59:59", 1769903999 * S, 0);
	assert_when("2026-01-31T23:59:59Z", 1769903999 * S, 0);
	setenv("TZ", "UTC", 1);
	tzset();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whens), cmocka_unit_test(nonsense),
					    cmocka_unit_test(zones) };

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
