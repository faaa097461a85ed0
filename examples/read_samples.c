// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Read what a kernel module streams into a region: kmod_samples, which must be loaded.
 * read_samples [N]: print so many samples, 10 if not given, then how many were missed.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <moeai/moeai.h>
#include "kmod_samples/samples.h"

/* The letters are those of samples.h. False: it is not there, or not any more. */
static bool read_sample(const struct samples *s, uint64_t i, struct sample *out)
{
	const struct sample *slot = &s->ring[i % SAMPLES_N];
	uint64_t seq = __atomic_load_n(&slot->seq, __ATOMIC_ACQUIRE); /* E */

	*out = *slot;						      /* F */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);		      /* G */
	return seq == i + 1 && __atomic_load_n(&slot->seq, __ATOMIC_RELAXED) == seq; /* H */
}

/* A tick or so. False: the module has gone, and no sample comes any more. */
static bool rest(const struct moeai_shmem *region)
{
	struct pollfd p = { .fd = moeai_shmem_fd(region) };

	return poll(&p, 1, 4) == 0;
}

static int follow(const struct moeai_shmem *region, uint64_t n)
{
	const struct samples *s = moeai_shmem_data(region);
	uint64_t next = __atomic_load_n(&s->written, __ATOMIC_ACQUIRE), missed = 0;
	struct sample one;

	while (n) {
		uint64_t written = __atomic_load_n(&s->written, __ATOMIC_ACQUIRE);

		if (next == written && !rest(region)) {
			fprintf(stderr, "read_samples: the module has gone\n");
			return 1;
		}
		if (next == written)
			continue;
		if (read_sample(s, next, &one)) {
			printf("%" PRIu64 " %" PRIu64 " free, cpu %u, %u us late\n",
			       (uint64_t)one.time, (uint64_t)one.free, one.cpu, one.late);
			n--;
		} else {
			missed++; /* overwritten before we came */
		}
		next++;
	}
	printf("%" PRIu64 " missed\n", missed);
	return 0;
}

int main(int argc, char **argv)
{
	struct moeai_shmem *region;
	const struct samples *s;
	int rc = moeai_shmem_open(NULL, SAMPLES_REGION, 0, &region);

	if (rc) {
		fprintf(stderr, "read_samples: %s: %s\n", SAMPLES_REGION, moeai_strerror(rc));
		return 1;
	}
	s = moeai_shmem_data(region);
	if (moeai_shmem_size(region) < sizeof(*s) || s->version != SAMPLES_VERSION ||
	    s->n != SAMPLES_N) {
		fprintf(stderr, "read_samples: another version of the module\n");
		return 1;
	}
	rc = follow(region, argc > 1 ? strtoull(argv[1], NULL, 0) : 10);
	moeai_shmem_close(region);
	return rc;
}
