// SPDX-License-Identifier: GPL-2.0
/* BPF's ring buffer and perf buffer, by libbpf, as its documentation shows it. */
#include <errno.h>
#include <stdio.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "bench.h"
#include "peer.bpf.h"

#define PERF_PAGES 8192 /* for each CPU: no event is lost */

static void read_record(struct reader *r, const struct bench_record *record)
{
	use(record->seq);
	use(record->time);
	use(record->type);
	use(record->priority);
	use_text(record->source);
	use(record->fields.pid);
	use(record->fields.uid);
	use(record->fields.flags);
	use(record->fields.bytes);
	reader_stamp(r, record->fields.stamp);
	use_text(record->fields.name);
	r->events++;
}

static int ring_record(void *arg, void *data, size_t len)
{
	read_record(arg, data);
	return 0;
}

static void perf_record(void *arg, int cpu, void *data, __u32 len)
{
	read_record(arg, data);
}

static void perf_lost(void *arg, int cpu, __u64 n)
{
	struct reader *r = arg;

	r->lost += n;
}

struct bpf_object *bpf_peers(struct bench *b)
{
	static struct bpf_object *object; /* one for all: maps are slow to come and go */
	char path[256];

	if (object)
		return object;
	snprintf(path, sizeof(path), "%s/peer.bpf.o", b->programs);
	object = bpf_object__open(path);
	if (object && bpf_object__load(object)) {
		bpf_object__close(object);
		object = NULL;
	}
	return object;
}

static struct bpf_program *program(struct bpf_object *object, const char *what, unsigned int size)
{
	char name[32];

	snprintf(name, sizeof(name), "%s_%u", what, size);
	return bpf_object__find_program_by_name(object, name);
}

static void bpf_close(struct reader *r)
{
	bpf_link__destroy(r->bpf.link);
	ring_buffer__free(r->bpf.ring);
	perf_buffer__free(r->bpf.perf);
	r->bpf.link = NULL;
	r->bpf.ring = NULL;
	r->bpf.perf = NULL;
}

static int attach(struct reader *r, const char *what)
{
	struct bpf_program *p = program(r->bpf.object, what, r->size);

	r->bpf.link = p ? bpf_program__attach_raw_tracepoint(p, "moeai_bench") : NULL;
	if (r->bpf.link)
		return 0;
	bpf_close(r);
	return -ENOTCONN;
}

static int ring_open(struct reader *r)
{
	r->bpf.object = bpf_peers(r->bench);
	if (!r->bpf.object)
		return -ENOEXEC;
	r->bpf.ring = ring_buffer__new(bpf_object__find_map_fd_by_name(r->bpf.object, "ring"),
				       ring_record, r, NULL);
	return r->bpf.ring ? attach(r, "ring") : -ENOMEM;
}

static int perf_open(struct reader *r)
{
	r->bpf.object = bpf_peers(r->bench);
	if (!r->bpf.object)
		return -ENOEXEC;
	r->bpf.perf = perf_buffer__new(bpf_object__find_map_fd_by_name(r->bpf.object, "perf"),
				       PERF_PAGES, perf_record, perf_lost, r, NULL);
	return r->bpf.perf ? attach(r, "perf") : -ENOMEM;
}

/* The callbacks count. */
static int ring_look(struct reader *r)
{
	int n = ring_buffer__consume(r->bpf.ring);

	return n < 0 ? n : n ? 0 : -ETIMEDOUT;
}

static int ring_spin(struct reader *r)
{
	return keep_looking(r, ring_look);
}

/*
 * A record committed just as the reader has looked for the last time does not
 * wake it on two processors, and neither does any after it: so now and then one
 * must look. While a record is being written, there is something and yet nothing.
 */
static int ring_wait(struct reader *r)
{
	int n = ring_buffer__poll(r->bpf.ring, 1);

	return n < 0 ? n : n ? 0 : ring_look(r);
}

static int ring_read(struct reader *r)
{
	return keep_looking(r, ring_wait);
}

static int perf_read(struct reader *r)
{
	int n = perf_buffer__poll(r->bpf.perf, READ_TIMEOUT);

	return n < 0 ? n : n ? 0 : -ETIMEDOUT;
}

const struct reader_kind reader_ring = {
	.name = "bpf-ringbuf", .path = BENCH_TRACE,
	.open = ring_open, .read = ring_read, .close = bpf_close,
};

const struct reader_kind reader_ring_spin = {
	.name = "bpf-ringbuf-spin", .path = BENCH_TRACE,
	.open = ring_open, .read = ring_spin, .close = bpf_close,
};

const struct reader_kind reader_perf = {
	.name = "bpf-perfbuf", .path = BENCH_TRACE,
	.open = perf_open, .read = perf_read, .close = bpf_close,
};

int bpf_best(struct bench *b, unsigned int size, unsigned int count, double *ns)
{
	struct reader r = { .bench = b, .size = size };
	char packet[64] = { 0 };
	struct bpf_test_run_opts opts = { .sz = sizeof(opts), .data_in = packet,
					  .data_size_in = sizeof(packet), .repeat = count };
	uint64_t begin;
	int rc;

	r.bpf.object = bpf_peers(b);
	if (!r.bpf.object)
		return -ENOEXEC;
	r.bpf.ring = ring_buffer__new(bpf_object__find_map_fd_by_name(r.bpf.object, "ring"),
				      ring_record, &r, NULL);
	begin = now();
	rc = bpf_prog_test_run_opts(bpf_program__fd(program(r.bpf.object, "best", size)), &opts);
	if (!rc)
		rc = ring_buffer__consume(r.bpf.ring);
	*ns = (double)(now() - begin) / count;
	if (rc >= 0)
		rc = r.events == count ? 0 : -ENODATA;
	bpf_close(&r);
	return rc;
}
