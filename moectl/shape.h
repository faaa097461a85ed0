/* SPDX-License-Identifier: GPL-2.0 */
/* A schema as C: ids, labels, a struct, its decoder and encoder. */
#ifndef MOECTL_SHAPE_H
#define MOECTL_SHAPE_H

#include <stdio.h>
#include <moeai/moeai.h>

#include "identifier.h"

/* A header on its way. */
struct generator {
	FILE *to;
	const char *module;
	struct names names; /* all at file scope */
	bool failed;	    /* out of memory */
};

/* One schema on its way: what it is called in C, and its fields with it. */
struct shape {
	const struct moeai_schema *schema;
	const char *tag;      /* of the struct; NULL: there are no fields */
	struct names members; /* owns the names of the two below */
	const char **member;  /* of each field */
	const char **length;  /* of each field that is bytes, else NULL */
	const char **id;      /* of each field */
	const char *in_order; /* NULL: there is no such function */
	const char *walk, *decode, *encode;
};

/* Write it, with a decoder if the kernel sends it. Undone by shape_free(). */
void shape_begin(struct generator *g, struct shape *s, const struct moeai_schema *schema,
		 const char *base, const char *suffix);
void shape_encoder(struct generator *g, struct shape *s);
void shape_free(struct shape *s);

/* The labels of an enum or flags; nothing of other fields. */
void generate_labels(struct generator *g, const char *prefix, const struct moeai_field *f);

/* In a comment: one line, ASCII, and no end or beginning of a comment in it. */
void generate_comment(struct generator *g, const char *s);

/* A string literal; what is not sure to mean itself is octal. */
void generate_string(struct generator *g, const char *s);

/* A made name; without memory any, as nothing of it will be used. */
const char *generate_sure(struct generator *g, const char *name);

#define NEW(...)   generate_sure(g, identifier_new(&g->names, __VA_ARGS__))
#define MACRO(...) generate_sure(g, identifier_macro(&g->names, __VA_ARGS__))

#endif /* MOECTL_SHAPE_H */
