/* SPDX-License-Identifier: GPL-2.0 */
/* Names of user ids. */
#ifndef MOECTL_USERS_H
#define MOECTL_USERS_H

#include <stdint.h>

/* Those asked last are remembered. All zero at first. */
struct users {
	struct user {
		uint32_t uid;
		char name[33]; /* "": not asked yet */
	} known[64];
};

/* Its name, or the number; "" of UINT32_MAX, which is nobody's. Until the next call. */
const char *users_name(struct users *u, uint32_t uid);

#endif /* MOECTL_USERS_H */
