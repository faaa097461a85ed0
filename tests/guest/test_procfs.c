// SPDX-License-Identifier: GPL-2.0
/* /proc/moeai: what its files say, what they take, and what they refuse; but log. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ask.h"

#define MODULE "/proc/moeai/modules/test"

static struct wire w;

static int open_control(int flags)
{
	int fd = open(CONTROL, O_RDWR | O_CLOEXEC | flags);

	assert_true(fd >= 0);
	return fd;
}

static const char *read_answer(int fd)
{
	static char buf[1 << 17];
	ssize_t n, len = 0;

	while ((n = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0)
		len += n;
	assert_int_equal(n, 0);
	buf[len] = 0;
	return buf;
}

static int put(int fd, const char *line)
{
	return write(fd, line, strlen(line)) < 0 ? -errno : 0;
}

/* ---- status ------------------------------------------------------------------- */

/* As STATUS has it over netlink, and the last call. */
static void test_status(void **state)
{
	static const char *const names[] = { "state", "epoch", "uptime", "time", "cpu", "memory",
					     "swap_free", "rx", "tx", "pages_in", "pages_out",
					     "modules", "failed", "log_size", "log_attempted",
					     "log_logged", "log_refused", "log_held",
					     "log_overwritten", "log_cleared", "log_first",
					     "log_next", "version", "last_call" };
	uint64_t epoch = status_number(&w, MOEAI_A_STATUS_EPOCH);
	const char *line = slurp("/proc/moeai/status");
	char expected[64];
	size_t i;

	assert_non_null(line);
	snprintf(expected, sizeof(expected), "\nepoch: %#llx\n", (unsigned long long)epoch);
	assert_non_null(strstr(line, expected));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(strncmp(line, names[i], strlen(names[i])), 0);
		assert_int_equal(strncmp(line + strlen(names[i]), ": ", 2), 0);
		line = strchr(line, '\n') + 1;
	}
	assert_int_equal(*line, 0);
}

static void test_last_call(void **state)
{
	assert_int_equal(control("test.fail status=-7"), -7);
	assert_non_null(strstr(slurp("/proc/moeai/status"), " status=-7\n"));
	assert_int_equal(control("core.ping"), 0);
	assert_non_null(strstr(slurp("/proc/moeai/status"), "last_call: id=1 seq=0 status=0\n"));
}

/* ---- good lines ------------------------------------------------------------------ */

static const struct {
	const char *line, *answer;
} good[] = {
	{ "test.echo u32=5", "status 0\nu32=5\n" },
	{ "test.echo u32=5\n", "status 0\nu32=5\n" },
	{ "  test.echo\t u32=5  \n", "status 0\nu32=5\n" },
	{ "test.echo", "status 0\n" },
	{ "test.echo bool=1", "status 0\nbool=1\n" },
	{ "test.echo bool=yes", "status 0\nbool=1\n" },
	{ "test.echo bool=off", "status 0\nbool=0\n" },
	{ "test.echo u32=4294967295", "status 0\nu32=4294967295\n" },
	{ "test.echo u32=0x10", "status 0\nu32=16\n" },
	{ "test.echo s32=-10", "status 0\ns32=-10\n" },
	{ "test.echo u64=18446744073709551615", "status 0\nu64=0xffffffffffffffff\n" },
	{ "test.echo s64=-9223372036854775807", "status 0\ns64=-9223372036854775807\n" },
	{ "test.echo s64=-9223372036854775808", "status 0\ns64=-9223372036854775808\n" },
	{ "test.echo string=plain", "status 0\nstring=\"plain\"\n" },
	{ "test.echo string=", "status 0\nstring=\"\"\n" },
	{ "test.echo string=a=b", "status 0\nstring=\"a=b\"\n" },
	{ "test.echo string='two words'", "status 0\nstring=\"two words\"\n" },
	{ "test.echo \"string=two words\"", "status 0\nstring=\"two words\"\n" },
	{ "test.echo string=a\"b c\"'d e'f", "status 0\nstring=\"ab cd ef\"\n" },
	{ "test.echo string='a\\nb'", "status 0\nstring=\"a\\\\nb\"\n" },
	{ "test.echo string=\"a\\nb\\tc\\\"\"", "status 0\nstring=\"a\\nb\\tc\\\"\"\n" },
	{ "test.echo string=\\x41\\xff\\ b", "status 0\nstring=\"A\\xff b\"\n" },
	{ "test.echo string=\\x00", "status 0\nstring=\"x00\"\n" },
	{ "test.echo binary=00ff10", "status 0\nbinary=00ff10\n" },
	{ "test.echo prefix=192.0.2.1", "status 0\nprefix=192.0.2.1/32\n" },
	{ "test.echo prefix=192.0.2.0/24", "status 0\nprefix=192.0.2.0/24\n" },
	{ "test.echo prefix=2001:db8::/32", "status 0\nprefix=2001:db8::/32\n" },
	{ "test.echo prefix=::1", "status 0\nprefix=::1/128\n" },
	{ "test.echo enum=two", "status 0\nenum=two\n" },
	{ "test.echo enum=1", "status 0\nenum=one\n" },
	{ "test.echo flags=a|c", "status 0\nflags=a|c\n" },
	{ "test.echo flags=b,c", "status 0\nflags=b|c\n" },
	{ "test.echo flags=0", "status 0\nflags=0\n" },
	{ "test.echo bytes=4K", "status 0\nbytes=4096\n" },
	{ "test.echo bytes=2g", "status 0\nbytes=2147483648\n" },
	{ "test.echo ns=5ms", "status 0\nns=5000000\n" },
	{ "test.echo ns=2h", "status 0\nns=7200000000000\n" },
	{ "test.echo permille=50%", "status 0\npermille=500\n" },
	{ "test.echo u32=1 bool=0 enum=zero", "status 0\nbool=0\nu32=1\nenum=zero\n" },
	{ "test.fail status=0", "status 0\n" },
};

