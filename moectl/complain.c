// SPDX-License-Identifier: GPL-2.0
#include <argp.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <moeai/moeai.h>

#include "complain.h"
#include "escape.h"

/* In one line, with escapes: no name in a text can forge another line. */
static void complain_line(const char *text)
{
	unsigned int flags = strcmp(nl_langinfo(CODESET), "UTF-8") != 0 ? ESCAPE_ASCII : 0;

	fflush(stdout);
	fputs("moectl: ", stderr);
	escape_write(stderr, text, strlen(text), flags);
	fputc('\n', stderr);
}

int complain(const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	complain_line(text);
	return 1;
}

int complain_call(const struct moeai *h, int error)
{
	const char *reason = h ? moeai_error(h) : NULL;

	complain_line(reason && *reason ? reason : moeai_strerror(error));
	return 1;
}

void complain_usage(const struct argp_state *state, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	complain_line(text);
	fprintf(stderr, "Try '%s --help'.\n", state->name);
	exit(2);
}
