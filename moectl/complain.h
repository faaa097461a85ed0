/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What went wrong: one line on stderr, "moectl: ...", with nothing in it that a
 * terminal would obey.
 */
#ifndef MOECTL_COMPLAIN_H
#define MOECTL_COMPLAIN_H

struct argp_state;
struct moeai;

#define PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/* Returns 1, the exit status for what failed. */
int complain(const char *format, ...) PRINTF(1, 2);

/* A call of the library failed: what it says itself. h may be NULL. Returns 1. */
int complain_call(const struct moeai *h, int error);

/* While the command line is read: complain, say where the help is, exit 2. */
_Noreturn void complain_usage(const struct argp_state *state, const char *format, ...)
	PRINTF(2, 3);

#endif /* MOECTL_COMPLAIN_H */
