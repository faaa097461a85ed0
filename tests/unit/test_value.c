// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire.h"
#include "value.h"

static const char *const labels[] = { "red", "green", "blue" };

#define FIELD(_type, ...) ((struct moeai_field){ .name = "x", .help = "", .id = 1, \
						 .type = (_type), ##__VA_ARGS__ })
#define LABELS .labels = labels, .n_labels = 3

static int decode(const struct moeai_field *f, const void *data, size_t len,
		  struct moeai_value *out)
{
	const struct attr a = { 1, len, data };

	return value_decode(f, &a, out);
}

static void check_text(struct moeai_field f, const void *data, size_t len, const char *expected)
{
	struct moeai_value v;
	char text[128];

	assert_int_equal(decode(&f, data, len, &v), 0);
	assert_int_equal(moeai_value_text(&v, text, sizeof(text)), strlen(expected));
	assert_string_equal(text, expected);
}

static void numbers(void **state)
{
	check_text(FIELD(MOEAI_TYPE_BOOL), "\1", 1, "1");
	check_text(FIELD(MOEAI_TYPE_U32), "\xff\xff\xff\xff", 4, "4294967295");
	check_text(FIELD(MOEAI_TYPE_S32), "\xff\xff\xff\xff", 4, "-1");
	check_text(FIELD(MOEAI_TYPE_U64), "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
		   "18446744073709551615");
	check_text(FIELD(MOEAI_TYPE_S64), "\0\0\0\0\0\0\0\x80", 8, "-9223372036854775808");
	check_text(FIELD(MOEAI_TYPE_U32, .flags = MOEAI_F_HEX), "\x1f\0\0\0", 4, "0x1f");
}

static void enums_and_flags(void **state)
{
	check_text(FIELD(MOEAI_TYPE_ENUM, LABELS), "\1\0\0\0", 4, "green");
	check_text(FIELD(MOEAI_TYPE_ENUM, LABELS), "\3\0\0\0", 4, "3");
	check_text(FIELD(MOEAI_TYPE_FLAGS, LABELS), "\0\0\0\0", 4, "0");
	check_text(FIELD(MOEAI_TYPE_FLAGS, LABELS), "\5\0\0\0", 4, "red|blue");
	check_text(FIELD(MOEAI_TYPE_FLAGS, LABELS), "\x12\0\0\x80", 4, "green|0x10|0x80000000");
}

static void others(void **state)
{
	check_text(FIELD(MOEAI_TYPE_STRING), "a\nb\0\0\0", 6, "a\nb");
	check_text(FIELD(MOEAI_TYPE_STRING), "", 1, "");
	check_text(FIELD(MOEAI_TYPE_BINARY), "\0\xab\x01", 3, "00ab01");
	check_text(FIELD(MOEAI_TYPE_BINARY), "", 0, "");
	check_text(FIELD(MOEAI_TYPE_PREFIX), "\x18\xc0\0\2\0", 5, "192.0.2.0/24");
	check_text(FIELD(MOEAI_TYPE_PREFIX), "\x20 \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 17,
		   "2001:db8::/32");
}

/* A type of a newer kernel: bytes. */
static void unknown_type(void **state)
{
	struct moeai_field f = FIELD(MOEAI_TYPE_MAX + 1);
	struct moeai_value v;
	char text[8];

	assert_int_equal(decode(&f, "\1\2", 2, &v), 0);
	assert_null(v.field);
	assert_int_equal(moeai_value_text(&v, text, sizeof(text)), 4);
	assert_string_equal(text, "0102");
}

