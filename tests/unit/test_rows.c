// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "exact.h"
#include "rows.h"

#define NS 1000000000ULL

static const char *const labels[] = { "allow", "drop", "two words" };

enum { ID, NET, NAME, TIME, HITS, ACTION, N_FIELDS };

static const struct moeai_field fields[N_FIELDS] = {
	[ID] = { .name = "id", .id = 1, .type = MOEAI_TYPE_S32 },
	[NET] = { .name = "net", .id = 2, .type = MOEAI_TYPE_PREFIX, .flags = MOEAI_F_KEY },
	[NAME] = { .name = "name", .id = 3, .type = MOEAI_TYPE_STRING, .flags = MOEAI_F_KEY },
	[TIME] = { .name = "time", .id = 5, .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_TIME },
	[HITS] = { .name = "hits", .id = 6, .type = MOEAI_TYPE_U64, .flags = MOEAI_F_READ },
	[ACTION] = { .name = "action", .id = 7, .type = MOEAI_TYPE_ENUM, .labels = labels,
		     .n_labels = 3 },
};
static const struct moeai_schema schema = { .fields = fields, .n_fields = N_FIELDS };

static struct moeai_value number(int field, uint64_t n)
{
	static uint64_t held[N_FIELDS];

	held[field] = n;
	return (struct moeai_value){ .field = &fields[field], .id = fields[field].id, .u64 = n,
				     .s64 = (int64_t)n, .data = &held[field],
				     .len = fields[field].type == MOEAI_TYPE_U64 ? 8 : 4 };
}

static struct moeai_value bytes(int field, const void *data, size_t len)
{
	return (struct moeai_value){ .field = &fields[field], .id = fields[field].id,
				     .data = data, .len = len };
}

/* id NET name=NAME, hits=5, line = id. */
static void add(struct rows *rows, int id, const char *net, size_t net_len, const char *name)
{
	const struct moeai_value values[N_FIELDS] = {
		[ID] = number(ID, (uint32_t)id), [NET] = bytes(NET, net, net_len),
		[NAME] = bytes(NAME, name, strlen(name)), [HITS] = number(HITS, 5),
	};

	assert_int_equal(rows_add(rows, values, (uint32_t)id), 0);
}

#define TEN	 "\x08\x0a\0\0\0", 5
#define TEN_LONG "\x10\x0a\0\0\0", 5
#define NINE	 "\x20\x09\0\0\0", 5
#define DB8	 "\x20\x20\1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 17

/* IPv4 first, by address and length, then what else the key has; the same by line. */
static void order(void **state)
{
	struct rows rows = { .schema = &schema };
	char got[32] = "";

	add(&rows, 6, DB8, "a");
	add(&rows, 2, TEN, "a");
	add(&rows, 4, TEN, "b");
	add(&rows, 3, TEN, "aa");
	add(&rows, 5, TEN_LONG, "");
	add(&rows, 1, NINE, "z");
	add(&rows, 7, DB8, "a");
	rows_sort(&rows);
	for (size_t i = 0; i < rows.n; i++)
		sprintf(got + strlen(got), "%u", rows.v[i].line);
	assert_string_equal(got, "1234567");
	assert_int_equal(rows_compare(&rows, 5, &rows, 6), 0);
	assert_false(rows_same(&rows, 5, &rows, 6)); /* id is another */
	assert_true(rows_same(&rows, 5, &rows, 5));
	assert_true(rows_compare(&rows, 0, &rows, 1) < 0);
	assert_true(rows_compare(&rows, 1, &rows, 0) > 0);
	rows_free(&rows);
}

/* A file may lack a part of the key: the kernel says so, we only put it somewhere. */
static void without_key(void **state)
{
	struct rows rows = { .schema = &schema };
	struct moeai_value values[N_FIELDS] = { [NET] = bytes(NET, TEN) };

	add(&rows, 1, TEN, "a");
	assert_int_equal(rows_add(&rows, values, 2), 0);
	values[NET].field = NULL;
	assert_int_equal(rows_add(&rows, values, 3), 0);
	rows_sort(&rows);
	assert_int_equal(rows.v[0].line, 3);
	assert_int_equal(rows.v[1].line, 2);
	assert_int_equal(rows.v[2].line, 1);
	assert_int_equal(rows_get(&rows, 0).len, 0);
	rows_free(&rows);
}

static char *text_of(const struct rows *rows, size_t i)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	assert_int_equal(rows_write(to, rows, i), 0);
	fclose(to);
	return text;
}

/* In the columns' order, without what only the kernel writes. */
static void written(void **state)
{
	static const char odd[] = "a\"b\\c\nd\te\rf\x1b[m\xff\xc3\xa9\xe2\x80\xae#'$";
	struct rows rows = { .schema = &schema };
	const struct moeai_value values[N_FIELDS] = {
		[ID] = number(ID, (uint64_t)-5), [NET] = bytes(NET, DB8),
		[NAME] = bytes(NAME, odd, sizeof(odd) - 1),
		[TIME] = number(TIME, 1795686000 * NS + 250000000), [HITS] = number(HITS, 7),
		[ACTION] = number(ACTION, 2),
	};
	char *text;

	assert_int_equal(rows_add(&rows, values, 0), 0);
	text = text_of(&rows, 0);
	assert_string_equal(text, "id=-5 net=2001:db8::/32 name=\"a\\\"b\\\\c\\nd\\te\\x0df\\x1b[m"
			    "\\xff\xc3\xa9\\xe2\\x80\\xae#'$\" time=2026-11-26T09:40:00.25Z "
			    "action=\"two words\"");
	free(text);
	rows_free(&rows);
}

static void exact(int type, int unit, uint64_t n, const char *expected)
{
	const struct moeai_field f = { .name = "x", .id = 1, .type = (uint8_t)type,
				       .unit = (uint8_t)unit };
	struct moeai_value v = { .field = &f, .u64 = n, .s64 = (int64_t)n };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	assert_int_equal(exact_write(to, &v), 0);
	fclose(to);
	assert_string_equal(text, expected);
	free(text);
}

/* The largest unit of which it is a whole number. */
static void numbers(void **state)
{
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_NS, 0, "0");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_NS, 600 * NS, "10m");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_NS, 86400 * NS, "24h");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_NS, 90 * NS, "90s");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_NS, 1500000000, "1500ms");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_NS, 1500, "1500");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_NS, 2000, "2us");
	exact(MOEAI_TYPE_S64, MOEAI_UNIT_NS, (uint64_t)-1 * NS, "-1000000000");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_NS, UINT64_MAX, "18446744073709551615");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_BYTES, 256 << 20, "256M");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_BYTES, 1000, "1000");
	exact(MOEAI_TYPE_U32, MOEAI_UNIT_PERMILLE, 200, "20%");
	exact(MOEAI_TYPE_U32, MOEAI_UNIT_PERMILLE, 205, "205");
	exact(MOEAI_TYPE_U32, MOEAI_UNIT_COUNT_S, 1000, "1000");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_TIME, 0, "0");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_TIME, 1795686000 * NS, "2026-11-26T09:40:00Z");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_TIME, 1795686000 * NS + 1,
	      "2026-11-26T09:40:00.000000001Z");
	exact(MOEAI_TYPE_U64, MOEAI_UNIT_TIME, UINT64_MAX, "2554-07-21T23:34:33.709551615Z");
	exact(MOEAI_TYPE_BOOL, MOEAI_UNIT_NONE, 1, "yes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),   cmocka_unit_test(without_key),
		cmocka_unit_test(written), cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
