// SPDX-License-Identifier: LGPL-2.1-or-later
/* fs_logger by libmoeai's typed calls. check: limit=300 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ask.h"
#include "reader.h"

#define WATCHES "fs_logger.watches"
#define FOLDER	"/tmp/watch_calls"
#define NOBODY	65534

static struct moeai *h;
static struct moeai_monitor *monitor;

/* ---- the frame --------------------------------------------------------------------- */

static int setup(void **state)
{
	return sh("modprobe moeai_fs_logger") || moeai_open(&h);
}

static int teardown(void **state)
{
	moeai_close(h);
	return sh("umount " FOLDER "; rmdir " FOLDER "; modprobe -r moeai_fs_logger");
}

static int begin(void **state)
{
	static const char *const types[] = { "fs_logger.*" };
	const struct moeai_monitor_options options = { .types = types, .n_types = 1 };

	return sh("moectl table " WATCHES " flush >/dev/null; umount " FOLDER " 2>/dev/null;"
		  " mkdir -p " FOLDER " && mount -t tmpfs none " FOLDER) ||
	       moeai_monitor_open(&monitor, &options);
}

static int end(void **state)
{
	moeai_monitor_close(monitor);
	monitor = NULL;
	return 0;
}

/* The next event, typed. */
static struct moeai_watch_event next_event(void)
{
	struct moeai_watch_event e;
	struct moeai_item item;
	int rc;

	do {
		rc = moeai_monitor_next(monitor, &item, PATIENCE);
		if (rc)
			fail_msg("no event: %s", moeai_strerror(rc));
	} while (item.kind != MOEAI_EVENT);
	assert_int_equal(moeai_watch_event(&item.event, &e), 0);
	return e;
}

/* The one row that there must be, or none: n. Its strings are those of the row. */
static struct moeai_watch watch_row(size_t n)
{
	static char path[4096], exclude[1025], inside[4096];
	struct moeai_watch w = { .path = "" };
	struct moeai_values row;
	struct moeai_table *t;
	size_t found = 0;

	assert_int_equal(moeai_table_open(h, WATCHES, &t), 0);
	while (moeai_table_next(t, &row) > 0) {
		assert_int_equal(moeai_watch_row(&row, &w), 0);
		snprintf(path, sizeof(path), "%s", w.path);
		snprintf(exclude, sizeof(exclude), "%s", w.exclude);
		snprintf(inside, sizeof(inside), "%s", w.inside);
		found++;
	}
	moeai_table_close(t);
	assert_int_equal(found, n);
	w.path = path;
	w.exclude = exclude;
	w.inside = inside;
	return w;
}

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

/* A process that makes a file as another user and is gone. Its pid. */
static pid_t stranger(const char *path)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (setuid(NOBODY))
			_exit(1);
		make_file(path);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return pid;
}

static void assert_path(const struct moeai_watch_event *e, bool old, const char *want)
{
	char path[8192];

	assert_int_equal(moeai_watch_path(e, old, path, sizeof(path)), strlen(want));
	assert_string_equal(path, want);
}

/* ---- watches ------------------------------------------------------------------------ */

static void adds_and_removes(void **state)
{
	const struct moeai_watch_options options = {
		.ops = 1 << MOEAI_FS_CREATE | 1 << MOEAI_FS_EXEC, .recursive = true,
		.exclude = "*.o:/x", .fold = 1000000000,
	};
	struct moeai_watch w;
	struct stat st;

	assert_int_equal(stat(FOLDER, &st), 0);
	assert_int_equal(moeai_watch_add(h, FOLDER, &options), 0);
	w = watch_row(1);
	assert_string_equal(w.path, FOLDER);
	assert_string_equal(w.exclude, "*.o:/x");
	assert_true(w.ops == options.ops && w.recursive && !w.exclude_self && !w.holder);
	assert_true(w.fold == options.fold && w.state == MOEAI_FS_WATCHING);
	assert_true(w.inode == st.st_ino && w.device == st.st_dev && w.uid == 0);
	assert_int_equal(strncmp(w.comm, "test_watch_calls", 15), 0);
	assert_int_equal(moeai_watch_add(h, FOLDER, NULL), -EEXIST);
	assert_int_equal(moeai_watch_remove(h, FOLDER, true), -ENOENT);
	assert_int_equal(moeai_watch_remove(h, FOLDER, false), 0);
	watch_row(0);
	assert_int_equal(moeai_watch_remove(h, FOLDER, false), -ENOENT);
	assert_int_equal(moeai_watch_add(h, FOLDER, NULL), 0);
	w = watch_row(1);
	assert_int_equal(w.ops, 0xff & ~(1 << MOEAI_FS_EXEC | 1 << MOEAI_FS_OPEN));
	assert_true(!w.recursive && !w.fold && !*w.exclude);
}

