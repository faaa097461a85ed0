// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/suggest.h"

static const char *const names[] = { "status", "modules", "module", "set",     "monitor",
				     "log",    "run",	  "table",  "core.ping" };

static const char *hint(const char *wrong)
{
	static char buf[256];

	suggest(buf, sizeof(buf), wrong, names, sizeof(names) / sizeof(*names));
	return buf;
}

static void near_names(void **state)
{
	assert_string_equal(hint("stauts"), "did you mean 'status'?");
	assert_string_equal(hint("moduls"), "did you mean 'modules' or 'module'?");
	assert_string_equal(hint("ping"), "did you mean 'core.ping'?");
	assert_string_equal(hint("core.pong"), "did you mean 'core.ping'?");
	assert_string_equal(hint("logs"), "did you mean 'log'?");
}

static void nothing_near(void **state)
{
	char longer[200];

	assert_string_equal(hint("frobnicate"), "");
	assert_string_equal(hint(""), "");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_string_equal(hint(longer), "");
}

static void at_most_three(void **state)
{
	static const char *const many[] = { "aaaa", "aaab", "aaac", "aaad", "aaae" };
	char buf[256], small[8];

	suggest(buf, sizeof(buf), "aaax", many, 5);
	assert_string_equal(buf, "did you mean 'aaaa', 'aaab' or 'aaac'?");
	suggest(small, sizeof(small), "aaax", many, 5);
	assert_string_equal(small, "did you");
	suggest(buf, sizeof(buf), "x", NULL, 0);
	assert_string_equal(buf, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_names),
		cmocka_unit_test(nothing_near),
		cmocka_unit_test(at_most_three),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
