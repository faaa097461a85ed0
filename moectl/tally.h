/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts by key, in bounded memory. When that is full, the smaller half is
 * forgotten; whoever comes later may have been there before, and how often at
 * most is known. So the busiest are found, whatever comes between.
 */
#ifndef MOECTL_TALLY_H
#define MOECTL_TALLY_H

#include <stddef.h>
#include <stdint.h>

#define TALLY_KINDS 16

struct tally_entry {
	uint64_t count;		 /* of all kinds */
	uint64_t missed;	 /* up to so many more were counted and forgotten */
	uint64_t n[TALLY_KINDS]; /* of each kind */
	uint64_t first, last;
	size_t len;
	char key[];
};

struct tally;

/* limit: bytes that it may take. Returns NULL: out of memory. */
struct tally *tally_new(size_t limit);
void tally_free(struct tally *t);

/* n more of that kind, at that time. Returns 0, -ENOMEM, -EINVAL: no such kind. */
int tally_add(struct tally *t, const void *key, size_t len, unsigned int kind, uint64_t n,
	      uint64_t time);

/* All, the busiest first, until the next tally_add(). Returns how many. */
size_t tally_sort(struct tally *t, struct tally_entry *const **out);

/* Who is not there has been counted so often at most. */
uint64_t tally_floor(const struct tally *t);

#endif /* MOECTL_TALLY_H */
