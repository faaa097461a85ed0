// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "walk.h"

#define PLACES 4000 /* more than any operation has */

struct moeai *handle;

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

/* Opened beforehand, as what opening a file can fail with is not our concern. */
static const char *const names[] = { CORE, FEATURE, HELLO, GUARD, LOGGER, SAMPLES };
static int files[sizeof(names) / sizeof(names[0])];

static void open_modules(void)
{
	struct utsname u;
	char path[256];
	size_t i;

	uname(&u);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/lib/modules/%s/updates/%s.ko", u.release, names[i]);
		files[i] = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(files[i] >= 0);
	}
}

int walk_setup(void **state)
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
	open_modules();
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

bool loaded(const char *module)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return !access(path, F_OK);
}

uint64_t next_seq(void)
{
	struct moeai_status s;
	struct moeai *h;

	assert_int_equal(moeai_open(&h), 0);
	assert_int_equal(moeai_status_get(h, &s), 0);
	assert_true(s.log_attempted == s.log_logged + s.log_refused);
	moeai_close(h);
	return s.log_next;
}

int load(const char *module)
{
	size_t i = 0;

	while (strcmp(names[i], module))
		i++;
	return syscall(SYS_finit_module, files[i], "", 0) ? -errno : 0;
}

int unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

void want(bool core, bool feature)
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

void none_loaded(void)
{
	want(false, false);
}

void core_loaded(void)
{
	want(true, false);
}

void both_loaded(void)
{
	want(true, true);
}

void open_handle(void)
{
	if (!loaded(CORE) || !loaded(FEATURE))
		both_loaded();
	assert_int_equal(moeai_open(&handle), 0);
}

void close_handle(int error)
{
	moeai_close(handle);
	handle = NULL;
	next_seq();
}

/* ---- the walk ---------------------------------------------------------------- */

/* What can be said when there is no memory, or no way to or from user space. */
static bool clean(int error)
{
	switch (-error) {
	case 0:
	case ENOMEM:
	case ENOBUFS:
	case ENFILE: /* socket(2), without memory */
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

void walk(const char *what, const struct operation *o)
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

int rows(const char *table)
{
	struct moeai_table *t;
	struct moeai_values row;
	int rc, n = 0;

	assert_int_equal(moeai_table_open(handle, table, &t), 0);
	while ((rc = moeai_table_next(t, &row)) > 0)
		n++;
	assert_int_equal(rc, 0);
	moeai_table_close(t);
	return n;
}

void all_or_nothing(const char *table, int error, int done, int undone)
{
	int n = rows(table);

	if (n != done || (error && error != -ENOBUFS && error != -EFAULT))
		assert_int_equal(n, error ? undone : done);
	close_handle(error);
}
