// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "trail.h"

#define NAMES_MAX 256 /* who is renamed more often has a story that is too long */

/* It is called so in events from .. to. */
struct name {
	char *path;
	bool has_device;
	uint32_t device;
	uint64_t from, to;
	uint64_t seen; /* the last event in which it was just this, and not what it was before */
};

struct rename {
	uint64_t seq;
	uint32_t device;
	bool has_device;
	size_t size; /* of old and new */
	char *old, *new;
};

struct trail {
	struct name names[NAMES_MAX];
	uint64_t joints[NAMES_MAX]; /* seqs of renames that lead from one name to another */
	size_t n, asked, n_joints;
	struct rename *renames; /* in order of seq, from first on */
	size_t first, n_renames, size;
	size_t bytes, limit;
	uint64_t forgotten;
};

struct trail *trail_new(size_t bytes)
{
	struct trail *t = calloc(1, sizeof(*t));

	if (t)
		t->limit = bytes;
	return t;
}

void trail_free(struct trail *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		free(t->names[i].path);
	for (size_t i = t->first; i < t->n_renames; i++)
		free(t->renames[i].old);
	free(t->renames);
	free(t);
}

size_t trail_names(const struct trail *t)
{
	return t->n;
}

const char *trail_name(const struct trail *t, size_t i)
{
	return t->names[i].path;
}

uint64_t trail_forgotten(const struct trail *t)
{
	return t->forgotten;
}

static bool same_place(const struct name *name, bool has_device, uint32_t device)
{
	return name->has_device == has_device && (!has_device || name->device == device);
}

/* ---- names -------------------------------------------------------------------------- */

static int add(struct trail *t, char *path, const struct name *like, uint64_t from, uint64_t to)
{
	if (!path)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		const struct name *n = &t->names[i];

		if (!strcmp(n->path, path) && same_place(n, like->has_device, like->device) &&
		    n->from <= from && n->to >= to) {
			free(path);
			return 0;
		}
	}
	if (t->n == NAMES_MAX) {
		free(path);
		t->forgotten++;
		return 0;
	}
	t->names[t->n++] = (struct name){ path, like->has_device, like->device, from, to, 0 };
	return 0;
}

/* By a rename, which may be that of a folder above. */
static int add_joint(struct trail *t, char *path, const struct name *like, uint64_t from,
		     uint64_t to, uint64_t joint)
{
	int err = add(t, path, like, from, to);

	if (!err && t->n_joints < NAMES_MAX)
		t->joints[t->n_joints++] = joint;
	return err;
}

int trail_ask(struct trail *t, const char *path, bool has_device, uint32_t device)
{
	const struct name like = { .has_device = has_device, .device = device };
	int err = add(t, strdup(path), &like, 0, UINT64_MAX);

	t->asked = t->n;
	return err;
}

/* ---- renames ------------------------------------------------------------------------ */

static void forget_oldest(struct trail *t)
{
	struct rename *r = &t->renames[t->first++];

	t->bytes -= r->size + sizeof(*r);
	t->forgotten++;
	free(r->old);
}

/* Room for one more, at the end. */
static int make_room(struct trail *t, size_t bytes)
{
	struct rename *renames;

	t->bytes += bytes + sizeof(*renames);
	while (t->bytes > t->limit && t->first < t->n_renames)
		forget_oldest(t);
	if (t->n_renames < t->size)
		return 0;
	if (t->first > t->size / 2) {
		t->n_renames -= t->first;
		memmove(t->renames, t->renames + t->first, t->n_renames * sizeof(*renames));
		t->first = 0;
		return 0;
	}
	renames = realloc(t->renames, (t->size + 64) * 2 * sizeof(*renames));
	if (!renames)
		return -ENOMEM;
	t->renames = renames;
	t->size = (t->size + 64) * 2;
	return 0;
}

