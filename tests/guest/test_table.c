// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tables through the library: rows and schemas agree. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "reader.h"

static const char *const core_tables[] = { "modules",	  "params", "commands",
					   "event_types", "fields", "log" };

#define N_TABLES (sizeof(core_tables) / sizeof(core_tables[0]))

static struct moeai *h;

static struct moeai_table *open_table(const char *name)
{
	struct moeai_table *t;

	if (moeai_table_open(h, name, &t))
		fail_msg("%s: %s", name, moeai_error(h));
	return t;
}

/* Every value has a field, each field at most one value; keys are there. */
static void check_row(const struct moeai_schema *schema, const struct moeai_values *row)
{
	uint64_t seen = 0, keys = 0;
	struct moeai_value v;
	char text[256];
	size_t pos = 0;
	int rc;

	assert_ptr_equal(row->schema, schema);
	while ((rc = moeai_values_next(row, &pos, &v)) > 0) {
		assert_non_null(v.field);
		assert_false(seen >> v.id & 1);
		seen |= 1ULL << v.id;
		assert_true(moeai_value_text(&v, text, sizeof(text)) >= 0);
		if (v.field->type == MOEAI_TYPE_ENUM)
			assert_non_null(moeai_field_label(v.field, v.u64));
	}
	assert_int_equal(rc, 0);
	for (size_t i = 0; i < schema->n_fields; i++)
		if (schema->fields[i].flags & MOEAI_F_KEY)
			keys |= 1ULL << schema->fields[i].id;
	assert_true((seen & keys) == keys);
}

static size_t check_table(const char *name)
{
	struct moeai_table *t = open_table(name);
	const struct moeai_schema *schema = moeai_table_schema(t), *again;
	struct moeai_values row;
	size_t n = 0;
	int rc;

	assert_string_equal(schema->owner, name);
	assert_int_equal(schema->kind, MOEAI_SCHEMA_TABLE);
	assert_true(schema->n_fields > 0);
	assert_int_equal(moeai_schema_get(h, MOEAI_SCHEMA_TABLE, name, &again), 0);
	assert_ptr_equal(schema, again);
	assert_true(moeai_table_generation(t) > 0);
	for (; (rc = moeai_table_next(t, &row)) > 0; n++)
		check_row(schema, &row);
	assert_int_equal(rc, 0);
	assert_int_equal(moeai_table_next(t, &row), 0);
	moeai_table_close(t);
	return n;
}

static void every_table(void **state)
{
	for (size_t i = 0; i < N_TABLES; i++)
		assert_true(check_table(core_tables[i]) > 0);
}

/* Each event type and command has a schema if it has fields; names are unique. */
static void fields_have_owners(void **state)
{
	struct moeai_table *t = open_table("fields");
	const struct moeai_schema *schema;
	struct moeai_value kind, owner, id, name;
	struct moeai_values row;
	bool found;

	while (moeai_table_next(t, &row) > 0) {
		assert_int_equal(moeai_values_get(&row, "kind", &kind), 0);
		assert_int_equal(moeai_values_get(&row, "owner", &owner), 0);
		assert_int_equal(moeai_values_get(&row, "id", &id), 0);
		assert_int_equal(moeai_values_get(&row, "name", &name), 0);
		assert_int_equal(moeai_schema_get(h, kind.u64, owner.data, &schema), 0);
		found = false;
		for (size_t i = 0; i < schema->n_fields; i++)
			if (schema->fields[i].id == id.u64)
				found = !strcmp(schema->fields[i].name, name.data);
		assert_true(found);
	}
	moeai_table_close(t);
}

static void status_is_described(void **state)
{
	const struct moeai_schema *schema;

	assert_int_equal(moeai_schema_get(h, MOEAI_SCHEMA_STATUS, "status", &schema), 0);
	assert_int_equal(schema->n_fields, MOEAI_A_STATUS_MAX);
	assert_int_equal(moeai_schema_get(h, MOEAI_SCHEMA_PARAM, "core", &schema), 0);
	assert_int_equal(moeai_schema_get(h, MOEAI_SCHEMA_EVENT, "no.body", &schema), -ENOENT);
}

static void no_such_table(void **state)
{
	static char name[100];
	struct moeai_table *t;

	assert_int_equal(moeai_table_open(h, "chairs", &t), -ENOENT);
	assert_non_null(strstr(moeai_error(h), "table chairs: no such table"));
	memset(name, 'x', sizeof(name) - 1);
	assert_int_equal(moeai_table_open(h, name, &t), -ENOENT);
}

/* Walks do not get into each other's way, nor into that of calls. */
static void several_at_once(void **state)
{
	struct moeai_table *a = open_table("fields"), *b = open_table("fields");
	struct moeai_values row;
	size_t n = 0, m = 0;

	while (moeai_table_next(a, &row) > 0) {
		n++;
		if (moeai_table_next(b, &row) > 0)
			m++;
		if (n % 16 == 0)
			assert_int_equal(moeai_call(h, "core.ping", NULL, 0, PATIENCE, NULL), 0);
	}
	assert_int_equal(n, m);
	moeai_table_close(a);
	moeai_table_close(b);
	a = open_table("fields"); /* given up in the middle */
	assert_int_equal(moeai_table_next(a, &row), 1);
	moeai_table_close(a);
	assert_true(check_table("fields") == n);
}

static int as_nobody(void)
{
	static const char *const open[] = { "modules", "commands", "event_types", "fields" };
	struct moeai_table *t;
	struct moeai *own;

	if (setgid(65534) || setuid(65534) || moeai_open(&own))
		return 1;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		if (moeai_table_open(own, open[i], &t))
			return 2;
		moeai_table_close(t);
	}
	if (moeai_table_open(own, "params", &t) != -EPERM || moeai_table_open(own, "log", &t) != -EPERM)
		return 3;
	if (!strstr(moeai_error(own), "CAP_SYS_ADMIN"))
		return 4;
	moeai_close(own);
	return 0;
}

static void not_permitted(void **state)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(as_nobody());
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static int open_handle(void **state)
{
	return moeai_open(&h);
}

static int close_handle(void **state)
{
	moeai_close(h);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_table),	       cmocka_unit_test(fields_have_owners),
		cmocka_unit_test(status_is_described), cmocka_unit_test(no_such_table),
		cmocka_unit_test(several_at_once),     cmocka_unit_test(not_permitted),
	};

	return cmocka_run_group_tests(tests, open_handle, close_handle);
}
