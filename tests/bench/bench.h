/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bench's program: runs in a guest, prints figures. A part is a group of
 * rows that is asked for by name; a row is what is measured of one path and one
 * size, once in each run.
 */
#ifndef MOEAI_BENCH_PROGRAM_H
#define MOEAI_BENCH_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <moeai/moeai.h>
#include "kmod/uapi.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct bench {
	struct moeai *h;
	int cpus;
	int first, runs; /* of this pass */
	const char *programs; /* the folder of moectl and of the BPF object */
	bool only_mapped;     /* of what a part measures, only the mapped log and BPF */
};

/* ---- rows ------------------------------------------------------------------------ */

/* One figure of a row: ns, which in a counting guest are instructions. */
void row(const char *name, unsigned int size, double ns);

/* A row that could not be measured: said, and remembered for the exit status. */
__attribute__((format(printf, 3, 4)))
void row_failed(const char *name, unsigned int size, const char *why, ...);

/* How many rows failed. */
int rows_failed(void);

/*
 * Is there a run @i? -1 is one that warms up and has no row. What the kernel had
 * put off, as freeing what the run before used, is done then.
 */
bool run_begins(const struct bench *b, int i);

uint64_t now(void);

/* What all processors have done for any process or thread, the kernel's included, in ns. */
uint64_t busy(void);

/* How many times memory was allocated, by whomever in this process. */
uint64_t mallocs(void);
void pin(int cpu);

/* Keeps the compiler from leaving out what a reader would use. */
static inline void use(uint64_t value)
{
	asm volatile("" : : "r"(value));
}

static inline void use_text(const char *text)
{
	asm volatile("" : : "r"(text));
}

/* ---- the producer ------------------------------------------------------------------ */

struct emit {
	enum bench_path path;
	unsigned int count;
	unsigned int size; /* 64 or 256 bytes of payload */
	const char *priority;  /* NULL: info */
	unsigned int producers; /* 0: in the caller's context */
	uint64_t interval;
};

/* Returns 0 with the producers' time in *ns, or -errno. */
int emit(struct bench *b, const struct emit *e, uint64_t *ns);

/* Nothing is in the log but that it was cleared. */
int clear_log(struct bench *b);

/* ---- readers ----------------------------------------------------------------------- */

struct reader;

/*
 * A way to receive events: open subscribes, read waits for some and returns how
 * many they were, -ETIMEDOUT when none came for a while, or -errno. Every field of
 * every event is read, typed.
 */
struct reader_kind {
	const char *name;
	enum bench_path path;
	enum moeai_transport transport; /* of libmoeai's */
	int (*open)(struct reader *r);
	int (*read)(struct reader *r);
	void (*close)(struct reader *r);
};

struct reader {
	const struct reader_kind *kind;
	struct bench *bench;
	unsigned int size;
	uint64_t events;
	uint64_t lost;
	uint64_t mallocs; /* by the process, since the reader was open */
	uint64_t *latencies; /* for so many events, or NULL */
	size_t n_latencies, max_latencies;
	union { /* the kind's */
		struct moeai_monitor *monitor;
		struct nl_sock *sock;
		struct {
			struct bpf_object *object;
			struct bpf_link *link;
			struct ring_buffer *ring;
			struct perf_buffer *perf;
		} bpf;
		int fd;
	};
};

#define READ_TIMEOUT 3000 /* ms without an event: something is wrong */

extern const struct reader_kind reader_moeai, reader_moeai_head, reader_moeai_spin;
extern const struct reader_kind reader_mapped, reader_mapped_head, reader_mapped_spin;
extern const struct reader_kind reader_received, reader_batch, reader_batch_head, reader_batch_spin;
extern const struct reader_kind reader_recv, reader_recv_spin, reader_libnl, reader_libnl_json;
extern const struct reader_kind reader_ring, reader_ring_spin, reader_perf;

/* Asks again while @look says -ETIMEDOUT, until there was nothing for READ_TIMEOUT. */
int keep_looking(struct reader *r, int (*look)(struct reader *r));

/* An event of that stamp has just been read. */
void reader_note(struct reader *r, uint64_t stamp);

static inline void reader_stamp(struct reader *r, uint64_t stamp)
{
	use(stamp);
	if (r->latencies)
		reader_note(r, stamp);
}

/* A socket that has joined the group, whose buffer holds all that is sent. */
int netlink_join(const char *family, const char *group);

/* peer.bpf.o in the kernel, or NULL. */
struct bpf_object *bpf_peers(struct bench *b);

/* What the kernel allocates while it emits, for each event. Returns 0 or -errno. */
int count_allocations(struct bench *b, const struct emit *e, double *n);

/* A record from the ring buffer at its best, written and then read: ns for each. */
int bpf_best(struct bench *b, unsigned int size, unsigned int count, double *ns);

/* /proc/moeai/log, each line taken apart. Returns how many events of the bench there were. */
int read_text(void);

/* ---- streams ----------------------------------------------------------------------- */

/*
 * Let a reader in a thread of its own take what a producer emits. Returns 0 with
 * the time from the first event emitted to the last one read in *ns, or -errno;
 * fewer events than were emitted are -ENODATA.
 */
int stream(struct reader *r, const struct emit *e, uint64_t *ns, uint64_t *producer);

/* The same with many readers, of which each reads everything. */
int stream_to(struct reader readers[], int n, const struct emit *e, uint64_t *ns,
	      uint64_t *producer);

#define READERS_MAX 64

/* ---- parts ------------------------------------------------------------------------- */

void part_mapped(struct bench *b); /* of all others what is the mapped log's */
void part_events(struct bench *b);
void part_replay(struct bench *b);
void part_commands(struct bench *b);
void part_fanout(struct bench *b);
void fanout_mapped(struct bench *b); /* a room of it */
void part_latency(struct bench *b);
void part_moectl(struct bench *b);
void part_size(struct bench *b);
void part_guard(struct bench *b);
void part_files(struct bench *b);
void part_memory(struct bench *b);

#endif
