// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file_stream.h"
#include "watch.h"
#include "watching.h"

/* One of our rows: what it watches, and where that is now. */
struct target {
	char *path, *inside;
	uint32_t device;
};

struct run {
	struct moectl *ctl;
	struct watching *w;
	struct file_stream stream;
	struct target *targets;
	size_t n;
	uint64_t left_out; /* by us, of what other watches told */
	bool begun; /* the epoch has come */
	bool gone;  /* the module, and the watches with it */
};

/* ---- what is to be shown ---------------------------------------------------------------- */

/* What of path is behind folder; NULL: it is elsewhere. */
static const char *behind(const char *folder, const char *path)
{
	size_t len = strcmp(folder, "/") ? strlen(folder) : 0;

	if (!*path || strncmp(path, folder, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

/* Is that what the command line asks for? */
static bool fits(const struct watching *w, const char *below)
{
	if (!below || exclude_matches(w->exclude, below))
		return false;
	return w->options.recursive || !*below || !strchr(below + 1, '/');
}

/*
 * It is told once, by whichever watch is nearest: of our own ones we know it by what
 * the watch says, of others by where the file is.
 */
static bool is_of(const struct run *r, const struct target *t, const struct moeai_watch_event *e,
		  bool old)
{
	const char *path = old ? e->old_path : e->path;
	uint32_t below = old ? e->old_below : e->below;

	if (!strcmp(e->watch, t->path) && !old && !*path)
		return true; /* too long to be told */
	if (!strcmp(e->watch, t->path))
		return below <= strlen(path) && fits(r->w, path + below);
	return e->device == t->device && fits(r->w, behind(t->inside, path));
}

static bool wanted(struct run *r, const struct moeai_watch_event *e)
{
	bool found = false, self = e->pid == (uint32_t)getpid();

	for (size_t i = 0; i < r->n && !found; i++)
		found = is_of(r, &r->targets[i], e, false) || is_of(r, &r->targets[i], e, true);
	if (!found || !self || !r->w->options.exclude_self)
		return found;
	r->left_out += e->count;
	return false;
}

/* ---- what becomes of the watches --------------------------------------------------------- */

static void target_free(struct target *t)
{
	free(t->path);
	free(t->inside);
}

/* Returns 0, or 1 after complaining: there is nothing left to follow. */
static int change_target(struct run *r, const struct moeai_watch_event *e)
{
	struct target *t = r->targets;

	while (t < r->targets + r->n && strcmp(t->path, e->watch) != 0)
		t++;
	if (t == r->targets + r->n)
		return 0;
	if (e->change == MOEAI_FS_WATCH_MOVED) {
		free(t->inside);
		t->inside = strdup(e->path);
		return t->inside ? 0 : complain("out of memory");
	}
	target_free(t);
	*t = r->targets[--r->n];
	return r->n ? 0 : complain("%s is no more, nothing is left to follow", e->watch);
}

static bool is_about(const struct moeai_event *event, const char *name)
{
	struct moeai_value v;

	return !moeai_values_get(&event->values, "name", &v) && !strcmp(v.data, name);
}

static int tell_module(struct run *r, const struct moeai_event *event)
{
	struct moeai_value state;

	if (moeai_values_get(&event->values, "state", &state))
		return 0;
	r->gone = state.u64 == MOEAI_MODULE_GONE;
	if (r->gone)
		return complain("fs_logger was unloaded, and the watch is gone with it");
	if (state.u64 != MOEAI_MODULE_RUNNING)
		complain("fs_logger was stopped: nothing is seen until it is started");
	return 0;
}

static int count_own(void *arg, const struct moeai_watch *row)
{
	*(size_t *)arg += row->holder == (uint32_t)getpid();
	return 0;
}

/* Others may flush the table, as restoring one does. */
static int tell_table(struct run *r)
{
	size_t n = 0;
	int err = watching_rows(r->ctl, count_own, &n);

	if (err)
		return complain_call(r->ctl->h, err);
	return n < r->n ? complain("somebody has removed the watch") : 0;
}

/* Not of fs_logger, but about it. */
static int show_other(struct run *r, const struct moeai_event *event)
{
	if (!strcmp(event->type_name, "core.module") && is_about(event, "fs_logger"))
		return tell_module(r, event);
	if (!strcmp(event->type_name, "core.table") && is_about(event, WATCHES))
		return tell_table(r);
	return 0;
}

static int show_event(struct follow *f, const struct moeai_item *item, struct run *r)
{
	struct moeai_watch_event e;
	int err = moeai_watch_event(&item->event, &e);

	if (err == -ENOENT)
		return show_other(r, &item->event);
	if (err)
		return complain("event %" PRIu64 " of type %s makes no sense", item->event.seq,
				item->event.type_name);
	if (e.kind == MOEAI_WATCH_EVENT_FILE) {
		if (!wanted(r, &e))
			return 0;
		f->shown++;
		return file_stream_event(&r->stream, item, &e);
	}
	if (e.holder != (uint32_t)getpid())
		return 0;
	return file_stream_event(&r->stream, item, &e) || change_target(r, &e);
}

static int show(struct follow *f, const struct moeai_item *item, void *arg)
{
	struct run *r = arg;

	if (item->kind == MOEAI_EVENT)
		return show_event(f, item, r);
	r->gone = item->kind == MOEAI_GONE || (item->kind == MOEAI_EPOCH && r->begun);
	if (r->gone)
		return complain("moeai was unloaded, and the watch is gone with it");
	if (item->kind == MOEAI_EPOCH) {
		r->begun = true;
		if (f->out->form == FORM_PEOPLE)
			return 0;
	}
	return stream_item(&r->stream.stream, item);
}

/* ---- coming and going --------------------------------------------------------------------- */

static int open_monitor(struct follow *f, const struct watching *w)
{
	char names[__MOEAI_FS_OP_MAX][32];
	uint32_t ops = w->options.ops ? w->options.ops : WATCHING_OPS;
	struct selection s = { .types = { "fs_logger.watch", "core.module", "core.table" },
			       .n_types = 3 };
	struct moeai_monitor_options o;

	for (enum moeai_fs_op op = 0; op < __MOEAI_FS_OP_MAX; op++) {
		if (!(ops >> op & 1))
			continue;
		snprintf(names[op], sizeof(names[op]), "fs_logger.%s", moeai_watch_op_name(op));
		s.types[s.n_types++] = names[op];
	}
	o = selection_options(&s);
	o.transport = f->transport;
	return watch_open(&f->m, &o, &s);
}

static int add_target(void *arg, const struct moeai_watch *row)
{
	struct run *r = arg;
	struct target *t;

	if (row->holder != (uint32_t)getpid())
		return 0;
	t = reallocarray(r->targets, r->n + 1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	r->targets = t;
	t += r->n++;
	*t = (struct target){ strdup(row->path), strdup(row->inside), row->device };
	return t->path && t->inside ? 0 : -ENOMEM;
}

/* What is there from the beginning is in the monitor before the watch is. */
static int begin(struct moectl *ctl, struct run *r, struct follow *f)
{
	struct watching_txn x;
	int err, status = watching_begin(&x, ctl, r->w) || open_monitor(f, r->w) ||
			  watching_commit(&x, r->w, NULL);

	watching_end(&x);
	if (status)
		return status;
	err = watching_rows(ctl, add_target, r);
	return err ? complain_call(ctl->h, err) : 0;
}

struct ending {
	struct watching_txn x;
	uint64_t left_out;
};

static int put_away(void *arg, const struct moeai_watch *row)
{
	struct ending *e = arg;

	if (row->holder != (uint32_t)getpid())
		return 0;
	e->left_out += row->left_out;
	return watching_put_away(&e->x, row->path, true) ? -ECANCELED : 0;
}

/* If it can't be removed now, the kernel does when we have ended. */
static int end(struct moectl *ctl, uint64_t left_out)
{
	struct ending e = { .left_out = left_out };
	int err, status = watching_begin_empty(&e.x, ctl);

	if (!status) {
		err = watching_rows(ctl, put_away, &e);
		if (!err && e.x.paths.n)
			err = moeai_txn_commit(e.x.t, 0, NULL);
		status = !err ? 0 : err == -ECANCELED ? 1 : watching_failed(&e.x, err);
	}
	watching_end(&e.x);
	if (status)
		complain("the watch was not removed: the kernel does that when this process ends");
	else if (e.left_out)
		complain("%" PRIu64 " operations of moectl itself were left out: see --include-self",
			 e.left_out);
	return status;
}

int watching_follow(struct moectl *ctl, struct watching *w, struct follow *f)
{
	struct run r = { .ctl = ctl, .w = w, .stream.stream.out = &ctl->out };
	int status;

	w->options.held = true;
	f->out = &ctl->out;
	follow_begin(f);
	status = begin(ctl, &r, f);
	if (!status) {
		status = follow(f, show, &r);
		if (!r.gone)
			status = end(ctl, r.left_out) || status;
	}
	moeai_monitor_close(f->m);
	while (r.n)
		target_free(&r.targets[--r.n]);
	free(r.targets);
	file_stream_free(&r.stream);
	return status;
}
