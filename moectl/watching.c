// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "mounts.h"
#include "watching.h"

/* Names of mount points that are told one by one. */
#define TOLD 4

/* ---- the command line ----------------------------------------------------------------- */

static int parse_op(const char *text, size_t len, uint32_t *ops)
{
	for (enum moeai_fs_op op = 0; op < __MOEAI_FS_OP_MAX; op++) {
		const char *name = moeai_watch_op_name(op);

		if (strncmp(name, text, len) != 0 || name[len])
			continue;
		*ops |= 1U << op;
		return 0;
	}
	return -EINVAL;
}

int watching_parse_ops(const char *text, uint32_t *ops)
{
	size_t len;

	*ops = 0;
	if (!strcmp(text, "all")) {
		*ops = (1U << __MOEAI_FS_OP_MAX) - 1;
		return 0;
	}
	do {
		len = strcspn(text, ",|");
		if (parse_op(text, len, ops))
			return -EINVAL;
		text += len;
	} while (*text++);
	return 0;
}

int watching_add_exclude(struct watching *w, const char *patterns)
{
	size_t n = strlen(w->exclude), more = strlen(patterns);

	if (n + !!n + more > EXCLUDE_LEN)
		return -E2BIG;
	if (n)
		w->exclude[n++] = ':';
	memcpy(w->exclude + n, patterns, more + 1);
	w->options.exclude = w->exclude;
	return 0;
}

/* ---- a change of the table -------------------------------------------------------------- */

int watching_failed(const struct watching_txn *x, int err)
{
	const struct moeai_txn_error *e = x->t ? moeai_txn_error(x->t) : NULL;

	if (!x->t && err == -ENOENT)
		return complain("fs_logger is not loaded: modprobe moeai_fs_logger");
	if (!e || !e->has_row || e->row >= x->paths.n)
		return complain_call(x->ctl->h, err);
	if (err == -EEXIST)
		return complain("%s is watched already", x->paths.v[e->row]);
	if (err == -ENOENT && x->removes)
		return complain("%s is not watched: 'moectl watch list' lists what is",
				x->paths.v[e->row]);
	if (!e->field || !strcmp(e->field, "path"))
		return complain("%s: %s", x->paths.v[e->row], e->message);
	return complain("%s: %s: %s", x->paths.v[e->row], e->field, e->message);
}

/* What of the mount's path is below the folder. */
static const char *below(const char *folder, const char *point)
{
	return point + (strcmp(folder, "/") ? strlen(folder) : 0);
}

static int find_mounts(struct watching_txn *x, const struct watching *w)
{
	const char *folder = x->paths.v[0];
	FILE *from = fopen("/proc/self/mountinfo", "re");
	struct names points = { 0 };
	int err = from ? mounts_below(from, folder, &points) : -errno;

	for (size_t i = 0; i < points.n && !err; i++)
		if (!exclude_matches(w->exclude, below(folder, points.v[i])))
			err = names_add(&x->paths, points.v[i]);
	names_free(&points);
	if (from)
		fclose(from);
	return err ? complain("what is mounted below %s: %s", folder, strerror(-err)) : 0;
}

/* What is mounted below and not watched, is told. */
static void tell_mounts(const struct watching_txn *x)
{
	char names[600] = "";
	size_t n = x->paths.n - x->asked, len = 0;

	if (!n)
		return;
	for (size_t i = 0; i < n && i < TOLD && len < sizeof(names); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					x->paths.v[x->asked + i]);
	complain("not watched, as it is mounted below: %s%s; see --mounts", names,
		 n > TOLD ? ", …" : "");
}

int watching_begin_empty(struct watching_txn *x, struct moectl *ctl)
{
	int err;

	*x = (struct watching_txn){ .ctl = ctl };
	if (command_open(ctl))
		return 1;
	err = moeai_txn_open(ctl->h, WATCHES, &x->t);
	return err ? watching_failed(x, err) : 0;
}

int watching_begin(struct watching_txn *x, struct moectl *ctl, const struct watching *w)
{
	char *path = NULL;
	int status = watching_begin_empty(x, ctl);

	if (!status) {
		path = realpath(w->path, NULL);
		if (!path)
			status = complain("%s: %s", w->path, strerror(errno));
		else if (names_add(&x->paths, path))
			status = complain("out of memory");
	}
	if (!status && w->options.recursive)
		status = find_mounts(x, w);
	x->asked = w->mounts ? x->paths.n : 1;
	free(path);
	return status;
}

int watching_commit(struct watching_txn *x, const struct watching *w, struct moeai_commit *done)
{
	char exclude[EXCLUDE_LEN + 1];
	int err = 0;

	for (size_t i = 0; i < x->asked && !err; i++) {
		struct moeai_watch_options o = w->options;

		exclude_rebase(w->exclude, i ? below(x->paths.v[0], x->paths.v[i]) : "", exclude);
		o.exclude = !i ? w->options.exclude : *exclude ? exclude : NULL;
		err = moeai_watch_put(x->t, MOEAI_ACTION_ADD, x->paths.v[i], &o);
	}
	if (!err)
		err = moeai_txn_commit(x->t, 0, done);
	if (err)
		return watching_failed(x, err);
	tell_mounts(x);
	return 0;
}

