/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fields of an event or a row name, by the marks of its schema: processes,
 * files, addresses. No module is known here by its name.
 */
#ifndef MOECTL_MARKS_H
#define MOECTL_MARKS_H

#include "fields.h"

/* A prefix as an address, too: with all of its bits. */
#define MARKS_ADDRESS (1U << 31)

/* All marks of a schema, MOEAI_F_* and MARKS_ADDRESS. */
uint32_t marks_of(const struct moeai_schema *schema);

/* A process as it is named. */
struct marked_process {
	uint32_t pid; /* 0: not said */
	uint32_t uid; /* UINT32_MAX: not said */
	uint64_t started; /* ns from boot; 0: not said */
	const char *comm; /* "": not said */
};

/* One after the other: *pos starts at 0; false: there is none more. */
bool marks_process(const struct fields *f, size_t *pos, struct marked_process *out);

/* Likewise. With a device the path is seen from its file system's root. */
struct marked_path {
	const char *path;
	bool old; /* what the event's other path was called before */
	bool has_device;
	uint32_t device;
};

bool marks_path(const struct fields *f, size_t *pos, struct marked_path *out);

/* Likewise. */
struct marked_address {
	const unsigned char *bytes; /* 4 or 16, in network order */
	size_t len;
	unsigned int bits;
};

bool marks_address(const struct fields *f, size_t *pos, struct marked_address *out);

#endif /* MOECTL_MARKS_H */
