// SPDX-License-Identifier: GPL-2.0
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "../../moectl/escape.h"

static void assert_escaped(const char *raw, unsigned int flags, const char *want)
{
	char *got = escape_new(raw, strlen(raw), flags);

	assert_string_equal(got, want);
	free(got);
}

static void plain_text_stays(void **state)
{
	assert_escaped("", 0, "");
	assert_escaped("hello world = \"x\"", 0, "hello world = \"x\"");
	assert_escaped("grüße 你好 🙂", 0, "grüße 你好 🙂");
}

static void controls_are_escaped(void **state)
{
	assert_escaped("a\nb\tc\rd\\e", 0, "a\\nb\\tc\\rd\\\\e");
	assert_escaped("\033[31m\a\b\177\001", 0, "\\x1b[31m\\x07\\x08\\x7f\\x01");
	/* C1: a CSI in one character, as UTF-8 and as a byte */
	assert_escaped("\302\233m", 0, "\\xc2\\x9bm");
	assert_escaped("\233m", 0, "\\x9bm");
}

static void reordering_is_escaped(void **state)
{
	assert_escaped("a\u202eb", 0, "a\\xe2\\x80\\xaeb");
	assert_escaped("a\u2028b", 0, "a\\xe2\\x80\\xa8b");
	assert_escaped("a\u2066b", 0, "a\\xe2\\x81\\xa6b");
}

static void bad_utf8_is_escaped(void **state)
{
	assert_escaped("a\377b", 0, "a\\xffb");
	assert_escaped("\300\200", 0, "\\xc0\\x80"); /* overlong NUL */
	assert_escaped("\340\200\257", 0, "\\xe0\\x80\\xaf"); /* overlong / */
	assert_escaped("\355\240\200", 0, "\\xed\\xa0\\x80"); /* surrogate */
	assert_escaped("\364\220\200\200", 0, "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
	assert_escaped("\342\202", 0, "\\xe2\\x82"); /* cut */
	assert_escaped("\342\202\303\251", 0, "\\xe2\\x82\303\251"); /* cut, then good */
}

static void flags_escape_more(void **state)
{
	assert_escaped("é\"", ESCAPE_ASCII, "\\xc3\\xa9\"");
	assert_escaped("é\"", ESCAPE_QUOTE, "é\\\"");
}

/* Any bytes come back, and nothing that is printed is a control character. */
static void undone(void **state)
{
	char raw[256], all[256 * 3];
	size_t len = 0;

	for (unsigned int c = 1; c < 256; c++)
		raw[c - 1] = (char)c;
	raw[255] = '\0';
	for (unsigned int flags = 0; flags < 4; flags++) {
		char *text = escape_new(raw, 255, flags);

		for (const char *p = text; *p; p++)
			assert_false((unsigned char)*p < 0x20 || *p == 0x7f);
		assert_int_equal(escape_undo(text), 255);
		assert_memory_equal(text, raw, 256);
		free(text);
	}
	/* and in pairs, valid UTF-8 among them */
	srand(1);
	for (int i = 0; i < 2000; i++) {
		char *text;

		len = (size_t)(rand() % 40);
		for (size_t j = 0; j < len; j++)
			all[j] = (char)(rand() % 255 + 1);
		all[len] = '\0';
		text = escape_new(all, len, 0);
		assert_int_equal(escape_undo(text), len);
		assert_string_equal(text, all);
		free(text);
	}
}

static void undo_knows_others(void **state)
{
	char octal[] = "a\\012b\\\"c\\e", odd[] = "\\", unknown[] = "\\q\\x1\\09";

	assert_int_equal(escape_undo(octal), 6);
	assert_string_equal(octal, "a\nb\"c\033");
	escape_undo(odd);
	assert_string_equal(odd, "\\");
	escape_undo(unknown);
	assert_string_equal(unknown, "\\q\\x1\\09");
}

/* The rule of escape_utf8(), backwards, as a reader of the JSON would. */
static void assert_reversible(const char *raw)
{
	char *text = escape_utf8(raw, strlen(raw)), *out = malloc(strlen(text) + 1), *o = out;
	json_t *json = json_string(text); /* NULL: not UTF-8 */

	assert_non_null(json);
	json_decref(json);
	for (const char *p = text; *p;) {
		const unsigned char *u = (const unsigned char *)p;
		unsigned int code = (u[0] & 0xfU) << 12 | (u[1] & 0x3fU) << 6 |
				    (u[1] ? u[2] & 0x3fU : 0);

		if ((u[0] & 0xf0) == 0xe0 && code >= 0xf780 && code <= 0xf7ff) {
			*o++ = (char)(code & 0xff);
			p += 3;
		} else {
			*o++ = *p++;
		}
	}
	*o = '\0';
	assert_string_equal(out, raw);
	free(out);
	free(text);
}

static void json_text_is_reversible(void **state)
{
	char raw[64];
	char *text = escape_utf8("caf\351 \\ é", 9);

	assert_string_equal(text, "caf\357\237\251 \\ é");
	free(text);
	assert_reversible("plain \\ text");
	assert_reversible("\377\376 \302\233 \355\240\200");
	assert_reversible("\357\236\200 is U+F780 itself");
	srand(2);
	for (int i = 0; i < 2000; i++) {
		size_t len = (size_t)(rand() % 60);

		for (size_t j = 0; j < len; j++)
			raw[j] = (char)(rand() % 255 + 1);
		raw[len] = '\0';
		assert_reversible(raw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays),	 cmocka_unit_test(controls_are_escaped),
		cmocka_unit_test(reordering_is_escaped), cmocka_unit_test(bad_utf8_is_escaped),
		cmocka_unit_test(flags_escape_more),	 cmocka_unit_test(undone),
		cmocka_unit_test(undo_knows_others),	 cmocka_unit_test(json_text_is_reversible),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
