// SPDX-License-Identifier: GPL-2.0
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/escape.h"
#include "../../moectl/file_stream.h"
#include "capture.h"
#include "wire.h"

#define TIME 1769903999123456789ULL /* 2026-01-31 23:59:59.123 UTC */

static const struct moeai_field pid = { .name = "pid", .type = MOEAI_TYPE_U32,
					.id = MOEAI_A_FS_FILE_PID };
static const struct moeai_schema schema = { .fields = &pid, .n_fields = 1 };

static const struct moeai_watch_event plain = {
	.op = MOEAI_FS_CREATE, .watch = "/w", .path = "/w/a", .below = 2, .old_path = "",
	.old_below = MOEAI_WATCH_OUTSIDE, .count = 1, .pid = 7, .uid = 0, .comm = "sh",
	.exe = "/bin/sh",
};

static void assert_line(enum form form, unsigned int escape, const struct moeai_watch_event *e,
			const char *want)
{
	const uint32_t wire[] = { 8 | MOEAI_A_FS_FILE_PID << 16, 7 };
	struct moeai_item item = { .kind = MOEAI_EVENT,
				   .event = { .seq = 3, .time = TIME, .type_name = "fs_logger.x",
					      .priority = MOEAI_PRIO_INFO, .source = "fs_logger",
					      .values = { &schema, wire, sizeof(wire) } } };
	struct file_stream s = { .path = NULL };
	struct capture c;
	char *got, *line;

	capture_begin(&c, form);
	c.out.escape = escape;
	s.stream.out = &c.out;
	assert_int_equal(file_stream_event(&s, &item, e), 0);
	file_stream_free(&s);
	got = capture_end(&c);
	line = form == FORM_PEOPLE ? strchr(got, '\n') + 1 : got;
	assert_string_equal(line, want);
	free(got);
}

static void a_file(void **state)
{
	assert_line(FORM_PEOPLE, 0, &plain,
		    "23:59:59.123 create       sh[7]                  root       /w/a (/bin/sh)\n");
	assert_line(FORM_TAB, 0, &plain,
		    "file\t3\t1769903999123456789\tcreate\t/w/a\t\t1\t7\tsh\troot\t/bin/sh\n");
	assert_line(FORM_JSON, 0, &plain,
		    "{\"kind\":\"event\",\"seq\":3,\"time\":1769903999123456789,"
		    "\"priority\":\"info\",\"type\":\"fs_logger.x\",\"source\":\"fs_logger\","
		    "\"fields\":{\"pid\":7},\"path\":\"/w/a\",\"user\":\"root\"}\n");
}

static void a_rename(void **state)
{
	struct moeai_watch_event e = plain;

	e.op = MOEAI_FS_RENAME;
	e.old_path = "/x";
	e.dir = true;
	e.exe = "";
	assert_line(FORM_PEOPLE, 0, &e,
		    "23:59:59.123 rename       sh[7]                  root       /x/ → /w/a/\n");
	assert_line(FORM_PEOPLE, ESCAPE_ASCII, &e,
		    "23:59:59.123 rename       sh[7]                  root       /x/ -> /w/a/\n");
	assert_line(FORM_TAB, 0, &e,
		    "file\t3\t1769903999123456789\trename\t/w/a\t/x\t1\t7\tsh\troot\t\n");
}

/* No name can forge a line, another path or another program. */
static void names_up_to_no_good(void **state)
{
	struct moeai_watch_event e = plain;

	e.path = "/w/a → /b (/bin/x)\n\033[2J\"\377";
	strcpy(e.comm, "a\tb");
	e.count = 12;
	e.op = MOEAI_FS_MODIFY;
	e.kthread = true;
	assert_line(FORM_PEOPLE, 0, &e,
		    "23:59:59.123 modify x12   a\\tb[7]                root       "
		    "\"/w/a → /b (/bin/x)\\n\\x1b[2J\\\"\\xff\" (a kernel thread, for somebody)\n");
	assert_line(FORM_TAB, 0, &e,
		    "file\t3\t1769903999123456789\tmodify\t/w/a → /b (/bin/x)\\n\\x1b[2J\"\\xff\t\t12"
		    "\t7\ta\\tb\troot\t/bin/sh\n");
	e.path = "";
	e.below = MOEAI_WATCH_OUTSIDE;
	assert_line(FORM_PEOPLE, 0, &e,
		    "23:59:59.123 modify x12   a\\tb[7]                root       "
		    "(a path too long) (a kernel thread, for somebody)\n");
}

/* A path that is longer than any before it. */
static void long_paths(void **state)
{
	struct moeai_watch_event e = plain;
	struct file_stream s = { .path = NULL };
	char *path = calloc(1, 4096);

	for (size_t n = 1; n < 4096; n *= 2) {
		memset(path, 'a', n);
		*path = '/';
		e.path = path;
		e.below = 0;
		assert_non_null(file_stream_path(&e, false, &s.path, &s.path_size));
		assert_int_equal(strlen(s.path), n == 1 ? 2 : n + 2); /* "/w" and it */
	}
	file_stream_free(&s);
	free(path);
}

static void a_watch(void **state)
{
	struct moeai_watch_event e = { .kind = MOEAI_WATCH_EVENT_WATCH, .watch = "/w",
				       .change = MOEAI_FS_WATCH_MOVED, .path = "/new",
				       .old_path = "/old", .exe = "", .uid = MOEAI_WATCH_NOBODY,
				       .below = MOEAI_WATCH_OUTSIDE,
				       .old_below = MOEAI_WATCH_OUTSIDE };

	assert_line(FORM_PEOPLE, 0, &e,
		    "23:59:59.123 --- the watched folder was moved: /w, in its file system now /new\n");
	assert_line(FORM_TAB, 0, &e, "watch\t3\t1769903999123456789\tmoved\t/w\t/new\t/old\n");
	e.change = MOEAI_FS_WATCH_DELETED;
	e.path = e.old_path = "";
	assert_line(FORM_PEOPLE, 0, &e,
		    "23:59:59.123 --- the watched folder was deleted: /w\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file),     cmocka_unit_test(a_rename),
		cmocka_unit_test(a_watch),    cmocka_unit_test(names_up_to_no_good),
		cmocka_unit_test(long_paths),
	};

	setenv("TZ", "UTC", 1);
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
