// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/procfs.h"

static void pairs(void **state)
{
	char colon[] = "log_size: 4194304", space[] = "state running";
	char none[] = "state", empty[] = "", odd[] = "holders:", words[] = "param.low: 10 or 20";
	char *name, *value;

	assert_int_equal(procfs_parse_pair(colon, &name, &value), 0);
	assert_string_equal(name, "log_size");
	assert_string_equal(value, "4194304");
	assert_int_equal(procfs_parse_pair(space, &name, &value), 0);
	assert_string_equal(name, "state");
	assert_string_equal(value, "running");
	assert_int_equal(procfs_parse_pair(odd, &name, &value), 0);
	assert_string_equal(value, "");
	assert_int_equal(procfs_parse_pair(words, &name, &value), 0);
	assert_string_equal(value, "10 or 20");
	assert_int_equal(procfs_parse_pair(none, &name, &value), -EINVAL);
	assert_int_equal(procfs_parse_pair(empty, &name, &value), -EINVAL);
}

static void words_of_all_kinds(void **state)
{
	char line[] = "  pid=42 delta=-7 comm=\"a \\\"b\\\" \\\\ \\x0a\\xff=\" level=low "
		      "big=18446744073709551615 text=\"12\" empty= zero=007";
	struct fields r = { 0 };

	assert_int_equal(procfs_parse_words(line, &r), 0);
	assert_int_equal(r.n, 8);
	assert_int_equal(fields_u64(&r, "pid", 0), 42);
	assert_int_equal(fields_get(&r, "delta")->field->type, MOEAI_TYPE_S64);
	assert_int_equal(fields_get(&r, "delta")->s64, -7);
	assert_string_equal(fields_text(&r, "comm"), "a \"b\" \\ \n\377=");
	assert_string_equal(fields_text(&r, "level"), "low");
	assert_true(fields_u64(&r, "big", 0) == UINT64_MAX);
	assert_string_equal(fields_text(&r, "text"), "12");
	assert_string_equal(fields_text(&r, "empty"), "");
	assert_string_equal(fields_text(&r, "zero"), "007");
	assert_null(fields_get(&r, "other"));
	fields_free(&r);
}

static void bad_words(void **state)
{
	static const char *const lines[] = { "word", "=value", "a=1 word", "a=\"open",
					     "a=\"open\\\"" };
	struct fields r = { 0 };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char line[64];

		strcpy(line, lines[i]);
		assert_int_equal(procfs_parse_words(line, &r), -EINVAL);
		fields_clear(&r);
	}
	fields_free(&r);
}

static void an_event(void **state)
{
	char line[] = "17 1769903999999999999 warning mem_monitor.consumer rank=1 comm=\"mem hog\"";
	char source[MOEAI_MAX_NAME_LEN];
	struct fields r = { 0 };
	struct moeai_item item;

	assert_int_equal(procfs_parse_event(line, &item, source, &r), 0);
	assert_int_equal(item.kind, MOEAI_EVENT);
	assert_int_equal(item.event.seq, 17);
	assert_true(item.event.time == 1769903999999999999);
	assert_int_equal(item.event.priority, MOEAI_PRIO_WARNING);
	assert_string_equal(item.event.type_name, "mem_monitor.consumer");
	assert_string_equal(item.event.source, "mem_monitor");
	assert_int_equal(r.n, 2);
	assert_string_equal(fields_text(&r, "comm"), "mem hog");
	fields_free(&r);
}

static void an_event_without_fields(void **state)
{
	char line[] = "1 2 info core.nothing";
	char source[MOEAI_MAX_NAME_LEN];
	struct fields r = { 0 };
	struct moeai_item item;

	assert_int_equal(procfs_parse_event(line, &item, source, &r), 0);
	assert_int_equal(r.n, 0);
	fields_free(&r);
}