static void test_good(void **state)
{
	size_t i;
	int fd;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		fd = open_control(0);
		assert_int_equal(put(fd, good[i].line), 0);
		assert_string_equal(read_answer(fd), good[i].answer);
		close(fd);
	}
}

/* ---- bad lines ----------------------------------------------------------------------- */

#define NOT_READ "can't be read as its type"

static const struct {
	const char *line;
	int error;
	const char *answer; /* NULL: none */
} bad[] = {
	{ "", -EINVAL, "status -22 no command" },
	{ "\n", -EINVAL, "status -22 no command" },
	{ "   ", -EINVAL, "status -22 no command" },
	{ "test.echo u32=1\ntest.echo u32=2\n", -EINVAL, NULL },
	{ "\ntest.echo", -EINVAL, NULL },
	{ "test.echo\n\n", -EINVAL, NULL },
	{ "nothing", -ENOENT, "status -2 no such command" },
	{ "core.pong", -ENOENT, "status -2 no such command" },
	{ "u32=1", -ENOENT, "status -2 no such command" },
	{ "\"test.echo u32=1", -EINVAL, "status -22" },
	{ "test.echo string=\"open", -EINVAL, "status -22 a quote is not closed" },
	{ "test.echo string='open\\'", 0, "status 0" },
	{ "test.echo string='open", -EINVAL, "status -22 a quote is not closed" },
	{ "test.echo u32", -EINVAL, "status -22 u32: not key=value" },
	{ "test.echo wrong=1", -EINVAL, "status -22 wrong: no such argument" },
	{ "test.echo =1", -EINVAL, "status -22 : no such argument" },
	{ "test.echo u32=1 u32=2", -EINVAL, "status -22 u32: given twice" },
	{ "test.echo u32=", -EINVAL, "status -22 u32: " NOT_READ },
	{ "test.echo u32=x", -EINVAL, "status -22 u32: " NOT_READ },
	{ "test.echo u32=1x", -EINVAL, "status -22 u32: " NOT_READ },
	{ "test.echo u32=-1", -EINVAL, "status -22 u32: " NOT_READ },
	{ "test.echo u32=0x", -EINVAL, "status -22 u32: " NOT_READ },
	{ "test.echo u32=4294967296", -ERANGE, "status -34 u32: out of range" },
	{ "test.echo u64=18446744073709551616", -ERANGE, "status -34 u64: out of range" },
	{ "test.echo u64=99999999999999999999999999", -EINVAL, "status -22 u64: " NOT_READ },
	{ "test.echo s32=11", -ERANGE, "status -34 s32: out of range" },
	{ "test.echo s32=-11", -ERANGE, "status -34 s32: out of range" },
	{ "test.echo s64=9223372036854775808", -ERANGE, "status -34 s64: out of range" },
	{ "test.echo bool=2", -ERANGE, "status -34 bool: out of range" },
	{ "test.echo bool=maybe", -EINVAL, "status -22 bool: " NOT_READ },
	{ "test.echo binary=0", -EINVAL, "status -22 binary: " NOT_READ },
	{ "test.echo binary=0g", -EINVAL, "status -22 binary: " NOT_READ },
	{ "test.echo binary=00", -ERANGE, "status -34 binary: too short" },
	{ "test.echo binary=0011223344", -ERANGE, "status -34 binary: too long" },
	{ "test.echo prefix=192.0.2.0/33", -EINVAL, "status -22 prefix: " NOT_READ },
	{ "test.echo prefix=192.0.2", -EINVAL, "status -22 prefix: " NOT_READ },
	{ "test.echo prefix=::/129", -EINVAL, "status -22 prefix: " NOT_READ },
	{ "test.echo enum=three", -EINVAL, "status -22 enum: " NOT_READ },
	{ "test.echo enum=3", -ERANGE, "status -34 enum: out of range" },
	{ "test.echo flags=a|x", -EINVAL, "status -22 flags: " NOT_READ },
	{ "test.echo flags=8", -ERANGE, "status -34 flags: out of range" },
	{ "test.echo bytes=1s", -EINVAL, "status -22 bytes: " NOT_READ },
	{ "test.echo bytes=18446744073709551615K", -ERANGE, "status -34 bytes: out of range" },
	{ "test.echo permille=101%", -ERANGE, "status -34 permille: out of range" },
	{ "test.fail", -EINVAL, "status -22 status: missing" },
	{ "test.fail status=-5", -EIO, "status -5\n" },
	{ "test.fail status=-5 text='a \"b\"\\n'", -EIO, "status -5 a \\\"b\\\"\\\\n\n" },
};

