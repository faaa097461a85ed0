/* SPDX-License-Identifier: GPL-2.0 */
/* Part guard: packets through net_guard, nftables and ipset. */
#ifndef MOEAI_BENCH_GUARD_H
#define MOEAI_BENCH_GUARD_H

#include "bench.h"
#include "kmod/sources.h"
#include "schema.h"

/* What rules there are, and whom packets are from. */
struct rules {
	enum bench_sources sources;
	bool v6;
	unsigned int n;
};

/* Has rules in the kernel drop packets. */
struct filter {
	const char *name;
	/* Write what load reads, a file; NULL: reads none. */
	void (*write)(FILE *file, const struct rules *r);
	/* The rules; 0 or -errno. */
	int (*load)(struct bench *b, const struct rules *r);
	/* Have packets go through them; NULL: they do. */
	int (*hook)(const struct rules *r);
	int (*clear)(struct bench *b, const struct rules *r);
};

#define RULES_FILE "/run/bench.rules"

extern const struct filter filter_moeai, filter_moeai_delta, filter_moectl;
extern const struct filter filter_nft, filter_nft_counters, filter_nft_interval;
extern const struct filter filter_ipset, filter_ipset_counters;

/* A command, as printf() makes it; its output goes to stderr. 0 or -EIO. */
__attribute__((format(printf, 1, 2)))
int shell(const char *command, ...);

const char *rule_text(const struct rules *r, unsigned int i, char to[64]);

/* So many of them, UDP from these rules. */
struct bench_packets_args packets_from(const struct rules *r, unsigned int count);

/* Returns 0 with ns for each packet, and how many passed, or -errno. */
int send_packets(struct bench *b, const struct bench_packets_args *p, double *ns,
		 unsigned int *passed);

/* The same for a row: all of them must pass, or none. */
int packets_row(struct bench *b, const char *name, unsigned int size,
		const struct bench_packets_args *p, bool pass);

void guard_limits(struct bench *b);

#endif
