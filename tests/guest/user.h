/* SPDX-License-Identifier: GPL-2.0 */
/* Doing things as somebody else: other users, capabilities, namespaces. */
#ifndef TESTS_USER_H
#define TESTS_USER_H

#include <stdint.h>

enum who {
	ROOT,		/* all capabilities */
	BARE_ROOT,	/* uid 0 and no capability */
	NOBODY,		/* uid 65534 and no capability */
	NET_ADMIN,	/* uid 65534 and CAP_NET_ADMIN alone */
	SYS_ADMIN,	/* uid 65534 and CAP_SYS_ADMIN alone */
	USERNS_ROOT,	/* root of a user namespace in the initial network namespace */
	USERNS_NET_ROOT, /* and of a network namespace of its own */
	OTHER_NET,	/* root in another network namespace */
	N_WHO
};

extern const char *const who_names[N_WHO];

/* Become somebody for good. */
void become(enum who who);

/* In a process of its own as @who: @fn(arg), which returns an int in 16 bits. */
int as(enum who who, int (*fn)(void *arg), void *arg);

/* As as(), with any uid and all capabilities. */
int as_uid(uint32_t uid, int (*fn)(void *arg), void *arg);

#endif
