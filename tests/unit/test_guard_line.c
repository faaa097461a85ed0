// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/guard_load.h"

static struct guard_line line;
static char text[200];

static int parse(const char *from)
{
	strcpy(text, from);
	return guard_line_parse(text, &line);
}

static void good(void **state)
{
	static const unsigned char four[] = { 24, 192, 0, 2, 0 };
	static const unsigned char six[] = { 32, 0x20, 1, 0xd, 0xb8 };

	assert_int_equal(parse("192.0.2.0/24\n"), 0);
	assert_int_equal(line.len, 5);
	assert_memory_equal(line.prefix, four, 5);
	assert_int_equal(line.action, MOEAI_GUARD_DROP);
	assert_string_equal(line.reason, "");
	assert_int_equal(parse("  allow\t2001:db8::/32 ## a friend; or two \r\n"), 0);
	assert_int_equal(line.len, 17);
	assert_memory_equal(line.prefix, six, 5);
	assert_int_equal(line.action, MOEAI_GUARD_ALLOW);
	assert_string_equal(line.reason, "a friend; or two");
	assert_int_equal(parse("shadow 192.0.2.7 ; SBL1"), 0);
	assert_int_equal(line.prefix[0], 32);
	assert_int_equal(line.action, MOEAI_GUARD_SHADOW);
	assert_string_equal(line.reason, "SBL1");
	assert_int_equal(parse("block 0.0.0.0/0"), 0);
	assert_int_equal(line.action, MOEAI_GUARD_DROP);
	for (const char *const *empty = (const char *const[]){ "", "\n", " \t\r\n", "# 192.0.2.1",
							       ";", NULL }; *empty; empty++) {
		assert_int_equal(parse(*empty), 0);
		assert_int_equal(line.len, 0);
	}
}

static void bad(void **state)
{
	static const struct {
		const char *text;
		unsigned int column;
		const char *why;
	} cases[] = {
		{ "nonsense", 1, "no address" },
		{ "  192.0.2.256", 3, "no address" },
		{ "192.0.2.0/33", 11, "up to 32" },
		{ "192.0.2.0/", 11, "up to 32" },
		{ "192.0.2.0/+8", 11, "up to 32" },
		{ "192.0.2.0/24x", 11, "up to 32" },
		{ "2001:db8::/129", 12, "up to 128" },
		{ "2001:db8::/99999999999999999999", 12, "up to 128" },
		{ "192.0.2.1/24", 1, "bits behind" },
		{ "allow 2001:db8::1/64", 7, "bits behind" },
		{ "allow", 6, "missing" },
		{ "allow # nobody", 7, "missing" },
		{ "192.0.2.1 192.0.2.2", 11, "too much" },
		{ "drop 192.0.2.1", 1, "no address" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (parse(cases[i].text) != -EINVAL || line.column != cases[i].column ||
		    !strstr(line.why, cases[i].why))
			fail_msg("%s: column %u, %s", cases[i].text, line.column, line.why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(good), cmocka_unit_test(bad) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
