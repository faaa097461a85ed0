// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation fails once. Each operation is done again and again: the first
 * time its first allocation fails (or its first copy from or to user space), then
 * its second, until one goes through with nothing left to fail. Each time it must
 * succeed or say why not, and everything must work afterwards. What leaked, the
 * rig finds in the end.
 *
 * For the debug kernel: see Documentation/fault-injection, fail-nth.
 */
/* check: limit=900 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <moeai/moeai.h>

/* What cmocka wants included before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define PLACES 4000 /* more than any operation has */
#define TIMEOUT 3000 /* ms, of calls that get their answer at once */

#define CORE "moeai"
#define FEATURE "moeai_mem_monitor"
#define CONTROL "/proc/moeai/control"

static int fail_nth = -1, kmsg = -1;

/* ---- what makes things fail ----------------------------------------------- */

static void set_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int setup(void **state)
{
	if (access("/sys/kernel/debug/failslab", F_OK)) {
		print_message(
			"this kernel injects no faults: use KERNEL=debug\n");
		return -1;
	}
	/* Or it would spare all allocations that may sleep. */
	set_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	set_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	set_file("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	set_file("/sys/kernel/debug/failslab/verbose", "0");
	set_file("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	set_file("/sys/kernel/debug/fail_usercopy/verbose", "0");
	set_file("/proc/sys/kernel/printk_devkmsg", "on");
	kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	assert_true(fail_nth >= 0);
	return 0;
}

static void arm(int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", nth);

	assert_int_equal(pwrite(fail_nth, text, n, 0), n);
}

/* Whether the fault that arm() asked for has happened; none will any more. */
static bool disarm(void)
{
	char text[16] = "";

	/* The reads may be what is made to fail. */
	while (pread(fail_nth, text, sizeof(text) - 1, 0) <= 0)
		;
	while (pwrite(fail_nth, "0", 1, 0) != 1)
		;
	return atoi(text) == 0;
}

/* ---- everything works ------------------------------------------------------ */

static bool loaded(const char *module)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return !access(path, F_OK);
}

static uint64_t next_seq(void)
{
	struct moeai_status s;
	struct moeai *h;

	assert_int_equal(moeai_open(&h), 0);
	assert_int_equal(moeai_status_get(h, &s), 0);
	assert_true(s.log_attempted == s.log_logged + s.log_refused);
	moeai_close(h);
	return s.log_next;
}

static int load(const char *module)
{
	struct utsname u;
	char path[256];
	int fd, result;

	uname(&u);
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/%s.ko", u.release,
		 module);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	result = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return result;
}

static int unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

/* Nothing of the core is left, and it can be loaded: leaves it loaded or not. */
static void want(bool core, bool feature)
{
	if (loaded(FEATURE) && !feature)
		assert_int_equal(unload(FEATURE), 0);
	if (loaded(CORE) && !core)
		assert_int_equal(unload(CORE), 0);
	if (!loaded(CORE)) {
		assert_int_not_equal(access("/proc/moeai", F_OK), 0);
		if (core)
			assert_int_equal(load(CORE), 0);
	}
	if (!loaded(FEATURE) && feature)
		assert_int_equal(load(FEATURE), 0);
}

/* ---- the walk ---------------------------------------------------------------- */

struct operation {
	int (*run)(const void *arg); /* 0 or -errno */
	void (*before)(void);
	void (*after)(int error);
	const void *arg;
};

/* What can be said when there is no memory, or no way to or from user space. */
static bool clean(int error)
{
	switch (-error) {
	case 0:
	case ENOMEM:
	case ENOBUFS:
	case EFAULT:
	case EAGAIN:
	case EBUSY:
		return true;
	}
	return false;
}

/* For whoever reads the console of a guest that hangs. */
static void note(const char *what, int nth)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "faults: %s, place %d\n", what,
			 nth);

	if (kmsg >= 0 && write(kmsg, text, n) < 0)
		return;
}

