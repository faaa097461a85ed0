// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "complain.h"
#include "escape.h"
#include "output.h"

static bool colour_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && !(term && !strcmp(term, "dumb"));
}

static int terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns && atoi(columns) > 0)
		return atoi(columns);
	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 80;
}

void output_init(struct output *out, FILE *file, enum form form)
{
	int fd = fileno(file);

	*out = (struct output){ .file = file, .terminal = fd >= 0 && isatty(fd) };
	out->form = form != FORM_AUTO ? form : out->terminal ? FORM_PEOPLE : FORM_TAB;
	if (!out->terminal)
		return;
	out->colour = colour_wanted();
	out->width = terminal_width(fd);
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		out->escape = ESCAPE_ASCII;
}

bool output_abandoned(const struct output *out)
{
	struct pollfd pfd = { .fd = fileno(out->file) };

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLERR | POLLHUP | POLLNVAL));
}

int output_flush(struct output *out)
{
	int error = fflush(out->file) ? errno : 0;

	if (!error && !ferror(out->file))
		return 0;
	/* An earlier write may have failed, whose errno is forgotten. */
	if (error == EPIPE || output_abandoned(out))
		return -EPIPE;
	return complain("cannot write the output: %s", strerror(error ? error : EIO));
}

/* json_dump_callback_t. A DEL, which jansson lets pass, can only be in a string. */
static int write_json(const char *s, size_t len, void *arg)
{
	FILE *file = arg;

	for (const char *end = s + len, *del; s < end; s = del + 1) {
		del = memchr(s, 0x7f, (size_t)(end - s));
		if (!del)
			return fwrite(s, 1, (size_t)(end - s), file) == (size_t)(end - s) ? 0 : -1;
		fwrite(s, 1, (size_t)(del - s), file);
		fputs("\\u007f", file);
	}
	return 0;
}

int output_json(struct output *out, json_t *json)
{
	int err;

	if (!json)
		return complain("out of memory");
	err = json_dump_callback(json, write_json, out->file, JSON_ENSURE_ASCII | JSON_COMPACT);
	json_decref(json);
	if (err && !ferror(out->file))
		return complain("out of memory");
	putc('\n', out->file);
	return 0;
}

void output_json_line(struct output *out, const char *json, size_t len, bool odd)
{
	if (odd)
		write_json(json, len, out->file);
	else
		fwrite_unlocked(json, 1, len, out->file);
}

const char *output_colour(const struct output *out, const char *s)
{
	return out->colour ? s : "";
}
