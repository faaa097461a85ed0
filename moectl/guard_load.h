/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of prefixes into net_guard's rules. A line is an address or a prefix, with
 * block (as without), allow or shadow in front of it, if wanted; what follows a '#'
 * or ';' is a comment, and of a prefix, its reason.
 */
#ifndef MOECTL_GUARD_LOAD_H
#define MOECTL_GUARD_LOAD_H

#include "command.h"

struct guard_load {
	const char *file;   /* "-": standard input */
	const char *reason; /* of lines without a comment, or NULL */
	uint32_t confirm;
	bool sync;	    /* rules that people made, and the file does not have, go */
	bool even_me;
};

/* All or nothing. Returns 0, or 1 after complaining. */
int guard_load(struct moectl *ctl, const struct guard_load *load);

/* A line of a list. */
struct guard_line {
	unsigned char prefix[17]; /* length and address, as a field has it */
	unsigned char len;	  /* of that: 5, 17, or 0: the line has none */
	enum moeai_guard_action action;
	const char *reason;  /* in the text, "": none */
	unsigned int column; /* where it is wrong … */
	const char *why;     /* … and how */
};

/* Takes the text apart, in place. Returns 0 or -EINVAL. */
int guard_line_parse(char *text, struct guard_line *out);

#endif /* MOECTL_GUARD_LOAD_H */
