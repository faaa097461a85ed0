/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel describes by schemas: event types, commands, parameters,
 * tables, the status.
 */
#ifndef MOECTL_DESCRIBED_H
#define MOECTL_DESCRIBED_H

#include <moeai/moeai.h>

/* One schema; a command has two, its arguments' and its reply's. */
struct description {
	char *help;
	bool writable; /* a table that user space may change */
	const struct moeai_schema *schema; /* the library's, as long as its handle is open */
};

/* In order of kinds, and of owners in each. All zero is empty. */
struct described {
	struct description *v;
	size_t n;
};

/*
 * Ask for those of the n owners, "mem_monitor" (a module with all it has),
 * "mem_monitor.level" (one thing), "modules" (a table); of all, if n is 0. An
 * owner that does not exist is -ENOENT, with *unknown set. Returns 0 or -errno.
 */
int described_get(struct moeai *h, char *const *owners, size_t n, struct described *out,
		  const char **unknown);
void described_free(struct described *d);

/* "event", "args" …, "u64", "ns": as the kernel names the fields' own kinds, types, units. */
const char *described_label(struct moeai *h, const char *column, uint64_t value);

#endif /* MOECTL_DESCRIBED_H */
