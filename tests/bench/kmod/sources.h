/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whom the packets of the bench are from, and whom its rules are for: the module
 * and its program make both by number. As in lists that people load, prefixes are
 * crowded in some places and sparse in others.
 */
#ifndef MOEAI_BENCH_SOURCES_H
#define MOEAI_BENCH_SOURCES_H

#include "uapi.h"

enum bench_sources {
	BENCH_ADDRESSES, /* single ones */
	BENCH_NETS,	 /* prefixes of five lengths */
	BENCH_NETS_24,	 /* prefixes of one length; IPv6: 56 */
};

struct bench_prefix {
	__u64 hi, lo; /* an IPv4 address is the upper half of hi */
	unsigned int len;
};

static inline __u32 bench_hash(__u32 i)
{
	i = (i ^ i >> 16) * 0x7feb352d;
	i = (i ^ i >> 15) * 0x846ca68b;
	return i ^ i >> 16;
}

static inline unsigned int bench_len(enum bench_sources sources, int v6, __u32 hash)
{
	static const unsigned char v4_lens[] = { 32, 24, 32, 28, 26, 24, 32, 30 };
	static const unsigned char v6_lens[] = { 64, 56, 48, 64, 60, 52, 64, 48 };

	if (sources == BENCH_ADDRESSES)
		return v6 ? 128 : 32;
	if (sources == BENCH_NETS_24)
		return v6 ? 56 : 24;
	return v6 ? v6_lens[hash % 8] : v4_lens[hash % 8];
}

/*
 * Rule @i: 1024 each in a region, one region less crowded than the next; no two
 * overlap. Behind each there is as much room as it takes, which is in no rule.
 */
static inline struct bench_prefix bench_rule(enum bench_sources sources, int v6, __u32 i)
{
	__u32 region = i >> 10, j = i & 1023, sparse = region % 4, hash = bench_hash(i);
	__u32 gap = hash & ((1U << 2 * sparse) - 1); /* steps of 1, 4, 16, 64 */
	struct bench_prefix p = { .len = bench_len(sources, v6, hash) };
	__u64 nth = (__u64)j << 2 * sparse | gap;

	if (!v6 && sources == BENCH_ADDRESSES)
		p.hi = (0x10000000ULL + ((__u64)region << 18) + 2 * nth) << 32;
	else if (!v6)
		p.hi = (0x10000000ULL + ((__u64)region << 20) + 512 * ((__u64)j << sparse / 2)) << 32;
	else if (sources == BENCH_ADDRESSES)
		p.hi = 0x2400000000000000ULL + ((__u64)region << 32) + nth;
	else
		p.hi = 0x2400000000000000ULL + ((__u64)region << 40) + (nth << 17);
	if (v6 && sources == BENCH_ADDRESSES)
		p.lo = (__u64)hash << 33 | (hash & ~1U);
	return p;
}

/* An address in a rule, or, @miss, one close to it and in none. */
static inline struct bench_prefix bench_source(enum bench_sources sources, int v6, __u32 i,
					       int miss, __u32 random)
{
	struct bench_prefix p = bench_rule(sources, v6, i);

	if (sources == BENCH_ADDRESSES) {
		p.hi += !v6 && miss ? 1ULL << 32 : 0;
		p.lo += v6 && miss;
	} else if (!v6) {
		p.hi += (miss ? 256ULL : random & ((1ULL << (32 - p.len)) - 1)) << 32;
	} else {
		p.hi += miss ? 1ULL << 16 : random & ((1ULL << (64 - p.len)) - 1);
		p.lo = random;
	}
	return p;
}

#endif
