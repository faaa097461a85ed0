/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a command's output goes, and in which of the three forms.
 */
#ifndef MOECTL_OUTPUT_H
#define MOECTL_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>
#include <jansson.h>

/*
 * FORM_PEOPLE: columns and units for a terminal; may change at any time.
 * FORM_TAB: for scripts: a line each, cells separated by one tab, no heading,
 * numbers plain, what is missing empty, strings as escape_new() has them. New
 * columns are added at the end.
 * FORM_JSON: see show_json().
 */
enum form {
	FORM_AUTO, /* people on a terminal, tab elsewhere */
	FORM_PEOPLE,
	FORM_TAB,
	FORM_JSON,
};

struct output {
	FILE *file;
	enum form form;
	bool terminal;
	bool colour;	     /* a terminal, and NO_COLOR is not set */
	unsigned int escape; /* for escape_new(): what this place can show */
	int width;	     /* columns; 0: no limit */
};

/* Settle the form, and what file can show. */
void output_init(struct output *out, FILE *file, enum form form);

/* Whoever read the output is gone. */
bool output_abandoned(const struct output *out);

/*
 * Flush. Returns 0, 1 after telling what failed; a reader who closed the pipe
 * is no failure: -EPIPE, told to nobody.
 */
int output_flush(struct output *out);

/*
 * Write a JSON value and a newline, and drop the reference to it. ASCII only,
 * no control characters, so that a terminal can show it. NULL is taken for
 * "out of memory". Returns 0 or 1, told.
 */
int output_json(struct output *out, json_t *json);

/*
 * The same of one that is written already, its newline with it. odd: jansson had a
 * part in it.
 */
void output_json_line(struct output *out, const char *json, size_t len, bool odd);

/* s, or nothing where colours are not wanted. */
const char *output_colour(const struct output *out, const char *s);

#define COLOUR_RED    "\033[1;31m"
#define COLOUR_YELLOW "\033[33m"
#define COLOUR_CYAN   "\033[36m"
#define COLOUR_BOLD   "\033[1m"
#define COLOUR_DIM    "\033[2m"
#define COLOUR_OFF    "\033[0m"

#endif /* MOECTL_OUTPUT_H */
