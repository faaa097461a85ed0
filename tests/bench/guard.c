// SPDX-License-Identifier: GPL-2.0
/* What a packet pays for the rules that it meets, and what the rules cost. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "guard.h"

#define COUNT 20000 /* packets */

/* ---- packets ------------------------------------------------------------------------- */

static const char *const sources_names[] = { "addresses", "nets", "nets-24" };

struct bench_packets_args packets_from(const struct rules *r, unsigned int count)
{
	return (struct bench_packets_args){
		.has = { true, true, true, true, true, true, true, true, true, true },
		.count = count, .sources = r->sources, .of = r->n, .v6 = r->v6, .port = 9,
	};
}

int send_packets(struct bench *b, const struct bench_packets_args *p, double *ns,
		 unsigned int *passed)
{
	struct bench_packets_reply out;
	struct moeai_reply *reply;
	int rc = bench_packets_call(b->h, p, -1, &out, &reply);

	if (rc)
		return rc;
	moeai_reply_free(reply);
	*ns = (double)out.ns / p->count / (p->producers ? p->producers : 1);
	*passed = out.passed;
	return 0;
}

int packets_row(struct bench *b, const char *name, unsigned int size,
		const struct bench_packets_args *p, bool pass)
{
	unsigned int passed, all = p->count * (p->producers ? p->producers : 1);
	double ns;
	int rc;

	for (int i = b->first; run_begins(b, i); i++) {
		rc = send_packets(b, p, &ns, &passed);
		if (rc || passed != (pass ? all : 0)) {
			row_failed(name, size, "%s: %u of %u packets passed",
				   rc ? moeai_strerror(rc) : "", passed, all);
			return -EIO;
		}
		if (i >= 0)
			row(name, size, ns);
	}
	return 0;
}

static const char *family_name(const struct rules *r)
{
	return r->v6 ? "v6" : "v4";
}

static void packets_rows(struct bench *b, const char *filter, const struct rules *r)
{
	struct bench_packets_args p = packets_from(r, COUNT);
	char name[64];

	snprintf(name, sizeof(name), "%s/%s/drop/%s", family_name(r), sources_names[r->sources],
		 filter);
	packets_row(b, name, r->n, &p, false);
	snprintf(name, sizeof(name), "%s/%s/pass/%s", family_name(r), sources_names[r->sources],
		 filter);
	p.miss = true;
	packets_row(b, name, r->n, &p, true);
}

/* What packets cost that meet no filter, or one that does nothing else. */
static void floor_rows(struct bench *b, bool v6)
{
	struct bench_packets_args p =
		packets_from(&(struct rules){ BENCH_ADDRESSES, v6, 10000 }, COUNT);
	const char *family = v6 ? "v6" : "v4";
	char name[64];

	snprintf(name, sizeof(name), "%s/no-filter", family);
	packets_row(b, name, 0, &p, true);
	snprintf(name, sizeof(name), "%s/accept-hook", family);
	p.hook = BENCH_PACKETS_ARGS_HOOK_ACCEPT;
	packets_row(b, name, 0, &p, true);
	snprintf(name, sizeof(name), "%s/drop-hook", family);
	p.hook = BENCH_PACKETS_ARGS_HOOK_DROP;
	packets_row(b, name, 0, &p, false);
}

/* ---- loading ------------------------------------------------------------------------- */

static int write_file(const struct filter *f, const struct rules *r)
{
	FILE *file;

	if (!f->write)
		return 0;
	file = fopen(RULES_FILE, "w");
	if (!file)
		return -errno;
	f->write(file, r);
	return fclose(file) ? -errno : 0;
}

/* What the kernel has taken for itself, in bytes; caches not counted. */
static double kernel_memory(struct bench *b)
{
	FILE *drop = fopen("/proc/sys/vm/drop_caches", "w"), *info = fopen("/proc/meminfo", "r");
	double sum = 0, kib;
	char line[128];

	run_begins(b, 0);
	sleep(1); /* what was there before goes in the background */
	if (drop) {
		fputs("6\n", drop); /* and say nothing of it */
		fclose(drop);
	}
	while (info && fgets(line, sizeof(line), info))
		if (sscanf(line, "Slab: %lf", &kib) == 1 ||
		    sscanf(line, "VmallocUsed: %lf", &kib) == 1)
			sum += kib * 1024;
	if (info)
		fclose(info);
	return sum;
}

/*
 * By this process and those it had wait for: a program that waits until the host
 * has read it does nothing.
 */
static uint64_t time_spent(void)
{
	struct rusage self, children;
	uint64_t us;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	us = self.ru_utime.tv_usec + self.ru_stime.tv_usec + children.ru_utime.tv_usec +
	     children.ru_stime.tv_usec;
	return us * 1000 + 1000000000ULL * (self.ru_utime.tv_sec + self.ru_stime.tv_sec +
					    children.ru_utime.tv_sec + children.ru_stime.tv_sec);
}

