/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What 'moectl top' shows: gathered by top_gather.c, which knows no screen, and drawn
 * by top_draw.c, which asks nobody.
 */
#ifndef MOECTL_TOP_H
#define MOECTL_TOP_H

#include "command.h"
#include "tally.h"
#include "users.h"

/* From the top of the screen. */
enum top_panel {
	TOP_MODULES,   /* events by who sends them */
	TOP_CONSUMERS, /* of memory */
	TOP_OFFENDERS,
	TOP_FILES,
	TOP_PANELS
};

#define TOP_SOURCES   32
#define TOP_CONSUMED  16
#define TOP_OFFENSIVE 64

struct top_source {
	char name[32];
	uint64_t events; /* since the counts began */
	uint64_t before; /* at the last sample */
	double rate;	 /* a second */
};

struct top {
	struct moectl *ctl;
	struct moeai_monitor *monitor; /* NULL: see event_problem */
	uint64_t began;	 /* of the counts, ns since 1970 */
	uint64_t sampled; /* ns, monotonic; 0: never */
	bool paused;

	/* The last sample. */
	bool loaded;
	struct moeai_status status;
	double logged; /* events a second */
	bool has_mem;
	struct moeai_mem mem;

	struct top_source sources[TOP_SOURCES]; /* the busiest first */
	size_t n_sources;
	uint64_t other; /* events of further sources */

	struct moeai_mem_consumer consumers[TOP_CONSUMED];
	size_t n_consumers;
	struct moeai_guard_offender offenders[TOP_OFFENSIVE]; /* the last first */
	size_t n_offenders;

	struct tally *files; /* by path: the operations on each */
	char *path;
	size_t path_size;

	uint64_t lost; /* events that came too fast for us */
	char event_problem[128]; /* why there are no events; "": there are */
	char problem[TOP_PANELS][128]; /* why a panel has no rows; "": it may have some */
	struct users users;
};

/* Returns 0, or 1 after complaining. */
int top_begin(struct top *t, struct moectl *ctl);
void top_end(struct top *t);

/* Forget all counts. */
void top_reset(struct top *t);

/* To be polled for reading, or -1. */
int top_fd(const struct top *t);

/* Take what events there are, for so many ms at most. */
void top_drain(struct top *t, int ms);

/* Ask for all else, and work out the rates. */
void top_sample(struct top *t);

/* How many rows a panel could fill. */
size_t top_rows(const struct top *t, enum top_panel panel);

/*
 * Share out lines among panels that could fill so many rows each: a panel has a line of
 * its own and some rows. It gets no line if they don't suffice: the last ones first.
 */
void top_share(int lines, const size_t rows[TOP_PANELS], int heights[TOP_PANELS]);

/* The whole screen, of ncurses. help: what the keys do, instead. */
void top_draw(const struct top *t, bool help);

#endif /* MOECTL_TOP_H */
