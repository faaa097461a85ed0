/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of a story, what answers why: the event that explains most, the latest of these; what
 * stood besides it; and the last events of all. However long the story is, it takes
 * room for a few of them.
 */
#ifndef MOECTL_EVIDENCE_H
#define MOECTL_EVIDENCE_H

#include "fields.h"
#include "sentence.h"
#include "story.h"

#define EVIDENCE_BESIDES 64

/* An event of its own. */
struct kept {
	struct moeai_event e;
	enum story_part part;
	char data[];
};

/* At most size of them, the oldest goes first. */
struct kept_ring {
	struct kept **v;
	size_t n, size, first;
};

struct kept *kept_at(const struct kept_ring *r, size_t i);

/* All zero at first, but last.size. */
struct evidence {
	struct kept_ring last; /* events about it */
	struct kept_ring besides; /* of late, whatever they are about */
	struct kept *lead; /* NULL: there is none */
	struct kept_ring around; /* what stood besides the lead, in order */
	uint64_t events;
};

/* Returns 0 or -ENOMEM. */
int evidence_add(struct evidence *ev, const struct moeai_event *e, enum story_part part);

/* How much it explains: why another process was killed says little of who is only named. */
enum sentence_weight evidence_weight(const struct kept *k);

/* lead, around and last in order, none twice; a new array. NULL: out of memory. */
const struct kept **evidence_all(const struct evidence *ev, size_t *n);
void evidence_free(struct evidence *ev);

#endif /* MOECTL_EVIDENCE_H */
