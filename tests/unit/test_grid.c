// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/grid.h"
#include "capture.h"

static const struct moeai_field columns[] = {
	{ .name = "name", .type = MOEAI_TYPE_STRING, .id = 1, .flags = MOEAI_F_KEY },
	{ .name = "size", .type = MOEAI_TYPE_U64, .id = 3, .unit = MOEAI_UNIT_BYTES },
	{ .name = "help", .type = MOEAI_TYPE_STRING, .id = 4 },
};
static const struct moeai_schema schema = { .fields = columns, .n_fields = 3 };

static void add(struct grid *g, const char *name, const char *help)
{
	struct moeai_value values[] = {
		fields_string(&columns[2], help ? help : ""), /* out of order */
		fields_string(&columns[0], name),
		fields_number(&columns[1], 2048),
	};
	struct fields row = { .values = values + !help, .n = help ? 3 : 1 };

	assert_int_equal(grid_add(g, &row), 0);
}

static char *print(enum form form, int rows)
{
	struct capture c;
	struct grid *g;

	capture_begin(&c, form);
	assert_int_equal(grid_new(&g, &c.out, &schema), 0);
	if (rows > 0)
		add(g, "one", "a\tfirst\n");
	if (rows > 1)
		add(g, "two\033[m", NULL);
	assert_int_equal(grid_print(g), 0);
	grid_free(g);
	return capture_end(&c);
}

static void assert_text(char *got, const char *want)
{
	assert_string_equal(got, want);
	free(got);
}

static void tab(void **state)
{
	assert_text(print(FORM_TAB, 2), "one\t2048\ta\\tfirst\\n\n"
					"two\\x1b[m\t\t\n");
	assert_text(print(FORM_TAB, 0), "");
}

static void json(void **state)
{
	assert_text(print(FORM_JSON, 2),
		    "[{\"name\":\"one\",\"size\":2048,\"help\":\"a\\tfirst\\n\"}\n"
		    ",{\"name\":\"two\\u001B[m\",\"size\":null,\"help\":null}\n]\n");
	assert_text(print(FORM_JSON, 0), "[]\n");
}

static void people(void **state)
{
	char *text = print(FORM_PEOPLE, 2);

	assert_non_null(strstr(text, "NAME"));
	assert_non_null(strstr(text, "2KiB"));
	assert_non_null(strstr(text, "a\\tfirst\\n"));
	assert_non_null(strstr(text, "two\\x1b[m"));
	free(text);
	assert_text(print(FORM_PEOPLE, 0), "");
}

/* ---- in order ---------------------------------------------------------------------- */

static const struct moeai_field prefixed[] = {
	{ .name = "prefix", .type = MOEAI_TYPE_PREFIX, .id = 1 },
	{ .name = "hits", .type = MOEAI_TYPE_U64, .id = 2 },
	{ .name = "delta", .type = MOEAI_TYPE_S32, .id = 3 },
	{ .name = "comm", .type = MOEAI_TYPE_STRING, .id = 4 },
};

static void add_prefixed(struct grid *g, const char *prefix, size_t len, int hits, int delta,
			 const char *comm)
{
	struct moeai_value values[] = {
		{ .field = &prefixed[0], .id = 1, .data = prefix, .len = len },
		fields_number(&prefixed[1], (uint64_t)hits),
		{ .field = &prefixed[2], .id = 3, .s64 = delta, .u64 = (uint64_t)delta },
		fields_string(&prefixed[3], comm ? comm : ""),
	};
	struct fields row = { .values = values, .n = comm ? 4 : 3 };

	assert_int_equal(grid_add(g, &row), 0);
}

/* The second bytes of the prefixes, in the order in which they are printed. */
static void assert_order(enum form form, const char *by, const char *want)
{
	static const struct moeai_schema rules = { .fields = prefixed, .n_fields = 4 };
	char got[16] = "", *text, *line, *save = NULL;
	struct capture c;
	struct grid *g;

	capture_begin(&c, form);
	assert_int_equal(grid_new(&g, &c.out, &rules), 0);
	assert_true(grid_order(g, by));
	add_prefixed(g, " \x0a\1\0\0", 5, 7, -5, "b");
	add_prefixed(g, "\x10\x0a\2\0\0", 5, 100, 5, NULL);
	add_prefixed(g, "\x08\x0a\0\0\0", 5, 20, 0, "a");
	add_prefixed(g, "\x10\x0a\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17, 7, -6, "c");
	assert_int_equal(grid_print(g), 0);
	grid_free(g);
	text = capture_end(&c);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *at = strstr(line, "10.");

		if (at)
			strncat(got, at + 3, 1);
		else if (strstr(line, "a03"))
			strcat(got, "3");
	}
	free(text);
	assert_string_equal(got, want);
}

static void order(void **state)
{
	static const enum form forms[] = { FORM_TAB, FORM_JSON, FORM_PEOPLE };

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		assert_order(forms[i], "prefix", "0123");
		assert_order(forms[i], "-prefix", "3210");
		assert_order(forms[i], "hits", "1302");
		assert_order(forms[i], "-hits", "2013");
		assert_order(forms[i], "delta", "3102");
		assert_order(forms[i], "comm", "0132");
		assert_order(forms[i], "-comm", "3102");
	}
}

static void order_json(void **state)
{
	struct capture c;
	struct grid *g;

	capture_begin(&c, FORM_JSON);
	assert_int_equal(grid_new(&g, &c.out, &schema), 0);
	assert_false(grid_order(g, "sizes"));
	assert_true(grid_order(g, "-name"));
	add(g, "one", NULL);
	add(g, "two", NULL);
	assert_int_equal(grid_print(g), 0);
	grid_free(g);
	assert_text(capture_end(&c), "[{\"name\":\"two\",\"size\":null,\"help\":null}\n"
				     ",{\"name\":\"one\",\"size\":null,\"help\":null}\n]\n");
}

/* Rows that were added and not printed leave nothing behind. */
static void dropped(void **state)
{
	struct capture c;
	struct grid *g;

	capture_begin(&c, FORM_TAB);
	assert_int_equal(grid_new(&g, &c.out, &schema), 0);
	add(g, "one", "the first");
	grid_free(g);
	grid_free(NULL);
	assert_text(capture_end(&c), "");
}

static void a_long_row_stands(void **state)
{
	static const char *const names[] = { "a", "bb", "c", "d", "e", "f",
					     "g", "h",	"i", "j", "k", "l" };
	struct moeai_field many[12] = { 0 };
	struct moeai_schema wide = { .fields = many, .n_fields = 12 };
	struct moeai_value value;
	struct fields row = { .values = &value, .n = 1 };
	struct capture c;
	struct grid *g;
	char *text;

	for (uint16_t i = 0; i < 12; i++)
		many[i] = (struct moeai_field){ .name = names[i], .id = i, .type = MOEAI_TYPE_U32 };
	value = fields_number(&many[1], 7);
	capture_begin(&c, FORM_PEOPLE);
	assert_int_equal(grid_new(&g, &c.out, &wide), 0);
	assert_int_equal(grid_add(g, &row), 0);
	assert_int_equal(grid_print(g), 0);
	grid_free(g);
	text = capture_end(&c);
	assert_non_null(strstr(text, "\nbb  7\nc   \n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tab),	   cmocka_unit_test(json),
		cmocka_unit_test(people),  cmocka_unit_test(dropped),
		cmocka_unit_test(a_long_row_stands),
		cmocka_unit_test(order),   cmocka_unit_test(order_json),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
