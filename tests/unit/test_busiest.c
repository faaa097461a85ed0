// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/busiest.h"
#include "capture.h"

#define NOBODY 4000000000U /* has no name */

static const struct moeai_watch_event events[] = {
	{ .op = MOEAI_FS_CREATE, .watch = "/w", .path = "/w/a", .below = 2, .old_path = "",
	  .old_below = MOEAI_WATCH_OUTSIDE, .count = 1, .pid = 7, .started = 70, .uid = 0,
	  .comm = "sh", .exe = "/bin/sh" },
	{ .op = MOEAI_FS_MODIFY, .watch = "/w", .path = "/w/a", .below = 2, .old_path = "",
	  .old_below = MOEAI_WATCH_OUTSIDE, .count = 5, .pid = 8, .started = 80, .uid = NOBODY,
	  .comm = "dd\n", .exe = "" },
	/* The same pid, another process. */
	{ .op = MOEAI_FS_RENAME, .watch = "/w", .path = "/w/b", .below = 2, .old_path = "/w/a",
	  .old_below = 2, .count = 1, .pid = 7, .started = 71, .uid = NOBODY, .comm = "mv",
	  .exe = "/bin/mv" },
	{ .op = MOEAI_FS_DELETE, .watch = "/w", .path = "/w/a", .below = 2, .old_path = "",
	  .old_below = MOEAI_WATCH_OUTSIDE, .count = 1, .pid = 7, .started = 70, .uid = 0,
	  .comm = "sh", .exe = "/bin/sh" },
};

static void assert_table(enum busiest_by by, enum form form, uint64_t n, const char *want)
{
	struct busiest *b = busiest_new(by, 100000);
	struct capture c;
	char *got;

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(busiest_add(b, &events[i], 1000 + i), 0);
	capture_begin(&c, form);
	assert_int_equal(busiest_print(b, &c.out, n), 0);
	got = capture_end(&c);
	assert_string_equal(got, want);
	free(got);
	busiest_free(b);
}

static void by_process(void **state)
{
	assert_table(BUSIEST_BY_PROCESS, FORM_TAB, 20,
		     "8\tdd\\n\t4000000000\t4000000000\t\t5\t0\t5\t0\t0\t0\t0\t0\t0\t1001\t1001\t0\n"
		     "7\tsh\t0\troot\t/bin/sh\t2\t1\t0\t0\t1\t0\t0\t0\t0\t1000\t1003\t0\n"
		     "7\tmv\t4000000000\t4000000000\t/bin/mv\t1\t0\t0\t0\t0\t1\t0\t0\t0\t1002\t1002\t0\n");
	assert_table(BUSIEST_BY_PROCESS, FORM_JSON, 1,
		     "[{\"pid\":8,\"comm\":\"dd\\n\",\"uid\":4000000000,\"user\":\"4000000000\","
		     "\"exe\":\"\",\"count\":5,\"create\":0,\"modify\":5,\"close_write\":0,"
		     "\"delete\":0,\"rename\":0,\"attrib\":0,\"exec\":0,\"open\":0,\"first\":1001,"
		     "\"last\":1001,\"missed\":0}\n]\n");
}

static void by_path(void **state)
{
	assert_table(BUSIEST_BY_PATH, FORM_TAB, 20,
		     "/w/a\t7\t1\t5\t0\t1\t0\t0\t0\t0\t1000\t1003\t0\n"
		     "/w/b\t1\t0\t0\t0\t0\t1\t0\t0\t0\t1002\t1002\t0\n");
}

/* For people nothing that is all the same. */
static void by_user(void **state)
{
	assert_table(BUSIEST_BY_USER, FORM_PEOPLE, 20,
		     "USER       COUNT CREATE MODIFY DELETE RENAME                    LAST\n"
		     "4000000000     6      0      5      0      1 1970-01-01 00:00:00.000\n"
		     "root           2      1      0      1      0 1970-01-01 00:00:00.000\n");
	assert_table(BUSIEST_BY_USER, FORM_TAB, 1,
		     "4000000000\t4000000000\t6\t0\t5\t0\t0\t1\t0\t0\t0\t1001\t1002\t0\n");
}

static void ways(void **state)
{
	enum busiest_by by;

	assert_int_equal(busiest_parse("path", &by), 0);
	assert_int_equal(by, BUSIEST_BY_PATH);
	assert_int_not_equal(busiest_parse("paths", &by), 0);
	assert_int_not_equal(busiest_parse("", &by), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(by_process), cmocka_unit_test(by_path),
					    cmocka_unit_test(by_user), cmocka_unit_test(ways) };

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
