// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fs.h"
#include "param.h"

struct moeai *fs;
static uint64_t first; /* seq of the first event that counts */
static struct moeai_txn *last; /* the last change, for its error */

int fs_setup(void **state)
{
	if (sh("modprobe moeai_fs_logger && mkdir -p " HERE) || moeai_open(&fs) ||
	    mount("fs", HERE, "tmpfs", 0, "size=64m"))
		return -1;
	return 0;
}

int fs_teardown(void **state)
{
	moeai_txn_close(last);
	last = NULL;
	moeai_close(fs);
	return chdir("/") || umount(HERE) || sh("modprobe -r moeai_fs_logger");
}

int fs_begin(void **state)
{
	if (chdir("/") ||
	    sh("moectl table fs_logger.watches flush >/dev/null; rm -rf " HERE "/* " HERE
	       "/.[!.]*") ||
	    chdir(HERE))
		return -1;
	told_forget();
	return 0;
}

/* ---- watches ------------------------------------------------------------------------ */

/* Words "name=value", in which values have no space. */
static int change(enum moeai_action action, char *words)
{
	struct moeai_arg args[16];
	char *word, *value, *save = NULL;
	bool holder = false;
	size_t n = 0;
	int rc;

	moeai_txn_close(last);
	last = NULL;
	rc = moeai_txn_open(fs, "fs_logger.watches", &last);
	if (rc)
		return rc;
	while ((word = strtok_r(n ? NULL : words, " ", &save))) {
		value = strchr(word, '=');
		*value++ = 0;
		holder |= !strcmp(word, "holder");
		args[n++] = (struct moeai_arg)MOEAI_TEXT(word, value);
	}
	if (!holder)
		args[n++] = (struct moeai_arg)MOEAI_TEXT("holder", "0");
	return moeai_txn_row(last, action, args, n) ?: moeai_txn_commit(last, 0, NULL);
}

int watch(const char *fmt, ...)
{
	static char words[9000];
	va_list list;

	va_start(list, fmt);
	vsnprintf(words, sizeof(words), fmt, list);
	va_end(list);
	return change(MOEAI_ACTION_ADD, words);
}

int watch_change(const char *fmt, ...)
{
	static char words[9000];
	va_list list;
	char *rest;

	va_start(list, fmt);
	vsnprintf(words, sizeof(words), fmt, list);
	va_end(list);
	rest = strchr(words, ' ') + 1;
	return change(*words == 'd' ? MOEAI_ACTION_DELETE :
		      *words == 'r' ? MOEAI_ACTION_REPLACE :
				      MOEAI_ACTION_ADD,
		      rest);
}

const struct moeai_txn_error *watch_error(void)
{
	return moeai_txn_error(last);
}

static uint64_t number(const struct moeai_values *v, uint16_t id)
{
	struct moeai_value value;

	return moeai_values_get_id(v, id, &value) ? 0 : value.u64;
}

/* Bytes as they are. */
static void text(const struct moeai_values *v, uint16_t id, char *to, size_t size)
{
	struct moeai_value value;

	*to = 0;
	if (!moeai_values_get_id(v, id, &value))
		snprintf(to, size, "%s", (const char *)value.data);
}

