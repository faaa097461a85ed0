// SPDX-License-Identifier: GPL-2.0
/* fs_logger with many files, deep trees and renames all the time. check: limit=600 slow */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fs.h"

/* ---- many ---------------------------------------------------------------------------- */

#define FOLDERS 500
#define IN_EACH 200
#define AT_ONCE 25 /* folders, then it is looked at: the log has room for that */

struct due {
	const char *op;
	int n;
};

static void name_of(int n, char *path)
{
	sprintf(path, "m/d%d/f%d", n / IN_EACH, n % IN_EACH);
}

/* All of them, in order, of us, and nothing else. */
static void check_due(const struct told *t, void *arg)
{
	struct due *due = arg;
	char path[64];

	name_of(due->n++, path);
	if (strcmp(t->op, due->op) != 0 || strcmp(t->path, path + 1) != 0 ||
	    t->pid != (uint32_t)getpid() || t->below != 0)
		fail_msg("%s %s, where %s %s is due", t->op, t->path, due->op, path);
}

static void with_all(const char *op, void (*fn)(const char *path))
{
	struct due due = { op, 0 };
	char path[64];
	int n;

	for (n = 0; n < FOLDERS * IN_EACH;) {
		told_forget();
		do {
			name_of(n++, path);
			fn(path);
		} while (n % (AT_ONCE * IN_EACH));
		told_each(check_due, &due);
		assert_int_equal(due.n, n);
	}
}

