// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/membarrier.h>
#include "bench.h"

static const struct {
	const char *name;
	void (*run)(struct bench *b);
} parts[] = {
	{ "events", part_events },   { "replay", part_replay },	  { "commands", part_commands },
	{ "fanout", part_fanout },   { "latency", part_latency }, { "moectl", part_moectl },
	{ "size", part_size },	     { "mapped", part_mapped },
	{ "guard", part_guard },     { "files", part_files },	  { "memory", part_memory },
};

static int failed;

/* Buffered to the end: whoever copies it must not run while there is measuring. */
void row(const char *name, unsigned int size, double ns)
{
	printf("row\t%s\t%u\t%.2f\n", name, size, ns);
}

void row_failed(const char *name, unsigned int size, const char *why, ...)
{
	va_list args;

	failed++;
	fprintf(stderr, "bench: %s %u: ", name, size);
	va_start(args, why);
	vfprintf(stderr, why, args);
	va_end(args);
	putc('\n', stderr);
}

int rows_failed(void)
{
	return failed;
}

bool run_begins(const struct bench *b, int i)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0); /* RCU's callbacks can run */
	usleep(10000); /* and so can the workers */
	return i < b->runs;
}

uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

int emit(struct bench *b, const struct emit *e, uint64_t *ns)
{
	static const char *const paths[] = { "empty", "log", "trace", "netlink" };
	struct moeai_arg args[] = {
		MOEAI_NUMBER("count", e->count),
		MOEAI_NUMBER("name_len", BENCH_NAME_LEN(e->size)),
		MOEAI_TEXT("path", paths[e->path]),
		MOEAI_TEXT("priority", e->priority ? e->priority : "info"),
		MOEAI_NUMBER("producers", e->producers),
		MOEAI_NUMBER("interval", (int64_t)e->interval),
	};
	struct moeai_reply *reply;
	struct moeai_values values;
	struct moeai_value elapsed, refused;
	int rc = moeai_call(b->h, "bench.emit", args, ARRAY_SIZE(args), -1, &reply);

	if (rc)
		return rc;
	values = moeai_reply_values(reply);
	rc = moeai_values_get(&values, "ns", &elapsed);
	if (!rc)
		rc = moeai_values_get(&values, "failed", &refused);
	if (!rc && refused.u64)
		rc = -EIO;
	*ns = elapsed.u64;
	moeai_reply_free(reply);
	return rc;
}

int clear_log(struct bench *b)
{
	return moeai_call(b->h, "log.clear", NULL, 0, -1, NULL);
}

void part_mapped(struct bench *b)
{
	b->only_mapped = true;
	part_events(b);
	part_fanout(b);
	part_latency(b);
	b->only_mapped = false;
}

static int run_part(struct bench *b, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strcmp(parts[i].name, name))
			continue;
		fprintf(stderr, "%s\n", name); /* tests/bench/run says when */
		parts[i].run(b);
		return 0;
	}
	fprintf(stderr, "bench: no part is called %s\n", name);
	return 2;
}

/*
 * Where time is real, each pass measures everything once, so that what disturbs
 * for a while disturbs one run of many rows, not all runs of one. In a counting
 * guest nothing does, but what ran before, which is the same for all runs of a row.
 */
static int run_passes(struct bench *b, int runs, char *const parts_asked[])
{
	int passes = b->cpus > 1 ? runs : 1, rc = 0;

	b->runs = runs / passes;
	for (int pass = 0; !rc && pass < passes; pass++) {
		b->first = pass ? 0 : -1;
		for (char *const *part = parts_asked; !rc && *part; part++)
			rc = run_part(b, *part);
	}
	return rc;
}

int main(int argc, char **argv)
{
	static char buffer[4 << 20];
	struct rlimit files = { 4096, 4096 };
	struct bench b = { .cpus = sysconf(_SC_NPROCESSORS_ONLN) };
	int rc;

	if (argc < 4 || atoi(argv[1]) < 1) {
		fputs("usage: bench RUNS PROGRAMS PART...\n", stderr);
		return 2;
	}
	b.programs = argv[2];
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	setrlimit(RLIMIT_NOFILE, &files);
	mlockall(MCL_CURRENT); /* no page of ours comes from the host while measuring */
	pin(0);
	rc = moeai_open(&b.h);
	if (rc) {
		fprintf(stderr, "bench: %s\n", moeai_strerror(rc));
		return 1;
	}
	rc = run_passes(&b, atoi(argv[1]), argv + 3);
	moeai_close(b.h);
	return rc ? rc : rows_failed() ? 1 : 0;
}
