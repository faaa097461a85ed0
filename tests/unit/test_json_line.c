// SPDX-License-Identifier: GPL-2.0
/* The short way to an event's JSON says what the long one does, byte for byte. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/json_line.h"
#include "../../moectl/show.h"

static const char *const labels[] = { "plain", "with \"quotes\"", "caf\xe9" };

static const uint8_t types[] = {
	MOEAI_TYPE_BOOL, MOEAI_TYPE_U32, MOEAI_TYPE_S32,    MOEAI_TYPE_U64,    MOEAI_TYPE_S64,
	MOEAI_TYPE_STRING, MOEAI_TYPE_BINARY, MOEAI_TYPE_PREFIX, MOEAI_TYPE_ENUM, MOEAI_TYPE_FLAGS,
};

enum { TYPES = sizeof(types), FIELDS = 4 };

static char *long_way(const struct moeai_event *e, const struct fields *fields)
{
	json_t *json = json_pack("{s:s, s:o, s:o, s:s, s:o, s:o, s:o}", "kind", "event", "seq",
				 show_json_u64(e->seq), "time", show_json_u64(e->time), "priority",
				 moeai_priority_name(e->priority), "type",
				 show_json_text(e->type_name, strlen(e->type_name)), "source",
				 show_json_text(e->source, strlen(e->source)), "fields",
				 show_fields_json(fields));
	char *text = json_dumps(json, JSON_ENSURE_ASCII | JSON_COMPACT);

	json_decref(json);
	return text;
}

static uint64_t number(void)
{
	static const uint64_t edges[] = { 0, 1, 9, 10, UINT32_MAX, INT64_MAX, 1ULL << 63, UINT64_MAX };

	return rand() % 2 ? edges[rand() % 8] : (uint64_t)rand() << rand() % 33;
}

static void fill(struct moeai_field *f, struct moeai_value *v, char *bytes)
{
	static const char prefix[] = { 24, (char)192, 0, 2, 0 };
	size_t len = (size_t)rand() % 12;

	*f = (struct moeai_field){ .name = "x", .help = "", .type = types[rand() % TYPES],
				   .labels = labels, .n_labels = 3,
				   .flags = rand() % 4 ? 0 : MOEAI_F_HEX };
	for (size_t i = 0; i < len; i++)
		bytes[i] = rand() % 2 ? (char)('a' + rand() % 26) : (char)(1 + rand() % 255);
	bytes[len] = 0;
	*v = (struct moeai_value){ .field = rand() % 16 ? f : NULL, .data = bytes, .len = len };
	v->u64 = f->type == MOEAI_TYPE_ENUM ? (uint64_t)rand() % 4 : number();
	if (f->type == MOEAI_TYPE_BOOL)
		v->u64 &= 1;
	if (f->type == MOEAI_TYPE_U32 || f->type == MOEAI_TYPE_FLAGS)
		v->u64 &= UINT32_MAX;
	v->s64 = (int64_t)v->u64;
	if (f->type == MOEAI_TYPE_PREFIX) {
		v->data = prefix;
		v->len = sizeof(prefix);
	}
}

static void same(void **state)
{
	static const char *const names[FIELDS] = { "pid", "a_name", "c", "d" };
	struct json_line line = { 0 };

	srand(3);
	for (int round = 0; round < 20000; round++) {
		struct moeai_event e = { .seq = (uint64_t)rand(), .time = number() >> 1,
					 .priority = (enum moeai_priority)(rand() % 5),
					 .source = "test", .type_name = rand() % 9 ? "a.b" : "#65537" };
		struct moeai_field field[FIELDS];
		struct moeai_value value[FIELDS];
		struct fields fields = { .values = value, .n = (size_t)rand() % (FIELDS + 1) };
		char bytes[FIELDS][16], *want;

		for (size_t i = 0; i < fields.n; i++) {
			fill(&field[i], &value[i], bytes[i]);
			field[i].name = names[i];
			value[i].id = field[i].id = (uint16_t)(i + 1);
		}
		want = long_way(&e, &fields);
		assert_non_null(want);
		assert_int_equal(json_line_event(&line, &e, &fields), 0);
		assert_int_equal(line.len, strlen(want));
		assert_memory_equal(line.text, want, line.len);
		free(want);
	}
	json_line_free(&line);
}

static void left_to_the_long_way(void **state)
{
	const struct moeai_field f = { .name = "x", .id = 1, .type = MOEAI_TYPE_U32 };
	struct moeai_value twins[2] = { { .field = &f, .id = 1 }, { .field = &f, .id = 1 } };
	const struct fields two = { .values = twins, .n = 2 }, none = { 0 };
	struct moeai_event e = { .seq = 1, .source = "s", .type_name = "t" };
	struct json_line line = { 0 };

	assert_int_equal(json_line_event(&line, &e, &two), -EINVAL);
	e.seq = 1ULL << 63;
	assert_int_equal(json_line_event(&line, &e, &none), -EINVAL);
	json_line_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same),
		cmocka_unit_test(left_to_the_long_way),
	};

	if (getenv("MOEAI_TEST_FILTER"))
		cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