static void test_bad(void **state)
{
	size_t i, wrong = 0;
	int fd, ret;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *answer;

		fd = open_control(0);
		ret = put(fd, bad[i].line);
		answer = read_answer(fd);
		if (ret != bad[i].error ||
		    strncmp(answer, bad[i].answer ?: "", strlen(bad[i].answer ?: "")) ||
		    (!bad[i].answer && *answer)) {
			print_error("%s: %d \"%s\" instead of %d \"%s\"\n", bad[i].line, ret, answer,
				    bad[i].error, bad[i].answer ?: "");
			wrong++;
		}
		close(fd);
	}
	assert_int_equal(wrong, 0);
}

/* Bytes that a string can't hold, and lines that are too long. */
static void test_raw(void **state)
{
	static char line[4098];
	const char *volatile nowhere = (void *)8;
	int fd = open_control(0);

	assert_int_equal(write(fd, "test.echo\0", 10), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(write(fd, "test.echo string=a\0b\n", 21), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(pwrite(fd, "core.ping", 9, 1), -1);
	assert_int_equal(errno, ESPIPE);
	assert_int_equal(write(fd, nowhere, 5), -1);
	assert_int_equal(errno, EFAULT);

	memset(line, 'a', sizeof(line));
	memcpy(line, "test.echo string=", 17);
	assert_int_equal(write(fd, line, 4096), 4096);
	assert_int_equal(write(fd, line, 4097), -1);
	assert_int_equal(errno, E2BIG);
	assert_int_equal(strlen(read_answer(fd)), strlen("status 0\nstring=\"\"\n") + 4096 - 17);
	close(fd);
}

/* A line after the other through one file; an answer is read once, in any pieces. */
static void test_again(void **state)
{
	int fd = open_control(0), i;
	char c[2] = "";
	char got[64] = "";

	assert_int_equal(read(fd, c, 1), 0); /* nothing was asked */
	for (i = 0; i < 50; i++) {
		assert_int_equal(put(fd, "test.echo u32=7\n"), 0);
		*got = 0;
		while (read(fd, c, 1) == 1)
			strcat(got, c);
		assert_string_equal(got, "status 0\nu32=7\n");
	}
	assert_int_equal(put(fd, "test.echo u32=1"), 0);
	assert_int_equal(put(fd, "test.echo u32=2"), 0); /* the first answer was not wanted */
	assert_string_equal(read_answer(fd), "status 0\nu32=2\n");
	assert_int_equal(pread(fd, c, 1, 5), -1);
	assert_int_equal(errno, ESPIPE);
	close(fd);
}

/* ---- answers that come later --------------------------------------------------------------- */

static void test_later(void **state)
{
	int fd = open_control(0);
	double t = now();

	assert_int_equal(put(fd, "core.ping text=x delay=1s"), 0);
	assert_true(now() - t < 0.9);
	assert_int_equal(put(fd, "core.ping"), -EBUSY); /* one at a time in a file */
	assert_non_null(strstr(read_answer(fd), "\ntext=\"x\""));
	assert_true(now() - t >= 1);
	assert_int_equal(put(fd, "core.ping"), 0);
	close(fd);
}

static void test_nonblock(void **state)
{
	int fd = open_control(O_NONBLOCK);
	char c;

	assert_int_equal(put(fd, "core.ping delay=1s"), 0);
	assert_int_equal(read(fd, &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	sleep(2);
	assert_int_equal(strncmp(read_answer(fd), "status 0\ntime=", 14), 0);
	close(fd);
}

static void nothing(int sig)
{
}

static void *read_blocking(void *fd)
{
	char c;

	return (void *)(long)(read(*(int *)fd, &c, 1) < 0 ? -errno : 0);
}

/* A reader who waits can be interrupted, and nobody else has to wait for him. */
static void test_interrupted(void **state)
{
	struct sigaction sa = { .sa_handler = nothing };
	int fd = open_control(0), other = open_control(0);
	pthread_t thread;
	void *ret;
	double t;

	sigaction(SIGUSR1, &sa, NULL);
	assert_int_equal(put(fd, "core.ping delay=5s"), 0);
	pthread_create(&thread, NULL, read_blocking, &fd);
	usleep(100000);
	t = now();
	assert_int_equal(put(fd, "core.ping"), -EBUSY);
	assert_true(now() - t < 1);
	assert_int_equal(put(other, "core.ping"), 0);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, &ret);
	assert_int_equal((long)ret, -EINTR);
	assert_int_equal(log_counter(&w, "unanswered"), 1);
	close(fd);
	assert_int_equal(log_counter(&w, "unanswered"), 0); /* nobody wants it any more */
	close(other);
}

/* ---- modules/<name> -------------------------------------------------------------------------- */

static void test_module_file(void **state)
{
	const char *text = slurp(MODULE);
	int fd;

	assert_non_null(text);
	assert_int_equal(strncmp(text, "state: running\n", 15), 0);
	assert_non_null(strstr(text, "\nparam.s32: -5\n"));
	assert_non_null(strstr(text, "\nparam.enum: zero\n"));
	assert_non_null(strstr(text, "\nstat.gauge: -5\n"));
	assert_int_equal(control("param.set name=test.enum value=two"), 0);
	assert_non_null(strstr(slurp(MODULE), "\nparam.enum: two\n"));
	assert_int_equal(control("module.stop name=test"), 0);
	assert_int_equal(strncmp(slurp(MODULE), "state: stopped\n", 15), 0);
	assert_int_equal(control("module.start name=test"), 0);

	/* Lines with the module's prefix implied. */
	fd = open(MODULE, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(put(fd, "echo u32=3\n"), 0);
	assert_string_equal(read_answer(fd), "status 0\nu32=3\n");
	assert_int_equal(put(fd, "test.echo u32=3"), -ENOENT);
	assert_int_equal(put(fd, "core.ping"), -ENOENT);
	assert_int_equal(put(fd, "ping"), -ENOENT);
	assert_int_equal(put(fd, "a123456789012345678901234567890123456789012345678901234567890"),
			 -ENOENT);
	assert_int_equal(put(fd, "defer ms=50 size=2"), 0);
	assert_string_equal(read_answer(fd), "status 0\nbytes=0000\n");
	close(fd);
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
		cmocka_unit_test(test_status), cmocka_unit_test(test_last_call),
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_raw), cmocka_unit_test(test_again),
		cmocka_unit_test(test_later), cmocka_unit_test(test_nonblock),
		cmocka_unit_test(test_interrupted), cmocka_unit_test(test_module_file),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
