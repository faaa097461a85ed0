// SPDX-License-Identifier: GPL-2.0
/* fs_logger while memory is short, and while file systems come and go. check: limit=600 slow */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fs.h"

#define CGROUP "/sys/fs/cgroup/test_fs_storm"

static char loop[64]; /* the device that HERE/image is behind */

static void drop_caches(void)
{
	assert_int_equal(sh("echo 2 >/proc/sys/vm/drop_caches"), 0);
}

/* An ext4 in HERE/image, for HERE/e; nothing but the watched file systems is in the log. */
static int begin(void **state)
{
	FILE *f;

	if (fs_begin(state) ||
	    sh("modprobe -q loop; truncate -s 40M image && mkfs.ext4 -q image && "
	       "losetup -f --show image >loop") ||
	    mkdir("e", 0755))
		return -1;
	f = fopen("loop", "r");
	if (!f || fscanf(f, "%63s", loop) != 1)
		return -1;
	fclose(f);
	return mount(loop, "e", "ext4", 0, NULL) ||
	       sh("echo +memory >/sys/fs/cgroup/cgroup.subtree_control; mkdir -p " CGROUP);
}

/* As long as the superblock is there, so is its folder in sysfs. */
static int end(void **state)
{
	char folder[96];
	int tries;

	if (chdir("/"))
		return -1;
	while (!umount2(HERE "/e", MNT_DETACH))
		;
	snprintf(folder, sizeof(folder), "/sys/fs/ext4/%s", strrchr(loop, '/') + 1);
	for (tries = 0; tries < 100 && !access(folder, F_OK); tries++)
		usleep(100000);
	if (!access(folder, F_OK) || sh("losetup -d %s; rmdir " CGROUP, loop)) {
		print_error("the file system is still there\n");
		return -1;
	}
	return 0;
}

static void enter_cgroup(void)
{
	if (sh("echo %d >" CGROUP "/cgroup.procs", getpid()))
		abort();
}

static uint64_t of_cgroup(const char *file, const char *name)
{
	char path[96];
	const char *text, *at;

	snprintf(path, sizeof(path), CGROUP "/%s", file);
	text = slurp(path);
	at = text ? strstr(text, name) : NULL;
	if (!at)
		fail_msg("no %s in %s", name, path);
	return strtoull(at + strlen(name), NULL, 10);
}

/* ---- little memory -------------------------------------------------------------------- */

#define FILES 2500

/* More than the process may have, in caches of any kind. */
static void fill(void)
{
	static char data[8192];
	char path[64];

	enter_cgroup();
	for (int i = 0; i < FILES; i++) {
		int fd;

		sprintf(path, "e/d%d/f%d", i % 50, i);
		fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
		if (fd < 0 || write(fd, data, sizeof(data)) != sizeof(data))
			abort();
		close(fd);
	}
}

static void check_fill(const struct told *t, void *arg)
{
	static const char *const ops[] = { "create", "modify", "close_write" };
	int *n = arg, i = *n / 3;
	char path[64];

	sprintf(path, "/d%d/f%d", i % 50, i);
	if (strcmp(t->op, ops[*n % 3]) != 0 || strcmp(t->path, path) != 0 || !*t->exe)
		fail_msg("%s %s by '%s', not %s", t->op, t->path, t->exe, path);
	++*n;
}

static void reclaim(void **state)
{
	struct told t;
	pid_t pid;
	int n = 0, status;

	assert_int_equal(sh("mkdir -p e/watched/deep && cd e && mkdir $(seq -f d%%g 0 49)"), 0);
	assert_int_equal(sh("echo 12M >" CGROUP "/memory.max"), 0);
	assert_int_equal(watch("path=" HERE "/e recursive=true"), 0);
	assert_int_equal(watch("path=" HERE "/e/watched/deep ops=create"), 0);
	told_forget();
	pid = fork();
	if (!pid) {
		fill();
		_exit(0);
	}
	while (!waitpid(pid, &status, WNOHANG)) {
		drop_caches();
		usleep(100000);
	}
	assert_int_equal(status, 0);
	told_each(check_fill, &n);
	assert_int_equal(n, 3 * FILES);
	assert_true(of_cgroup("memory.events", "max ") > 0);
	assert_true(of_cgroup("memory.stat", "pgscan ") > 0);
	assert_int_equal(of_cgroup("memory.events", "oom_kill "), 0);
	assert_int_equal(fs_number("untold"), 0);

	/* Nothing in memory has led to the watched folder for a while. */
	drop_caches();
	told_forget();
	make_file("e/watched/deep/f");
	t = told_one("create", "/watched/deep/f");
	assert_string_equal(t.watch, HERE "/e/watched/deep");
	assert_string_equal(watched(HERE "/e/watched/deep").inside, "/watched/deep");
}

/* ---- file systems that come and go ------------------------------------------------------ */

static const char *const folders[] = { "e", "v", "t", "b", "s" };
#define N_FOLDERS (sizeof(folders) / sizeof(folders[0]))

