// SPDX-License-Identifier: GPL-2.0
/* Rows of a file, a line each, into a table. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "change.h"
#include "line.h"
#include "progress.h"

/* From this row on, up to the next jump, each line is a row. */
struct jump {
	uint64_t row, line;
};

struct load {
	struct moectl *ctl;
	const struct change *c;
	const char *name;
	FILE *file;
	struct moeai_txn *t;
	struct line line;
	struct moeai_arg *args; /* as many as line.size */
	size_t size;
	uint64_t lines, rows; /* read so far */
	struct jump *jumps;
	size_t n_jumps;
	struct progress progress;
};

/* ---- where it is wrong -------------------------------------------------------------- */

/* The next row is in the line read last. */
static int remember(struct load *l)
{
	const struct jump *last = l->n_jumps ? &l->jumps[l->n_jumps - 1] : NULL;
	struct jump *more;

	if (last && last->line + (l->rows - last->row) == l->lines)
		return 0;
	/* Room comes in powers of two. */
	if (!(l->n_jumps & (l->n_jumps - 1))) {
		more = reallocarray(l->jumps, l->n_jumps ? 2 * l->n_jumps : 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		l->jumps = more;
	}
	l->jumps[l->n_jumps++] = (struct jump){ l->rows, l->lines };
	return 0;
}

static uint64_t line_of(const struct load *l, uint64_t row)
{
	size_t i = l->n_jumps;

	while (i && l->jumps[i - 1].row > row)
		i--;
	return i ? l->jumps[i - 1].line + (row - l->jumps[i - 1].row) : l->lines;
}

/* Of the word that gives the field, if it is in the line read last; 1: of none. */
static unsigned int column_of(const struct load *l, uint64_t line, const char *field)
{
	if (line != l->lines)
		return 1;
	for (size_t i = 0; field && i < l->line.n; i++)
		if (!strcmp(l->line.words[i].key, field))
			return l->line.words[i].column;
	return 1;
}

static int complain_at(const struct load *l, uint64_t line, unsigned int column,
		       const char *field, const char *message)
{
	progress_end(&l->progress);
	return complain("%s:%" PRIu64 ":%u: %s%s%s", l->name, line, column, field ? field : "",
			field ? ": " : "", message);
}

static int failed(struct load *l, int err)
{
	const struct moeai_txn_error *e = moeai_txn_error(l->t);
	uint64_t line;

	progress_end(&l->progress);
	if (!e)
		return complain_call(NULL, err);
	if (!e->has_row)
		return complain_call(l->ctl->h, err);
	line = line_of(l, e->row);
	return complain_at(l, line, column_of(l, line, e->field), e->field, e->message);
}

/* ---- reading -------------------------------------------------------------------------- */

/* The row of the line that was taken apart. Returns 0 or -errno. */
static int put_row(struct load *l)
{
	int err = remember(l);

	if (!err && l->size < l->line.size) {
		free(l->args);
		l->size = l->line.size;
		l->args = calloc(l->size, sizeof(*l->args));
		if (!l->args)
			err = -ENOMEM;
	}
	if (err)
		return err;
	for (size_t i = 0; i < l->line.n; i++)
		l->args[i] = (struct moeai_arg)MOEAI_TEXT(l->line.words[i].key,
							  l->line.words[i].value);
	err = moeai_txn_row(l->t, l->c->action, l->args, l->line.n);
	l->rows += !err;
	return err;
}

/* One line. Returns 0, or 1 after complaining. */
static int read_row(struct load *l, char *text, size_t len)
{
	int err = line_parse(text, len, &l->line);

	l->lines++;
	l->progress.done += len;
	if (err == -EINVAL)
		return complain_at(l, l->lines, l->line.column, NULL, l->line.why);
	if (!err && l->line.n)
		err = put_row(l);
	return err ? failed(l, err) : 0;
}

static int read_rows(struct load *l)
{
	int err = 0, error = 0;
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	while (!err && (len = getline(&text, &size, l->file)) >= 0)
		err = read_row(l, text, (size_t)len);
	if (!err && !feof(l->file))
		error = errno;
	free(text);
	if (!error)
		return err;
	progress_end(&l->progress);
	return complain("%s: %s", l->name, strerror(error));
}

static void show_progress(void *arg, uint64_t rows)
{
	struct load *l = arg;

	l->progress.rows = rows;
	progress_draw(&l->progress, false);
}

static int load(struct load *l)
{
	struct moeai_commit done;
	int err;

	moeai_txn_progress(l->t, show_progress, l);
	err = l->c->flush ? moeai_txn_flush(l->t) : 0;
	if (err)
		return failed(l, err);
	if (read_rows(l))
		return 1;
	l->progress.rows = l->rows;
	progress_draw(&l->progress, true);
	err = moeai_txn_commit(l->t, l->c->confirm, &done);
	if (err)
		return failed(l, err);
	progress_end(&l->progress);
	return change_report(l->ctl, l->c, "committed", &done);
}

int change_load(struct moectl *ctl, const struct change *c)
{
	bool standard = !strcmp(c->file, "-");
	struct load l = { .ctl = ctl, .c = c, .name = standard ? "standard input" : c->file,
			  .file = standard ? stdin : fopen(c->file, "r") };
	struct stat st;
	int status;

	if (!l.file)
		return complain("%s: %s", l.name, strerror(errno));
	progress_begin(&l.progress, !fstat(fileno(l.file), &st) && S_ISREG(st.st_mode) ?
				    (uint64_t)st.st_size : 0);
	status = change_open(ctl, c, &l.t) || load(&l);
	moeai_txn_close(l.t);
	line_free(&l.line);
	free(l.args);
	free(l.jumps);
	if (!standard)
		fclose(l.file);
	return status;
}
