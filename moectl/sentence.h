/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events and rows in plain words. What is told of which type stands in one table, in
 * sentence.c; of any other type, its help and its fields are the sentence.
 */
#ifndef MOECTL_SENTENCE_H
#define MOECTL_SENTENCE_H

#include "fields.h"
#include "users.h"

/* How much an event explains, the most first. */
enum sentence_weight {
	SENTENCE_PLAIN, /* it happened */
	SENTENCE_CHANGE, /* something is otherwise since */
	SENTENCE_CAUSE, /* it is why */
	SENTENCE_END, /* nothing comes after it */
};

/* What explains others that it does not name. */
enum sentence_besides {
	SENTENCE_ALONE,
	SENTENCE_STATE, /* how things were: the last one before counts */
	SENTENCE_ONE_OF, /* one of several that are told together */
};

/* All but the first three zero at first. */
struct sentence {
	unsigned int escape; /* ESCAPE_* */
	const char *(*help)(void *arg, const char *owner); /* of a type or table; "" if unknown */
	void *arg;
	struct users users;
	char *path, *old; /* of an event, kept to be used again */
	size_t path_size, old_size;
};

/* A new string; NULL: out of memory. */
char *sentence_of_event(struct sentence *s, const struct moeai_event *e, const struct fields *f);
char *sentence_of_row(struct sentence *s, const char *table, const struct fields *row);

/* As an answer to why, without a stop at its end; NULL: there is none for that type. */
char *sentence_answer(struct sentence *s, const struct moeai_event *e, const struct fields *f);

/* Of what stands besides: in a few words, and what those begin with. NULL as above. */
char *sentence_brief(struct sentence *s, const struct moeai_event *e, const struct fields *f);
const char *sentence_intro(const char *type);

enum sentence_weight sentence_weight(const char *type);

/* Of types that stand besides those of the given one; for all of them with NULL. */
enum sentence_besides sentence_besides(const char *type, const char *of);

void sentence_free(struct sentence *s);

#endif /* MOECTL_SENTENCE_H */
