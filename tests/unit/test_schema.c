// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire.h"
#include "schema.h"
#include "value.h"

static void put_row(struct wire *w, uint32_t kind, const char *owner, uint32_t id,
		    const char *name, uint32_t type)
{
	wire_u32(w, MOEAI_A_FIELDS_KIND, kind);
	wire_string(w, MOEAI_A_FIELDS_OWNER, owner);
	wire_u32(w, MOEAI_A_FIELDS_ID, id);
	wire_string(w, MOEAI_A_FIELDS_NAME, name);
	wire_u32(w, MOEAI_A_FIELDS_TYPE, type);
}

static void whole_row(void **state)
{
	struct wire w = { 0 };
	struct field_row row;

	put_row(&w, MOEAI_SCHEMA_ARGS, "core.ping", 2, "delay", MOEAI_TYPE_U64);
	wire_u32(&w, MOEAI_A_FIELDS_UNIT, MOEAI_UNIT_NS);
	wire_u32(&w, MOEAI_A_FIELDS_FLAGS, MOEAI_F_REQUIRED);
	wire_u64(&w, MOEAI_A_FIELDS_RANGE_MIN, (uint64_t)-5);
	wire_u64(&w, MOEAI_A_FIELDS_RANGE_MAX, 60);
	wire_string(&w, MOEAI_A_FIELDS_LABELS, "");
	wire_string(&w, MOEAI_A_FIELDS_HELP, "how long");
	wire_u32(&w, MOEAI_A_FIELDS_MAX + 1, 1); /* unknown */
	assert_int_equal(field_row_decode(wire_run(&w), &row), 0);
	assert_int_equal(row.kind, MOEAI_SCHEMA_ARGS);
	assert_string_equal(row.owner, "core.ping");
	assert_string_equal(row.name, "delay");
	assert_int_equal(row.unit, MOEAI_UNIT_NS);
	assert_int_equal(row.flags, MOEAI_F_REQUIRED);
	assert_true(row.has_range && row.min == -5 && row.max == 60);
	assert_string_equal(row.help, "how long");
}

static void range_needs_both(void **state)
{
	struct wire w = { 0 };
	struct field_row row;

	put_row(&w, MOEAI_SCHEMA_ARGS, "a.b", 1, "x", MOEAI_TYPE_U32);
	wire_u64(&w, MOEAI_A_FIELDS_RANGE_MAX, 60);
	assert_int_equal(field_row_decode(wire_run(&w), &row), 0);
	assert_false(row.has_range);
}

static void bad_rows(void **state)
{
	struct wire w = { 0 };
	struct field_row row;
	size_t len;

	assert_int_equal(field_row_decode(wire_run(&w), &row), -EPROTO);
	put_row(&w, MOEAI_SCHEMA_ARGS, "a.b", 1, "x", MOEAI_TYPE_U32);
	len = w.len;
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(field_row_decode((struct attr_run){ w.data, cut }, &row),
				 -EPROTO);
	wire_u32(&w, MOEAI_A_FIELDS_RANGE_MIN, 1); /* of 8 bytes */
	assert_int_equal(field_row_decode(wire_run(&w), &row), -EPROTO);
	w.len = len;
	wire_u32(&w, MOEAI_A_FIELDS_TYPE, 256);
	assert_int_equal(field_row_decode(wire_run(&w), &row), -EPROTO);
	w.len = 0;
	put_row(&w, MOEAI_SCHEMA_ARGS, "a.b", 0, "x", MOEAI_TYPE_U32);
	assert_int_equal(field_row_decode(wire_run(&w), &row), -EPROTO);
}

/* ---- the store -------------------------------------------------------------- */

#define ROW(_kind, _owner, _id, _name, _type, _labels)                                   \
	{ .kind = (_kind), .owner = (_owner), .id = (_id), .name = (_name),             \
	  .type = (_type), .labels = (_labels), .help = "" }

static const struct field_row rows[] = {
	ROW(MOEAI_SCHEMA_TABLE, "modules", 2, "state", MOEAI_TYPE_ENUM, "stopped|running"),
	ROW(MOEAI_SCHEMA_EVENT, "a.b", 3, "third", MOEAI_TYPE_U64, NULL),
	ROW(MOEAI_SCHEMA_TABLE, "modules", 1, "name", MOEAI_TYPE_STRING, ""),
	ROW(MOEAI_SCHEMA_EVENT, "a.b", 1, "first", MOEAI_TYPE_FLAGS, "one"),
	ROW(MOEAI_SCHEMA_ARGS, "a.b", 1, "other", MOEAI_TYPE_U32, NULL),
};

static void set(struct schema_store *s)
{
	struct field_row copy[ARRAY_SIZE(rows)];

	memcpy(copy, rows, sizeof(rows));
	assert_int_equal(schema_store_set(s, copy, ARRAY_SIZE(copy)), 0);
}

static void indexed(void **state)
{
	struct schema_store s = { 0 };
	const struct moeai_schema *found;

	set(&s);
	found = schema_store_find(&s, MOEAI_SCHEMA_TABLE, "modules");
	assert_non_null(found);
	assert_string_equal(found->owner, "modules");
	assert_int_equal(found->kind, MOEAI_SCHEMA_TABLE);
	assert_int_equal(found->n_fields, 2);
	assert_string_equal(found->fields[0].name, "name");
	assert_null(found->fields[0].labels);
	assert_int_equal(found->fields[1].n_labels, 2);
	assert_string_equal(found->fields[1].labels[0], "stopped");
	assert_string_equal(moeai_field_label(&found->fields[1], 1), "running");
	assert_null(moeai_field_label(&found->fields[1], 2));

	found = schema_store_find(&s, MOEAI_SCHEMA_EVENT, "a.b");
	assert_int_equal(found->n_fields, 2);
	assert_string_equal(schema_field(found, 3)->name, "third"); /* id is not index + 1 */
	assert_null(schema_field(found, 2));
	assert_null(schema_field(found, 0));
	assert_null(schema_field(NULL, 1));
	assert_ptr_equal(schema_find(found, "first"), &found->fields[0]);
	assert_null(schema_find(found, "second"));

	assert_null(schema_store_find(&s, MOEAI_SCHEMA_REPLY, "a.b"));
	assert_null(schema_store_find(&s, MOEAI_SCHEMA_EVENT, "a.c"));
	schema_store_free(&s);
	assert_null(schema_store_find(&s, MOEAI_SCHEMA_EVENT, "a.b"));
}

