// SPDX-License-Identifier: GPL-2.0
/* Paths as fs_logger tells them: any bytes, any length, whatever lies between. check: limit=300 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fs.h"

static void odd_names(void **state)
{
	static const char *const names[] = { "new\nline", "\xff\xfe\x80", "tab\t\"quote\\",
					     " ",	  "\x01\x7f",	  "create /forged\nmodify" };
	char path[300] = "/", name[256];

	assert_int_equal(watch("path=" HERE " ops=create"), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) - 1; i++) {
		make_file(names[i]);
		strcpy(path + 1, names[i]);
		told_one("create", path);
	}
	memset(name, 'n', 255);
	name[255] = 0;
	make_file(name);
	strcpy(path + 1, name);
	told_one("create", path);
	/* For people: escaped, one event a line. */
	assert_int_equal(sh("moectl log --type fs_logger.create | grep -F 'new\\nline' >/dev/null"),
			 0);
	assert_int_equal(
		sh("moectl log --type fs_logger.create --json | python3 -c 'import json, sys\n"
		   "for line in sys.stdin: json.loads(line)'"),
		0);
}

/* Folders of 255 bytes each, down to where a path is of @len bytes, and into the last. */
static void dig(size_t len, char *path)
{
	char name[256];
	size_t at = 0;

	while (at < len) {
		size_t n = len - at - 1 > 255 ? 255 : len - at - 1;

		if (len - at - 1 - n == 1)
			n--; /* no name is empty */
		memset(name, 'd', n);
		name[n] = 0;
		make_folder(name);
		assert_int_equal(chdir(name), 0);
		path[at++] = '/';
		memcpy(path + at, name, n + 1);
		at += n;
	}
}

static void long_paths(void **state)
{
	static char path[5000];
	uint64_t before = fs_number("too_long");
	const struct told *t;
	size_t n;

	assert_int_equal(watch("path=" HERE " ops=create,rename recursive=true"), 0);
	dig(4000, path);
	told_forget();
	/* "/" and 94 bytes: 4095 in all */
	memset(path + 4000, 'f', 95);
	path[4000] = '/';
	path[4095] = 0;
	make_file(path + 4001);
	told_one("create", path);
	assert_int_equal(fs_number("too_long"), before);
	told_forget();
	strcat(path, "f");
	make_file(path + 4001);
	t = told(&n);
	assert_int_equal(n, 1);
	assert_string_equal(t[0].op, "create");
	assert_string_equal(t[0].path, "");
	assert_true(t[0].inode > 0);
	assert_int_equal(fs_number("too_long"), before + 1);
	/* Of a rename one may fit. */
	told_forget();
	move(path + 4001, "short");
	t = told(&n);
	assert_int_equal(n, 1);
	assert_string_equal(t[0].old_path, "");
	assert_int_equal(strlen(t[0].path), 4006);
	assert_int_equal(chdir(HERE), 0);
}

/* Each of them has room, but not path, old_path and watch in one event. */
static void long_rename(void **state)
{
	static char path[5000];
	char from[44], to[44];
	uint64_t before = fs_number("too_long"), untold = fs_number("untold");
	const struct told *t;
	size_t n;

	memset(from, 'f', 43);
	memset(to, 't', 43);
	from[43] = to[43] = 0;
	strcpy(path, HERE);
	dig(4050, path + strlen(HERE));
	assert_int_equal(watch("path=%s ops=rename", path), 0);
	make_file(from);
	told_forget();
	move(from, to);
	t = told(&n);
	assert_int_equal(n, 1);
	assert_string_equal(t[0].op, "rename");
	assert_string_equal(t[0].watch, path);
	assert_string_equal(t[0].old_path, "");
	assert_int_equal(strlen(t[0].path), 4094);
	assert_true(t[0].below == 4050 && t[0].old_below == 0);
	assert_int_equal(fs_number("too_long"), before + 1);
	assert_int_equal(fs_number("untold"), untold);
	assert_int_equal(chdir(HERE), 0);
}

/* A change of the link count alone: the kernel does not say of which name. */
static void nameless(void **state)
{
	uint64_t before;

	assert_int_equal(watch("path=" HERE " ops=attrib"), 0);
	make_file("f");
	before = fs_number("nameless");
	told_forget();
	unlink("f");
	assert_told("");
	assert_int_equal(fs_number("nameless"), before + 1);
}

static void in_bind(void)
{
	make_file("b/f");
}

static void in_chroot(void)
{
	if (chroot("w") || chdir("/"))
		abort();
	make_file("/g");
}

