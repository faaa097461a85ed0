// SPDX-License-Identifier: GPL-2.0
/* /proc/moeai/log: its lines, read in any pieces, whatever somebody would have in them. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ask.h"

static struct wire w;

/* A name of a process, and a text, that would like to be lines of their own. */
#define FORGED "x\n9 9 critical"

static int publish_forged(void)
{
	struct wire s;
	struct msg m;
	size_t nest;

	prctl(PR_SET_NAME, FORGED);
	wire_open(&s);
	msg_begin(&m, MOEAI_MSG_EVENT, 0);
	nest = msg_nest(&m, MOEAI_A_EVENT_DATA);
	msg_str(&m, MOEAI_A_MESSAGE_TEXT,
		"\"\n7 7 critical core.module name=\"x\" state=gone status=0\n\x1b[2J\xc3\xa4\\");
	msg_nest_end(&m, nest);
	return wire_ask(&s, &m, NULL);
}

static void test_log_forged(void **state)
{
	const char *line;
	int status;

	if (!fork())
		_exit(publish_forged() ? 1 : 0);
	wait(&status);
	assert_int_equal(status, 0);
	for (line = slurp("/proc/moeai/log"); *line; line = strchr(line, '\n') + 1) {
		assert_true(strncmp(line, "7 7 ", 4) && strncmp(line, "9 9 ", 4));
		assert_true(strncmp(line, "epoch=", 6) == 0 || strtoull(line, NULL, 10) > 0);
	}
	assert_non_null(strstr(slurp("/proc/moeai/log"),
			       " info user.message text=\"\\\"\\n7 7 critical core.module "
			       "name=\\\"x\\\" state=gone status=0\\n\\x1b[2J\\xc3\\xa4\\\\\""));
	assert_non_null(strstr(slurp("/proc/moeai/log"), " comm=\"x\\n9 9 critical\" started="));
}

/* What the log is read in: at once, byte by byte, in odd pieces: the same text. */
static void test_log_pieces(void **state)
{
	static const size_t pieces[] = { 1 << 16, 4096, 333, 7 };
	char *whole, *got;
	size_t i, len;
	ssize_t n;
	int fd;

	assert_int_equal(control("test.emit count=30 size=700"), 0);
	assert_int_equal(control("test.emit count=2 size=12270"), 0);
	assert_int_equal(control("test.emit_all"), 0);
	whole = strdup(slurp("/proc/moeai/log"));
	got = malloc(strlen(whole) + (1 << 16) + 1);
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		fd = open("/proc/moeai/log", O_RDONLY);
		for (len = 0; (n = read(fd, got + len, pieces[i])) > 0; len += n)
			assert_true(len + n <= strlen(whole));
		assert_int_equal(n, 0);
		got[len] = 0;
		assert_string_equal(got, whole);
		close(fd);
	}
	free(whole);
	free(got);
}

static void test_log_lines(void **state)
{
	char expected[512];
	const char *text;

	assert_int_equal(control("log.clear"), 0);
	assert_int_equal(control("test.emit_all"), 0);
	text = slurp("/proc/moeai/log");
	assert_non_null(strstr(text, " notice test.all bool=1 u32=4294967295 s32=-1 "
				     "u64=0xffffffffffffffff s64=-9223372036854775808 "
				     "string=\"a\\\"b\\nc\" binary=00ff prefix=192.0.2.0/24 "
				     "enum=one flags=a|c\n"));
	snprintf(expected, sizeof(expected),
		 " notice core.command name=\"log.clear\" status=0 pid=%d uid=0 "
		 "comm=\"test_procfs_log\" via=procfs args=\"\" started=",
		 getpid());
	assert_non_null(strstr(text, expected));
	assert_int_equal(strncmp(text, "epoch=0x", 8), 0);
	assert_non_null(strstr(text, " first="));
	assert_non_null(strstr(text, " next="));
}

/* It is a stream: whatever else is asked of it fails, or works, and breaks nothing. */
static void test_log_seek(void **state)
{
	int fd = open("/proc/moeai/log", O_RDONLY);
	char a[64], b[64];
	ssize_t n;

	assert_true(fd >= 0);
	assert_int_equal(lseek(fd, 5, SEEK_SET), -1);
	n = pread(fd, a, sizeof(a), 1000000000000);
	assert_true(n <= 0);
	close(fd);

	fd = open("/proc/moeai/log", O_RDONLY);
	assert_int_equal(read(fd, a, sizeof(a)), sizeof(a));
	n = pread(fd, b, sizeof(b), 0); /* not again, */
	assert_true(n < 0 || !memcmp(a, b, n));
	n = read(fd, b, sizeof(b)); /* and on from where it was, if at all */
	assert_true(n == sizeof(b) || n < 0);
	assert_int_equal(write(fd, "x", 1), -1);
	close(fd);
	assert_int_equal(open("/proc/moeai/log", O_RDONLY | O_DIRECTORY), -1);
}

/* Of a module that has gone, the record stays, without its words. */
static void test_log_gone(void **state)
{
	assert_int_equal(control("log.clear"), 0);
	assert_int_equal(control("test.emit size=3"), 0);
	assert_int_equal(sh("rmmod moeai_test"), 0);
	assert_null(strstr(slurp("/proc/moeai/log"), "test.blob"));
	assert_non_null(strstr(slurp("/proc/moeai/log"), " info #"));
	assert_int_equal(sh("modprobe moeai_test"), 0);
	/* The type of the module that came is another one. */
	assert_null(strstr(slurp("/proc/moeai/log"), "test.blob"));
}

static int begin(void **state)
{
	wire_open(&w);
	return sh("modprobe moeai_test");
}

static int end(void **state)
{
	return sh("rmmod moeai_test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_forged), cmocka_unit_test(test_log_pieces),
		cmocka_unit_test(test_log_lines), cmocka_unit_test(test_log_seek),
		cmocka_unit_test(test_log_gone),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
