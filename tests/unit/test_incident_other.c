// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Incident files of other machines and versions, and those whose parts do not fit
 * together: told as such, after what can be shown.
 */
#include "incident.h"

static void set_u32(struct built *b, size_t at, uint32_t v)
{
	memcpy(b->data + at, &v, sizeof(v));
}

static void test_other_machines(void **state)
{
	struct built b;

	build(&b);
	set_u32(&b, 8, __builtin_bswap32(PCAPNG_MAGIC));
	tells(&b, -EOPNOTSUPP, "byte order", 0);
	build(&b);
	set_u32(&b, 8, 0);
	tells(&b, -EPROTO, "neither byte order", 0);
	build(&b);
	b.data[12] = 2;
	tells(&b, -EOPNOTSUPP, "version 2", 0);
	build(&b);
	set_u32(&b, 4, 0xfffffffc); /* nobody allocates that */
	tells(&b, -EPROTO, "length", 0);
}

/* Lengths that do not agree, of blocks and of the packets in them. */
static void test_lengths(void **state)
{
	static const uint32_t wrong[] = { 0, 15, 1000, 0x7fffffff, 0xffffffff, 0xfffffff0 };
	struct built b;
	size_t at;

	build(&b);
	set_u32(&b, b.len - 4, 4);
	tells(&b, -EPROTO, "two lengths differ", EVENTS);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(wrong); i++) {
		put_head(&b);
		at = b.w.written;
		put_event(&b, 10, NULL);
		end(&b, 1);
		set_u32(&b, at + 24, wrong[i / 2]); /* what it was before it was cut */
		if (i % 2)
			set_u32(&b, at + 20, wrong[i / 2]);
		tells(&b, -EPROTO, "packet's length can't be true", 0);
	}
}

/* ---- other versions -------------------------------------------------------------------- */

static void test_unknown_block(void **state)
{
	struct built b;

	put_head(&b);
	put_event(&b, 10, NULL);
	pcapng_begin(&b.w, 0x80000001);
	assert_int_equal(pcapng_end(&b.w), 0);
	put_event(&b, 11, NULL);
	end(&b, 2);
	tells(&b, -EOPNOTSUPP, "does not know", 2);

	put_head(&b);
	pcapng_begin(&b.w, PCAPNG_NAMES); /* which some programs add */
	assert_int_equal(pcapng_end(&b.w), 0);
	put_event(&b, 10, NULL);
	end(&b, 1);
	tells(&b, -ENODATA, "", 1);
}

static void test_unknown_messages(void **state)
{
	struct built b;
	struct wire w;

	put_head(&b);
	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_MAX + 1);
	put(&b, &w, NULL);
	put_event(&b, 10, NULL);
	end(&b, 1);
	tells(&b, -EOPNOTSUPP, "message that this version does not know", 1);

	put_head(&b);
	wire_begin(&w, WIRE_FAMILY + 1, MOEAI_MSG_EVENT);
	put(&b, &w, NULL);
	end(&b, 0);
	tells(&b, -EPROTO, "another family", 0);
}

static void test_family(void **state)
{
	struct built b;

	begin(&b);
	put_family(&b, 2);
	end(&b, 0);
	tells(&b, -EOPNOTSUPP, "version 2 of the family", 0);

	begin(&b);
	put_epoch(&b, EPOCH);
	end(&b, 0);
	tells(&b, -EPROTO, "before the announcement of the family", 0);
}

static void test_link_type(void **state)
{
	const uint16_t link[4] = { 1 };
	struct built b;

	put_head(&b);
	pcapng_begin(&b.w, PCAPNG_INTERFACE);
	pcapng_put(&b.w, link, sizeof(link));
	assert_int_equal(pcapng_end(&b.w), 0);
	end(&b, 0);
	tells(&b, -EOPNOTSUPP, "link type 1", 0);
}