static void a_loss(void **state)
{
	char line[] = "lost from=5 to=9 reason=cleared";
	char wrong[] = "lost from=9 to=5 reason=cleared";
	char source[MOEAI_MAX_NAME_LEN];
	struct fields r = { 0 };
	struct moeai_item item;

	assert_int_equal(procfs_parse_event(line, &item, source, &r), 0);
	assert_int_equal(item.kind, MOEAI_LOST);
	assert_int_equal(item.lost.from, 5);
	assert_int_equal(item.lost.to, 9);
	assert_int_equal(item.lost.reason, MOEAI_LOST_CLEARED);
	assert_int_equal(procfs_parse_event(wrong, &item, source, &r), -EINVAL);
	fields_free(&r);
}

static void the_epoch(void **state)
{
	char line[] = "epoch=0xfedcba9876543210 first=1 next=12";
	char source[MOEAI_MAX_NAME_LEN];
	struct fields r = { 0 };
	struct moeai_item item;

	assert_int_equal(procfs_parse_event(line, &item, source, &r), 0);
	assert_int_equal(item.kind, MOEAI_EPOCH);
	assert_true(item.epoch == 0xfedcba9876543210);
	fields_free(&r);
}

static void bad_events(void **state)
{
	static const char *const lines[] = { "x 2 info a.b",   "1 x info a.b", "1 2 loud a.b",
					     "1 2 info",       "1",	       "",
					     "1 2 info a.b c", "lost" };
	char source[MOEAI_MAX_NAME_LEN];
	struct fields r = { 0 };
	struct moeai_item item;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char line[64];

		strcpy(line, lines[i]);
		assert_int_equal(procfs_parse_event(line, &item, source, &r), -EINVAL);
	}
	fields_free(&r);
}

static void answers(void **state)
{
	char good[] = "status 0\ntext=\"hello\\nworld\"\ntime=12 more=x\n";
	char bad[] = "status -22 argument \\\"rate\\\": out of range\n";
	char none[] = "", odd[] = "what\n", positive[] = "status 5\n";
	struct fields r = { 0 };
	int status;
	char *text;

	assert_int_equal(procfs_parse_answer(good, &status, &text, &r), 0);
	assert_int_equal(status, 0);
	assert_string_equal(text, "");
	assert_string_equal(fields_text(&r, "text"), "hello\nworld");
	assert_int_equal(fields_u64(&r, "time", 0), 12);
	assert_string_equal(fields_text(&r, "more"), "x");
	fields_clear(&r);
	assert_int_equal(procfs_parse_answer(bad, &status, &text, &r), 0);
	assert_int_equal(status, -22);
	assert_string_equal(text, "argument \"rate\": out of range");
	assert_int_equal(r.n, 0);
	assert_int_equal(procfs_parse_answer(none, &status, &text, &r), -EINVAL);
	assert_int_equal(procfs_parse_answer(odd, &status, &text, &r), -EINVAL);
	assert_int_equal(procfs_parse_answer(positive, &status, &text, &r), -EINVAL);
	fields_free(&r);
}

static void command_lines(void **state)
{
	char *words[] = { "text=a \"b\" \\ \n é", "n=1=2" };
	char *bad[] = { "text" }, *nameless[] = { "=1" };
	char *line = procfs_command_line("core.ping", words, 2);

	assert_string_equal(line, "core.ping text=\"a \\\"b\\\" \\\\ \\x0a é\" n=\"1=2\"\n");
	free(line);
	line = procfs_command_line("core.ping", NULL, 0);
	assert_string_equal(line, "core.ping\n");
	free(line);
	assert_null(procfs_command_line("core.ping", bad, 1));
	assert_null(procfs_command_line("core.ping", nameless, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs),
		cmocka_unit_test(words_of_all_kinds),
		cmocka_unit_test(bad_words),
		cmocka_unit_test(an_event),
		cmocka_unit_test(an_event_without_fields),
		cmocka_unit_test(a_loss),
		cmocka_unit_test(the_epoch),
		cmocka_unit_test(bad_events),
		cmocka_unit_test(answers),
		cmocka_unit_test(command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
