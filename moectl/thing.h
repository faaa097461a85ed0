/* SPDX-License-Identifier: GPL-2.0 */
/* What somebody asks about: a process, its name, an address, a file. */
#ifndef MOECTL_THING_H
#define MOECTL_THING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fields;

enum thing_kind {
	THING_ANY, /* what it looks like */
	THING_PID,
	THING_COMM,
	THING_ADDRESS,
	THING_PATH,
};

#define THING_COMM_LEN 15 /* the kernel keeps so much of a name */

/* An address, or a prefix of addresses. An IPv4 one in IPv6 is the IPv4 one. */
struct thing_address {
	unsigned char bytes[16];
	size_t len;
	unsigned int bits;
};

struct thing {
	enum thing_kind kind;
	const char *text; /* as it was given */
	uint32_t pid;
	char comm[THING_COMM_LEN + 1];
	struct thing_address address;
	char *path; /* absolute, without links, but for the last name */
	char *target; /* what it leads to, if it is a link; else NULL */
	char *inside; /* path, from the root of its file system; NULL: not known */
	uint32_t device; /* of that, as mounts_place() has it */
};

/*
 * A number is a pid, then comes an address, then a path, which has a slash or is "."
 * or ".."; any other word is a name. Returns 0, -EINVAL: it can't be of the kind that
 * is wanted, or -ENOMEM. text stays the caller's. elsewhere: a path is another system's,
 * and is taken as it is written, as what is here says nothing of it.
 */
int thing_parse(struct thing *t, const char *text, enum thing_kind wanted, bool elsewhere);
void thing_free(struct thing *t);

/* "process", "name", "address", "file". */
const char *thing_kind_name(enum thing_kind kind);

/* Does one of both contain the other? bytes as of struct marked_address. */
bool thing_meets(const struct thing_address *a, const unsigned char *bytes, size_t len,
		 unsigned int bits);

/* Do an event's or a row's fields name an address that it meets? */
bool thing_has_address(const struct thing *t, const struct fields *f);

#define THING_ADDRESS_LEN 46

/* Without its bits. */
void thing_address_text(const struct thing_address *a, char *buf, size_t size);

/* Is it one address, not several? */
bool thing_is_single(const struct thing_address *a);

#endif /* MOECTL_THING_H */