/* Events are shown with what is known of them. */
static void test_no_schema(void **state)
{
	struct built b;

	begin(&b);
	put_family(&b, 1);
	put_epoch(&b, EPOCH);
	put_event(&b, 10, NULL);
	end(&b, 1);
	tells(&b, -EPROTO, "no table fields", 1);

	begin(&b);
	put_family(&b, 1);
	put_fields(&b, "number");
	put_epoch(&b, EPOCH);
	put_event(&b, 10, NULL);
	put_event(&b, 11, NULL);
	end(&b, 2);
	tells(&b, -EPROTO, "no table event_types", 2);
}

/* What is described anew counts from there on. */
static void test_described_again(void **state)
{
	struct moeai_monitor *m;
	struct moeai_item item;
	struct moeai_value v;
	struct built b;

	put_head(&b);
	put_event(&b, 10, NULL);
	put_fields(&b, "renamed");
	put_event(&b, 11, NULL);
	end(&b, 2);
	m = open_bytes(b.data, b.len, NULL);
	assert_int_equal(moeai_monitor_next(m, &item, 0), 0);
	assert_int_equal(moeai_monitor_next(m, &item, 0), 0);
	assert_int_equal(moeai_values_get(&item.event.values, "number", &v), 0);
	assert_int_equal(moeai_monitor_next(m, &item, 0), 0);
	assert_int_equal(moeai_values_get(&item.event.values, "number", &v), -ENOENT);
	assert_int_equal(moeai_values_get(&item.event.values, "renamed", &v), 0);
	assert_int_equal(v.u64, 12);
	assert_int_equal(moeai_monitor_next(m, &item, 0), -ENODATA);
	moeai_monitor_close(m);
	free(b.data);
}

/* Names that would steer a terminal, part a line or are no text: as if nothing were described. */
static void test_names(void **state)
{
	static const char *const wrong[] = {
		"", "\x1b[2Jx", "a\tb", "a\nb", "a b", "\xff\xfe", "gr\xc3\xbcn", "Name", "a=b", "a\\b",
		"a234567890123456789012345678901234567890123456789012345678901234",
	}, *const no_field[] = { "1st", "_a", "a.b", "a-b", "a2345678901234567890123456789012" };
	struct built b;
	struct wire w;

	for (size_t i = 0; i < ARRAY_SIZE(wrong) + ARRAY_SIZE(no_field); i++) {
		begin(&b);
		put_family(&b, 1);
		put_fields(&b, i < ARRAY_SIZE(wrong) ? wrong[i] : no_field[i - ARRAY_SIZE(wrong)]);
		put_types(&b);
		put_epoch(&b, EPOCH);
		put_event(&b, 10, NULL);
		end(&b, 1);
		tells(&b, -EPROTO, "table fields: row 5 has a name", 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		put_head(&b);
		table_begin(&w, "fields", 9);
		put_field(&w, MOEAI_SCHEMA_EVENT, wrong[i], 1, "number", MOEAI_TYPE_U32);
		put(&b, &w, NULL);
		put_event(&b, 10, NULL);
		end(&b, 1);
		tells(&b, -EPROTO, "table fields: row 1 has a name", 1);

		put_head(&b);
		put_listed(&b, "event_types", TYPE, wrong[i]);
		put_event(&b, 10, NULL);
		end(&b, 1);
		tells(&b, -EPROTO, "table event_types: a name", 1);

		put_head(&b);
		put_listed(&b, "commands", 1, wrong[i]);
		put_event(&b, 10, NULL);
		end(&b, 1);
		tells(&b, -EPROTO, "table commands: a name", 1);
	}
	put_head(&b); /* whatever the kernel lets a module call its own */
	put_listed(&b, "commands", 1, "-2.of_one");
	put_event(&b, 10, NULL);
	end(&b, 1);
	tells(&b, -ENODATA, "", 1);
}

static void test_too_much_described(void **state)
{
	struct built b;
	struct wire w;

	put_head(&b);
	table_begin(&w, "fields", 9);
	while (w.len < 30000)
		put_field(&w, MOEAI_SCHEMA_EVENT, "unit.event", 1, "number", MOEAI_TYPE_U32);
	for (int i = 0; i < STORED_MAX / 30000 + 1; i++)
		put(&b, &w, NULL);
	end(&b, 0);
	tells(&b, -EFBIG, "describes more than", 0);
}

/* So many bytes of a table, of names that all differ. */
static void put_many(struct built *b, const char *table, size_t bytes)
{
	struct wire w;
	char name[16];
	uint32_t id = 0;
	size_t row;

	for (size_t sum = 0; sum < bytes; sum += w.len) {
		table_begin(&w, table, 20);
		while (w.len < 30000 && sum + w.len < bytes) {
			snprintf(name, sizeof(name), "%x", ++id);
			row = wire_nest(&w, MOEAI_A_DATA_ROW);
			wire_u32(&w, 1, id);
			wire_string(&w, 2, name);
			wire_nest_end(&w, row);
		}
		put(b, &w, NULL);
	}
}

static void test_very_much(void **state)
{
	struct built b;

	put_head(&b);
	put_many(&b, "commands", STORED_MAX / 2);
	put_many(&b, "event_types", STORED_MAX / 2 - 4096);
	put_event(&b, 10, NULL);
	end(&b, 1);
	tells(&b, -ENODATA, "", 1);
}

/* Much, and then a word on something before each event: not for hours. */
static void test_too_often_described(void **state)
{
	static const char *const tables[] = { "commands", "event_types" };
	struct moeai_monitor *m;
	struct moeai_item item;
	struct built b;
	struct wire w;
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		put_head(&b);
		put_many(&b, "event_types", STORED_MAX / 2);
		put_event(&b, 9, NULL); /* types that go away stay known */
		for (uint64_t seq = 10; seq < 1000; seq++) {
			table_begin(&w, tables[i], 30 + (uint32_t)seq);
			put(&b, &w, NULL);
			put_event(&b, seq, NULL);
		}
		end(&b, 991);
		m = open_bytes(b.data, b.len, NULL);
		while (!(rc = moeai_monitor_next(m, &item, 0)))
			continue;
		assert_int_equal(rc, -EFBIG);
		assert_non_null(strstr(moeai_monitor_error(m), "anew too often"));
		moeai_monitor_close(m);
		free(b.data);
	}
}

