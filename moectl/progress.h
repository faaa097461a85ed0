/* SPDX-License-Identifier: GPL-2.0 */
/* How far a long work is, in one line of stderr, if that is a terminal. */
#ifndef MOECTL_PROGRESS_H
#define MOECTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown;
	uint64_t total, done; /* of anything; total 0: nobody knows */
	uint64_t rows;
	int64_t last; /* ms; when it was drawn */
};

void progress_begin(struct progress *p, uint64_t total);

/* Draw, but not too often; last: at all events, as what comes now takes its time. */
void progress_draw(struct progress *p, bool last);
void progress_end(const struct progress *p); /* gone; may come twice */

#endif /* MOECTL_PROGRESS_H */