static void make_empty(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void remove_it(const char *path)
{
	assert_int_equal(unlink(path), 0);
}

static void many_files(void **state)
{
	char path[64];

	make_folder("m");
	assert_int_equal(mount("m", "m", "tmpfs", 0, "nr_inodes=200k"), 0);
	for (int i = 0; i < FOLDERS; i++) {
		sprintf(path, "m/d%d", i);
		make_folder(path);
	}
	assert_int_equal(watch("path=" HERE "/m recursive=true ops=create,delete"), 0);
	with_all("create", make_empty);
	assert_int_equal(watched(HERE "/m").events, FOLDERS * IN_EACH);
	with_all("delete", remove_it);
	assert_int_equal(umount("m"), 0);
}

/* ---- deep ----------------------------------------------------------------------------- */

#define LEVELS 500

static void deep(void **state)
{
	static char path[4200] = "/top", watch_path[4200];
	struct told t;
	size_t n;

	make_folder("top");
	assert_int_equal(watch("path=" HERE " recursive=true ops=create,rename"), 0);
	assert_int_equal(chdir("top"), 0);
	for (int i = 0; i < LEVELS; i++) {
		char name[16];

		sprintf(name, "l%05d", i); /* 8 bytes each, with the slash: 4004 in all */
		make_folder(name);
		assert_int_equal(chdir(name), 0);
		strcat(strcat(path, "/"), name);
		if (i == LEVELS / 2)
			sprintf(watch_path, HERE "%s", path);
	}
	told(&n);
	assert_int_equal(n, LEVELS);
	told_forget();
	make_file("f");
	t = told_one("create", strcat(path, "/f"));
	assert_int_equal(t.below, 0);
	/* The inner one of two, which goes where its folders go. */
	assert_int_equal(watch("path=%s recursive=true ops=create,delete", watch_path), 0);
	told_forget();
	unlink("f");
	t = told_one("delete", path);
	assert_string_equal(t.watch, watch_path);
	assert_int_equal(t.below, strlen(watch_path) - strlen(HERE));
	told_forget();
	move(HERE "/top", HERE "/pot");
	memcpy(path, "/pot", 4);
	make_file("f");
	told_one("create", path);
	assert_string_equal(told_one("rename", "/pot").old_path, "/top");
	assert_string_equal(told(&n)[1].change, "moved");
	assert_int_equal(n, 3);
	assert_int_equal(chdir(HERE), 0);
}

/* ---- renamed meanwhile ------------------------------------------------------------------ */

#define CREATIONS 2000
#define RENAMES 3000

/* What the processes did, as they know it. */
struct done {
	bool entered[2]; /* who creates is in its folder */
	int renamed[2];
	bool end;
};

static struct done *done;

static uint32_t pids[4];
static uint64_t creations[2], renames[2];
static int last[2];

/* A and B, each with what is called in there, go here and there. */
static const char *const places[2][2] = { { "w/1/A", "w/2/3/A" }, { "w/1/B", "o/B" } };
static const char *const below[2] = { "s/t", "s" };

static void keep_renaming(int which)
{
	while (!done->entered[which])
		usleep(100);
	while (!done->end && done->renamed[which] < RENAMES) {
		int from = done->renamed[which] & 1;

		move(places[which][from], places[which][!from]);
		done->renamed[which]++;
	}
}

/* By the watch's exclude, or else it is the name "f" and a number. */
static bool left_out(int n)
{
	return n % 10 == 9;
}

static void keep_creating(int which)
{
	char path[64];

	sprintf(path, "%s/%s", places[which][0], below[which]);
	if (chdir(path))
		abort();
	done->entered[which] = true;
	while (!done->renamed[which])
		usleep(100);
	for (int i = 0; i < CREATIONS; i++) {
		sprintf(path, "%c%d", left_out(i) ? 'x' : 'f', i);
		close(open(path, O_CREAT | O_EXCL | O_WRONLY, 0600));
	}
}

/* The name that comes next; of those that were outside, also one behind it. */
static void check_create(const struct told *t, int which)
{
	const char *name = strrchr(t->path, '/');
	char path[64];
	bool existed = false;
	int n = atoi(name + 2), due = last[which] + 1 + left_out(last[which] + 1);

	for (int i = 0; i < 2; i++) {
		sprintf(path, "/%s/%s/f%d", places[which][i], below[which], n);
		existed |= !strcmp(t->path, path) && path[1] == 'w';
	}
	if (!existed || left_out(n) || n < due || (which == 0 && n > due) || t->below != 2)
		fail_msg("%s, where %d is due", t->path, due);
	last[which] = n;
	creations[which]++;
}

static void check_rename(const struct told *t, int which)
{
	int from = renames[which]++ & 1;

	if (strcmp(t->old_path + 1, places[which][from]) != 0 ||
	    strcmp(t->path + 1, places[which][!from]) != 0)
		fail_msg("rename %d: %s %s", (int)renames[which], t->old_path, t->path);
}

static void check_storm(const struct told *t, void *arg)
{
	for (int i = 0; i < 4; i++) {
		if (t->pid != pids[i])
			continue;
		if (!strcmp(t->op, "create") && i < 2)
			check_create(t, i);
		else if (!strcmp(t->op, "rename") && i >= 2)
			check_rename(t, i - 2);
		else
			break;
		return;
	}
	fail_msg("%s %s by %u", t->op, t->path, t->pid);
}

static void rename_storms(void **state)
{
	uint64_t counted = fs_number("outside") + fs_number("excluded");
	int i;

	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(done != MAP_FAILED);
	assert_int_equal(sh("mkdir -p w/2/3 w/1/A/s/t w/1/B/s o"), 0);
	assert_int_equal(watch("path=" HERE "/w recursive=true ops=create,rename exclude=x*"), 0);
	told_forget();
	last[0] = last[1] = -1;
	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			(i < 2 ? keep_creating : keep_renaming)(i & 1);
			_exit(0);
		}
	}
	for (i = 0; i < 4; i++) {
		int status;

		done->end = i >= 2;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	told_each(check_storm, NULL);
	assert_int_equal(creations[0], CREATIONS - CREATIONS / 10);
	assert_int_equal(renames[0], done->renamed[0]);
	assert_int_equal(renames[1], done->renamed[1]);
	assert_true(renames[0] > 10 && renames[1] > 10);
	/* What is not told was outside or left out, and is counted once. */
	counted = fs_number("outside") + fs_number("excluded") - counted;
	assert_int_equal(creations[0] + creations[1] + counted, 2 * CREATIONS);
	munmap(done, sizeof(*done));
}

#define TEST(f) cmocka_unit_test_setup(f, fs_begin)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(many_files), TEST(deep), TEST(rename_storms) };

	return cmocka_run_group_tests(tests, fs_setup, fs_teardown);
}
