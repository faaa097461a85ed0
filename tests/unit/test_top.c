// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "top.h"

static void shares(int lines, const size_t rows[TOP_PANELS], const int wanted[TOP_PANELS])
{
	int heights[TOP_PANELS];

	top_share(lines, rows, heights);
	for (int i = 0; i < TOP_PANELS; i++)
		assert_int_equal(heights[i], wanted[i]);
}

/* A panel has no more lines than it can fill, and those that can fill more share the rest. */
static void fairly(void **state)
{
	const size_t many[] = { 100, 100, 100, 100 }, few[] = { 1, 0, 2, 100 };
	const size_t none[] = { 0, 0, 0, 0 };

	shares(18, many, (int[]){ 5, 5, 4, 4 });
	shares(4, many, (int[]){ 1, 1, 1, 1 });
	shares(5, many, (int[]){ 2, 1, 1, 1 });
	shares(18, few, (int[]){ 2, 1, 3, 12 });
	shares(18, none, (int[]){ 1, 1, 1, 1 });
}

static void too_small(void **state)
{
	const size_t many[] = { 100, 100, 100, 100 };

	shares(3, many, (int[]){ 1, 1, 1, 0 });
	shares(1, many, (int[]){ 1, 0, 0, 0 });
	shares(0, many, (int[]){ 0, 0, 0, 0 });
	shares(-4, many, (int[]){ 0, 0, 0, 0 });
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fairly), cmocka_unit_test(too_small) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
