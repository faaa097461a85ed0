// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "param.h"

uint64_t param_number(struct moeai *h, const char *name)
{
	char text[64] = "";
	struct moeai_values row;
	struct moeai_table *t;
	struct moeai_value v;

	assert_int_equal(moeai_table_open(h, "params", &t), 0);
	while (!*text && moeai_table_next(t, &row) > 0)
		if (!moeai_values_get(&row, "name", &v) && !strcmp(v.data, name) &&
		    !moeai_values_get(&row, "value", &v))
			snprintf(text, sizeof(text), "%s", (const char *)v.data);
	moeai_table_close(t);
	if (!*text)
		fail_msg("no %s", name);
	return strtoull(text, NULL, 10);
}
