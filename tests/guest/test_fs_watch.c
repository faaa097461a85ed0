// SPDX-License-Identifier: GPL-2.0
/* fs_logger's watches: what is refused, what becomes of them. check: limit=400 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fs.h"
#include "user.h"

/* ---- refusals ------------------------------------------------------------------------ */

static void refused(int error, const char *field, const char *why, const char *words)
{
	size_t before = watches();
	int rc = watch("%s", words);
	const struct moeai_txn_error *e = watch_error();

	if (rc != error || !e || strcmp(e->field ?: "", field) != 0 ||
	    !strstr(e->message ?: "", why))
		fail_msg("%.60s: %d, field %s: %s", words, rc, e && e->field ? e->field : "none",
			 e && e->message ? e->message : "no text");
	assert_int_equal(watches(), before);
}

static void refusals(void **state)
{
	static char line[5000];

	make_file("file");
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(watch("path=" HERE), 0);
	refused(-ENOENT, "path", "no such file", "path=" HERE "/nothing");
	refused(-ENOTDIR, "path", "no folder", "path=" HERE "/file/x");
	refused(-ELOOP, "path", "symbolic links", "path=" HERE "/loop");
	refused(-EINVAL, "path", "begin with '/'", "path=here");
	refused(-EEXIST, "path", "already", "path=" HERE);
	refused(-EINVAL, "holder", "not the pid", "path=" HERE " holder=1");
	refused(-EINVAL, "ops", "tells nothing", "path=/run ops=0");
	refused(-EINVAL, "exclude", "empty", "path=/run exclude=a::b");
	refused(-EINVAL, "exclude", "no '/'", "path=/run exclude=a/b");
	refused(-EINVAL, "exclude", "last '\\'", "path=/run exclude=a\\");
	snprintf(line, sizeof(line), "path=" HERE "/%0300d", 1);
	refused(-ENAMETOOLONG, "path", "too long", line);
	snprintf(line, sizeof(line), "path=/%04095d", 1);
	assert_true(watch("%s", line) < 0);
	snprintf(line, sizeof(line), "path=/run exclude=%01025d", 1);
	assert_true(watch("%s", line) < 0);
	assert_true(watch("path=/run fold=2h") < 0);
	assert_int_equal(watches(), 1);
	assert_int_equal(watch_change("delete path=/run holder=0"), -ENOENT);
}

/* All or nothing: what is before a bad row is not there. */
static void all_or_nothing(void **state)
{
	struct moeai_arg good[] = { MOEAI_TEXT("path", HERE), MOEAI_TEXT("holder", "0") };
	struct moeai_arg bad[] = { MOEAI_TEXT("path", HERE "/no"), MOEAI_TEXT("holder", "0") };
	const struct moeai_txn_error *e;
	struct moeai_txn *t;

	assert_int_equal(moeai_txn_open(fs, "fs_logger.watches", &t), 0);
	assert_int_equal(moeai_txn_row(t, MOEAI_ACTION_ADD, good, 2), 0);
	assert_int_equal(moeai_txn_row(t, MOEAI_ACTION_ADD, bad, 2) ?: moeai_txn_commit(t, 0, NULL),
			 -ENOENT);
	e = moeai_txn_error(t);
	assert_non_null(e);
	assert_int_equal(e->row, 1);
	assert_string_equal(e->field, "path");
	moeai_txn_close(t);
	assert_int_equal(watches(), 0);
	assert_int_equal(fs_number("superblocks"), 0);
	make_file("f");
	assert_told("");
}

static int add_as(void *words)
{
	int rc = moeai_open(&fs);

	return -(rc ?: watch("%s", (char *)words));
}

static void permissions(void **state)
{
	make_folder("theirs");
	make_folder("open");
	assert_int_equal(chmod("theirs", 0700), 0);
	assert_int_equal(chmod(HERE, 0755), 0);
	assert_int_equal(as(NET_ADMIN, add_as, "path=" HERE "/theirs"), EACCES);
	assert_int_equal(as(NET_ADMIN, add_as, "path=" HERE "/theirs/x"), EACCES);
	assert_int_equal(as(NET_ADMIN, add_as, "path=" HERE "/open recursive=true"), EPERM);
	assert_int_equal(as(SYS_ADMIN, add_as, "path=" HERE "/open"), EPERM);
	assert_int_equal(as(NOBODY, add_as, "path=" HERE "/open"), EPERM);
	assert_int_equal(watches(), 0);
	assert_int_equal(as(NET_ADMIN, add_as, "path=" HERE "/open"), 0);
	assert_int_equal(watched(HERE "/open").uid, 65534);
}

