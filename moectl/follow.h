/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A monitor's items as they come, until a signal, until there were enough or the
 * time is over, or until whoever reads the output is gone.
 */
#ifndef MOECTL_FOLLOW_H
#define MOECTL_FOLLOW_H

#include <signal.h>

#include "command.h"

struct follow {
	struct output *out;
	struct moeai_monitor *m;
	uint64_t count; /* end after so many; 0: no limit */
	bool timed;
	int64_t timeout; /* ms */
	enum moeai_transport transport;

	uint64_t shown; /* events, counted by who shows them */
	uint64_t lost;	/* private, as what follows */
	sigset_t unblocked;
	int64_t end;
};

/* What FOLLOW_OPTIONS set. Returns 0, or ARGP_ERR_UNKNOWN. */
error_t follow_parse(struct follow *f, int key, const char *arg, const struct argp_state *state);

#define FOLLOW_OPTIONS                                                                          \
	{ "count", 'n', "N", 0, "End after N events; exit status 1 if there were fewer", 0 },   \
	{ "timeout", 'T', "SECONDS", 0, "End after that time: 10, 0.5, 500ms, 2m", 0 },         \
	{ "transport", 'x', "TRANSPORT", 0,                                                     \
	  "How events come: mapped, out of /dev/moeai, which keeps the module loaded; netlink; " \
	  "or auto, the first of them that is to be had", 0 }

/* From now on signals end follow() alone, and the time runs. */
void follow_begin(struct follow *f);

/* Returns 0, or 1 after complaining, which ends it. */
typedef int (*follow_fn)(struct follow *f, const struct moeai_item *item, void *arg);

/*
 * Returns the exit status: 0, or 1 after complaining, or when there were fewer than
 * f->count. Where events were lost it says so, on a terminal it always gives the account.
 */
int follow(struct follow *f, follow_fn show, void *arg);

#endif /* MOECTL_FOLLOW_H */
