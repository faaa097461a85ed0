// SPDX-License-Identifier: GPL-2.0
/* fs_logger: what is told of each operation, and of whom. check: limit=300 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fs.h"
#include "user.h"

#define ALL "ops=create,modify,close_write,delete,rename,attrib,exec,open"

static void life(void)
{
	make_file("a");
	rename("a", "b");
	chmod("b", 0600);
	truncate("b", 1);
	unlink("b");
	mkdir("d", 0755);
	rmdir("d");
	symlink("nowhere", "s");
	unlink("s");
}

static void operations(void **state)
{
	assert_int_equal(watch("path=" HERE), 0);
	act(life);
	assert_told("create /a\nmodify /a\nclose_write /a\nrename /a /b\nattrib /b\n"
		    "modify /b\ndelete /b\ncreate /d/\ndelete /d/\ncreate /s\ndelete /s\n");
}

static void open_and_exec(void)
{
	close(open("program", O_RDONLY));
	if (!fork()) {
		execl("program", "program", NULL);
		_exit(1);
	}
	wait(NULL);
}

static void opens(void **state)
{
	assert_int_equal(sh("cp /bin/true " HERE "/program"), 0);
	assert_int_equal(watch("path=" HERE " ops=exec"), 0);
	act(open_and_exec);
	assert_told("exec /program\n");
	told_forget();
	assert_int_equal(watch_change("replace path=" HERE " ops=open"), 0);
	act(open_and_exec);
	assert_told("open /program\nopen /program\n");
	told_forget();
	assert_int_equal(watch_change("replace path=" HERE " ops=open,exec"), 0);
	act(open_and_exec);
	assert_told("open /program\nopen /program\nexec /program\n");
}

/* ---- who ------------------------------------------------------------------------------ */

static void named(void)
{
	prctl(PR_SET_NAME, "so and\nso");
	make_file("mine");
}

static int as_somebody(void *arg)
{
	*(pid_t *)arg = getpid();
	make_file("theirs");
	return 0;
}

static void who(void **state)
{
	char exe[256] = "";
	struct told t;
	pid_t pid;

	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	assert_int_equal(watch("path=" HERE), 0);
	pid = act(named);
	t = told_one("create", "/mine");
	assert_int_equal(t.pid, pid);
	assert_int_equal(t.tid, pid);
	assert_int_equal(t.ppid, getpid());
	assert_int_equal(t.uid, 0);
	assert_string_equal(t.comm, "so and\nso");
	assert_string_equal(t.watch, HERE);
	assert_int_equal(t.below, 0);
	assert_false(t.kthread);
	assert_true(t.started > 0);
	/* Of the program the path in its own file system, which may not be the root. */
	assert_string_equal(strrchr(t.exe, '/'), strrchr(exe, '/'));
	assert_int_equal(t.inode, told_one("modify", "/mine").inode);
	assert_int_equal(t.started, told_one("close_write", "/mine").started);

	assert_int_equal(chmod(HERE, 0777), 0);
	assert_int_equal(as_uid(1234, as_somebody, &pid), 0);
	assert_int_equal(told_one("create", "/theirs").uid, 1234);
}

