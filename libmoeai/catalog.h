/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel offers in this epoch: schemas, event types, commands. Asked
 * for when first needed, and again when a name or an id is unknown. Names point
 * into schemas, which live as long as the catalog.
 */
#ifndef MOEAI_CATALOG_H
#define MOEAI_CATALOG_H

#include "schema.h"

struct event_type {
	uint32_t id;
	const char *name;
	const struct moeai_schema *schema;
	char source[MOEAI_MAX_NAME_LEN]; /* the module's part of the name */
};

struct command {
	uint32_t id;
	const char *name;
	const struct moeai_schema *args, *reply;
};

struct catalog {
	struct schema_store schemas;
	struct event_type *types; /* by id; a type that went away is still known */
	size_t n_types;
	struct command *commands;
	size_t n_commands;
	size_t found;	  /* of commands: the one that was asked for last */
	bool stale;	  /* to be loaded before the next question */
	uint32_t version; /* changes whenever the above does */
};

/* Ask the kernel. Returns 0 or -errno. */
int catalog_refresh(struct moeai *h);

/* Another epoch's ids and names mean nothing. Schemas that were handed out stay. */
void catalog_forget(struct catalog *c);
void catalog_free(struct catalog *c);

/* A type by its id, as far as it is known now: no question is asked. */
const struct event_type *catalog_type(const struct catalog *c, uint32_t id);

/* These ask if need be. Return 0, -ENOENT with a text, or -errno. */
int catalog_schema(struct moeai *h, uint32_t kind, const char *owner,
		   const struct moeai_schema **out);
int catalog_command(struct moeai *h, const char *name, struct command *out);

#endif /* MOEAI_CATALOG_H */
