/* SPDX-License-Identifier: GPL-2.0 */
/* One incident file while it is written. */
#ifndef MOECTL_RECORDING_H
#define MOECTL_RECORDING_H

#include <moeai/moeai.h>

#include "incidents.h"
#include "output.h"

struct recording {
	const struct incidents *d;
	struct output *out; /* where its end is told */
	struct incident_temp temp;
	struct moeai_incident *f; /* NULL: there is none */
	uint64_t time;		  /* of the incident */
	char type[MOEAI_FULL_NAME_LEN]; /* of the first trigger; "": there is none */
	uint64_t seq;			/* its */
	uint64_t triggers, events, lost_events;
	uint64_t from; /* what is older is left out, up to the first that is not */
	bool reached;  /* that one has come */
	bool has_lost; /* before it, which may have been of the time that is wanted */
	struct moeai_item lost;
};

/*
 * Begin one of m's epoch. r has d, out, time, type, seq and from, and the rest is zero.
 * All return 0, or 1 after complaining; then there is none any more.
 */
int recording_begin(struct recording *r, struct moeai_monitor *m);

/*
 * An event or a loss, the last that m has returned. It ends early, as with recording_end(),
 * when what describes it is needed and can't be read.
 */
int recording_add(struct recording *r, struct moeai_monitor *m, const struct moeai_item *item,
		  bool trigger);

/* It is whole, and told; why: it ends early, or NULL. */
int recording_end(struct recording *r, struct moeai_monitor *m, const char *why);

void recording_drop(struct recording *r);

#endif /* MOECTL_RECORDING_H */