#define MOST 4096

static void too_many(void **state)
{
	struct moeai_arg args[] = { MOEAI_TEXT("path", ""), MOEAI_TEXT("holder", "0") };
	struct moeai_txn *t;
	char path[64];
	int i, rc = 0;

	assert_int_equal(moeai_txn_open(fs, "fs_logger.watches", &t), 0);
	for (i = 0; i < MOST && !rc; i++) {
		snprintf(path, sizeof(path), HERE "/d%d", i);
		make_folder(path);
		args[0] = (struct moeai_arg)MOEAI_TEXT("path", path);
		rc = moeai_txn_row(t, MOEAI_ACTION_ADD, args, 2);
	}
	assert_int_equal(rc ?: moeai_txn_commit(t, 0, NULL), 0);
	moeai_txn_close(t);
	assert_int_equal(watches(), MOST);
	assert_int_equal(watch("path=" HERE), -ENOSPC);
	assert_non_null(strstr(watch_error()->message, "as many"));
	make_file("d4095/f");
	assert_told("create /d4095/f\nmodify /d4095/f\nclose_write /d4095/f\n");
	assert_string_equal(told_one("create", "/d4095/f").watch, HERE "/d4095");
	assert_int_equal(watch_change("replace path=" HERE "/d0"), 0);
	/* A renamed folder that has none in it, and one that has. */
	told_forget();
	make_folder("x");
	move("x", "y");
	move("d7", "e7");
	assert_told("rename /d7 /e7/\nwatch moved /d7 /e7\n");
}

/* ---- what becomes of them -------------------------------------------------------------- */

static void move_it(void)
{
	move("p/w", "p/v");
	move("p", "q");
}

static void followed(void **state)
{
	struct told t;
	pid_t pid;

	make_folder("p");
	make_folder("p/w");
	assert_int_equal(watch("path=" HERE "/p/w ops=create"), 0);
	assert_string_equal(watched(HERE "/p/w").inside, "/p/w");
	pid = act(move_it);
	assert_told("watch moved /p/w /p/v\nwatch moved /p/v /q/v\n");
	t = told_one("watch", "/q/v");
	assert_int_equal(t.pid, pid);
	assert_string_equal(t.watch, HERE "/p/w");
	assert_string_equal(watched(HERE "/p/w").inside, "/q/v");
	told_forget();
	make_file("q/v/f");
	assert_told("create /q/v/f\n");
	assert_int_equal(told_one("create", "/q/v/f").below, 4);
	/* It stands for the folder, not for what is there now. */
	told_forget();
	make_folder("p");
	make_folder("p/w");
	make_file("p/w/f");
	assert_told("");
}

static void remove_it(void)
{
	rmdir("w");
}

static void deleted(void **state)
{
	struct told t;
	pid_t pid;

	make_folder("w");
	assert_int_equal(watch("path=" HERE "/w"), 0);
	pid = act(remove_it);
	t = told_one("watch", "");
	assert_string_equal(t.change, "deleted");
	assert_int_equal(t.pid, pid);
	assert_int_equal(watched(HERE "/w").state, MOEAI_FS_DELETED);
	assert_string_equal(watched(HERE "/w").inside, "");
	told_forget();
	make_folder("w");
	make_file("w/f");
	assert_told("");
	assert_int_equal(watch_change("replace path=" HERE "/w ops=delete"), 0);
	unlink("w/f");
	assert_told("delete /w/f\n");
}

/* tmpfs, mounted on m. */
static void mount_it(void)
{
	mkdir("m", 0755);
	assert_int_equal(mount("m", "m", "tmpfs", 0, NULL), 0);
	assert_int_equal(mkdir("m/w", 0755), 0);
	assert_int_equal(watch("path=" HERE "/m recursive=true"), 0);
	assert_int_equal(watch("path=" HERE "/m/w"), 0);
	told_forget();
}

static void await_told(const char *wanted)
{
	for (int i = 0; i < 100 && strcmp(told_text(), wanted) != 0; i++)
		usleep(100000);
	assert_told(wanted);
}

