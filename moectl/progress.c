// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "progress.h"

#define PAUSE_MS 100
#define WIDTH	 40

void progress_begin(struct progress *p, uint64_t total)
{
	*p = (struct progress){ .shown = isatty(STDERR_FILENO), .total = total };
}

void progress_draw(struct progress *p, bool last)
{
	static const char bar[] = "########################################";
	int64_t ms;
	int n;

	if (!p->shown)
		return;
	ms = clock_ms();
	if (p->last && ms - p->last < PAUSE_MS && !last)
		return;
	p->last = ms;
	fputs("\r\033[K", stderr);
	if (p->total) {
		n = p->done < p->total ? (int)(p->done * WIDTH / p->total) : WIDTH;
		fprintf(stderr, "[%.*s%*s] %3d%% ", n, bar, WIDTH - n, "", n * 100 / WIDTH);
	}
	fprintf(stderr, "%" PRIu64 " rows%s", p->rows, last ? ", now all at once" : "");
	fflush(stderr);
}

void progress_end(const struct progress *p)
{
	if (p->shown && p->last)
		fputs("\r\033[K", stderr);
}
