// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "helps.h"

static int add(void *arg, const struct fields *row)
{
	const char *name = fields_text(row, "name"), *help = fields_text(row, "help");
	struct helps *h = arg;
	char **v;

	if (!name || !help)
		return 0;
	v = realloc(h->v, (h->n + 2) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	h->v = v;
	v[h->n] = strdup(name);
	v[h->n + 1] = strdup(help);
	h->n += 2;
	return v[h->n - 2] && v[h->n - 1] ? 0 : -ENOMEM;
}

int helps_load(struct helps *h, struct moeai *moeai)
{
	int err = listing_walk(moeai, "event_types", NULL, add, h);

	return err ? err : listing_walk(moeai, "tables", NULL, add, h);
}

const char *helps_get(const struct helps *h, const char *name)
{
	for (size_t i = 0; i < h->n; i += 2)
		if (!strcmp(h->v[i], name))
			return h->v[i + 1];
	return "";
}

void helps_free(struct helps *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i]);
	free(h->v);
	*h = (struct helps){ 0 };
}