static bool walk(const char *path, struct watched *w, size_t *n)
{
	static char key[4200];
	struct moeai_values row;
	struct moeai_table *t;
	bool found = false;
	int rc;

	*n = 0;
	assert_int_equal(moeai_table_open(fs, "fs_logger.watches", &t), 0);
	while ((rc = moeai_table_next(t, &row)) > 0) {
		++*n;
		text(&row, MOEAI_A_FS_WATCH_PATH, key, sizeof(key));
		if (!path || strcmp(key, path) != 0)
			continue;
		found = true;
		w->state = number(&row, MOEAI_A_FS_WATCH_STATE);
		w->device = number(&row, MOEAI_A_FS_WATCH_DEVICE);
		w->uid = number(&row, MOEAI_A_FS_WATCH_UID);
		w->holder = number(&row, MOEAI_A_FS_WATCH_HOLDER);
		w->inode = number(&row, MOEAI_A_FS_WATCH_INODE);
		w->events = number(&row, MOEAI_A_FS_WATCH_EVENTS);
		w->folded = number(&row, MOEAI_A_FS_WATCH_FOLDED);
		w->excluded = number(&row, MOEAI_A_FS_WATCH_EXCLUDED);
		w->left_out = number(&row, MOEAI_A_FS_WATCH_LEFT_OUT);
		text(&row, MOEAI_A_FS_WATCH_INSIDE, w->inside, sizeof(w->inside));
		text(&row, MOEAI_A_FS_WATCH_COMM, w->comm, sizeof(w->comm));
	}
	assert_int_equal(rc, 0);
	moeai_table_close(t);
	return found;
}

bool watched_find(const char *path, struct watched *w)
{
	size_t n;

	return walk(path, w, &n);
}

struct watched watched(const char *path)
{
	struct watched w = {};

	if (!watched_find(path, &w))
		fail_msg("no watch %s", path);
	return w;
}

size_t watches(void)
{
	size_t n;

	walk(NULL, NULL, &n);
	return n;
}

uint64_t fs_number(const char *name)
{
	char full[64];

	snprintf(full, sizeof(full), "fs_logger.%s", name);
	return param_number(fs, full);
}

/* ---- what was told ------------------------------------------------------------------------ */

static struct told *list;
static size_t listed, room;

static void read_change(const struct moeai_values *v, struct told *t)
{
	struct moeai_value value;

	text(v, MOEAI_A_FS_CHANGED_WATCH, t->watch, sizeof(t->watch));
	text(v, MOEAI_A_FS_CHANGED_INSIDE, t->path, sizeof(t->path));
	text(v, MOEAI_A_FS_CHANGED_OLD_INSIDE, t->old_path, sizeof(t->old_path));
	text(v, MOEAI_A_FS_CHANGED_COMM, t->comm, sizeof(t->comm));
	t->pid = number(v, MOEAI_A_FS_CHANGED_PID);
	t->uid = number(v, MOEAI_A_FS_CHANGED_UID);
	if (!moeai_values_get_id(v, MOEAI_A_FS_CHANGED_CHANGE, &value))
		moeai_value_text(&value, t->change, sizeof(t->change));
}

static int64_t maybe(const struct moeai_values *v, uint16_t id, int64_t missing)
{
	struct moeai_value value;

	return moeai_values_get_id(v, id, &value) ? missing : (int64_t)value.u64;
}

static void read_file(const struct moeai_values *v, struct told *t)
{
	text(v, MOEAI_A_FS_FILE_PATH, t->path, sizeof(t->path));
	text(v, MOEAI_A_FS_FILE_OLD_PATH, t->old_path, sizeof(t->old_path));
	text(v, MOEAI_A_FS_FILE_WATCH, t->watch, sizeof(t->watch));
	text(v, MOEAI_A_FS_FILE_EXE, t->exe, sizeof(t->exe));
	text(v, MOEAI_A_FS_FILE_COMM, t->comm, sizeof(t->comm));
	t->pid = number(v, MOEAI_A_FS_FILE_PID);
	t->tid = number(v, MOEAI_A_FS_FILE_TID);
	t->ppid = number(v, MOEAI_A_FS_FILE_PPID);
	t->uid = number(v, MOEAI_A_FS_FILE_UID);
	t->login_uid = number(v, MOEAI_A_FS_FILE_LOGIN_UID);
	t->device = number(v, MOEAI_A_FS_FILE_DEVICE);
	t->inode = number(v, MOEAI_A_FS_FILE_INODE);
	t->started = number(v, MOEAI_A_FS_FILE_STARTED);
	t->dir = number(v, MOEAI_A_FS_FILE_DIR);
	t->kthread = number(v, MOEAI_A_FS_FILE_KTHREAD);
	t->count = maybe(v, MOEAI_A_FS_FILE_COUNT, 1);
	t->below = maybe(v, MOEAI_A_FS_FILE_BELOW, -1);
	t->old_below = maybe(v, MOEAI_A_FS_FILE_OLD_BELOW, -1);
}

