/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What moectl doctor finds on a machine; findings.h has what is thought of it.
 * Everything that can be known without the module, or without privilege, is.
 */
#ifndef MOECTL_FACTS_H
#define MOECTL_FACTS_H

#include <stdbool.h>
#include <stdint.h>

/* As the library's monitor wants it, in bytes. */
#define FACTS_BUFFER (4 << 20)

struct facts {
	char release[65]; /* the kernel's */
	bool headers;	  /* and what modules are built with for it */

	bool installed; /* moeai.ko, where modprobe finds it */
	char path[256], file_version[32], file_build[32];
	char signer[96]; /* empty: not signed */
	bool key_known;	 /* to the kernel, as far as the caller can see */

	bool loaded;
	char version[32], build[32];
	char features[160];	/* modules that use it, separated by blanks */
	unsigned int held;	/* by something else */
	char holder[160];	/* by whom; empty: not to be seen */
	const char *moectl, *library; /* versions */

	int connection; /* 0 or a negative errno */
	char why[160];

	bool secure_boot, sig_enforce;
	char lockdown[32]; /* empty: none */

	bool group, member; /* moeai */
	bool net_admin, sys_admin;
	bool initial_user_ns;

	int buffer; /* bytes that a reader of this caller gets */

	bool log_known; /* what follows */
	uint64_t logged, refused, overwritten;
	char reasons[128];
	bool readers_known;
	unsigned int readers;
	uint64_t drops;	   /* of all of them */
	uint32_t worst;    /* the port that has the most */
};

void facts_gather(struct facts *f);

/*
 * A line of /proc/net/netlink: whether it is a generic netlink socket that has
 * joined the group, of those up to 32.
 */
struct facts_socket {
	uint32_t port;
	uint64_t drops;
};

bool facts_parse_socket(const char *line, int group, struct facts_socket *out);

/* The mode in brackets: "none [integrity] confidentiality"; "none" is empty. */
void facts_parse_lockdown(const char *line, char *mode, int size);

#endif /* MOECTL_FACTS_H */
