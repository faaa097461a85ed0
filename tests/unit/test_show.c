// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/escape.h"
#include "../../moectl/show.h"
#include "capture.h"

static const char *const levels[] = { "none", "low", "medium" };

/* A value of each type, shown in all ways. */
static const struct example {
	struct moeai_field field;
	uint64_t number;
	const char *data; /* of the types that are no numbers */
	size_t len;
	const char *plain, *people, *term, *json;
} examples[] = {
	{ { .name = "bool", .type = MOEAI_TYPE_BOOL }, 1, NULL, 0, "1", "yes", "yes", "true" },
	{ { .name = "u32", .type = MOEAI_TYPE_U32 }, 42, NULL, 0, "42", "42", "42", "42" },
	{ { .name = "s32", .type = MOEAI_TYPE_S32 }, -22, NULL, 0, "-22", "-22", "-22", "-22" },
	{ { .name = "s64", .type = MOEAI_TYPE_S64, .unit = MOEAI_UNIT_BYTES },
	  -2048, NULL, 0, "-2048", "-2KiB", "-2KiB", "-2048" },
	{ { .name = "bytes", .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_BYTES },
	  3 << 20, NULL, 0, "3145728", "3MiB", "3MiB", "3145728" },
	{ { .name = "int64", .type = MOEAI_TYPE_U64 }, INT64_MAX, NULL, 0,
	  "9223372036854775807", "9223372036854775807", "9223372036854775807",
	  "9223372036854775807" },
	{ { .name = "uint64", .type = MOEAI_TYPE_U64 }, UINT64_MAX, NULL, 0,
	  "18446744073709551615", "18446744073709551615", "18446744073709551615",
	  "\"18446744073709551615\"" },
	{ { .name = "hex", .type = MOEAI_TYPE_U64, .flags = MOEAI_F_HEX }, 0xfedcba9876543210,
	  NULL, 0, "0xfedcba9876543210", "0xfedcba9876543210", "0xfedcba9876543210",
	  "\"0xfedcba9876543210\"" },
	{ { .name = "enum", .type = MOEAI_TYPE_ENUM, .labels = levels, .n_labels = 3 }, 1, NULL, 0,
	  "low", "low", "low", "\"low\"" },
	{ { .name = "newer", .type = MOEAI_TYPE_ENUM, .labels = levels, .n_labels = 3 }, 7, NULL, 0,
	  "7", "7", "7", "7" },
	{ { .name = "flags", .type = MOEAI_TYPE_FLAGS, .labels = levels, .n_labels = 3 }, 0xe, NULL,
	  0, "low|medium|0x8", "low|medium|0x8", "low|medium|0x8",
	  "[\"low\",\"medium\",\"#3\"]" },
	{ { .name = "noflags", .type = MOEAI_TYPE_FLAGS, .labels = levels, .n_labels = 3 }, 0, NULL,
	  0, "0", "none", "none", "[]" },
	{ { .name = "string", .type = MOEAI_TYPE_STRING }, 0, "memhog", 6, "memhog", "memhog",
	  "memhog", "\"memhog\"" },
	{ { .name = "empty", .type = MOEAI_TYPE_STRING }, 0, "", 0, "", "", "\"\"", "\"\"" },
	{ { .name = "odd", .type = MOEAI_TYPE_STRING }, 0, "a b=\"c\"\n\377", 9,
	  "a b=\"c\"\\n\\xff", "a b=\"c\"\\n\\xff", "\"a b=\\\"c\\\"\\n\\xff\"",
	  "\"a b=\\\"c\\\"\\n\\uF7FF\"" },
	{ { .name = "prefix", .type = MOEAI_TYPE_PREFIX }, 0, "\030\300\000\002\000", 5,
	  "192.0.2.0/24", "192.0.2.0/24", "192.0.2.0/24", "\"192.0.2.0/24\"" },
	{ { .name = "binary", .type = MOEAI_TYPE_BINARY }, 0, "\000\001\376", 3, "0001fe", "0001fe",
	  "0001fe", "\"0001fe\"" },
	{ { .name = "time", .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_TIME },
	  1769903999999999999, NULL, 0, "1769903999999999999", "2026-01-31 23:59:59.999",
	  "2026-01-31 23:59:59.999", "1769903999999999999" },
};

static struct moeai_value value(const struct example *e)
{
	return (struct moeai_value){ .field = &e->field, .u64 = e->number,
				     .s64 = (int64_t)e->number, .data = e->data, .len = e->len };
}

static void assert_text(char *got, const char *want)
{
	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void assert_json(json_t *json, const char *want)
{
	assert_non_null(json);
	assert_text(json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII), want);
	json_decref(json);
}

static void every_type(void **state)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		struct moeai_value v = value(&examples[i]);

		assert_text(show_plain(&v, 0), examples[i].plain);
		assert_text(show_people(&v, 0), examples[i].people);
		assert_text(show_term(&v, 0), examples[i].term);
		assert_json(show_json(&v), examples[i].json);
	}
}

static void unknown_attribute(void **state)
{
	struct moeai_value v = { .id = 77, .data = "\001\002", .len = 2 };
	char name[16];

	assert_string_equal(show_name(&v, name), "#77");
	assert_text(show_plain(&v, 0), "0102");
	assert_text(show_people(&v, 0), "0102");
	assert_text(show_term(&v, 0), "0102");
	assert_json(show_json(&v), "\"0102\"");
}

static char *lines(enum form form)
{
	struct fields r = { 0 };
	struct capture c;

	for (size_t i = 4; i < 9; i++) {
		struct moeai_value v = value(&examples[i]);

		assert_int_equal(fields_add(&r, &v), 0);
	}
	capture_begin(&c, form);
	if (form == FORM_JSON)
		assert_int_equal(output_json(&c.out, show_fields_json(&r)), 0);
	else
		assert_int_equal(show_fields_lines(&c.out, &r), 0);
	fields_free(&r);
	return capture_end(&c);
}

static void records(void **state)
{
	assert_text(lines(FORM_TAB), "bytes\t3145728\nint64\t9223372036854775807\n"
				     "uint64\t18446744073709551615\nhex\t0xfedcba9876543210\n"
				     "enum\tlow\n");
	assert_text(lines(FORM_PEOPLE), "bytes   3MiB\nint64   9223372036854775807\n"
					"uint64  18446744073709551615\n"
					"hex     0xfedcba9876543210\nenum    low\n");
	assert_text(lines(FORM_JSON), "{\"bytes\":3145728,\"int64\":9223372036854775807,"
				      "\"uint64\":\"18446744073709551615\","
				      "\"hex\":\"0xfedcba9876543210\",\"enum\":\"low\"}\n");
}

/* What jansson lets pass and a terminal would not. */
static void json_is_printable(void **state)
{
	struct capture c;
	const char *text = "\177a\302\233b\033\177";

	capture_begin(&c, FORM_JSON);
	output_json(&c.out, json_pack("[o]", show_json_text(text, strlen(text))));
	assert_text(capture_end(&c), "[\"\\u007fa\\u009Bb\\u001B\\u007f\"]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type),
		cmocka_unit_test(unknown_attribute),
		cmocka_unit_test(records),
		cmocka_unit_test(json_is_printable),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