static void walk(const char *what, const struct operation *o)
{
	int nth, error, failures = 0, wrong = 0;
	bool happened;

	for (nth = 1; nth < PLACES; nth++) {
		if (o->before)
			o->before();
		note(what, nth);
		arm(nth);
		error = o->run(o->arg);
		happened = disarm();
		if (error)
			failures++;
		if (!clean(error)) {
			print_message("%s, place %d: %s\n", what, nth,
				      strerror(-error));
			wrong++;
		}
		if (o->after)
			o->after(error);
		if (!happened)
			break;
	}
	print_message("%s: %d places, %d of them made it fail\n", what, nth - 1,
		      failures);
	assert_true(nth < PLACES);
	assert_int_equal(error, 0);
	assert_int_equal(wrong, 0);
	want(true, true);
	next_seq();
}

/* ---- loading and unloading ----------------------------------------------------- */

static int run_load(const void *module)
{
	return load(module);
}

static int run_unload(const void *module)
{
	return unload(module);
}

static void core_unloaded(void)
{
	want(false, false);
}

static void core_loaded(void)
{
	want(true, false);
}

static void both_loaded(void)
{
	want(true, true);
}

static void core_as_said(int error)
{
	assert_int_equal(loaded(CORE), !error);
	assert_int_equal(!access("/proc/moeai", F_OK), !error);
}

static void feature_as_said(int error)
{
	assert_int_equal(loaded(FEATURE), !error);
	assert_int_equal(!access("/proc/moeai/modules/mem_monitor", F_OK),
			 !error);
	next_seq();
}

static void core_gone_as_said(int error)
{
	core_as_said(error ? 0 : -ENOENT);
}

static void feature_gone_as_said(int error)
{
	feature_as_said(error ? 0 : -ENOENT);
}

static void test_load(void **state)
{
	walk("load core", &(struct operation){ run_load, core_unloaded,
					       core_as_said, CORE });
}

static void test_unload(void **state)
{
	walk("unload core", &(struct operation){ run_unload, core_loaded,
						 core_gone_as_said, CORE });
}

static void test_load_feature(void **state)
{
	walk("load feature", &(struct operation){ run_load, core_loaded,
						  feature_as_said, FEATURE });
}

static void test_unload_feature(void **state)
{
	walk("unload feature",
	     &(struct operation){ run_unload, both_loaded, feature_gone_as_said,
				  FEATURE });
}

/* ---- over netlink ----------------------------------------------------------------- */

static struct moeai *handle;

static void open_handle(void)
{
	both_loaded();
	assert_int_equal(moeai_open(&handle), 0);
}

/* What failed has left no trace: another handle gets everything. */
static void close_handle(int error)
{
	moeai_close(handle);
	handle = NULL;
	next_seq();
}

static int run_open(const void *arg)
{
	struct moeai *h;
	int error = moeai_open(&h);

	if (!error)
		moeai_close(h);
	return error;
}

static int run_status(const void *arg)
{
	struct moeai_status s;

	return moeai_status_get(handle, &s);
}

static int run_table(const void *name)
{
	struct moeai_table *t;
	struct moeai_values row;
	int error = moeai_table_open(handle, name, &t);

	if (error)
		return error;
	do
		error = moeai_table_next(t, &row);
	while (!error);
	moeai_table_close(t);
	return error == -ENODATA ? 0 : error;
}

static int run_command(const void *name)
{
	struct moeai_reply *reply = NULL;
	int error = moeai_call(handle, name, NULL, 0, TIMEOUT, &reply);

	if (!error)
		moeai_reply_free(reply);
	return error;
}

static int run_stop(const void *module)
{
	return moeai_module_stop(handle, module);
}

static int run_start(const void *module)
{
	return moeai_module_start(handle, module);
}

/* Half started or half stopped, neither would succeed. */
static void start_again(int error)
{
	assert_int_equal(moeai_module_stop(handle, "mem_monitor"), 0);
	assert_int_equal(moeai_module_start(handle, "mem_monitor"), 0);
	close_handle(error);
}

static int run_param(const void *value)
{
	return moeai_param_set(handle, "mem_monitor.interval_ms", value);
}

static uint64_t seq_before;

static void note_seq(void)
{
	open_handle();
	seq_before = next_seq();
}

/* An acknowledgement may be lost (ENOBUFS), but what is refused isn't done. */
static void published_as_said(int error)
{
	uint64_t logged = next_seq() - seq_before;

	if (error == -ENOMEM || error == -EFAULT)
		assert_int_equal(logged, 0);
	else if (!error)
		assert_in_range(logged, 1, 3);
	close_handle(error);
	/* The rate limit. */
	usleep(20000);
}

