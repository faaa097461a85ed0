/* SPDX-License-Identifier: GPL-2.0 */
/* Where the session comes from in which moectl runs: who blocks shall not shut himself out. */
#ifndef MOECTL_OWN_H
#define MOECTL_OWN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * The address of the ssh client whose session this is, by the environment of this
 * process or of one it comes from, as sudo keeps it away. False: there is none.
 */
bool own_address(char address[INET6_ADDRSTRLEN]);

/* SSH_CONNECTION's client, in an environment as /proc has it; false: none. */
bool own_client(const char *environment, size_t len, char address[INET6_ADDRSTRLEN]);

/* Does "192.0.2.0/24", or an address alone, contain the address? */
bool own_contains(const char *prefix, const char *address);

#endif /* MOECTL_OWN_H */
