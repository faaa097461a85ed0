// SPDX-License-Identifier: GPL-2.0
/* Linked into every test: runs the cases that MOEAI_TEST_FILTER names, or all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

__attribute__((constructor)) static void set_filter(void)
{
	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
}
