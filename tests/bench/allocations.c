// SPDX-License-Identifier: GPL-2.0
/* What the kernel allocates, skbs among it, counted where its tracepoints are. */
#include <errno.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "bench.h"

static int count(struct bench *b, struct bpf_object *object, const struct emit *e, uint64_t *n)
{
	int map = bpf_object__find_map_fd_by_name(object, "allocations"), rc;
	const uint64_t none = 0;
	uint32_t key = 0;
	uint64_t ns;

	if (bpf_map_update_elem(map, &key, &none, BPF_ANY))
		return -errno;
	rc = emit(b, e, &ns);
	if (!rc && bpf_map_lookup_elem(map, &key, n))
		rc = -errno;
	/* The call that makes it emit allocates: none at all were counted by nobody. */
	return rc || *n ? rc : -ENODATA;
}

int count_allocations(struct bench *b, const struct emit *e, double *n)
{
	static const char *const programs[] = { "count_kmalloc", "count_cache" };
	struct bpf_object *object = bpf_peers(b);
	struct bpf_link *links[ARRAY_SIZE(programs)] = { NULL };
	uint64_t total = 0;
	int rc = object ? 0 : -ENOEXEC;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(programs); i++) {
		links[i] = bpf_program__attach(
			bpf_object__find_program_by_name(object, programs[i]));
		rc = links[i] ? 0 : -ENOTCONN;
	}
	if (!rc)
		rc = count(b, object, e, &total);
	*n = (double)total / e->count;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		bpf_link__destroy(links[i]);
	return rc;
}
