// SPDX-License-Identifier: GPL-2.0
/* The short way to an event's JSON says what the long one does, byte for byte. */
#include "wire.h"
#include "../../moectl/fields.h"
#include "../../moectl/json_line.h"
#include "../../moectl/show.h"

static const char *const labels[] = { "plain", "with \"quotes\"", "caf\xe9" };

static const uint8_t types[] = {
	MOEAI_TYPE_BOOL, MOEAI_TYPE_U32, MOEAI_TYPE_S32,    MOEAI_TYPE_U64,    MOEAI_TYPE_S64,
	MOEAI_TYPE_STRING, MOEAI_TYPE_BINARY, MOEAI_TYPE_PREFIX, MOEAI_TYPE_ENUM, MOEAI_TYPE_FLAGS,
};

enum { TYPES = sizeof(types), FIELDS = 4 };

static char *long_way(const struct moeai_event *e)
{
	struct fields fields = { 0 };
	json_t *json;
	char *text;

	assert_int_equal(fields_decode(&fields, &e->values), 0);
	json = json_pack("{s:s, s:o, s:o, s:s, s:o, s:o, s:o}", "kind", "event", "seq",
				 show_json_u64(e->seq), "time", show_json_u64(e->time), "priority",
				 moeai_priority_name(e->priority), "type",
				 show_json_text(e->type_name, strlen(e->type_name)), "source",
				 show_json_text(e->source, strlen(e->source)), "fields",
				 show_fields_json(&fields));
	text = json_dumps(json, JSON_ENSURE_ASCII | JSON_COMPACT);
	fields_free(&fields);

	json_decref(json);
	return text;
}

static uint64_t number(void)
{
	static const uint64_t edges[] = { 0, 1, 9, 10, UINT32_MAX, INT64_MAX, 1ULL << 63, UINT64_MAX };

	return rand() % 2 ? edges[rand() % 8] : (uint64_t)rand() << rand() % 33;
}

/* A value of the field, of the right length. */
static void put(struct wire *w, const struct moeai_field *f)
{
	char bytes[16];
	size_t len = (size_t)rand() % 12;

	for (size_t i = 0; i < len; i++)
		bytes[i] = rand() % 2 ? (char)('a' + rand() % 26) : (char)(1 + rand() % 255);
	bytes[len] = 0;
	switch (f->type) {
	case MOEAI_TYPE_BOOL:
		wire_attr(w, f->id, rand() % 2 ? "\1" : "", 1);
		return;
	case MOEAI_TYPE_U64:
	case MOEAI_TYPE_S64:
		wire_u64(w, f->id, number());
		return;
	case MOEAI_TYPE_STRING:
		wire_attr(w, f->id, bytes, len + 1);
		return;
	case MOEAI_TYPE_BINARY:
		wire_attr(w, f->id, bytes, len);
		return;
	case MOEAI_TYPE_PREFIX:
		wire_attr(w, f->id, "\x18\xc0\0\2\0", 5);
		return;
	case MOEAI_TYPE_ENUM:
		wire_u32(w, f->id, (uint32_t)rand() % 4);
		return;
	default:
		wire_u32(w, f->id, (uint32_t)number());
	}
}

static void describe(struct moeai_schema *schema, struct moeai_field *fields, const char *owner)
{
	static const char *const names[FIELDS] = { "pid", "a_name", "c", "d" };
	size_t n = (size_t)rand() % (FIELDS + 1);

	for (size_t i = 0; i < n; i++)
		fields[i] = (struct moeai_field){
			.name = names[i], .help = "", .id = (uint16_t)(i + 1),
			.type = types[rand() % TYPES], .labels = labels, .n_labels = 3,
			.flags = rand() % 4 ? 0 : MOEAI_F_HEX,
		};
	*schema = (struct moeai_schema){ .owner = owner, .fields = fields, .n_fields = n };
}

/* Events of two types in turn, some of whose fields are not there. */
static void same(void **state)
{
	static const char *const names[] = { "a.b", "#65537" };

	srand(3);
	for (int round = 0; round < 5000; round++) {
		struct moeai_field fields[2][FIELDS];
		struct json_line line = { 0 };
		struct moeai_schema schemas[2];

		for (int i = 0; i < 2; i++)
			describe(&schemas[i], fields[i], names[i]);
		for (int i = 0; i < 6; i++) {
			const int which = rand() % 2;
			struct wire w = { 0 };
			struct moeai_event e = { .seq = (uint64_t)rand(), .time = number() >> 1,
						 .priority = (enum moeai_priority)(rand() % 5),
						 .source = "test", .type_name = names[which] };
			char *want;

			for (size_t k = 0; k < schemas[which].n_fields; k++)
				if (rand() % 8)
					put(&w, &fields[which][k]);
			e.values = (struct moeai_values){ &schemas[which], w.data, w.len };
			want = long_way(&e);
			assert_non_null(want);
			assert_int_equal(json_line_event(&line, &e), 0);
			assert_int_equal(line.len, strlen(want) + 1);
			assert_memory_equal(line.text, want, line.len - 1);
			assert_int_equal(line.text[line.len - 1], '\n');
			free(want);
		}
		json_line_free(&line);
	}
}

static void left_to_the_long_way(void **state)
{
	static const struct moeai_field fields[] = {
		{ .name = "x", .id = 1, .type = MOEAI_TYPE_U32 },
		{ .name = "y", .id = 2, .type = MOEAI_TYPE_U32 },
	};
	static const struct moeai_schema schema = { .owner = "t", .fields = fields, .n_fields = 2 };
	static const uint16_t wrong[][2] = { { 1, 1 }, { 2, 1 }, { 1, 3 }, { 2, 2 } };
	struct moeai_event e = { .seq = 1, .source = "s", .type_name = "t" };
	struct json_line line = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct wire w = { 0 };

		wire_u32(&w, wrong[i][0], 1);
		wire_u32(&w, wrong[i][1], 2);
		e.values = (struct moeai_values){ &schema, w.data, w.len };
		assert_int_equal(json_line_event(&line, &e), -EINVAL);
		e.values.len--; /* malformed */
		assert_int_equal(json_line_event(&line, &e), -EINVAL);
	}
	e.values.len = 0;
	assert_int_equal(json_line_event(&line, &e), 0);
	e.values.schema = NULL;
	assert_int_equal(json_line_event(&line, &e), -EINVAL);
	e.values.schema = &schema;
	e.seq = 1ULL << 63;
	assert_int_equal(json_line_event(&line, &e), -EINVAL);
	json_line_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same),
		cmocka_unit_test(left_to_the_long_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