/* Callers keep pointers over any number of refreshes, which do not pile up. */
static void pointers_stay(void **state)
{
	struct schema_store s = { 0 };
	const struct moeai_schema *event, *args;
	struct field_row changed[ARRAY_SIZE(rows)];
	size_t n;

	set(&s);
	event = schema_store_find(&s, MOEAI_SCHEMA_EVENT, "a.b");
	args = schema_store_find(&s, MOEAI_SCHEMA_ARGS, "a.b");
	n = s.n_all;
	for (int i = 0; i < 10; i++) {
		schema_store_forget(&s);
		assert_null(schema_store_find(&s, MOEAI_SCHEMA_EVENT, "a.b"));
		set(&s);
	}
	assert_int_equal(s.n_all, n);
	assert_ptr_equal(schema_store_find(&s, MOEAI_SCHEMA_EVENT, "a.b"), event);

	memcpy(changed, rows, sizeof(rows));
	changed[4].type = MOEAI_TYPE_U64;
	assert_int_equal(schema_store_set(&s, changed, ARRAY_SIZE(changed)), 0);
	assert_ptr_equal(schema_store_find(&s, MOEAI_SCHEMA_EVENT, "a.b"), event);
	assert_ptr_not_equal(schema_store_find(&s, MOEAI_SCHEMA_ARGS, "a.b"), args);
	assert_int_equal(args->fields[0].type, MOEAI_TYPE_U32);
	schema_store_free(&s);
}

/* Whatever is asked of the kernel in between, that much is told. */
static void changes(void **state)
{
	struct field_row other[ARRAY_SIZE(rows)];
	struct schema_store s = { 0 };

	set(&s);
	assert_true(schema_store_changed(&s));
	set(&s);
	assert_false(schema_store_changed(&s));
	schema_store_get(&s, MOEAI_SCHEMA_REPLY, "a.b");
	assert_true(schema_store_changed(&s));
	set(&s);
	assert_true(schema_store_changed(&s)); /* until it is asked for */
	schema_store_get(&s, MOEAI_SCHEMA_REPLY, "a.b");
	assert_false(schema_store_changed(&s));

	memcpy(other, rows, sizeof(rows));
	other[1].help = "otherwise";
	assert_int_equal(schema_store_set(&s, other, ARRAY_SIZE(other)), 0);
	schema_store_get(&s, MOEAI_SCHEMA_REPLY, "a.b");
	assert_true(schema_store_changed(&s));
	set(&s); /* as it was once */
	schema_store_get(&s, MOEAI_SCHEMA_REPLY, "a.b");
	assert_true(schema_store_changed(&s));
	schema_store_free(&s);
}

static uint64_t shape(const struct field_row *row)
{
	struct schema_store s = { 0 };
	struct field_row copy = *row;
	uint64_t shape;

	assert_int_equal(schema_store_set(&s, &copy, 1), 0);
	shape = schema_store_find(&s, copy.kind, copy.owner)->shape;
	schema_store_free(&s);
	return shape;
}

/* What a decoder depends on is in it, what people read is not. */
static void shapes(void **state)
{
	const struct field_row row = rows[1];
	struct field_row other = row;

	other.help = "otherwise";
	other.unit = MOEAI_UNIT_NS;
	assert_true(shape(&other) == shape(&row));
	other.type = MOEAI_TYPE_S64;
	assert_true(shape(&other) != shape(&row));
	other = row;
	other.id = 4;
	assert_true(shape(&other) != shape(&row));
	other = row;
	other.owner = "a.c";
	assert_true(shape(&other) != shape(&row));
	other = row;
	other.kind = MOEAI_SCHEMA_TABLE;
	assert_true(shape(&other) != shape(&row));
}

static void empty_schemas(void **state)
{
	struct schema_store s = { 0 };
	const struct moeai_schema *none;

	set(&s);
	none = schema_store_get(&s, MOEAI_SCHEMA_REPLY, "a.b");
	assert_int_equal(none->n_fields, 0);
	assert_ptr_equal(schema_store_get(&s, MOEAI_SCHEMA_REPLY, "a.b"), none);
	assert_ptr_equal(schema_store_find(&s, MOEAI_SCHEMA_REPLY, "a.b"), none);
	assert_non_null(schema_store_find(&s, MOEAI_SCHEMA_TABLE, "modules"));
	schema_store_free(&s);
}

static void twice(void **state)
{
	struct field_row two[] = { rows[0], rows[0] };
	struct schema_store s = { 0 };

	assert_int_equal(schema_store_set(&s, two, 2), -EEXIST);
	assert_int_equal(schema_store_set(&s, NULL, 0), 0);
	schema_store_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_row),	 cmocka_unit_test(range_needs_both),
		cmocka_unit_test(bad_rows),	 cmocka_unit_test(indexed),
		cmocka_unit_test(pointers_stay), cmocka_unit_test(empty_schemas),
		cmocka_unit_test(twice),	 cmocka_unit_test(shapes),
		cmocka_unit_test(changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
