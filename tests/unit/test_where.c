// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "where.h"

static const char *const labels[] = { "off", "on" };
static const struct moeai_field fields[] = {
	{ .name = "id", .id = 1, .type = MOEAI_TYPE_U32 },
	{ .name = "name", .id = 2, .type = MOEAI_TYPE_STRING },
	{ .name = "mode", .id = 3, .type = MOEAI_TYPE_ENUM, .labels = labels, .n_labels = 2 },
	{ .name = "size", .id = 4, .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_BYTES },
};
static const struct moeai_schema schema = { .fields = fields, .n_fields = 4 };

/* Does the row id=7 name="a\nb" mode=on match? Conditions are separated by ';'. */
static bool matches(const char *conditions)
{
	const struct moeai_value values[] = { fields_number(&fields[0], 7),
					      fields_string(&fields[1], "a\nb"),
					      fields_number(&fields[2], 1) };
	char copy[128], *rest = copy, *one;
	struct fields row = { 0 };
	struct where w = { 0 };
	bool is;

	strcpy(copy, conditions);
	while ((one = strsep(&rest, ";")))
		if (*one)
			assert_int_equal(where_add(&w, one), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(fields_add(&row, &values[i]), 0);
	assert_null(where_unknown(&w, &schema));
	is = where_matches(&w, &row);
	fields_free(&row);
	where_free(&w);
	return is;
}

static void conditions(void **state)
{
	assert_true(matches(""));
	assert_true(matches("id=7"));
	assert_false(matches("id=07"));
	assert_false(matches("id=70"));
	assert_false(matches("id="));
	assert_true(matches("name=a\\nb"));
	assert_false(matches("name=a"));
	assert_true(matches("mode=on"));
	assert_false(matches("mode=1"));
	assert_true(matches("size="));
	assert_false(matches("size=0"));
	assert_true(matches("id=7;mode=on;size="));
	assert_false(matches("id=7;mode=off"));
	assert_false(matches("id=7;id=8"));
}

static void malformed(void **state)
{
	char none[] = "id", empty[] = "=7", unknown[] = "ids=7", known[] = "id=7=8";
	struct where w = { 0 };

	assert_int_equal(where_add(&w, none), -EINVAL);
	assert_int_equal(where_add(&w, empty), -EINVAL);
	assert_int_equal(where_add(&w, known), 0);
	assert_string_equal(w.v[0].value, "7=8");
	assert_null(where_unknown(&w, &schema));
	assert_int_equal(where_add(&w, unknown), 0);
	assert_string_equal(where_unknown(&w, &schema), "ids");
	where_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions),
		cmocka_unit_test(malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