/* Of each that ends at once, whoever reads later. */
static void all_named(void **state)
{
	static pid_t pids[300];
	const struct told *t;
	size_t n, creations = 0;

	assert_int_equal(watch("path=" HERE " ops=create"), 0);
	for (int i = 0; i < 300; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%d", i);
		pids[i] = fork();
		if (!pids[i]) {
			prctl(PR_SET_NAME, name);
			close(open(name, O_CREAT | O_WRONLY, 0600));
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	t = told(&n);
	for (size_t i = 0; i < n; i++) {
		int which = atoi(t[i].path + 2);

		assert_string_equal(t[i].op, "create");
		assert_int_equal(t[i].pid, pids[which]);
		assert_string_equal(t[i].comm, t[i].path + 1);
		creations++;
	}
	assert_int_equal(creations, 300);
}

/* ---- what is in a watch's reach -------------------------------------------------------- */

static void tree(void)
{
	make_file("w/in");
	make_file("w/d/deep");
	make_file("out");
}

static void untree(void)
{
	unlink("w/in");
	unlink("w/d/deep");
	unlink("out");
}

static void reach(void **state)
{
	struct told t;

	make_folder("w");
	make_folder("w/d");
	assert_int_equal(watch("path=" HERE "/w ops=create"), 0);
	act(tree);
	assert_told("create /w/in\n");
	t = told_one("create", "/w/in");
	assert_int_equal(t.below, 2);
	assert_string_equal(t.watch, HERE "/w");

	untree();
	told_forget();
	assert_int_equal(watch_change("replace path=" HERE "/w ops=create recursive=true"), 0);
	act(tree);
	assert_told("create /w/in\ncreate /w/d/deep\n");
	assert_int_equal(watched(HERE "/w").events, 2);

	/* The innermost that wants it tells it, once. */
	untree();
	told_forget();
	assert_int_equal(watch("path=" HERE "/w/d ops=create,delete"), 0);
	assert_int_equal(watch("path=" HERE " ops=create recursive=true"), 0);
	act(tree);
	assert_told("create /w/in\ncreate /w/d/deep\ncreate /out\n");
	assert_string_equal(told_one("create", "/w/in").watch, HERE "/w");
	assert_string_equal(told_one("create", "/w/d/deep").watch, HERE "/w/d");
	assert_string_equal(told_one("create", "/out").watch, HERE);
}

static void move_across(void)
{
	move("w/a", "out");
	move("out", "w/b");
	move("w/b", "w/d/c");
	move("out2", "out3");
}

static void renames(void **state)
{
	const struct told *t;
	size_t n;

	make_folder("w");
	make_folder("w/d");
	make_file("w/a");
	make_file("out2");
	assert_int_equal(watch("path=" HERE "/w recursive=true ops=rename"), 0);
	act(move_across);
	assert_told("rename /w/a /out\nrename /out /w/b\nrename /w/b /w/d/c\n");
	t = told(&n);
	assert_int_equal(t[0].below, -1);
	assert_int_equal(t[0].old_below, 2);
	assert_int_equal(t[1].below, 2);
	assert_int_equal(t[1].old_below, -1);
	assert_int_equal(t[2].below, 2);
	assert_int_equal(t[2].old_below, 2);
}

static void one_file(void)
{
	int fd = open("f", O_WRONLY | O_APPEND);

	if (write(fd, "x", 1) != 1)
		abort();
	close(fd);
	make_file("g");
	link("f", "other");
	fd = open("other", O_WRONLY | O_APPEND);
	if (write(fd, "x", 1) != 1)
		abort();
	close(fd);
	unlink("f");
}

/* By whichever name: it is the file that is watched. */
static void a_file(void **state)
{
	make_file("f");
	assert_int_equal(watch("path=" HERE "/f"), 0);
	act(one_file);
	assert_told("modify /f\nclose_write /f\ncreate /other\nmodify /other\nclose_write /other\n"
		    "delete /f\n");
	assert_int_equal(watched(HERE "/f").state, MOEAI_FS_WATCHING);
	told_forget();
	unlink("other");
	assert_told("watch deleted\n");
	assert_int_equal(watched(HERE "/f").state, MOEAI_FS_DELETED);
}

/* ---- what is left out -------------------------------------------------------------------- */

static void swaps(void)
{
	make_file("a.c");
	make_file("a.c.swp");
	make_folder(".git");
	make_file(".git/index");
	make_file("build/a.o");
	make_file("build/deep/b.o");
	make_file("builder/a.o");
	make_file("a:b");
	move("a.c.swp", "b.c");
}

static void excludes(void **state)
{
	make_folder("build");
	make_folder("build/deep");
	make_folder("builder");
	assert_int_equal(watch("path=" HERE " recursive=true ops=create,rename"
			       " exclude=*.swp:.git:/build/:a\\:b"),
			 0);
	act(swaps);
	assert_told("create /a.c\ncreate /builder/a.o\nrename /a.c.swp /b.c\n");
	assert_int_equal(watched(HERE).excluded, 6);
	assert_int_equal(fs_number("excluded"), 6);
	/* What one leaves out, another may tell. */
	told_forget();
	assert_int_equal(watch("path=" HERE "/build ops=create"), 0);
	assert_int_equal(watch_change("delete path=" HERE), 0);
	assert_int_equal(watch("path=" HERE " recursive=true ops=create exclude=a*"), 0);
	make_file("build/a2.o");
	assert_told("create /build/a2.o\n");
}

static void by_another(void)
{
	make_file("theirs");
}

static void own(void **state)
{
	uint64_t before = fs_number("left_out");

	assert_int_equal(watch("path=" HERE " ops=create exclude_self=true"), 0);
	make_file("mine");
	act(by_another);
	assert_told("create /theirs\n");
	assert_int_equal(watched(HERE).left_out, 1);
	assert_int_equal(fs_number("left_out"), before + 1);
}

/* ---- folding ------------------------------------------------------------------------------- */

static void writes(void)
{
	int fd = open("log", O_WRONLY | O_APPEND);

	for (int i = 0; i < 50; i++)
		if (write(fd, "x", 1) != 1)
			abort();
	close(fd);
}

static void folds(void **state)
{
	const struct told *t;
	size_t n, i, events = 0;
	pid_t a, b;
	uint64_t of_a = 0, of_b = 0;

	make_file("log");
	assert_int_equal(watch("path=" HERE " ops=modify fold=300ms"), 0);
	a = act(writes);
	b = act(writes);
	assert_int_equal(watched(HERE).events + watched(HERE).folded, 100);
	for (int tries = 0; tries < 100 && told_count("modify", "/log") < 100; tries++)
		usleep(100000);
	t = told(&n);
	for (i = 0; i < n; i++) {
		if (t[i].pid == (uint32_t)a)
			of_a += t[i].count;
		if (t[i].pid == (uint32_t)b)
			of_b += t[i].count;
		events++;
	}
	assert_int_equal(of_a, 50);
	assert_int_equal(of_b, 50);
	assert_true(events < 50);
	assert_true(watched(HERE).folded > 50);
}

/* What was counted is told when the module stops. */
static void folds_to_the_end(void **state)
{
	make_file("log");
	assert_int_equal(watch("path=" HERE " ops=modify fold=1h"), 0);
	act(writes);
	assert_int_equal(told_count("modify", "/log"), 1);
	assert_int_equal(moeai_module_stop(fs, "fs_logger"), 0);
	assert_int_equal(told_count("modify", "/log"), 50);
	make_file("unseen");
	assert_int_equal(moeai_module_start(fs, "fs_logger"), 0);
	act(writes);
	assert_int_equal(told_count("modify", "/log"), 51);
	assert_int_equal(told_count("modify", "/unseen"), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, fs_begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(operations),	TEST(opens),  TEST(who),      TEST(all_named), TEST(reach),
		TEST(renames),		TEST(a_file), TEST(excludes), TEST(own),       TEST(folds),
		TEST(folds_to_the_end),
	};

	return cmocka_run_group_tests(tests, fs_setup, fs_teardown);
}