int watching_put_away(struct watching_txn *x, const char *path, bool held)
{
	const struct moeai_watch_options o = { .held = held };
	int err = names_add(&x->paths, path);

	if (err)
		return complain("out of memory");
	x->removes = true;
	err = moeai_watch_put(x->t, MOEAI_ACTION_DELETE, path, &o);
	return err ? watching_failed(x, err) : 0;
}

void watching_end(struct watching_txn *x)
{
	moeai_txn_close(x->t);
	names_free(&x->paths);
}

/* ---- what there is ---------------------------------------------------------------------- */

int watching_rows(struct moectl *ctl, int (*fn)(void *arg, const struct moeai_watch *row), void *arg)
{
	struct moeai_values values;
	struct moeai_watch row;
	struct moeai_table *t;
	int err = moeai_table_open(ctl->h, WATCHES, &t);

	if (err)
		return err;
	while ((err = moeai_table_next(t, &values)) > 0) {
		err = moeai_watch_row(&values, &row);
		if (!err)
			err = fn(arg, &row);
		if (err)
			break;
	}
	moeai_table_close(t);
	return err;
}

/* ---- the actions ------------------------------------------------------------------------- */

int watching_add(struct moectl *ctl, const struct watching *w)
{
	const struct change c = { .table = WATCHES };
	struct moeai_commit done;
	struct watching_txn x;
	int status = watching_begin(&x, ctl, w) || watching_commit(&x, w, &done);

	if (!status)
		status = change_report(ctl, &c, "committed", &done);
	watching_end(&x);
	return status;
}

/* As it was given, absolute, without a slash at its end. NULL: out of memory. */
static char *absolute(const char *path)
{
	char *folder = *path == '/' ? strdup("") : getcwd(NULL, 0), *text = NULL;
	size_t len;

	if (!folder || asprintf(&text, "%s%s%s", folder, *path == '/' ? "" : "/", path) < 0)
		text = NULL;
	free(folder);
	len = text ? strlen(text) : 0;
	while (len > 1 && text[len - 1] == '/')
		text[--len] = '\0';
	return text;
}

struct removal {
	struct watching_txn *x;
	const char *folder;
	struct names points;
};

/* Is it a watch that was added for what is, or was, mounted below? */
static int find_mounted(void *arg, const struct moeai_watch *row)
{
	struct removal *r = arg;
	size_t len = strcmp(r->folder, "/") ? strlen(r->folder) : 0;

	if (row->holder || strncmp(row->path, r->folder, len) != 0 || row->path[len] != '/' ||
	    !row->path[len + 1])
		return 0;
	if (row->state == MOEAI_FS_WATCHING && !names_have(&r->points, row->path))
		return 0;
	return watching_put_away(r->x, row->path, false) ? -ECANCELED : 0;
}

static int remove_mounted(struct watching_txn *x, const char *folder)
{
	FILE *from = fopen("/proc/self/mountinfo", "re");
	struct removal r = { .x = x, .folder = folder };
	int err = from ? mounts_below(from, folder, &r.points) : -errno;

	if (err)
		complain("what is mounted below %s: %s", folder, strerror(-err));
	else
		err = watching_rows(x->ctl, find_mounted, &r);
	if (err && err != -ECANCELED)
		complain_call(x->ctl->h, err);
	names_free(&r.points);
	if (from)
		fclose(from);
	return err ? 1 : 0;
}

static int remove_one(struct watching_txn *x, struct moectl *ctl, const struct watching *w,
		      const char *path, bool last)
{
	const struct change c = { .table = WATCHES };
	struct moeai_commit done;
	int err;

	if (watching_begin_empty(x, ctl) || watching_put_away(x, path, false) ||
	    (w->mounts && remove_mounted(x, path)))
		return 1;
	err = moeai_txn_commit(x->t, 0, &done);
	if (err == -ENOENT && !last)
		return err;
	return err ? watching_failed(x, err) : change_report(ctl, &c, "committed", &done);
}

/* The path as it is written, or else what it leads to, which is what add makes of it. */
int watching_remove(struct moectl *ctl, const struct watching *w)
{
	char *given = absolute(w->path), *real = realpath(w->path, NULL);
	bool same = !real || !given || !strcmp(given, real);
	struct watching_txn x = { 0 };
	int status = 1;

	if (given)
		status = remove_one(&x, ctl, w, given, same);
	else
		complain("%s: out of memory", w->path);
	watching_end(&x);
	if (status == -ENOENT) {
		status = remove_one(&x, ctl, w, real, true);
		watching_end(&x);
	}
	free(given);
	free(real);
	return status;
}
