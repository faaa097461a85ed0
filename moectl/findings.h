/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Judgments of moectl doctor. Pure: the same facts give the same findings, one
 * of each kind, in the same order.
 */
#ifndef MOECTL_FINDINGS_H
#define MOECTL_FINDINGS_H

#include "facts.h"

enum verdict {
	VERDICT_OK,
	VERDICT_NOTE,	 /* good to know; may be as it is wanted */
	VERDICT_PROBLEM, /* something does not work, or is lost */
};

struct finding {
	const char *check;
	enum verdict verdict;
	char text[400];
	char fix[200]; /* one command line; empty: none */
};

#define N_FINDINGS 12

void findings_judge(const struct facts *f, struct finding out[N_FINDINGS]);

#endif /* MOECTL_FINDINGS_H */
