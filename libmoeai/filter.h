/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which events a monitor's caller wants. */
#ifndef MOEAI_FILTER_H
#define MOEAI_FILTER_H

#include <moeai/moeai.h>

#include "catalog.h"
#include "record.h"

struct filter {
	char **types; /* names, or prefixes that end in '*' or '.' */
	size_t n_types;
	uint32_t min_priority;
	char *source; /* NULL: all */
};

/* Copies what options point to. Returns 0 or -ENOMEM. */
int filter_init(struct filter *f, const struct moeai_monitor_options *options);
void filter_free(struct filter *f);

static inline bool filter_is_empty(const struct filter *f)
{
	return !f->n_types && !f->min_priority && !f->source;
}

/* type_name is looked at only if there are type names. */
bool filter_passes(const struct filter *f, const struct record *r, const char *type_name);

/* The name without '*' or '.' at its end that no type bears; NULL: none. */
const char *filter_unknown(const struct filter *f, const struct catalog *c);

/*
 * Of the wanted types, the ids, if the kernel can filter by them: exact names,
 * all known. Types can be registered at any time, so a reader that goes on
 * afterwards must not rely on today's ids: only the core's are fixed.
 * Returns how many; 0: the library filters.
 */
size_t filter_ids(const struct filter *f, const struct catalog *c, bool fixed_only,
		  uint32_t ids[MOEAI_FILTER_TYPES]);

#endif /* MOEAI_FILTER_H */
