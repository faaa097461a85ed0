/* SPDX-License-Identifier: GPL-2.0 */
/* Names of user ids. */
#ifndef MOECTL_USERS_H
#define MOECTL_USERS_H

#include <stdbool.h>
#include <stdint.h>

/* Those asked last are remembered. All zero at first, but numbers. */
struct users {
	bool numbers; /* the users are another system's: nobody here knows their names */
	struct user {
		uint32_t uid;
		char name[33]; /* "": not asked yet */
	} known[64];
};

/* Its name, or the number; "" of UINT32_MAX, which is nobody's. Until the next call. */
const char *users_name(struct users *u, uint32_t uid);

#endif /* MOECTL_USERS_H */