static void wrong_payloads(void **state)
{
	static const struct {
		uint8_t type;
		const char *data;
		size_t len;
	} wrong[] = {
		{ MOEAI_TYPE_BOOL, "", 0 },	   { MOEAI_TYPE_BOOL, "\1\0\0\0", 4 },
		{ MOEAI_TYPE_U32, "\1\0\0", 3 },   { MOEAI_TYPE_U32, "\1\0\0\0\0\0\0\0", 8 },
		{ MOEAI_TYPE_U64, "\1\0\0\0", 4 }, { MOEAI_TYPE_S64, "", 0 },
		{ MOEAI_TYPE_STRING, "abc", 3 },   { MOEAI_TYPE_STRING, "", 0 },
		{ MOEAI_TYPE_PREFIX, "", 0 },	   { MOEAI_TYPE_PREFIX, "\x21\0\0\0\0", 5 },
		{ MOEAI_TYPE_PREFIX, "\x18\0\0\0\0\0", 6 },
		{ MOEAI_TYPE_PREFIX, "\x81\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17 },
		{ MOEAI_TYPE_ENUM, "\1", 1 },	   { MOEAI_TYPE_FLAGS, "\1\0\0\0\0\0\0\0", 8 },
	};
	struct moeai_field f;
	struct moeai_value v;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		f = FIELD(wrong[i].type);
		assert_int_equal(decode(&f, wrong[i].data, wrong[i].len, &v), -EPROTO);
	}
}

/* As snprintf: the length it takes, and what fits. */
static void short_buffers(void **state)
{
	struct moeai_field f = FIELD(MOEAI_TYPE_FLAGS, LABELS);
	struct moeai_value v;
	char text[6] = "xxxxx";

	assert_int_equal(decode(&f, "\7\0\0\0", 4, &v), 0);
	assert_int_equal(moeai_value_text(&v, NULL, 0), strlen("red|green|blue"));
	assert_int_equal(moeai_value_text(&v, text, 1), strlen("red|green|blue"));
	assert_string_equal(text, "");
	assert_int_equal(moeai_value_text(&v, text, 5), strlen("red|green|blue"));
	assert_string_equal(text, "red|");
	assert_int_equal(text[5], 0);
}

static const struct moeai_field fields[] = {
	{ .name = "count", .help = "", .id = 1, .type = MOEAI_TYPE_U32 },
	{ .name = "comm", .help = "", .id = 3, .type = MOEAI_TYPE_STRING },
};
static const struct moeai_schema schema = { "a.b", MOEAI_SCHEMA_EVENT, fields, 2 };

static void walk(void **state)
{
	struct wire w = { 0 };
	struct moeai_values values;
	struct moeai_value v;
	size_t pos = 0;

	wire_attr(&w, 0, NULL, 0); /* padding */
	wire_string(&w, 3, "sh");
	wire_u32(&w, 2, 9); /* unknown */
	wire_u32(&w, 1, 5);
	values = (struct moeai_values){ &schema, w.data, w.len };
	assert_int_equal(moeai_values_next(&values, &pos, &v), 1);
	assert_ptr_equal(v.field, &fields[1]);
	assert_string_equal(v.data, "sh");
	assert_int_equal(v.len, 2);
	assert_int_equal(moeai_values_next(&values, &pos, &v), 1);
	assert_null(v.field);
	assert_int_equal(v.id, 2);
	assert_int_equal(moeai_values_next(&values, &pos, &v), 1);
	assert_true(v.u64 == 5 && v.s64 == 5);
	assert_int_equal(moeai_values_next(&values, &pos, &v), 0);
	assert_int_equal(moeai_values_next(&values, &pos, &v), 0);

	assert_int_equal(moeai_values_get(&values, "count", &v), 0);
	assert_true(v.u64 == 5);
	assert_int_equal(moeai_values_get(&values, "nobody", &v), -ENOENT);
	assert_int_equal(moeai_values_get_id(&values, 2, &v), 0);
	assert_int_equal(moeai_values_get_id(&values, 4, &v), -ENOENT);
	values.schema = NULL;
	assert_int_equal(moeai_values_get(&values, "count", &v), -ENOENT);
	assert_int_equal(moeai_values_get_id(&values, 1, &v), 0);
	assert_null(v.field);
}

static void malformed_runs(void **state)
{
	struct wire w = { 0 };
	struct moeai_values values;
	struct moeai_value v;
	size_t pos;
	int rc;

	wire_u32(&w, 1, 5);
	wire_string(&w, 3, "sh");
	for (size_t cut = 1; cut < w.len; cut++) {
		values = (struct moeai_values){ &schema, w.data, cut };
		pos = 0;
		do {
			rc = moeai_values_next(&values, &pos, &v);
		} while (rc > 0);
		/* 8: between the two; 15: only padding is missing. */
		assert_int_equal(rc, cut == 8 || cut == 15 ? 0 : -EPROTO);
	}
}