/* Once: it takes long, and where instructions count, no other result is to be had. */
static int load(struct bench *b, const struct filter *f, const struct rules *r)
{
	double before = 0, after = 0;
	uint64_t begin, end;
	char what[64], name[96];
	int rc = write_file(f, r);

	if (b->cpus == 1)
		before = kernel_memory(b);
	begin = time_spent();
	if (!rc)
		rc = f->load(b, r);
	end = time_spent();
	if (b->cpus == 1)
		after = kernel_memory(b);
	remove(RULES_FILE);
	snprintf(what, sizeof(what), "%s/%s/%s", family_name(r), sources_names[r->sources],
		 f->name);
	if (rc) {
		row_failed(what, r->n, "not loaded: %s", moeai_strerror(rc));
	} else if (b->cpus == 1) {
		snprintf(name, sizeof(name), "load/%s", what);
		row(name, r->n, (double)(end - begin) / r->n);
		snprintf(name, sizeof(name), "load-memory/%s", what);
		if (r->n >= 100000)
			row(name, r->n, (after - before) / r->n);
	}
	return rc;
}

/* ---- rows ------------------------------------------------------------------------------ */

static void measure_filter(struct bench *b, const struct filter *f, const struct rules *r,
			   void (*rows)(struct bench *b, const char *filter, const struct rules *r))
{
	int rc = load(b, f, r);

	if (!rc && rows && f->hook)
		rc = f->hook(r);
	if (!rc && rows)
		rows(b, f->name, r);
	rc = f->clear(b, r) || rc;
	if (rc)
		row_failed(f->name, r->n, "cannot be set up, or not be cleared");
}

static const struct {
	const struct filter *filter;
	enum bench_sources sources;
	unsigned int n;
} filters[] = {
	{ &filter_moeai, BENCH_ADDRESSES, 10000 },
	{ &filter_moeai, BENCH_ADDRESSES, 100000 },
	{ &filter_moeai, BENCH_ADDRESSES, 1000000 },
	{ &filter_moeai_delta, BENCH_ADDRESSES, 10000 },
	{ &filter_nft, BENCH_ADDRESSES, 10000 },
	{ &filter_nft, BENCH_ADDRESSES, 100000 },
	{ &filter_nft_counters, BENCH_ADDRESSES, 10000 },
	{ &filter_ipset, BENCH_ADDRESSES, 10000 },
	{ &filter_ipset, BENCH_ADDRESSES, 100000 },
	{ &filter_moeai, BENCH_NETS, 10000 },
	{ &filter_moeai, BENCH_NETS, 100000 },
	{ &filter_moeai, BENCH_NETS, 1000000 },
	{ &filter_nft_interval, BENCH_NETS, 10000 },
	{ &filter_ipset, BENCH_NETS, 10000 },
	{ &filter_ipset, BENCH_NETS, 100000 },
	{ &filter_moeai, BENCH_NETS_24, 10000 },
	{ &filter_ipset, BENCH_NETS_24, 10000 },
};

static void family_rows(struct bench *b, bool v6)
{
	floor_rows(b, v6);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		const struct rules r = { filters[i].sources, v6, filters[i].n };

		measure_filter(b, filters[i].filter, &r, packets_rows);
	}
}

static void load_rows(struct bench *b)
{
	const struct rules nets = { BENCH_NETS, false, 1000000 };
	const struct rules addresses = { BENCH_ADDRESSES, false, 100000 };

	measure_filter(b, &filter_moectl, &addresses, NULL);
	measure_filter(b, &filter_moectl, &nets, NULL);
	measure_filter(b, &filter_ipset, &nets, packets_rows);
}

/* The same number of packets on each of two processors, and on one. */
static void cpus_rows(struct bench *b, const char *filter, const struct rules *r)
{
	struct bench_packets_args p = packets_from(r, 10 * COUNT);
	char name[64];

	for (p.producers = 1; p.producers <= 2; p.producers++) {
		p.miss = false;
		snprintf(name, sizeof(name), "cpus/drop/%s", filter);
		packets_row(b, name, p.producers, &p, false);
		p.miss = true;
		snprintf(name, sizeof(name), "cpus/pass/%s", filter);
		packets_row(b, name, p.producers, &p, true);
	}
}

void part_guard(struct bench *b)
{
	static const struct rules few = { BENCH_ADDRESSES, false, 10000 };

	if (shell("set -e; modprobe moeai_net_guard; ip link add " BENCH_NETDEV " type dummy;"
		  "ip addr add 10.9.0.1/24 dev " BENCH_NETDEV ";"
		  "ip -6 addr add 2001:db8:9::1/64 dev " BENCH_NETDEV " nodad;"
		  "ip link set " BENCH_NETDEV " up")) {
		row_failed("guard", 0, "no net_guard, or no device");
		return;
	}
	if (b->cpus > 1) {
		measure_filter(b, &filter_moeai, &few, cpus_rows);
		measure_filter(b, &filter_nft, &few, cpus_rows);
	} else {
		family_rows(b, false);
		family_rows(b, true);
		guard_limits(b);
		load_rows(b);
	}
	if (shell("ip link del " BENCH_NETDEV "; rmmod moeai_net_guard"))
		row_failed("guard", 0, "cannot be unloaded");
}
