// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "pager.h"

#define NOT_FOUND 127 /* what a shell exits with */

static size_t terminal_lines(const struct output *out)
{
	const char *lines = getenv("LINES");
	struct winsize size;

	if (lines && atoi(lines) > 0)
		return (size_t)atoi(lines);
	return ioctl(fileno(out->file), TIOCGWINSZ, &size) || !size.ws_row ? 24 : size.ws_row;
}

bool pager_begin(struct pager *p, const struct output *out, size_t lines)
{
	const char *program = getenv("PAGER");

	if (!program)
		program = "less";
	if (!out->terminal || lines < terminal_lines(out) || !*program || !strcmp(program, "cat"))
		return false;
	setenv("LESS", "RX", 0); /* leave on the screen what was read */
	setenv("LESSSECURE", "1", 0); /* who may run moectl as root may not run all as root */
	fflush(out->file);
	p->file = popen(program, "we");
	return p->file;
}

/* One that was left before the end is no failure. */
bool pager_end(struct pager *p)
{
	int status = pclose(p->file);

	return !WIFEXITED(status) || WEXITSTATUS(status) != NOT_FOUND;
}
