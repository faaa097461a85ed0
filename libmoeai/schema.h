/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schemas, made of the rows of table "fields". Each is one allocation that
 * never moves or changes until the store is freed, for callers keep pointers
 * to it: what the kernel describes anew becomes a new schema, what it describes
 * as before stays the same one.
 */
#ifndef MOEAI_SCHEMA_H
#define MOEAI_SCHEMA_H

#include <moeai/moeai.h>

#include "attr.h"

/* Trees of search.h, for a file may describe very much. */
struct schema_store {
	void *all; /* every schema ever seen */
	size_t n_all;
	void *current; /* by kind and owner */
	size_t n_current;
	uint32_t round; /* how often schema_store_set() was called */
	size_t n_before; /* that were current before it was */
	size_t n_stayed; /* of those, current again */
};

/*
 * May a module, an event type, a command or a table be called so? The kernel lets no
 * other name in, but a file may hold any: lower case, digits, "_.-", shorter than
 * MOEAI_FULL_NAME_LEN.
 */
bool schema_is_owner(const char *s);

/*
 * One row of "fields", into whose bytes it points. Pure; returns 0, -EPROTO, or -EILSEQ:
 * a name that the kernel would not let in. A field's is lower case, digits and '_',
 * begins with a letter and is shorter than MOEAI_MAX_NAME_LEN.
 */
struct field_row {
	uint32_t kind;
	const char *owner;
	uint32_t id;
	const char *name;
	uint32_t type, unit, flags;
	int64_t min, max;
	bool has_range;
	const char *labels; /* joined by '|' */
	const char *help;
};

int field_row_decode(struct attr_run row, struct field_row *out);

/*
 * Make rows the current schemas; they are sorted. Returns 0, -ENOMEM, or
 * -EEXIST: a field is there twice.
 */
int schema_store_set(struct schema_store *s, struct field_row *rows, size_t n);

/* The current schema, or NULL. */
const struct moeai_schema *schema_store_find(const struct schema_store *s, uint32_t kind,
					     const char *owner);

/*
 * As schema_store_find(), for an owner that exists: one without fields gets an
 * empty schema. NULL: out of memory.
 */
const struct moeai_schema *schema_store_get(struct schema_store *s, uint32_t kind,
					    const char *owner);

/* Others are current than before the last schema_store_set()? */
bool schema_store_changed(const struct schema_store *s);

void schema_store_forget(struct schema_store *s); /* none is current */
void schema_store_free(struct schema_store *s);

#endif /* MOEAI_SCHEMA_H */