static struct moeai_field many_fields[] = {
	{ .name = "a", .help = "", .id = 1, .type = MOEAI_TYPE_U32 },
	{ .name = "b", .help = "", .id = 2, .type = MOEAI_TYPE_S32 },
	{ .name = "c", .help = "", .id = 3, .type = MOEAI_TYPE_U64 },
	{ .name = "d", .help = "", .id = 4, .type = MOEAI_TYPE_STRING },
	{ .name = "e", .help = "", .id = 5, .type = MOEAI_TYPE_BOOL },
	{ .name = "f", .help = "", .id = 7, .type = MOEAI_TYPE_ENUM }, /* there is no 6 */
	{ .name = "g", .help = "", .id = 8, .type = MOEAI_TYPE_MAX + 1 },
};

enum { MANY = ARRAY_SIZE(many_fields) };

static const struct moeai_schema many = { "a.b", MOEAI_SCHEMA_EVENT, many_fields, MANY };

/* What moeai_values_all() is the fast way of; the last of one id counts. */
static int all_by_walking(const struct moeai_values *v, struct moeai_value *out, size_t n)
{
	struct moeai_value value;
	size_t pos = 0;
	int rc, passed = 0;

	memset(out, 0, n * sizeof(*out));
	while ((rc = moeai_values_next(v, &pos, &value)) > 0) {
		if (!value.field || (size_t)(value.field - many_fields) >= n) {
			passed++;
			continue;
		}
		passed += !!out[value.field - many_fields].field;
		out[value.field - many_fields] = value;
	}
	return rc ? rc : passed;
}

static void check_all(const struct moeai_values *values)
{
	struct moeai_value walked[MANY], all[MANY];
	size_t n = (size_t)rand() % (MANY + 1);
	int rc = all_by_walking(values, walked, n);

	assert_int_equal(moeai_values_all(values, all, n), rc);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		assert_ptr_equal(all[i].field, walked[i].field);
		if (!all[i].field)
			continue;
		assert_true(all[i].id == walked[i].id && all[i].len == walked[i].len);
		assert_true(all[i].u64 == walked[i].u64 && all[i].s64 == walked[i].s64);
		assert_ptr_equal(all[i].data, walked[i].data);
	}
}

/* In order, as events come, or not; cut, or with a byte changed. */
static void all(void **state)
{
	struct moeai_values values;
	char *exact;

	srand(1);
	for (size_t i = 0; i < MANY; i++) /* as schema_new() does */
		many_fields[i].head = field_head(many_fields[i].id, many_fields[i].type);
	for (int round = 0; round < 20000; round++) {
		bool in_order = rand() % 2;
		struct wire w = { 0 };

		for (int i = 1; i < 10; i++) {
			int id = in_order ? i : rand() % 10;

			if (rand() % 8 == 0)
				continue;
			if (id == 4)
				wire_string(&w, id, "text" + rand() % 5);
			else if (id == 5)
				wire_attr(&w, id, "\1", 1);
			else if (id == 3)
				wire_u64(&w, id, UINT64_MAX - (uint64_t)rand());
			else
				wire_u32(&w, id, UINT32_MAX - (uint32_t)rand());
		}
		if (rand() % 4 == 0 && w.len)
			w.len -= (size_t)rand() % w.len;
		if (rand() % 4 == 0 && w.len)
			w.data[(size_t)rand() % w.len] ^= 1 << rand() % 8;
		exact = malloc(w.len ? w.len : 1); /* whose end is watched */
		memcpy(exact, w.data, w.len);
		values = (struct moeai_values){ &many, exact, w.len };
		check_all(&values);
		free(exact);
	}
	values = (struct moeai_values){ NULL, "", 0 };
	assert_int_equal(moeai_values_all(&values, NULL, 0), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),	cmocka_unit_test(enums_and_flags),
		cmocka_unit_test(others),	cmocka_unit_test(unknown_type),
		cmocka_unit_test(wrong_payloads), cmocka_unit_test(short_buffers),
		cmocka_unit_test(walk),		cmocka_unit_test(malformed_runs),
		cmocka_unit_test(all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