/* Its version, by which a recorder sees whether to describe all anew. */
static void test_version(void **state)
{
	static const bool changed[] = { true, false, true, true, false, true, true, false };
	struct moeai_monitor *m;
	struct moeai_item item;
	uint32_t version = 0;
	struct built b;
	size_t n = 0;

	put_head(&b);
	put_event(&b, 10, NULL);
	put_fields(&b, "number");
	put_types(&b);
	put_event(&b, 11, NULL);
	put_fields(&b, "renamed");
	put_event(&b, 12, NULL);
	put_listed(&b, "event_types", TYPE + 1, "unit.event");
	put_event(&b, 13, NULL);
	put_fields(&b, "renamed"); /* the next one is another dump, not more of it */
	put_listed(&b, "event_types", TYPE + 1, "unit.event");
	put_event(&b, 14, NULL);
	put_listed(&b, "commands", 1, "unit.call");
	put_event(&b, 15, NULL);
	put_fields(&b, "renamed");
	put_listed(&b, "commands", 2, "unit.call");
	put_event(&b, 16, NULL);
	put_listed(&b, "event_types", TYPE, "unit.event"); /* both are known by now */
	put_event(&b, 17, NULL);
	end(&b, ARRAY_SIZE(changed));
	m = open_bytes(b.data, b.len, NULL);
	while (!moeai_monitor_next(m, &item, 0)) {
		if (item.kind != MOEAI_EVENT)
			continue;
		assert_true(n < ARRAY_SIZE(changed));
		assert_int_equal(m->h->catalog.version != version, changed[n++]);
		version = m->h->catalog.version;
	}
	assert_int_equal(n, ARRAY_SIZE(changed));
	moeai_monitor_close(m);
	free(b.data);
}

