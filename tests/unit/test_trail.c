// SPDX-License-Identifier: GPL-2.0
/* What bounds the names of a file; test_story.c has what they are for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/trail.h"

static const struct moeai_field path = { .name = "d",
					 .type = MOEAI_TYPE_STRING,
					 .id = 1,
					 .flags = MOEAI_F_PATH };
static const struct moeai_field old_path = { .name = "e",
					     .type = MOEAI_TYPE_STRING,
					     .id = 2,
					     .flags = MOEAI_F_PATH | MOEAI_F_OLD };

/* More renames than are kept: the newest are, and it is told. */
static void many_renames(void **state)
{
	struct trail *t = trail_new(4000);
	struct moeai_value v[2] = { fields_string(&path, "/new"), fields_string(&old_path, "/ol"
											   "d") };
	const struct fields f = { .values = v, .n = 2 };

	assert_int_equal(trail_ask(t, "/new", false, 0), 0);
	for (uint64_t i = 1; i < 10000; i++)
		assert_int_equal(trail_learn(t, &f, i), 0);
	assert_true(trail_forgotten(t) > 9900);
	assert_int_equal(trail_settle(t), 0);
	assert_int_equal(trail_names(t), 2);
	assert_true(trail_has(t, &f, 9999));
	trail_free(t);
}

/* One that was renamed a thousand times. */
static void many_names(void **state)
{
	struct trail *t = trail_new(1 << 20);
	char old[20] = "/0", new[20];

	assert_int_equal(trail_ask(t, "/0", false, 0), 0);
	for (unsigned int i = 1; i <= 1000; i++) {
		struct moeai_value v[2];
		const struct fields f = { .values = v, .n = 2 };

		snprintf(new, sizeof(new), "/%u", i);
		v[0] = fields_string(&path, new);
		v[1] = fields_string(&old_path, old);
		assert_int_equal(trail_learn(t, &f, i), 0);
		strcpy(old, new);
	}
	assert_int_equal(trail_settle(t), 0);
	assert_true(trail_names(t) > 100);
	assert_true(trail_forgotten(t) > 0);
	trail_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(many_renames),
					    cmocka_unit_test(many_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
