// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "line.h"

static struct line line;

static int parse(const char *text)
{
	static char copy[512];

	strcpy(copy, text);
	return line_parse(copy, strlen(copy), &line);
}

static const char *value(const char *key)
{
	for (size_t i = 0; i < line.n; i++)
		if (!strcmp(line.words[i].key, key))
			return line.words[i].value;
	return NULL;
}

static unsigned int column(const char *key)
{
	for (size_t i = 0; i < line.n; i++)
		if (!strcmp(line.words[i].key, key))
			return line.words[i].column;
	return 0;
}

/* As kmod/core/parse.c takes them, each at its column. */
static void words(void **state)
{
	assert_int_equal(parse("id=1 name=\"a b\" size=64K\n"), 0);
	assert_int_equal(line.n, 3);
	assert_string_equal(value("id"), "1");
	assert_string_equal(value("name"), "a b");
	assert_string_equal(value("size"), "64K");
	assert_int_equal(column("id"), 1);
	assert_int_equal(column("name"), 6);
	assert_int_equal(column("size"), 17);
	assert_int_equal(parse("\t a='x \\n \"y\"'\tb=c\\ d\\\"e\\n\\t\\x41\\x00\\q\\xg "
			       "c=a=b d= \r\n"), 0);
	assert_int_equal(line.n, 4);
	assert_string_equal(value("a"), "x \\n \"y\"");
	assert_string_equal(value("b"), "c d\"e\n\tAx00qxg");
	assert_string_equal(value("c"), "a=b");
	assert_string_equal(value("d"), "");
	assert_int_equal(column("a"), 3);
	assert_int_equal(column("b"), 16);
	assert_int_equal(parse("a=1\"2 3\"'4 5'6 \"b c\"=7"), 0);
	assert_string_equal(value("a"), "12 34 56");
	assert_string_equal(value("b c"), "7");
}

/* Columns are characters, not bytes. */
static void columns(void **state)
{
	assert_int_equal(parse("name=caf\xc3\xa9 b=\xe4\xbd\xa0\xe5\xa5\xbd c=1"), 0);
	assert_string_equal(value("name"), "caf\xc3\xa9");
	assert_int_equal(column("b"), 11);
	assert_int_equal(column("c"), 16);
}

static void comments(void **state)
{
	assert_int_equal(parse(""), 0);
	assert_int_equal(line.n, 0);
	assert_int_equal(parse(" \t\r\n"), 0);
	assert_int_equal(line.n, 0);
	assert_int_equal(parse("# id=1 \"open\n"), 0);
	assert_int_equal(line.n, 0);
	assert_int_equal(parse("  id=1#2 # rest = 'open"), 0);
	assert_int_equal(line.n, 1);
	assert_string_equal(value("id"), "1#2");
}

static void many(void **state)
{
	char text[512] = "", *end = text;

	for (char c = 'A'; c <= 'Z'; c++) {
		memcpy(end, (char[]){ c, '=', c, c, ' ', 0 }, 6);
		end += 5;
	}
	assert_int_equal(parse(text), 0);
	assert_int_equal(line.n, 26);
	assert_string_equal(value("Z"), "ZZ");
	assert_int_equal(column("Z"), 25 * 5 + 1);
}

/* The caller says how many may stand at the beginning. */
static void plain(void **state)
{
	line.plain = 2;
	assert_int_equal(parse("row 'a b' row=1 id=2"), 0);
	assert_int_equal(line.n, 4);
	assert_string_equal(line.words[0].key, "row");
	assert_null(line.words[0].value);
	assert_string_equal(line.words[1].key, "a b");
	assert_null(line.words[1].value);
	assert_string_equal(value("id"), "2");
	assert_int_equal(line.words[3].column, 17);
	assert_int_equal(parse("param a=1"), 0);
	assert_string_equal(line.words[1].value, "1");
	assert_int_equal(parse("one two three"), -EINVAL);
	assert_int_equal(line.column, 9);
	assert_int_equal(parse("one x=1 x=2"), -EINVAL);
	assert_string_equal(line.why, "'x' is given twice");
	line.plain = 0;
	assert_int_equal(parse("one"), -EINVAL);
}

/* A line of any length takes its time, but no more. */
static void too_many(void **state)
{
	char *text = malloc(16 * (LINE_WORDS_MAX + 2)), *end = text;

	for (int i = 0; i < LINE_WORDS_MAX; i++)
		end += sprintf(end, "k%d= ", i);
	assert_int_equal(line_parse(strdupa(text), (size_t)(end - text), &line), 0);
	assert_int_equal(line.n, LINE_WORDS_MAX);
	sprintf(end, "last=");
	assert_int_equal(line_parse(text, strlen(text), &line), -EINVAL);
	assert_int_equal(line.column, end - text + 1);
	assert_string_equal(line.why, "too many words");
	free(text);
}

static void refused(void **state)
{
	static const struct {
		const char *text;
		unsigned int column;
		const char *why;
	} lines[] = {
		{ "id=1 word", 6, "'word' is not key=value" },
		{ "=1", 1, "'=1' is not key=value" },
		{ "  \"a b\"", 3, "'a b' is not key=value" },
		{ "id=1 id=2", 6, "'id' is given twice" },
		{ "id=1 name=\"open", 11, "this quote is not closed" },
		{ "id=1 name=\"a\"'b", 14, "this quote is not closed" },
		{ "name='it\\'s'", 12, "this quote is not closed" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		print_message("%s\n", lines[i].text);
		assert_int_equal(parse(lines[i].text), -EINVAL);
		assert_int_equal(line.column, lines[i].column);
		assert_string_equal(line.why, lines[i].why);
	}
	assert_int_equal(line_parse((char[]){ "id=1\0x" }, 6, &line), -EINVAL);
	assert_int_equal(line.column, 5);
	assert_string_equal(line.why, "a NUL byte");
}

static int end(void **state)
{
	line_free(&line);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words), cmocka_unit_test(columns), cmocka_unit_test(comments),
		cmocka_unit_test(many),	 cmocka_unit_test(refused), cmocka_unit_test(plain),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