/* A recorder's, while modules come and go. */
static void test_often_described(void **state)
{
	struct moeai_monitor *m;
	struct moeai_item item;
	struct built b;
	char name[16];
	uint64_t n = 0;
	int rc;

	put_head(&b);
	for (uint64_t seq = 10; seq < 70; seq++) {
		snprintf(name, sizeof(name), "name%u", (unsigned int)seq);
		put_fields(&b, name);
		put_many(&b, "commands", 60000);
		put_listed(&b, "event_types", TYPE + 100 + (uint32_t)seq, "unit.other");
		put_event(&b, seq, NULL);
	}
	end(&b, 60);
	m = open_bytes(b.data, b.len, NULL);
	while (!(rc = moeai_monitor_next(m, &item, 0)))
		n += item.kind == MOEAI_EVENT;
	assert_int_equal(rc, -ENODATA);
	assert_int_equal(n, 60);
	moeai_monitor_close(m);
	free(b.data);
}

/* ---- what does not fit together ---------------------------------------------------------- */

static void test_epochs(void **state)
{
	const struct moeai_monitor_options other = { .epoch = EPOCH + 1 };
	struct built b;

	put_head(&b);
	put_event(&b, 10, NULL);
	put_epoch(&b, EPOCH + 1);
	end(&b, 1);
	tells(&b, -EPROTO, "another epoch", 1);

	put_head(&b);
	put_event(&b, 10, NULL);
	put_lost(&b, 11, 12, EPOCH + 1);
	end(&b, 1);
	tells(&b, -EPROTO, "another epoch", 1);

	begin(&b);
	put_family(&b, 1);
	put_event(&b, 10, NULL);
	end(&b, 1);
	tells(&b, -EPROTO, "before the announcement of the epoch", 0);

	begin(&b);
	end(&b, 0);
	tells(&b, -EPROTO, "no announcement of an epoch", 0);

	build(&b);
	assert_int_equal(tell(b.data, b.len, &other).code, -ESTALE);
	free(b.data);
}

static void test_order(void **state)
{
	struct built b;

	put_head(&b);
	put_event(&b, 10, NULL);
	put_event(&b, 10, NULL);
	end(&b, 2);
	tells(&b, -EPROTO, "does not go up", 1);

	put_head(&b); /* what is untold is told */
	put_event(&b, 10, NULL);
	put_event(&b, 13, NULL);
	end(&b, 2);
	assert_int_equal(tell(b.data, b.len, NULL).n, 4);
	tells(&b, -ENODATA, "", 2);

	put_head(&b);
	put_event(&b, 10, NULL);
	end(&b, 7);
	tells(&b, -EPROTO, "more, or fewer, events", 1);
	put_head(&b);
	put_event(&b, 10, NULL);
	end_lossy(&b, 1, 2);
	tells(&b, -EPROTO, "more, or fewer, events", 1);
}

static void test_two_files(void **state)
{
	struct built a, b;
	char *both;

	build(&a);
	build(&b);
	both = malloc(a.len + b.len);
	memcpy(both, a.data, a.len);
	memcpy(both + a.len, b.data, b.len);
	free(a.data);
	free(b.data);
	a = (struct built){ .data = both, .len = a.len + b.len };
	tells(&a, -EPROTO, "second section", EVENTS);
}

/* ---- options ----------------------------------------------------------------------------- */

static void test_filter(void **state)
{
	const char *types[] = { "unit.*" }, *none[] = { "unit.nothing" };
	struct built b;

	build(&b);
	assert_int_equal(tell(b.data, b.len, &(struct moeai_monitor_options){
		.types = types, .n_types = 1 }).events, 3);
	assert_int_equal(tell(b.data, b.len, &(struct moeai_monitor_options){
		.types = none, .n_types = 1 }).code, -ENOENT);
	assert_int_equal(tell(b.data, b.len, &(struct moeai_monitor_options){
		.since = 11 }).events, 2);
	assert_int_equal(tell(b.data, b.len, &(struct moeai_monitor_options){
		.since = 13 }).n, 3);
	assert_int_equal(tell(b.data, b.len, &(struct moeai_monitor_options){
		.source = "other" }).events, 0);
	free(b.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_machines),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_unknown_block),
		cmocka_unit_test(test_unknown_messages),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_link_type),
		cmocka_unit_test(test_no_schema),
		cmocka_unit_test(test_described_again),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_too_much_described),
		cmocka_unit_test(test_very_much),
		cmocka_unit_test(test_too_often_described),
		cmocka_unit_test(test_often_described),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_epochs),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_two_files),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
