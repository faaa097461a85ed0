// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/command.h"
#include "../../moectl/selection.h"

/* A command line through argp, with nothing printed and no exit. */
static error_t parse(struct selection *s, int argc, const char **argv)
{
	*s = (struct selection){ 0 };
	return argp_parse(&selection_argp, argc, (char **)argv, ARGP_NO_HELP | ARGP_SILENT, NULL,
			  s);
}

static void since(void **state)
{
	uint64_t n = 99;

	assert_int_equal(selection_parse_since("now", &n), 0);
	assert_int_equal(n, MOEAI_SINCE_NOW);
	assert_int_equal(selection_parse_since("oldest", &n), 0);
	assert_int_equal(n, MOEAI_SINCE_OLDEST);
	assert_int_equal(selection_parse_since("1000", &n), 0);
	assert_int_equal(n, 1000);
	assert_int_equal(selection_parse_since("0", &n), -EINVAL);
	assert_int_equal(selection_parse_since("yesterday", &n), -EINVAL);
	assert_int_equal(selection_parse_since("-1", &n), -EINVAL);
}

static void options(void **state)
{
	const char *argv[] = { "x", "--type", "a.b", "-t", "c.*", "--min-priority=notice",
			       "--since", "17", "--source", "c", NULL };
	struct moeai_monitor_options o;
	struct selection s;

	assert_int_equal(parse(&s, 10, argv), 0);
	o = selection_options(&s);
	assert_int_equal(o.since, 17);
	assert_int_equal(o.n_types, 2);
	assert_string_equal(o.types[0], "a.b");
	assert_string_equal(o.types[1], "c.*");
	assert_int_equal(o.min_priority, MOEAI_PRIO_NOTICE);
	assert_string_equal(o.source, "c");
	assert_false(o.history);
}

static void no_options(void **state)
{
	const char *argv[] = { "x", NULL };
	struct moeai_monitor_options o;
	struct selection s;

	assert_int_equal(parse(&s, 1, argv), 0);
	assert_false(s.since_given);
	o = selection_options(&s);
	assert_int_equal(o.since, MOEAI_SINCE_NOW);
	assert_null(o.types);
	assert_null(o.source);
	assert_int_equal(o.min_priority, MOEAI_PRIO_DEBUG);
}

static bool wants(const char *type, enum moeai_priority min, const char *source)
{
	const struct moeai_event event = { .seq = 10, .priority = MOEAI_PRIO_NOTICE,
					   .source = "mem_monitor",
					   .type_name = "mem_monitor.level" };
	const struct selection s = { .since = 10, .types = { type }, .n_types = type ? 1 : 0,
				     .min_priority = min, .source = source };

	return selection_wants(&s, &event);
}

static void wanted(void **state)
{
	struct selection later = { .since = 11 };
	const struct moeai_event event = { .seq = 10, .source = "x", .type_name = "x.y" };

	assert_true(wants(NULL, MOEAI_PRIO_DEBUG, NULL));
	assert_true(wants("mem_monitor.level", MOEAI_PRIO_NOTICE, "mem_monitor"));
	assert_true(wants("mem_monitor.*", MOEAI_PRIO_DEBUG, NULL));
	assert_true(wants("mem_monitor.", MOEAI_PRIO_DEBUG, NULL));
	assert_true(wants("*", MOEAI_PRIO_DEBUG, NULL));
	assert_false(wants("mem_monitor", MOEAI_PRIO_DEBUG, NULL));
	assert_false(wants("mem_monitor.level2", MOEAI_PRIO_DEBUG, NULL));
	assert_false(wants("net_guard.*", MOEAI_PRIO_DEBUG, NULL));
	assert_false(wants(NULL, MOEAI_PRIO_WARNING, NULL));
	assert_false(wants(NULL, MOEAI_PRIO_DEBUG, "mem"));
	assert_false(selection_wants(&later, &event));
}

/* Every command has what its help needs. */
static void commands(void **state)
{
#define ROW(name) &cmd_##name,
	static const struct command *const all[] = { MOECTL_COMMANDS(ROW) };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		assert_non_null(all[i]->run);
		assert_non_null(strstr(all[i]->details, "Examples:\n  moectl "));
		assert_non_null(strstr(all[i]->details, all[i]->name));
		assert_true(strlen(all[i]->summary) < 66);
		assert_true(!all[i]->child || all[i]->input_size >= sizeof(struct selection));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(since),  cmocka_unit_test(options), cmocka_unit_test(no_options),
		cmocka_unit_test(wanted), cmocka_unit_test(commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