static int mount_one(int i)
{
	switch (i) {
	case 0:
		return mount(loop, "e", "ext4", 0, NULL);
	case 1:
		return mount("v", "v", "overlay", 0, "lowerdir=l,upperdir=u,workdir=x");
	case 2:
		return mount("t", "t", "tmpfs", 0, "size=4m");
	default:
		return mount("s", "b", NULL, MS_BIND, NULL);
	}
}

/* Each one mounted, made read-only and writable again, and unmounted, also while in use. */
static void keep_mounting(void)
{
	for (int round = 0;; round++) {
		for (int i = 0; i < 4; i++)
			mount_one(i);
		usleep(50000);
		for (int i = 0; i < 3; i++) {
			mount(NULL, folders[i], NULL, MS_REMOUNT | MS_RDONLY, NULL);
			mount(NULL, folders[i], NULL, MS_REMOUNT, NULL);
		}
		for (int i = 0; i < 4; i++)
			if ((i + round) % 2 || umount2(folders[i], 0))
				umount2(folders[i], MNT_DETACH);
	}
}

static void use(int held)
{
	int fd = open("d/f", O_CREAT | O_WRONLY, 0600);

	if (held >= 0 && write(held, "x", 1) != 1)
		return;
	if (fd >= 0) {
		if (write(fd, "text\n", 5) != 5)
			usleep(1);
		close(fd);
	}
	link("d/f", "d/g");
	rename("d/f", "d/h");
	chmod("d/h", 0700);
	truncate("d/g", 1);
	rename("d", "c");
	open("below", O_RDWR | O_CLOEXEC);
	unlink("c/h");
	unlink("c/g");
	rmdir("c");
}

/* In there, the fifth in a chroot; for a while also when it is no more to be found. */
static void keep_using(int which)
{
	enter_cgroup();
	for (;;) {
		int held, i, fd;

		if (chdir(HERE) || chdir(folders[which]))
			continue;
		if (which == 4 && chroot("."))
			abort();
		held = open("held", O_CREAT | O_WRONLY | O_APPEND, 0600);
		for (i = 0; i < 50; i++) {
			mkdir("d", 0755);
			use(held);
		}
		for (fd = 3; fd < 100; fd++)
			close(fd);
		while (which == 4) {
			mkdir("d", 0755);
			use(-1);
			for (fd = 3; fd < 100; fd++)
				close(fd);
		}
		if (chdir("/"))
			abort();
	}
}

static void come_and_go(void **state)
{
	pid_t pids[N_FOLDERS + 1];
	size_t i;
	int round;

	assert_int_equal(sh("mkdir v t b s l u x; echo text >l/below; touch s/below"), 0);
	assert_int_equal(sh("echo 24M >" CGROUP "/memory.max"), 0);
	umount("e");
	for (i = 0; i <= N_FOLDERS; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		if (i == N_FOLDERS)
			keep_mounting();
		keep_using((int)i);
	}
	for (round = 0; round < 10; round++) {
		for (i = 0; i < N_FOLDERS; i++)
			watch("path=" HERE "/%s recursive=true fold=%dms exclude=x*"
			      " ops=create,modify,close_write,delete,rename,attrib,exec,open",
			      folders[i], round % 2 * 20);
		usleep(100000);
		drop_caches();
		if (round % 3 == 0)
			assert_int_equal(sh("moectl table fs_logger.watches flush >/dev/null"), 0);
		if (round % 3 == 1)
			assert_int_equal(sh("rmmod moeai_fs_logger && modprobe moeai_fs_logger"),
					 0);
	}
	for (i = 0; i <= N_FOLDERS; i++) {
		assert_int_equal(waitpid(pids[i], NULL, WNOHANG), 0); /* all are at it */
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	for (i = 0; i < 4; i++)
		while (!umount2(folders[i], MNT_DETACH))
			;

	/* Nothing of that is left, and all works as before. */
	for (round = 0; round < 100 && fs_number("superblocks") > 1; round++)
		usleep(100000);
	assert_true(fs_number("superblocks") <= 1); /* HERE's own */
	assert_int_equal(sh("moectl table fs_logger.watches flush >/dev/null"), 0);
	assert_int_equal(fs_number("superblocks"), 0);
	for (i = 0; i < 4; i++) {
		char path[32];

		assert_int_equal(mount_one((int)i), 0);
		assert_int_equal(watch("path=" HERE "/%s", folders[i]), 0);
		told_forget();
		snprintf(path, sizeof(path), "%s/new", folders[i]);
		make_file(path);
		assert_told(i == 3 ? "create /s/new\nmodify /s/new\nclose_write /s/new\n" :
				     "create /new\nmodify /new\nclose_write /new\n");
		assert_int_equal(umount(folders[i]), 0);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(reclaim), TEST(come_and_go) };

	return cmocka_run_group_tests(tests, fs_setup, fs_teardown);
}
