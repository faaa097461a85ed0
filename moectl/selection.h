/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which events: the options that monitor and log share.
 */
#ifndef MOECTL_SELECTION_H
#define MOECTL_SELECTION_H

#include <argp.h>
#include <stdbool.h>
#include <moeai/moeai.h>

#define SELECTION_TYPES 32

struct selection {
	uint64_t since; /* MOEAI_SINCE_* or a seq */
	bool since_given;
	const char *types[SELECTION_TYPES];
	size_t n_types;
	enum moeai_priority min_priority;
	const char *source;
};

/* Options for a command whose input begins with a struct selection. */
extern const struct argp selection_argp;

/* "now", "oldest" or a seq. Returns 0 or -EINVAL. */
int selection_parse_since(const char *text, uint64_t *since);

struct moeai_monitor_options selection_options(const struct selection *f);

/* As struct moeai_monitor_options has it: a name ending in '*' or "." is a prefix. */
bool selection_type_matches(const char *wanted, const char *type);

/* What the kernel and the library do over netlink, for events of procfs. */
bool selection_wants(const struct selection *f, const struct moeai_event *event);

#endif /* MOECTL_SELECTION_H */