static void unmounted(void **state)
{
	mount_it();
	assert_int_equal(fs_number("superblocks"), 1);
	assert_int_equal(umount("m"), 0);
	assert_told("watch unmounted\nwatch unmounted\n");
	assert_int_equal(watched(HERE "/m").state, MOEAI_FS_UNMOUNTED);
	assert_int_equal(watched(HERE "/m/w").state, MOEAI_FS_UNMOUNTED);
	assert_int_equal(fs_number("superblocks"), 0);
	assert_int_equal(mount("m", "m", "tmpfs", 0, NULL), 0);
	make_file("m/f");
	assert_int_equal(watch_change("replace path=" HERE "/m ops=delete"), 0);
	unlink("m/f");
	assert_told("watch unmounted\nwatch unmounted\ndelete /f\n");
	assert_int_equal(umount("m"), 0);
}

static void unmounted_lazily(void **state)
{
	int fd;

	mount_it();
	fd = open("m/f", O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(umount2("m", MNT_DETACH), 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	await_told("create /f\nmodify /f\nclose_write /f\nwatch unmounted\nwatch unmounted\n");
}

static int hold_one(void *arg)
{
	char words[64];

	snprintf(words, sizeof(words), "path=" HERE " holder=%d", (int)getpid());
	return add_as(words);
}

static void held(void **state)
{
	assert_int_equal(watch("path=" HERE " ops=delete"), 0);
	assert_int_equal(as(ROOT, hold_one, NULL), 0);
	await_told("watch released\n");
	assert_int_equal(watches(), 1);
}

/* What comes back is the watch that was there, not another one of its name. */
static void rolled_back(void **state)
{
	make_folder("w");
	assert_int_equal(watch("path=" HERE "/w ops=create"), 0);
	assert_int_equal(sh("moectl table fs_logger.watches flush --confirm 60 >/dev/null"), 0);
	assert_int_equal(watches(), 0);
	move("w", "v");
	make_folder("w");
	make_file("v/unseen");
	assert_int_equal(sh("moectl table fs_logger.watches rollback >/dev/null"), 0);
	assert_int_equal(watches(), 1);
	make_file("v/f");
	make_file("w/f");
	assert_told("create /v/f\n");
	assert_string_equal(watched(HERE "/w").inside, "/v");
}

/* ---- unloading ---------------------------------------------------------------------------- */

static void busy(void)
{
	for (int i = 0;; i++) {
		mkdir("b", 0755);
		close(open("b/f", O_CREAT | O_WRONLY, 0600));
		rename("b/f", "b/g");
		rename("b", "c");
		chmod("c/g", i & 0777);
		unlink("c/g");
		rename("c", "b");
		if (i % 16 == 0)
			rmdir("b");
		if (!mkdir("n", 0755) && !mount("n", "n", "tmpfs", 0, NULL)) {
			close(open("n/f", O_CREAT | O_WRONLY, 0600));
			umount2("n", i & 1 ? MNT_DETACH : 0);
		}
		rmdir("n");
	}
}

/* Inodes and dentries go, as they do when memory is short. */
static void reclaim(void)
{
	for (;;) {
		int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

		if (fd < 0 || write(fd, "2", 1) != 1)
			_exit(1);
		close(fd);
		usleep(20000);
	}
}

static void unloads_busy(void **state)
{
	void (*const what[])(void) = { busy, busy, busy, reclaim };
	pid_t pids[4];
	int i;

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (!pids[i])
			what[i]();
	}
	for (i = 0; i < 12; i++) {
		watch("path=" HERE " recursive=true fold=20ms"
		      " ops=create,modify,close_write,delete,rename,attrib,exec,open exclude=x*:/y");
		watch("path=" HERE "/b");
		watch("path=" HERE "/n recursive=true");
		usleep(200000);
		if (i % 3 == 0)
			assert_int_equal(sh("moectl table fs_logger.watches flush >/dev/null"), 0);
		else
			assert_int_equal(sh("rmmod moeai_fs_logger && modprobe moeai_fs_logger"),
					 0);
	}
	for (i = 0; i < 4; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	umount2(HERE "/n", MNT_DETACH);
	while (!umount2(HERE "/n", MNT_DETACH))
		;
}

#define TEST(f) cmocka_unit_test_setup(f, fs_begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refusals), TEST(all_or_nothing), TEST(permissions),  TEST(too_many),
		TEST(followed), TEST(deleted),	      TEST(unmounted),	  TEST(unmounted_lazily),
		TEST(held),	TEST(rolled_back),    TEST(unloads_busy),
	};

	return cmocka_run_group_tests(tests, fs_setup, fs_teardown);
}