static int add_rename(struct trail *t, const struct marked_path *old, const struct marked_path *new,
		      uint64_t seq)
{
	size_t n = strlen(old->path) + 1, m = strlen(new->path) + 1;
	struct rename r = { seq, new->device, new->has_device, n + m, malloc(n + m), NULL };

	if (!r.old || make_room(t, n + m)) {
		free(r.old);
		return -ENOMEM;
	}
	r.new = r.old + n;
	memcpy(r.old, old->path, n);
	memcpy(r.new, new->path, m);
	t->renames[t->n_renames++] = r;
	return 0;
}

int trail_learn(struct trail *t, const struct fields *f, uint64_t seq)
{
	struct marked_path p, old = { 0 }, new = { 0 };
	size_t pos = 0;

	while (marks_path(f, &pos, &p)) {
		*(p.old ? &old : &new) = p;
		for (size_t i = 0; i < t->asked && !p.old; i++)
			if (same_place(&t->names[i], p.has_device, p.device) &&
			    !strcmp(t->names[i].path, p.path))
				t->names[i].seen = seq;
	}
	return old.path && new.path ? add_rename(t, &old, &new, seq) : 0;
}

/* ---- what it was called ------------------------------------------------------------- */

static char *joined(const char *head, const char *tail)
{
	size_t n = strcmp(head, "/") || !*tail ? strlen(head) : 0, m = strlen(tail) + 1;
	char *text = malloc(n + m);

	if (text) {
		memcpy(text, head, n);
		memcpy(text + n, tail, m);
	}
	return text;
}

/* A name's life that began by a rename goes on before that with the old one. */
static int settle_back(struct trail *t, size_t i)
{
	int err = 0;

	for (size_t k = t->n_renames; k > t->first && !err; k--) {
		const struct rename *r = &t->renames[k - 1];
		const struct name *n = &t->names[i];
		const char *tail;

		if (r->seq > n->to || r->seq < n->from)
			continue;
		tail = same_place(n, r->has_device, r->device) ? folder_behind(r->new, n->path) :
								 NULL;
		if (!tail)
			continue;
		err = add_joint(t, joined(r->old, tail), n, 0, r->seq, r->seq);
		if (i < t->asked)
			continue;
		/* Who was called so earlier is another one. */
		t->names[i].from = r->seq;
		break;
	}
	return err;
}

/* One that was renamed and has not come again goes on with its new name. */
static int settle_on(struct trail *t, size_t i)
{
	int err = 0;

	for (size_t k = t->first; k < t->n_renames && !err; k++) {
		const struct rename *r = &t->renames[k];
		const struct name *n = &t->names[i];
		const char *tail;

		if (r->seq < n->from || r->seq > n->to || r->seq < n->seen)
			continue;
		tail = same_place(n, r->has_device, r->device) ? folder_behind(r->old, n->path) :
								 NULL;
		if (!tail)
			continue;
		err = add_joint(t, joined(r->new, tail), n, r->seq, UINT64_MAX, r->seq);
		/* Who is called so later is another one. */
		if (i >= t->asked)
			t->names[i].to = r->seq;
		break;
	}
	return err;
}

int trail_settle(struct trail *t)
{
	size_t on = 0;
	int err = 0;

	/* Forward first: each name that is added is looked at as well. */
	for (; on < t->n && !err; on++)
		err = settle_on(t, on);
	for (size_t i = 0; i < t->n && !err; i++)
		if (i < t->asked || i >= on)
			err = settle_back(t, i);
	return err;
}

bool trail_has(const struct trail *t, const struct fields *f, uint64_t seq)
{
	struct marked_path p;
	size_t pos = 0;

	for (size_t i = 0; i < t->n_joints; i++)
		if (t->joints[i] == seq)
			return true;
	while (marks_path(f, &pos, &p))
		for (size_t i = 0; i < t->n; i++) {
			const struct name *n = &t->names[i];

			if (seq >= n->from && seq <= n->to &&
			    same_place(n, p.has_device, p.device) && folder_behind(n->path, p.path))
				return true;
		}
	return false;
}
