// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/exclude.h"

static void names(void **state)
{
	assert_true(exclude_matches("*.swp", "/a.swp"));
	assert_true(exclude_matches("*.swp", "/a/b/.x.swp"));
	assert_true(exclude_matches("x:.git:y", "/a/.git/objects/00"));
	assert_true(exclude_matches("?:[ab]c", "/bc"));
	assert_true(exclude_matches("a\\:b", "/a:b"));
	assert_true(exclude_matches("\\*", "/*"));
	assert_false(exclude_matches("\\*", "/x"));
	assert_false(exclude_matches("*.swp", "/a.swpx"));
	assert_false(exclude_matches("a\\:b", "/a"));
	assert_false(exclude_matches("git", "/.git/x"));
	assert_false(exclude_matches("*", ""));
	assert_false(exclude_matches("", "/a"));
	assert_false(exclude_matches(":::", "/a"));
}

static void paths(void **state)
{
	assert_true(exclude_matches("/a", "/a"));
	assert_true(exclude_matches("/a/", "/a/b/c"));
	assert_true(exclude_matches("x:/a/b", "/a/b/c"));
	assert_true(exclude_matches("/a\\:b\\\\", "/a:b\\/c"));
	assert_true(exclude_matches("/*", "/*"));
	assert_false(exclude_matches("/*", "/a"));
	assert_false(exclude_matches("/a", "/ab"));
	assert_false(exclude_matches("/a", "/b/a"));
	assert_false(exclude_matches("/a", ""));
	assert_false(exclude_matches("/", "/a"));
}

static void long_ones(void **state)
{
	char *pattern = calloc(1, 3000), name[400];

	memset(pattern, 'x', 2999);
	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	assert_false(exclude_matches(pattern, name));
	assert_false(exclude_matches("*", name)); /* there is no such name */
	pattern[0] = '/';
	assert_false(exclude_matches(pattern, name));
	free(pattern);
}

static void assert_rebased(const char *patterns, const char *below, const char *want)
{
	char got[EXCLUDE_LEN + 1];

	exclude_rebase(patterns, below, got);
	assert_string_equal(got, want);
}

static void rebase(void **state)
{
	assert_rebased("*.swp:/mnt/a:x\\:y", "/mnt", "*.swp:/a:x\\:y");
	assert_rebased("/mnt:/mnt2/a:/other", "/mnt", "");
	assert_rebased("/a\\:b/c\\:d", "/a:b", "/c\\:d");
	assert_rebased("", "/mnt", "");
	assert_rebased("/mnt/a:/mnt/b/c", "/mnt", "/a:/b/c");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(paths),
					    cmocka_unit_test(long_ones),
					    cmocka_unit_test(rebase) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
