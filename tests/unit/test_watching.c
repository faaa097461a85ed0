// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/watching.h"

#define BIT(op) (1U << MOEAI_FS_##op)

static void operations(void **state)
{
	uint32_t ops = 0;

	assert_int_equal(watching_parse_ops("create", &ops), 0);
	assert_int_equal(ops, BIT(CREATE));
	assert_int_equal(watching_parse_ops("delete,close_write|open", &ops), 0);
	assert_int_equal(ops, BIT(DELETE) | BIT(CLOSE_WRITE) | BIT(OPEN));
	assert_int_equal(watching_parse_ops("exec,exec", &ops), 0);
	assert_int_equal(ops, BIT(EXEC));
	assert_int_equal(watching_parse_ops("all", &ops), 0);
	assert_int_equal(ops, 0xff);
	for (const char *const *bad = (const char *const[]){ "", ",", "create,", "creat", "creates",
							     "all,create", "CREATE", " create",
							     NULL }; *bad; bad++)
		assert_int_equal(watching_parse_ops(*bad, &ops), -EINVAL);
	assert_int_equal(WATCHING_OPS, 0xff & ~(BIT(EXEC) | BIT(OPEN)));
}

static void excludes(void **state)
{
	struct watching w = { .path = NULL };
	char text[EXCLUDE_LEN + 1] = "";

	assert_int_equal(watching_add_exclude(&w, "*.o"), 0);
	assert_string_equal(w.options.exclude, "*.o");
	assert_int_equal(watching_add_exclude(&w, "/a:b"), 0);
	assert_string_equal(w.options.exclude, "*.o:/a:b");
	memset(text, 'x', EXCLUDE_LEN - 9);
	assert_int_equal(watching_add_exclude(&w, text), 0);
	assert_int_equal(strlen(w.exclude), EXCLUDE_LEN);
	assert_int_equal(watching_add_exclude(&w, ""), -E2BIG);
	assert_int_equal(strlen(w.exclude), EXCLUDE_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(operations),
					    cmocka_unit_test(excludes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
