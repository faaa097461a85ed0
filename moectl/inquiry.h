/* SPDX-License-Identifier: GPL-2.0 */
/* What why and timeline have in common: what is asked about, and from where it is told. */
#ifndef MOECTL_INQUIRY_H
#define MOECTL_INQUIRY_H

#include "helps.h"
#include "history.h"
#include "sentence.h"
#include "when.h"

enum { INQUIRY_PID = 0x200, INQUIRY_COMM, INQUIRY_ADDRESS, INQUIRY_PATH, INQUIRY_UNTIL };

#define INQUIRY_OPTIONS                                                                        \
	{ "pid", INQUIRY_PID, 0, 0, "It is a pid, whatever it looks like", 0 },                \
	{ "comm", INQUIRY_COMM, 0, 0, "It is the name of a process", 0 },                      \
	{ "address", INQUIRY_ADDRESS, 0, 0, "It is an address or a prefix", 0 },               \
	{ "path", INQUIRY_PATH, 0, 0, "It is the path of a file or folder", 0 },               \
	{ "file", 'f', "FILE", 0, "Ask an incident file, of any machine, not the kernel", 0 },  \
	{ "since", 's', "TIME|SEQ", 0,                                                         \
	  "Events from then on: 10m, 2h or 30d ago, '2026-01-31 23:59', 23:59, or a seq", 0 },         \
	{ "until", INQUIRY_UNTIL, "TIME|SEQ", 0, "Events up to then", 0 }

/* All zero at first. */
struct inquiry {
	const char *word;
	enum thing_kind wanted;
	struct when since, until;

	struct thing thing; /* from here on: inquiry_begin()'s */
	struct story *story;
	struct sentence sentence;
	struct helps helps;
	struct history history;
};

/* What INQUIRY_OPTIONS and one word set. Returns 0, or ARGP_ERR_UNKNOWN. */
error_t inquiry_parse(struct inquiry *in, int key, char *arg, const struct argp_state *state);

/*
 * Tell the story; tell and besides as of struct story_options. Returns 0, or 1 after
 * complaining. inquiry_end() is for one that failed, too, and ends what events point to.
 */
int inquiry_run(struct inquiry *in, struct moectl *ctl, bool (*besides)(const char *type_name),
		story_fn tell, void *arg);
void inquiry_end(struct inquiry *in);

/* Who has the pid now is who the story is about, or nobody is known to be. */
bool inquiry_runs(const struct inquiry *in);

/* What bounds the answer: what is lost, was too much, or made no sense. Returns 0 or -ENOMEM. */
int inquiry_notes(const struct inquiry *in, struct names *out);

/* That nothing is known, and what can be done about that, on standard error. Returns 1. */
int inquiry_nothing(struct inquiry *in, struct moectl *ctl);

/* The same as texts. Returns 0 or -ENOMEM. */
int inquiry_hints(struct inquiry *in, struct moectl *ctl, struct names *out);

#endif /* MOECTL_INQUIRY_H */