/* Each says what is wrong, and changes nothing. */
static void refuses(void **state)
{
	static const struct {
		const char *path;
		struct moeai_watch_options options;
		int error;
		const char *why;
	} cases[] = {
		{ "relative", { 0 }, -EINVAL, "begin with '/'" },
		{ "", { 0 }, -ERANGE, "path" },
		{ FOLDER "/nothing", { 0 }, -ENOENT, "no such file" },
		{ FOLDER "/file/x", { 0 }, -ENOTDIR, "no folder" },
		{ FOLDER "/loop", { 0 }, -ELOOP, "symbolic links" },
		{ FOLDER, { .ops = 1U << 31 }, -ERANGE, "ops" },
		{ FOLDER, { .exclude = "" }, -ERANGE, "exclude" },
		{ FOLDER, { .exclude = "a/b" }, -EINVAL, "exclude" },
		{ FOLDER, { .fold = UINT64_MAX }, -ERANGE, "fold" },
	};
	char *path = calloc(1, 4098);

	make_file(FOLDER "/file");
	assert_int_equal(symlink("loop", FOLDER "/loop"), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int rc = moeai_watch_add(h, cases[i].path, &cases[i].options);

		if (rc != cases[i].error || !strstr(moeai_error(h), cases[i].why))
			fail_msg("%zu: %s: %d, %s", i, cases[i].path, rc, moeai_error(h));
	}
	memset(path, '/', 4096);
	assert_int_equal(moeai_watch_add(h, path, NULL), -ERANGE);
	free(path);
	watch_row(0);
}