static void bind_and_chroot(void **state)
{
	make_folder("w");
	make_folder("b");
	assert_int_equal(watch("path=" HERE "/w ops=create"), 0);
	assert_int_equal(mount("w", "b", NULL, MS_BIND, NULL), 0);
	act(in_bind);
	act(in_chroot);
	assert_told("create /w/f\ncreate /w/g\n");
	/* Watched through the other mount, it is the same folder. */
	assert_int_equal(watch("path=" HERE "/b ops=delete"), 0);
	unlink("w/f");
	assert_told("create /w/f\ncreate /w/g\ndelete /w/f\n");
	assert_int_equal(umount("b"), 0);
	assert_int_equal(watched(HERE "/b").state, MOEAI_FS_WATCHING);
}

static void life(void)
{
	make_file("m/a");
	move("m/a", "m/b");
	chmod("m/b", 0600);
	unlink("m/b");
}

static void lives(const char *root, uint32_t state)
{
	char text[512];

	assert_int_equal(watch("path=" HERE "/m recursive=true"), 0);
	told_forget();
	act(life);
	snprintf(text, sizeof(text),
		 "create %sa\nmodify %sa\nclose_write %sa\nrename %sa %sb\n"
		 "attrib %sb\ndelete %sb\n",
		 root, root, root, root, root, root, root);
	assert_told(text);
	assert_int_equal(umount("m"), 0);
	assert_int_equal(watched(HERE "/m").state, state);
	assert_int_equal(watch_change("delete path=" HERE "/m"), 0);
}

static void on_ext4(void **state)
{
	make_folder("m");
	if (sh("modprobe -q loop; mkfs.ext4 -q -F " HERE "/image 16M && "
	       "mount -o loop " HERE "/image m"))
		skip();
	lives("/", MOEAI_FS_UNMOUNTED);
}

static void on_overlay(void **state)
{
	make_folder("m");
	make_folder("l");
	make_folder("u");
	make_folder("x");
	make_file("l/below");
	if (sh("mount -t overlay -o lowerdir=l,upperdir=u,workdir=x overlay m"))
		skip();
	lives("/", MOEAI_FS_UNMOUNTED);
}

static void below_write(void)
{
	close(open("m/below", O_WRONLY | O_TRUNC));
}

/* A file of the lower layer, which is copied up when it is written to. */
static void copied_up(void **state)
{
	make_folder("m");
	make_folder("l");
	make_folder("u");
	make_folder("x");
	make_file("l/below");
	if (sh("mount -t overlay -o lowerdir=l,upperdir=u,workdir=x overlay m"))
		skip();
	assert_int_equal(watch("path=" HERE "/m ops=modify,close_write"), 0);
	act(below_write);
	assert_int_equal(told_count("close_write", "/below"), 1);
	assert_true(told_count("modify", "/below") >= 1);
	assert_int_equal(umount("m"), 0);
}

/* A mount of a folder of the file system, not of its root: paths are from the root all the same. */
static void in_a_part(void **state)
{
	make_folder("m");
	make_folder("w");
	assert_int_equal(mount("w", "m", NULL, MS_BIND, NULL), 0);
	lives("/w/", MOEAI_FS_WATCHING); /* that file system goes on */
}

static void storm(void)
{
	for (int i = 0; i < 3000; i++) {
		rename("w/d", "o/d");
		rename("o/d/e", "w/e");
		rename("o/d", "w/d");
		rename("w/e", "w/d/e");
	}
}

/* Folders are moved in and out meanwhile: what is written is below the watch or is not told. */
static void rename_storm(void **state)
{
	const struct told *t;
	size_t n;
	pid_t pid;
	int fd;

	make_folder("w");
	make_folder("o");
	make_folder("w/d");
	make_folder("w/d/e");
	make_file("w/d/e/f");
	assert_int_equal(watch("path=" HERE "/w recursive=true ops=modify"), 0);
	told_forget();
	pid = fork();
	if (!pid) {
		storm();
		_exit(0);
	}
	fd = open("w/d/e/f", O_WRONLY);
	while (fd < 0)
		fd = open("w/d/e/f", O_WRONLY);
	for (n = 0; !waitpid(pid, NULL, WNOHANG); n++)
		if (n < 10000) /* the log holds some 16,000 */
			assert_int_equal(pwrite(fd, "x", 1, 0), 1);
	close(fd);
	t = told(&n);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(t[i].op, "modify") != 0)
			continue;
		if (strncmp(t[i].path, "/w/", 3) != 0 || t[i].below != 2)
			fail_msg("%s, below %ld", t[i].path, (long)t[i].below);
	}
}

#define TEST(f) cmocka_unit_test_setup(f, fs_begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(odd_names),  TEST(long_paths), TEST(bind_and_chroot), TEST(on_ext4),
		TEST(on_overlay), TEST(copied_up),  TEST(in_a_part),	   TEST(rename_storm),
		TEST(long_rename), TEST(nameless),
	};

	return cmocka_run_group_tests(tests, fs_setup, fs_teardown);
}
