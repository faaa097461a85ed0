// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "lives.h"

/* The clock of events is set now and then, and boot is estimated. */
#define SLACK_NS 50000000ULL

void lives_add(struct lives *l, uint64_t started)
{
	size_t i = l->n;

	while (i && l->started[i - 1] > started)
		i--;
	if (!started || (i && l->started[i - 1] == started))
		return;
	if (l->n == LIVES_MAX) {
		if (!i)
			return;
		memmove(l->started, l->started + 1, --l->n * sizeof(*l->started));
		i--;
	}
	memmove(l->started + i + 1, l->started + i, (l->n - i) * sizeof(*l->started));
	l->started[i] = started;
	l->n++;
}

void lives_learn(struct lives *l, const struct marked_process *p, uint64_t time)
{
	/* Nobody does anything before he has started: the earliest that fits all. */
	if (p->started && !l->exact && time > p->started &&
	    (!l->boot || time - p->started < l->boot))
		l->boot = time - p->started;
	if (p->pid == l->pid)
		lives_add(l, p->started);
}

uint64_t lives_of(const struct lives *l, const struct marked_process *p, uint64_t time)
{
	uint64_t found = 0;

	if (p->started)
		return p->started;
	for (size_t i = 0; i < l->n && l->boot + l->started[i] <= time + SLACK_NS; i++)
		found = l->started[i];
	return found;
}

uint64_t lives_since(const struct lives *l, uint64_t started)
{
	return started && l->boot ? l->boot + started : 0;
}