/* Others hold nothing, and what is held goes with its holder. */
static void held_by_a_process(void **state)
{
	const struct moeai_watch_options options = { .held = true };
	struct moeai_watch_event e;
	struct moeai_watch w;
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		struct moeai *own;

		if (!moeai_open(&own) && !moeai_watch_add(own, FOLDER, &options) &&
		    write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	w = watch_row(1);
	assert_int_equal(w.holder, pid);
	/* Ours is another one, and so is one that stays. */
	assert_int_equal(moeai_watch_add(h, FOLDER, &options), 0);
	assert_int_equal(moeai_watch_add(h, FOLDER, NULL), 0);
	watch_row(3);
	assert_int_equal(moeai_watch_remove(h, FOLDER, true), 0);
	assert_int_equal(moeai_watch_remove(h, FOLDER, false), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	e = next_event();
	assert_true(e.kind == MOEAI_WATCH_EVENT_WATCH && e.change == MOEAI_FS_WATCH_RELEASED);
	assert_string_equal(e.watch, FOLDER);
	assert_int_equal(e.holder, pid);
	watch_row(0);
}

static void several_or_none(void **state)
{
	struct moeai_txn *t;

	assert_int_equal(mkdir(FOLDER "/a", 0700), 0);
	assert_int_equal(moeai_txn_open(h, WATCHES, &t), 0);
	assert_int_equal(moeai_watch_put(t, MOEAI_ACTION_ADD, FOLDER, NULL), 0);
	assert_int_equal(moeai_watch_put(t, MOEAI_ACTION_ADD, FOLDER "/b", NULL), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), -ENOENT);
	assert_int_equal(moeai_txn_error(t)->row, 1);
	moeai_txn_close(t);
	watch_row(0);
	assert_int_equal(moeai_txn_open(h, WATCHES, &t), 0);
	assert_int_equal(moeai_watch_put(t, MOEAI_ACTION_ADD, FOLDER, NULL), 0);
	assert_int_equal(moeai_watch_put(t, MOEAI_ACTION_ADD, FOLDER "/a", NULL), 0);
	assert_int_equal(moeai_txn_commit(t, 0, NULL), 0);
	moeai_txn_close(t);
	watch_row(2);
}

/* Rows that were read are rows that can be loaded again. */
static void rows_come_back(void **state)
{
	const struct moeai_watch_options options = { .recursive = true, .exclude = "a\\:b:/\\\\",
						     .ops = 0xff, .fold = 7, .exclude_self = true };
	struct moeai_values row;
	struct moeai_watch w;
	struct moeai_table *t;
	struct moeai_txn *txn;

	assert_int_equal(moeai_watch_add(h, FOLDER, &options), 0);
	assert_int_equal(moeai_table_open(h, WATCHES, &t), 0);
	assert_int_equal(moeai_txn_open(h, WATCHES, &txn), 0);
	assert_int_equal(moeai_txn_flush(txn), 0);
	while (moeai_table_next(t, &row) > 0)
		assert_int_equal(moeai_txn_values(txn, MOEAI_ACTION_ADD, &row), 0);
	assert_int_equal(moeai_txn_commit(txn, 0, NULL), 0);
	moeai_txn_close(txn);
	moeai_table_close(t);
	w = watch_row(1);
	assert_string_equal(w.path, FOLDER);
	assert_string_equal(w.exclude, options.exclude);
	assert_true(w.ops == 0xff && w.fold == 7 && w.recursive && w.exclude_self && !w.holder);
}

/* ---- events -------------------------------------------------------------------------- */

static void who_and_what(void **state)
{
	const struct moeai_watch_options options = { .recursive = true, .exclude_self = true };
	struct moeai_watch_event e;
	struct stat st;
	pid_t pid;

	assert_int_equal(chmod(FOLDER, 0777), 0);
	assert_int_equal(moeai_watch_add(h, FOLDER, &options), 0);
	make_file(FOLDER "/own"); /* is left out */
	pid = stranger(FOLDER "/made");
	assert_int_equal(stat(FOLDER "/made", &st), 0);
	for (size_t i = 0; i < 3; i++) {
		static const enum moeai_fs_op ops[] = { MOEAI_FS_CREATE, MOEAI_FS_MODIFY,
							MOEAI_FS_CLOSE_WRITE };

		e = next_event();
		assert_true(e.kind == MOEAI_WATCH_EVENT_FILE && e.op == ops[i]);
		assert_true(e.pid == (uint32_t)pid && e.tid == e.pid && e.uid == NOBODY);
		assert_true(e.ppid == (uint32_t)getpid() && e.started && e.count == 1);
		assert_int_equal(strncmp(e.comm, "test_watch_calls", 15), 0);
		assert_non_null(strstr(e.exe, "/test_watch_calls"));
		assert_true(!e.dir && !e.kthread && !*e.old_path);
		assert_true(e.device == st.st_dev && (!e.inode || e.inode == st.st_ino));
		assert_string_equal(e.watch, FOLDER);
		assert_path(&e, false, FOLDER "/made");
	}
	assert_true(watch_row(1).left_out >= 3);
	assert_int_equal(watch_row(1).events, 3);
	assert_int_equal(sh("mkdir " FOLDER "/d && mv " FOLDER "/d " FOLDER "/e"), 0);
	e = next_event();
	assert_true(e.op == MOEAI_FS_CREATE && e.dir);
	e = next_event();
	assert_true(e.op == MOEAI_FS_RENAME && e.dir);
	assert_path(&e, true, FOLDER "/d");
	assert_path(&e, false, FOLDER "/e");
}

/* A name that is no text, in a folder that was moved, seen through a link. */
static void odd_paths(void **state)
{
	const struct moeai_watch_options options = { .recursive = true, .ops = 1 << MOEAI_FS_CREATE |
								       1 << MOEAI_FS_RENAME };
	struct moeai_watch_event e;

	assert_int_equal(mkdir(FOLDER "/d", 0700), 0);
	assert_int_equal(symlink("d", FOLDER "/link"), 0);
	assert_int_equal(moeai_watch_add(h, FOLDER "/link", &options), 0);
	make_file(FOLDER "/d/\n\xff\x01");
	e = next_event();
	assert_path(&e, false, FOLDER "/link/\n\xff\x01");
	assert_int_equal(rename(FOLDER "/d", FOLDER "/moved"), 0);
	e = next_event();
	assert_true(e.op == MOEAI_FS_RENAME && e.kind == MOEAI_WATCH_EVENT_FILE);
	e = next_event();
	assert_true(e.kind == MOEAI_WATCH_EVENT_WATCH && e.change == MOEAI_FS_WATCH_MOVED);
	assert_int_equal(e.pid, getpid());
	make_file(FOLDER "/moved/y");
	e = next_event();
	assert_path(&e, false, FOLDER "/link/y");
	/* Out of it: the link does not say where that is, the file system does. */
	assert_int_equal(rename(FOLDER "/moved/y", FOLDER "/y"), 0);
	e = next_event();
	assert_path(&e, true, FOLDER "/link/y");
	assert_int_equal(e.below, MOEAI_WATCH_OUTSIDE);
	assert_string_equal(e.path, FOLDER "/y" + (strlen(FOLDER "/y") - strlen(e.path)));
	assert_path(&e, false, e.path);
}

static void without_the_module(void **state)
{
	assert_int_equal(sh("modprobe -r moeai_fs_logger"), 0);
	assert_int_equal(moeai_watch_add(h, FOLDER, NULL), -ENOENT);
	assert_non_null(strstr(moeai_error(h), "modprobe moeai_fs_logger"));
	assert_int_equal(moeai_watch_remove(h, FOLDER, false), -ENOENT);
	assert_non_null(strstr(moeai_error(h), "modprobe moeai_fs_logger"));
	assert_int_equal(sh("modprobe moeai_fs_logger"), 0);
	assert_int_equal(moeai_watch_add(h, FOLDER, NULL), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(adds_and_removes), CASE(refuses),	      CASE(held_by_a_process),
		CASE(several_or_none),	CASE(rows_come_back), CASE(who_and_what),
		CASE(odd_paths),	CASE(without_the_module),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
