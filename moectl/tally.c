// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"

struct tally {
	void *tree; /* of the entries, by key: it is others who choose the keys */
	struct tally_entry **at;
	size_t n, room;
	struct tally_entry *probe; /* what is looked for; becomes the entry if there is none */
	size_t bytes, limit;
	uint64_t floor;
};

/* What an entry takes: its node in the tree and its place in the array with it. */
static size_t size_of(const struct tally_entry *e)
{
	return sizeof(*e) + e->len + 8 * sizeof(void *);
}

static uint64_t at_most(const struct tally_entry *e)
{
	return e->count + e->missed;
}

static int by_key(const void *a, const void *b)
{
	const struct tally_entry *x = a, *y = b;
	int order = memcmp(x->key, y->key, x->len < y->len ? x->len : y->len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static int by_most(const void *a, const void *b)
{
	uint64_t x = at_most(*(struct tally_entry *const *)a);
	uint64_t y = at_most(*(struct tally_entry *const *)b);

	return (x < y) - (x > y);
}

/* Equally busy ones in order of their keys, so that the same events print the same. */
static int by_count(const void *a, const void *b)
{
	const struct tally_entry *x = *(struct tally_entry *const *)a;
	const struct tally_entry *y = *(struct tally_entry *const *)b;

	return x->count != y->count ? (x->count < y->count) - (x->count > y->count) :
				      by_key(x, y);
}

struct tally *tally_new(size_t limit)
{
	struct tally *t = calloc(1, sizeof(*t));

	if (t)
		t->limit = limit;
	return t;
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	tdestroy(t->tree, free);
	free(t->at);
	free(t->probe);
	free(t);
}

static void forget_half(struct tally *t)
{
	size_t kept = 0, n;

	qsort(t->at, t->n, sizeof(*t->at), by_most);
	for (n = 0; n < t->n && kept + size_of(t->at[n]) <= t->limit / 2; n++)
		kept += size_of(t->at[n]);
	if (n < t->n && at_most(t->at[n]) > t->floor)
		t->floor = at_most(t->at[n]);
	for (size_t i = n; i < t->n; i++) {
		tdelete(t->at[i], &t->tree, by_key);
		free(t->at[i]);
	}
	t->n = n;
	t->bytes = kept;
}

/* The probe, with that key. Returns 0 or -ENOMEM. */
static int set_probe(struct tally *t, const void *key, size_t len)
{
	struct tally_entry *e = t->probe;

	if (!e || e->len != len)
		e = realloc(e, sizeof(*e) + len);
	if (!e)
		return -ENOMEM;
	t->probe = e;
	e->len = len;
	memcpy(e->key, key, len);
	return 0;
}

/* The probe becomes an entry. NULL: out of memory. */
static struct tally_entry *follow(struct tally *t)
{
	struct tally_entry *e = t->probe;

	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		void *at = reallocarray(t->at, room, sizeof(*t->at));

		if (!at)
			return NULL;
		t->at = at;
		t->room = room;
	}
	if (t->bytes + size_of(e) > t->limit)
		forget_half(t);
	if (!tsearch(e, &t->tree, by_key))
		return NULL;
	t->probe = NULL;
	e->count = 0;
	memset(e->n, 0, sizeof(e->n));
	e->missed = t->floor;
	t->at[t->n++] = e;
	t->bytes += size_of(e);
	return e;
}

int tally_add(struct tally *t, const void *key, size_t len, unsigned int kind, uint64_t n,
	      uint64_t time)
{
	struct tally_entry **node, *e;

	if (kind >= TALLY_KINDS)
		return -EINVAL;
	if (set_probe(t, key, len))
		return -ENOMEM;
	node = tfind(t->probe, &t->tree, by_key);
	e = node ? *node : follow(t);
	if (!e)
		return -ENOMEM;
	if (!e->count)
		e->first = time;
	e->count += n;
	e->n[kind] += n;
	e->last = time;
	return 0;
}

size_t tally_sort(struct tally *t, struct tally_entry *const **out)
{
	if (t->n)
		qsort(t->at, t->n, sizeof(*t->at), by_count);
	*out = t->at;
	return t->n;
}

uint64_t tally_floor(const struct tally *t)
{
	return t->floor;
}
