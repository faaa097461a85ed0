// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"

#define BESIDES_NS 600000000000ULL /* what is older explains nothing */

/* ---- events that are kept ----------------------------------------------------------- */

static struct kept *kept_new(const struct moeai_event *e, enum story_part part)
{
	size_t type = strlen(e->type_name) + 1, source = strlen(e->source) + 1;
	struct kept *k = malloc(sizeof(*k) + e->values.len + type + source);

	if (!k)
		return NULL;
	k->e = *e;
	k->part = part;
	if (e->values.len)
		memcpy(k->data, e->values.data, e->values.len);
	k->e.values.data = k->data;
	k->e.type_name = memcpy(k->data + e->values.len, e->type_name, type);
	k->e.source = memcpy(k->data + e->values.len + type, e->source, source);
	return k;
}

struct kept *kept_at(const struct kept_ring *r, size_t i)
{
	return r->v[(r->first + i) % r->size];
}

static int ring_add(struct kept_ring *r, struct kept *k)
{
	if (!k)
		return -ENOMEM;
	if (!r->v)
		r->v = calloc(r->size, sizeof(*r->v));
	if (!r->v) {
		free(k);
		return -ENOMEM;
	}
	if (r->n == r->size) {
		free(r->v[r->first]);
		r->v[r->first] = k;
		r->first = (r->first + 1) % r->size;
	} else {
		r->v[(r->first + r->n++) % r->size] = k;
	}
	return 0;
}

static void ring_free(struct kept_ring *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(kept_at(r, i));
	free(r->v);
	*r = (struct kept_ring){ .size = r->size };
}

/* ---- what stood besides ------------------------------------------------------------- */

static bool has_type(struct kept *const *v, size_t n, const char *type)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i]->e.type_name, type))
			return true;
	return false;
}

/* What has run out of memory has little to do with how the system was. */
static bool is_of_a_part(const struct moeai_event *e)
{
	struct moeai_value scope;

	return !strcmp(e->type_name, "mem_monitor.victim") &&
	       !moeai_values_get(&e->values, "scope", &scope) &&
	       (scope.u64 == MOEAI_MEM_SCOPE_CGROUP || scope.u64 == MOEAI_MEM_SCOPE_CPUSET ||
		scope.u64 == MOEAI_MEM_SCOPE_MEMPOLICY);
}

/* Backwards: of each state the last, of those that are told together the last ones. */
static size_t choose(const struct kept_ring *r, const struct moeai_event *lead, struct kept **v)
{
	bool together = false, over = false;
	size_t n = 0;

	for (size_t i = r->n; i-- > 0;) {
		struct kept *k = kept_at(r, i);
		enum sentence_besides how = sentence_besides(k->e.type_name, lead->type_name);

		if (how == SENTENCE_ALONE || k->e.time + BESIDES_NS < lead->time)
			continue;
		if (how == SENTENCE_ONE_OF && !over) {
			v[n++] = k;
			together = true;
			continue;
		}
		over |= together;
		if (how == SENTENCE_STATE && !has_type(v, n, k->e.type_name))
			v[n++] = k;
	}
	return n;
}

static int set_around(struct evidence *ev, const struct moeai_event *lead)
{
	struct kept *v[EVIDENCE_BESIDES];
	size_t n = is_of_a_part(lead) ? 0 : choose(&ev->besides, lead, v);
	int err = 0;

	ring_free(&ev->around);
	ev->around.size = EVIDENCE_BESIDES;
	while (n-- && !err)
		err = ring_add(&ev->around, kept_new(&v[n]->e, v[n]->part));
	return err;
}

static enum sentence_weight weight(const char *type, enum story_part part)
{
	return part == STORY_SUBJECT ? sentence_weight(type) : SENTENCE_PLAIN;
}

enum sentence_weight evidence_weight(const struct kept *k)
{
	return weight(k->e.type_name, k->part);
}

static int set_lead(struct evidence *ev, const struct moeai_event *e, enum story_part part)
{
	if (ev->lead && evidence_weight(ev->lead) > weight(e->type_name, part))
		return 0;
	free(ev->lead);
	ev->lead = kept_new(e, part);
	return ev->lead ? set_around(ev, e) : -ENOMEM;
}

int evidence_add(struct evidence *ev, const struct moeai_event *e, enum story_part part)
{
	int err = 0;

	if (part) {
		ev->events++;
		err = set_lead(ev, e, part);
		if (!err)
			err = ring_add(&ev->last, kept_new(e, part));
	}
	if (err || sentence_besides(e->type_name, NULL) == SENTENCE_ALONE)
		return err;
	ev->besides.size = EVIDENCE_BESIDES;
	return ring_add(&ev->besides, kept_new(e, part));
}

/* ---- all of it ---------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	uint64_t x = (*(const struct kept *const *)a)->e.seq,
		 y = (*(const struct kept *const *)b)->e.seq;

	return (x > y) - (x < y);
}

const struct kept **evidence_all(const struct evidence *ev, size_t *n)
{
	const struct kept **v = calloc(ev->last.n + ev->around.n + 1, sizeof(*v));
	size_t all = 0, out = 0;

	if (!v)
		return NULL;
	for (size_t i = 0; i < ev->last.n; i++)
		v[all++] = kept_at(&ev->last, i);
	for (size_t i = 0; i < ev->around.n; i++)
		v[all++] = kept_at(&ev->around, i);
	if (ev->lead)
		v[all++] = ev->lead;
	qsort(v, all, sizeof(*v), compare);
	for (size_t i = 0; i < all; i++)
		if (!out || v[out - 1]->e.seq != v[i]->e.seq)
			v[out++] = v[i];
	*n = out;
	return v;
}

void evidence_free(struct evidence *ev)
{
	ring_free(&ev->last);
	ring_free(&ev->besides);
	ring_free(&ev->around);
	free(ev->lead);
	ev->lead = NULL;
}
