/* SPDX-License-Identifier: GPL-2.0 */
/* Where the sessions come from of who runs moectl: he shall not shut himself out. */
#ifndef MOECTL_OWN_H
#define MOECTL_OWN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* An ssh connection, as SSH_CONNECTION has it. A port is 0 where it says none. */
struct own_session {
	char address[INET6_ADDRSTRLEN]; /* the client's */
	unsigned int port, local;
};

#define OWN_MAX 32

struct own {
	char address[OWN_MAX][INET6_ADDRSTRLEN];
	size_t n;
};

/*
 * The ssh clients of this process and of those it comes from, by their environment,
 * as sudo keeps it away. Then those of all other processes of the same users, if the
 * connection stands: who attaches to tmux or screen comes from there, whatever the
 * environment within says. That a process has it is what tells a session from
 * somebody who is only trying passwords. At most OWN_MAX.
 */
void own_find(struct own *own);

/* SSH_CONNECTION, in an environment as /proc has it; false: there is none. */
bool own_session(const char *environment, size_t len, struct own_session *s);

/* Is it the connection in this line of /proc/net/tcp or tcp6, and established? */
bool own_connected(const char *line, const struct own_session *s);

/* Does "192.0.2.0/24", or an address alone, contain the address? */
bool own_contains(const char *prefix, const char *address);

/* Do both, addresses or prefixes, say the same? */
bool own_same(const char *a, const char *b);

#endif /* MOECTL_OWN_H */
