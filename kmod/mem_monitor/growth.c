// SPDX-License-Identifier: GPL-2.0
#include "growth.h"

void mem_past_begin(struct mem_past *past, u64 now)
{
	past->time = now;
	past->n = 0;
}

static void sift_up(struct mem_seen *heap, u32 i, const struct mem_seen *s)
{
	for (; i && heap[(i - 1) / 2].bytes > s->bytes; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = *s;
}

/* @s in place of the first. */
static void sift_down(struct mem_seen *heap, u32 n, const struct mem_seen *s)
{
	u32 i = 0, child = 1;

	while (child < n) {
		if (child + 1 < n && heap[child + 1].bytes < heap[child].bytes)
			child++;
		if (heap[child].bytes >= s->bytes)
			break;
		heap[i] = heap[child];
		i = child;
		child = 2 * i + 1;
	}
	heap[i] = *s;
}

void mem_past_add(struct mem_past *past, const struct mem_seen *s)
{
	if (past->n < MEM_SEEN)
		sift_up(past->seen, past->n++, s);
	else if (s->bytes > past->seen[0].bytes)
		sift_down(past->seen, MEM_SEEN, s);
}

struct mem_growth mem_past_compare(const struct mem_past *past, const struct mem_seen *now,
				   u64 time)
{
	struct mem_growth g = { .bytes = now->bytes, .period = time - past->time };
	u32 i;

	if (!past->time)
		return (struct mem_growth){};
	for (i = 0; i < past->n; i++) {
		if (past->seen[i].pid != now->pid || past->seen[i].started != now->started)
			continue;
		g.bytes -= past->seen[i].bytes;
		return g;
	}
	if (now->started >= past->time)
		g.period = time - now->started;
	else if (past->n == MEM_SEEN)
		g.bytes -= min(now->bytes, past->seen[0].bytes);
	return g;
}

s64 mem_growth_rate(const struct mem_growth *g)
{
	u64 ms = div_u64(g->period, NSEC_PER_MSEC);

	return div64_s64(g->bytes * 1000, ms ? ms : 1);
}
