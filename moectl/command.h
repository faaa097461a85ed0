/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a command of moectl is. A new one is a file cmd_<name>.c, which defines
 * cmd_<name>, and a row in MOECTL_COMMANDS.
 */
#ifndef MOECTL_COMMAND_H
#define MOECTL_COMMAND_H

#include <argp.h>
#include <stdbool.h>
#include <moeai/moeai.h>

#include "complain.h"
#include "output.h"

/* In the order of the help. */
#define MOECTL_COMMANDS(row) \
	row(status)          \
	row(modules)         \
	row(module)          \
	row(set)             \
	row(monitor)         \
	row(log)             \
	row(run)             \
	row(table)           \
	row(guard)           \
	row(save)            \
	row(restore)         \
	row(why)             \
	row(timeline)        \
	row(watch)           \
	row(files)           \
	row(schema)          \
	row(publish)         \
	row(doctor)          \
	row(version)

#define MOECTL_DECLARE(name) extern const struct command cmd_##name;

/* What every command gets. */
struct moectl {
	struct output out;
	bool procfs;	 /* use /proc/moeai, not the library */
	struct moeai *h; /* see command_open() */
};

struct command {
	const char *name;
	const char *arguments; /* as the usage line shows them */
	const char *summary;   /* one line */
	const char *details;   /* after the options: paragraphs, examples */
	const struct argp_option *options;
	const struct argp *child; /* further options; its input is this one's */
	bool procfs;		  /* works with --procfs */

	/*
	 * Options and arguments, into input, which is input_size bytes, zero at
	 * first. As an argp parser, but with the input as a parameter.
	 */
	error_t (*parse)(int key, char *arg, struct argp_state *state, void *input);
	size_t input_size;

	/* Returns the exit status: 0, or 1 after complaining. */
	int (*run)(struct moectl *ctl, void *input);
};

MOECTL_COMMANDS(MOECTL_DECLARE)

/* Connect, if that has not been done. Returns 0, or 1 after complaining. */
int command_open(struct moectl *ctl);

/* A parser for commands that take one word, into *(const char **)input. */
error_t command_parse_word(int key, char *arg, struct argp_state *state, void *input);

/* Keys of options that have no letter. */
enum { OPTION_FIRST = 0x100 };

#endif /* MOECTL_COMMAND_H */
