// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire.h"
#include "filter.h"

static struct event_type types[] = {
	{ 1, "core.command", NULL },	       { 3, "user.message", NULL },
	{ 0x10000, "mem_monitor.level", NULL }, { 0x10001, "mem_monitor.oom", NULL },
	{ 0x10007, "mem_monitor.oom", NULL }, /* registered again */
};
static const struct catalog catalog = { .types = types, .n_types = ARRAY_SIZE(types) };

static struct filter make(uint32_t priority, const char *source, const char *a, const char *b)
{
	const char *const names[] = { a, b };
	const struct moeai_monitor_options options = {
		.types = a ? names : NULL,
		.n_types = !!a + !!b,
		.min_priority = priority,
		.source = source,
	};
	struct filter f;

	assert_int_equal(filter_init(&f, &options), 0);
	return f;
}

static bool passes(const struct filter *f, uint32_t priority, const char *source, const char *type)
{
	const struct record r = { .priority = priority, .source = source };

	return filter_passes(f, &r, type);
}

static void everything(void **state)
{
	struct filter f = make(0, NULL, NULL, NULL);

	assert_true(passes(&f, 0, "core", "core.command"));
	assert_null(filter_unknown(&f, &catalog));
	filter_free(&f);
}

static void each_condition(void **state)
{
	struct filter f = make(MOEAI_PRIO_NOTICE, "core", "core.command", "core.module");

	assert_true(passes(&f, MOEAI_PRIO_NOTICE, "core", "core.command"));
	assert_true(passes(&f, MOEAI_PRIO_CRITICAL, "core", "core.module"));
	assert_false(passes(&f, MOEAI_PRIO_INFO, "core", "core.command"));
	assert_false(passes(&f, MOEAI_PRIO_NOTICE, "user", "core.command"));
	assert_false(passes(&f, MOEAI_PRIO_NOTICE, "core", "core.comman"));
	assert_false(passes(&f, MOEAI_PRIO_NOTICE, "core", "core.commands"));
	filter_free(&f);
}

static void prefixes(void **state)
{
	struct filter f = make(0, NULL, "mem_monitor.", "us*");

	assert_true(passes(&f, 0, "", "mem_monitor.level"));
	assert_true(passes(&f, 0, "", "user.message"));
	assert_false(passes(&f, 0, "", "mem_monitors.level"));
	assert_false(passes(&f, 0, "", "core.command"));
	filter_free(&f);
	f = make(0, NULL, "*", NULL);
	assert_true(passes(&f, 0, "", "#65540"));
	filter_free(&f);
	f = make(0, NULL, "", NULL); /* matches nothing, which is what it says */
	assert_false(passes(&f, 0, "", "core.command"));
	filter_free(&f);
}

static void unknown_names(void **state)
{
	struct filter f = make(0, NULL, "core.command", "core.comand");

	assert_string_equal(filter_unknown(&f, &catalog), "core.comand");
	filter_free(&f);
	f = make(0, NULL, "nothing.*", "none.");
	assert_null(filter_unknown(&f, &catalog));
	filter_free(&f);
}

static void ids_for_the_kernel(void **state)
{
	uint32_t ids[MOEAI_FILTER_TYPES];
	struct filter f = make(0, NULL, "core.command", "user.message");

	assert_int_equal(filter_ids(&f, &catalog, true, ids), 2);
	assert_true(ids[0] == 1 && ids[1] == 3);
	filter_free(&f);
	f = make(0, "mem_monitor", "mem_monitor.oom", NULL);
	assert_int_equal(filter_ids(&f, &catalog, true, ids), 0);
	assert_int_equal(filter_ids(&f, &catalog, false, ids), 2);
	assert_true(ids[0] == 0x10001 && ids[1] == 0x10007);
	filter_free(&f);
	f = make(0, NULL, "core.*", NULL);
	assert_int_equal(filter_ids(&f, &catalog, false, ids), 0);
	filter_free(&f);
	f = make(0, NULL, "core.command", "not_yet.there");
	assert_int_equal(filter_ids(&f, &catalog, false, ids), 0);
	filter_free(&f);
}

static void too_many_ids(void **state)
{
	static struct event_type many[MOEAI_FILTER_TYPES + 1];
	struct catalog c = { .types = many, .n_types = MOEAI_FILTER_TYPES };
	struct filter f = make(0, NULL, "a.b", NULL);
	uint32_t ids[MOEAI_FILTER_TYPES];

	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct event_type){ i + 1, "a.b", NULL };
	assert_int_equal(filter_ids(&f, &c, false, ids), MOEAI_FILTER_TYPES);
	c.n_types++;
	assert_int_equal(filter_ids(&f, &c, false, ids), 0);
	filter_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),	      cmocka_unit_test(each_condition),
		cmocka_unit_test(prefixes),	      cmocka_unit_test(unknown_names),
		cmocka_unit_test(ids_for_the_kernel), cmocka_unit_test(too_many_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
