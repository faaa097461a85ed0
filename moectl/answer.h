/* SPDX-License-Identifier: GPL-2.0 */
/* What was found about a thing, said in plain words with the evidence below. */
#ifndef MOECTL_ANSWER_H
#define MOECTL_ANSWER_H

#include "evidence.h"
#include "related.h"

/* All zero at first, but in and evidence.last.size. */
struct answer {
	struct inquiry *in; /* its story has been told */
	struct evidence evidence;
	struct related related;
	struct moeai_reply *reply; /* what becomes of an address now; NULL: not known */
	struct fields decision; /* its */
	bool refused; /* who asks may not ask that */
};

/* Returns the exit status: 0, 1 after complaining or if nothing is known, which is told. */
int answer_print(struct answer *a, struct moectl *ctl);

/* The answer's lines, of which the first says most. Returns 0 or -ENOMEM. */
int answer_words(struct answer *a, struct names *out);

/* What bounds it: lost events, others of that pid … Returns 0 or -ENOMEM. */
int answer_notes(const struct answer *a, struct names *out);

void answer_free(struct answer *a);

#endif /* MOECTL_ANSWER_H */
