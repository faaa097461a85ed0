// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "related.h"
#include "show.h"

struct walk {
	struct related *r;
	struct inquiry *in;
	const char *table;
};

/* ---- is it about it? ---------------------------------------------------------------- */

/* Rows are of now, so is who they name. */
static bool has_process(const struct inquiry *in, const struct fields *row)
{
	struct marked_process p;
	size_t pos = 0;

	while (marks_process(row, &pos, &p))
		if (in->thing.kind == THING_COMM ? !strcmp(p.comm, in->thing.comm) :
						   p.pid == in->thing.pid && inquiry_runs(in))
			return true;
	return false;
}

/* A folder above it, or it itself, or something below. */
static bool is_around(const char *a, const char *b)
{
	return folder_behind(a, b) || folder_behind(b, a);
}

static bool has_path(const struct inquiry *in, const struct fields *row)
{
	struct marked_path p;
	size_t pos = 0;

	while (marks_path(row, &pos, &p))
		if (!p.has_device ? is_around(in->thing.path, p.path) :
				    in->thing.inside && in->thing.device == p.device &&
					    is_around(in->thing.inside, p.path))
			return true;
	return false;
}

static bool is_about(const struct inquiry *in, const struct fields *row)
{
	switch (in->thing.kind) {
	case THING_ADDRESS:
		return thing_has_address(&in->thing, row);
	case THING_PATH:
		return has_path(in, row);
	default:
		return has_process(in, row);
	}
}

/* ---- tables ------------------------------------------------------------------------- */

static int keep(struct related *r, struct inquiry *in, const char *table, const struct fields *row)
{
	struct related_row *v = &r->v[r->n];

	if (r->n == RELATED_MAX) {
		r->more++;
		return 0;
	}
	*v = (struct related_row){ strdup(table), sentence_of_row(&in->sentence, table, row),
				   show_fields_json(row) };
	r->n++;
	return v->table && v->sentence && v->json ? 0 : -ENOMEM;
}

static int look(void *arg, const struct fields *row)
{
	const struct walk *w = arg;

	return is_about(w->in, row) ? keep(w->r, w->in, w->table, row) : 0;
}

/* A walk that begins anew has left nothing of the one before. */
static int begin(void *arg, const struct moeai_schema *unused)
{
	const struct walk *w = arg;
	struct related *r = w->r;

	while (r->n && !strcmp(r->v[r->n - 1].table, w->table)) {
		struct related_row *v = &r->v[--r->n];

		free(v->table);
		free(v->sentence);
		json_decref(v->json);
	}
	return 0;
}

static bool can_be_about(struct moectl *ctl, const struct inquiry *in, const char *table)
{
	static const uint32_t marks[] = {
		[THING_PID] = MOEAI_F_PID,
		[THING_COMM] = MOEAI_F_COMM,
		[THING_ADDRESS] = MARKS_ADDRESS,
		[THING_PATH] = MOEAI_F_PATH,
	};
	const struct moeai_schema *schema;

	return !moeai_schema_get(ctl->h, MOEAI_SCHEMA_TABLE, table, &schema) &&
	       (marks_of(schema) & marks[in->thing.kind]);
}

int related_find(struct related *r, struct moectl *ctl, struct inquiry *in)
{
	struct names tables = { 0 };
	int err = listing_tables(ctl->h, &tables);

	for (size_t i = 0; i < tables.n && !err; i++) {
		struct walk w = { r, in, tables.v[i] };

		if (!can_be_about(ctl, in, w.table))
			continue;
		err = listing_walk(ctl->h, w.table, begin, look, &w);
		if (err == -EPERM || err == -ENOENT) {
			r->refused |= err == -EPERM;
			err = 0;
		}
	}
	names_free(&tables);
	return err;
}

void related_free(struct related *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].table);
		free(r->v[i].sentence);
		json_decref(r->v[i].json);
	}
	r->n = 0;
}
