// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>

#include "filter.h"

int filter_init(struct filter *f, const struct moeai_monitor_options *options)
{
	*f = (struct filter){ .min_priority = options->min_priority };
	if (options->source) {
		f->source = strdup(options->source);
		if (!f->source)
			return -ENOMEM;
	}
	if (!options->n_types || !options->types)
		return 0;
	f->types = calloc(options->n_types, sizeof(*f->types));
	if (!f->types)
		return -ENOMEM;
	for (; f->n_types < options->n_types; f->n_types++) {
		f->types[f->n_types] = strdup(options->types[f->n_types]);
		if (!f->types[f->n_types])
			return -ENOMEM;
	}
	return 0;
}

void filter_free(struct filter *f)
{
	for (size_t i = 0; i < f->n_types; i++)
		free(f->types[i]);
	free(f->types);
	free(f->source);
	*f = (struct filter){ 0 };
}

static bool is_prefix(const char *pattern)
{
	size_t n = strlen(pattern);

	return n && (pattern[n - 1] == '*' || pattern[n - 1] == '.');
}

static bool matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (!is_prefix(pattern))
		return !strcmp(pattern, name);
	return !strncmp(pattern, name, n - (pattern[n - 1] == '*'));
}

bool filter_passes(const struct filter *f, const struct record *r, const char *type_name)
{
	if (r->priority < f->min_priority || (f->source && strcmp(f->source, r->source)))
		return false;
	for (size_t i = 0; i < f->n_types; i++)
		if (matches(f->types[i], type_name))
			return true;
	return !f->n_types;
}

static bool known(const struct catalog *c, const char *name)
{
	for (size_t i = 0; i < c->n_types; i++)
		if (!strcmp(c->types[i].name, name))
			return true;
	return false;
}

const char *filter_unknown(const struct filter *f, const struct catalog *c)
{
	for (size_t i = 0; i < f->n_types; i++)
		if (!is_prefix(f->types[i]) && !known(c, f->types[i]))
			return f->types[i];
	return NULL;
}

static bool exact(const struct filter *f)
{
	for (size_t i = 0; i < f->n_types; i++)
		if (is_prefix(f->types[i]))
			return false;
	return true;
}

size_t filter_ids(const struct filter *f, const struct catalog *c, bool fixed_only,
		  uint32_t ids[MOEAI_FILTER_TYPES])
{
	const struct record any = { .priority = UINT32_MAX, .source = f->source };
	size_t n = 0;

	if (!f->n_types || !exact(f) || filter_unknown(f, c))
		return 0;
	for (size_t i = 0; i < c->n_types; i++) {
		if (!filter_passes(f, &any, c->types[i].name))
			continue;
		if (n == MOEAI_FILTER_TYPES || (fixed_only && c->types[i].id >= MOEAI_ID_DYNAMIC))
			return 0;
		ids[n++] = c->types[i].id;
	}
	return n;
}
