// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "escape.h"
#include "file_stream.h"
#include "show.h"

static const char *change_name(enum moeai_fs_change change)
{
	static const char *const names[] = { "moved", "deleted", "unmounted", "released" };

	_Static_assert(sizeof(names) / sizeof(*names) == __MOEAI_FS_CHANGE_MAX, "each has one");
	return (unsigned int)change < __MOEAI_FS_CHANGE_MAX ? names[change] : "?";
}

const char *file_stream_path(const struct moeai_watch_event *e, bool old, char **buf,
			     size_t *size)
{
	size_t need = (size_t)moeai_watch_path(e, old, *buf, *size) + 1;
	char *more;

	if (need <= *size)
		return *buf;
	more = realloc(*buf, need);
	if (!more)
		return NULL;
	*buf = more;
	*size = need;
	moeai_watch_path(e, old, *buf, *size);
	return *buf;
}

/* ---- tab form -------------------------------------------------------------------- */

static void cell(struct file_stream *s, const char *text)
{
	putc('\t', s->stream.out->file);
	escape_write(s->stream.out->file, text, strlen(text), s->stream.out->escape);
}

static void tab_head(struct file_stream *s, const char *what, const struct moeai_event *event,
		     const char *name)
{
	fprintf(s->stream.out->file, "%s\t%" PRIu64 "\t%" PRIu64 "\t%s", what, event->seq,
		event->time, name);
}

static void tab_file(struct file_stream *s, const struct moeai_event *event,
		     const struct moeai_watch_event *e)
{
	tab_head(s, "file", event, moeai_watch_op_name(e->op));
	cell(s, s->path);
	cell(s, s->old);
	fprintf(s->stream.out->file, "\t%" PRIu64 "\t%" PRIu32, e->count, e->pid);
	cell(s, e->comm);
	cell(s, users_name(&s->users, e->uid));
	cell(s, e->exe);
	putc('\n', s->stream.out->file);
}

static void tab_watch(struct file_stream *s, const struct moeai_event *event,
		      const struct moeai_watch_event *e)
{
	tab_head(s, "watch", event, change_name(e->change));
	cell(s, e->watch);
	cell(s, e->path);
	cell(s, e->old_path);
	putc('\n', s->stream.out->file);
}

/* ---- JSON ------------------------------------------------------------------------ */

static int add_text(json_t *to, const char *name, const char *text)
{
	return *text ? json_object_set_new(to, name, show_json_text(text, strlen(text))) : 0;
}

/* What does not make sense is in no field, and was typed without complaint. */
static int print_json(struct file_stream *s, const struct moeai_event *event,
		      const struct moeai_watch_event *e)
{
	struct fields *fields = &s->stream.fields;
	bool file = e->kind == MOEAI_WATCH_EVENT_FILE;
	json_t *json;

	fields_clear(fields);
	if (fields_decode(fields, &event->values) == -ENOMEM)
		return complain("out of memory");
	json = stream_json(event, fields);
	if (!json || (file && (add_text(json, "path", s->path) ||
			       add_text(json, "old_path", s->old))) ||
	    add_text(json, "user", users_name(&s->users, e->uid))) {
		json_decref(json);
		return complain("out of memory");
	}
	return output_json(s->stream.out, json);
}

/* ---- people ---------------------------------------------------------------------- */

/* Quoted where it could be misread, as an arrow or a program. */
static void put_path(FILE *to, const char *path, bool dir, unsigned int escape)
{
	char *text = escape_new(path, strlen(path), escape | ESCAPE_QUOTE);
	const char *quote = text && strpbrk(text, " \\\"()") ? "\"" : "";
	const char *slash = dir && strcmp(path, "/") != 0 ? "/" : "";

	fprintf(to, "%s%s%s%s", quote, text && *text ? text : "(a path too long)", slash, quote);
	free(text);
}

/* COMM[PID], as wide as most are. */
static void put_process(FILE *to, const struct moeai_watch_event *e, unsigned int escape)
{
	char *comm = escape_new(e->comm, strlen(e->comm), escape), *text = NULL;

	if (asprintf(&text, "%s[%" PRIu32 "]", comm ? comm : "?", e->pid) < 0)
		text = NULL;
	fprintf(to, "%-22s ", text ? text : "?");
	free(text);
	free(comm);
}

static void put_file(struct file_stream *s, FILE *to, const struct moeai_watch_event *e)
{
	unsigned int escape = s->stream.out->escape;
	char op[40], *user = NULL;

	if (e->count == 1)
		snprintf(op, sizeof(op), "%s", moeai_watch_op_name(e->op));
	else
		snprintf(op, sizeof(op), "%s x%" PRIu64, moeai_watch_op_name(e->op), e->count);
	fprintf(to, "%-12s ", op);
	put_process(to, e, escape);
	user = escape_new(users_name(&s->users, e->uid), strlen(users_name(&s->users, e->uid)),
			  escape);
	fprintf(to, "%-10s ", user ? user : "?");
	free(user);
	if (*s->old) {
		put_path(to, s->old, e->dir, escape);
		fputs(escape & ESCAPE_ASCII ? " -> " : " → ", to);
	}
	put_path(to, s->path, e->dir, escape);
	if (e->kthread) {
		fputs(" (a kernel thread, for somebody)", to);
	} else if (*e->exe) {
		fputs(" (", to);
		put_path(to, e->exe, false, escape);
		fputs(")", to);
	}
}

static void put_watch(struct file_stream *s, FILE *to, const struct moeai_watch_event *e)
{
	unsigned int escape = s->stream.out->escape;

	fprintf(to, "--- the watched folder was %s: ", change_name(e->change));
	put_path(to, e->watch, false, escape);
	if (*e->path) {
		fputs(", in its file system now ", to);
		put_path(to, e->path, false, escape);
	}
}

static int print_people(struct file_stream *s, const struct moeai_event *event,
			const struct moeai_watch_event *e)
{
	bool file = e->kind == MOEAI_WATCH_EVENT_FILE;
	char clock[UNITS_LEN], *line = NULL;
	size_t size;
	FILE *to = open_memstream(&line, &size);

	if (!to)
		return complain("out of memory");
	stream_heading(&s->stream, event->time,
		       "OPERATION    PROCESS                USER       PATH", clock);
	fprintf(to, "%-12s ", clock);
	(file ? put_file : put_watch)(s, to, e);
	if (!fclose(to))
		stream_line(&s->stream, line, file ? "" : COLOUR_YELLOW);
	free(line);
	return 0;
}

/* -------------------------------------------------------------------------------- */

int file_stream_event(struct file_stream *s, const struct moeai_item *item,
		      const struct moeai_watch_event *e)
{
	const struct moeai_event *event = &item->event;

	if (!file_stream_path(e, false, &s->path, &s->path_size) ||
	    !file_stream_path(e, true, &s->old, &s->old_size))
		return complain("out of memory");
	switch (s->stream.out->form) {
	case FORM_JSON:
		return print_json(s, event, e);
	case FORM_TAB:
		(e->kind == MOEAI_WATCH_EVENT_FILE ? tab_file : tab_watch)(s, event, e);
		return 0;
	default:
		return print_people(s, event, e);
	}
}

void file_stream_free(struct file_stream *s)
{
	stream_free(&s->stream);
	free(s->path);
	free(s->old);
}