void told_each(void (*fn)(const struct told *t, void *arg), void *arg)
{
	static const char *const types[] = { "fs_logger.*" };
	const struct moeai_monitor_options options = {
		.types = types, .n_types = 1, .since = first, .history = true
	};
	static struct told t;
	struct moeai_monitor *m;
	struct moeai_item item;

	assert_int_equal(moeai_monitor_open(&m, &options), 0);
	while (!moeai_monitor_next(m, &item, PATIENCE)) {
		assert_int_not_equal(item.kind, MOEAI_LOST);
		if (item.kind != MOEAI_EVENT)
			continue;
		memset(&t, 0, sizeof(t));
		snprintf(t.op, sizeof(t.op), "%s", item.event.type_name + strlen("fs_logger."));
		if (!strcmp(t.op, "watch"))
			read_change(&item.event.values, &t);
		else
			read_file(&item.event.values, &t);
		fn(&t, arg);
	}
	moeai_monitor_close(m);
}

static void append(const struct told *t, void *arg)
{
	struct told *more = list;

	if (listed == room) {
		more = realloc(list, (2 * room + 64) * sizeof(*list));
		assert_non_null(more);
		list = more;
		room = 2 * room + 64;
	}
	list[listed++] = *t;
}

const struct told *told(size_t *n)
{
	listed = 0;
	told_each(append, NULL);
	*n = listed;
	return list;
}

void told_forget(void)
{
	first = next_seq(fs);
}

const char *told_text(void)
{
	static char text[65536];
	const struct told *t;
	size_t n, i, used = 0;

	*text = 0;
	t = told(&n);
	for (i = 0; i < n && used < sizeof(text); i++)
		used += snprintf(text + used, sizeof(text) - used, "%s%s%s%s%s%s%s%s\n", t[i].op,
				 *t[i].change ? " " : "", t[i].change, *t[i].old_path ? " " : "",
				 t[i].old_path, *t[i].path ? " " : "", t[i].path,
				 t[i].dir ? "/" : "");
	return text;
}

void assert_told(const char *wanted)
{
	assert_string_equal(told_text(), wanted);
}

struct told told_one(const char *op, const char *path)
{
	size_t n, i, found = 0, same = 0;
	const struct told *t = told(&n);

	for (i = 0; i < n; i++) {
		if (strcmp(t[i].op, op) != 0 || strcmp(t[i].path, path) != 0)
			continue;
		found = i;
		same++;
	}
	if (same != 1)
		fail_msg("%zu times %s %s, but:\n%s", same, op, path, told_text());
	return t[found];
}

uint64_t told_count(const char *op, const char *path)
{
	const struct told *t;
	uint64_t sum = 0;
	size_t n, i;

	t = told(&n);
	for (i = 0; i < n; i++)
		if (!strcmp(t[i].op, op) && !strcmp(t[i].path, path))
			sum += t[i].count;
	return sum;
}

/* ---- acting --------------------------------------------------------------------------------- */

pid_t act(void (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		fail_msg("the process that acts ended with %#x", status);
	return pid;
}

/* Also in processes that act, where cmocka's assertions do not belong. */
static void must(bool done, const char *what, const char *path)
{
	if (done)
		return;
	fprintf(stderr, "%s %s: %m\n", what, path);
	abort();
}

void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);

	must(fd >= 0, "create", path);
	must(write(fd, "text\n", 5) == 5, "write", path);
	close(fd);
}

void make_folder(const char *path)
{
	must(!mkdir(path, 0755), "mkdir", path);
}

void move(const char *from, const char *to)
{
	must(!rename(from, to), "rename", from);
}