static int run_publish(const void *text)
{
	return moeai_publish(handle, MOEAI_PRIO_INFO, text);
}

static int run_monitor(const void *arg)
{
	const bool *history = arg;
	struct moeai_monitor_options options = {
		.since = MOEAI_SINCE_OLDEST,
		.history = *history,
		.no_wait = true,
	};
	struct moeai_monitor *m;
	struct moeai_item item;
	int error = moeai_monitor_open(&m, &options);

	if (error)
		return error;
	do
		error = moeai_monitor_next(m, &item, *history ? TIMEOUT : 0);
	while (!error);
	moeai_monitor_close(m);
	return error == -ENODATA || error == -EAGAIN || error == -ETIMEDOUT ?
		       0 :
		       error;
}

static void test_open(void **state)
{
	walk("open", &(struct operation){ run_open, both_loaded, NULL, NULL });
}

static void test_status(void **state)
{
	walk("status", &(struct operation){ run_status, open_handle,
					    close_handle, NULL });
}

static void test_tables(void **state)
{
	static const char *const tables[] = { "modules",     "params",
					      "commands",    "event_types",
					      "fields",	     "tables",
					      "subscribers", "log" };
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		walk(tables[i], &(struct operation){ run_table, open_handle,
						     close_handle, tables[i] });
}

static void test_commands(void **state)
{
	static const char *const commands[] = { "core.ping", "log.clear",
						"stats.reset" };
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		walk(commands[i],
		     &(struct operation){ run_command, open_handle,
					  close_handle, commands[i] });
}

static void test_param(void **state)
{
	walk("param", &(struct operation){ run_param, open_handle, close_handle,
					   "1000" });
}

static void test_stop(void **state)
{
	open_handle();
	close_handle(0);
	walk("stop", &(struct operation){ run_stop, open_handle, start_again,
					  "mem_monitor" });
}

static void stopped_handle(void)
{
	open_handle();
	assert_int_equal(moeai_module_stop(handle, "mem_monitor"), 0);
}

static void start_anyway(int error)
{
	if (error)
		assert_int_equal(moeai_module_start(handle, "mem_monitor"), 0);
	start_again(error);
}

static void test_start(void **state)
{
	walk("start", &(struct operation){ run_start, stopped_handle,
					   start_anyway, "mem_monitor" });
}

static void test_publish(void **state)
{
	walk("publish", &(struct operation){ run_publish, note_seq,
					     published_as_said, "a fault" });
}

static void test_replay(void **state)
{
	static const bool yes = true;

	walk("replay",
	     &(struct operation){ run_monitor, both_loaded, NULL, &yes });
}

static void test_join(void **state)
{
	static const bool no;

	walk("join",
	     &(struct operation){ run_monitor, both_loaded, NULL, &no });
}

/* ---- /proc/moeai ------------------------------------------------------------------- */

/* Writes a line, if there is one, and reads all there is to read. */
static int read_file(const char *path, const char *line)
{
	int fd = open(path, (line ? O_RDWR : O_RDONLY) | O_CLOEXEC), error = 0;
	char bytes[4096];
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	if (line && write(fd, line, strlen(line)) < 0)
		error = -errno;
	while (!error && n > 0) {
		n = read(fd, bytes, sizeof(bytes));
		if (n < 0)
			error = -errno;
	}
	close(fd);
	return error;
}

static int run_read(const void *path)
{
	return read_file(path, NULL);
}

static int run_control(const void *line)
{
	return read_file(CONTROL, line);
}

static void test_procfs(void **state)
{
	walk("/proc/moeai/status",
	     &(struct operation){ run_read, both_loaded, NULL,
				  "/proc/moeai/status" });
	walk("/proc/moeai/log", &(struct operation){ run_read, both_loaded,
						     NULL, "/proc/moeai/log" });
	walk("control", &(struct operation){ run_control, both_loaded, NULL,
					     "core.ping\n" });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_param),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_procfs),
		cmocka_unit_test(test_load_feature),
		cmocka_unit_test(test_unload_feature),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_unload),
	};

	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, setup, NULL);
}
