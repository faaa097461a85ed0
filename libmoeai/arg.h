/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arguments of calls and columns of rows, into a request. */
#ifndef MOEAI_ARG_H
#define MOEAI_ARG_H

#include <moeai/moeai.h>

#include "error.h"

struct nl_msg;
struct nlattr;

/* As nla_put(), which takes most of the time of a large change; NULL: there is no room. */
struct nlattr *arg_attr(struct nl_msg *request, uint16_t type, const void *data, size_t len);

/*
 * Put arg into the nest that is being built, as its field of schema says. what:
 * "argument" or "column", for the text. Returns the field's id; -EINVAL, -ERANGE
 * or -EMSGSIZE with a text that says what would be right, without arg's name.
 */
int arg_put(struct nl_msg *request, const struct moeai_schema *schema,
	    const struct moeai_arg *arg, const char *what, struct error *e);

#endif /* MOEAI_ARG_H */
