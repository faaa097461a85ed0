// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "complain.h"
#include "escape.h"
#include "show.h"
#include "stream.h"
#include "units.h"

const char *stream_lost_reason(enum moeai_lost_reason reason)
{
	static const char *const names[] = {
		[MOEAI_LOST_OVERWRITTEN] = "overwritten",
		[MOEAI_LOST_CLEARED] = "cleared",
	};

	return (unsigned int)reason <= MOEAI_LOST_MAX ? names[reason] : "unknown";
}

/* ---- tab form ------------------------------------------------------------------ */

static void tab_event(struct stream *s, const struct moeai_event *e, const struct fields *fields)
{
	FILE *to = s->out->file;
	char name[16];

	fprintf(to, "event\t%" PRIu64 "\t%" PRIu64 "\t%s\t", e->seq, e->time,
		moeai_priority_name(e->priority));
	escape_write(to, e->type_name, strlen(e->type_name), s->out->escape);
	putc('\t', to);
	escape_write(to, e->source, strlen(e->source), s->out->escape);
	for (size_t i = 0; i < fields->n; i++) {
		char *text = show_plain(&fields->values[i], s->out->escape);

		fprintf(to, "\t%s=%s", show_name(&fields->values[i], name), text ? text : "");
		free(text);
	}
	putc('\n', to);
}

static void tab_item(struct stream *s, const struct moeai_item *item, const struct fields *fields)
{
	FILE *to = s->out->file;

	switch (item->kind) {
	case MOEAI_EVENT:
		tab_event(s, &item->event, fields);
		break;
	case MOEAI_LOST:
		fprintf(to, "lost\t%" PRIu64 "\t%" PRIu64 "\t%s\n", item->lost.from,
			item->lost.to, stream_lost_reason(item->lost.reason));
		break;
	case MOEAI_EPOCH:
		fprintf(to, "epoch\t0x%" PRIx64 "\n", item->epoch);
		break;
	case MOEAI_GONE:
		fputs("gone\n", to);
		break;
	}
}

/* ---- JSON ---------------------------------------------------------------------- */

json_t *stream_json(const struct moeai_event *e, const struct fields *fields)
{
	return json_pack("{s:s, s:o, s:o, s:s, s:o, s:o, s:o}", "kind", "event", "seq",
			 show_json_u64(e->seq), "time", show_json_u64(e->time), "priority",
			 moeai_priority_name(e->priority), "type",
			 show_json_text(e->type_name, strlen(e->type_name)), "source",
			 show_json_text(e->source, strlen(e->source)), "fields",
			 show_fields_json(fields));
}

static json_t *json_item(const struct moeai_item *item, const struct fields *fields)
{
	char epoch[24];

	switch (item->kind) {
	case MOEAI_EVENT:
		return stream_json(&item->event, fields);
	case MOEAI_LOST:
		return json_pack("{s:s, s:o, s:o, s:s}", "kind", "lost", "from",
				 show_json_u64(item->lost.from), "to",
				 show_json_u64(item->lost.to), "reason",
				 stream_lost_reason(item->lost.reason));
	case MOEAI_EPOCH:
		snprintf(epoch, sizeof(epoch), "0x%" PRIx64, item->epoch);
		return json_pack("{s:s, s:s}", "kind", "epoch", "epoch", epoch);
	case MOEAI_GONE:
		return json_pack("{s:s}", "kind", "gone");
	}
	return NULL;
}

/* ---- people -------------------------------------------------------------------- */

static const char *priority_colour(enum moeai_priority priority)
{
	static const char *const colours[] = {
		[MOEAI_PRIO_DEBUG] = COLOUR_DIM,       [MOEAI_PRIO_INFO] = "",
		[MOEAI_PRIO_NOTICE] = COLOUR_CYAN,     [MOEAI_PRIO_WARNING] = COLOUR_YELLOW,
		[MOEAI_PRIO_CRITICAL] = COLOUR_RED,
	};

	return (unsigned int)priority <= MOEAI_PRIO_MAX ? colours[priority] : "";
}

static int columns_of(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80; /* of UTF-8: its first byte */
}

/*
 * The bytes of line that fit into width columns, one column kept for the mark
 * that something was cut. The line holds what escape_new() lets pass.
 */
static size_t fitting(const char *line, int width)
{
	mbstate_t state = { 0 };
	size_t pos = 0, fits = 0;
	int used = 0;

	while (line[pos]) {
		wchar_t c;
		size_t n = mbrtowc(&c, line + pos, strlen(line + pos), &state);
		int w;

		if (n == (size_t)-1 || n == (size_t)-2 || !n) {
			state = (mbstate_t){ 0 };
			n = 1;
			w = columns_of(line[pos]);
		} else {
			w = wcwidth(c) < 0 ? 1 : wcwidth(c);
		}
		if (used + w > width)
			return fits;
		used += w;
		pos += n;
		if (used < width)
			fits = pos;
	}
	return pos;
}

void stream_line(struct stream *s, const char *line, const char *colour)
{
	size_t len = strlen(line), fits = s->out->width ? fitting(line, s->out->width) : len;
	FILE *to = s->out->file;

	fputs(output_colour(s->out, colour), to);
	fwrite(line, 1, fits, to);
	if (fits < len)
		fputs(s->out->escape & ESCAPE_ASCII ? ">" : "…", to);
	fputs(*colour ? output_colour(s->out, COLOUR_OFF) : "", to);
	putc('\n', to);
}

void stream_heading(struct stream *s, uint64_t ns, const char *columns, char clock[UNITS_LEN])
{
	char text[UNITS_LEN];
	char *space;

	units_time(text, ns);
	space = strchr(text, ' ');
	snprintf(clock, UNITS_LEN, "%s", space ? space + 1 : text);
	if (!space)
		return;
	*space = '\0';
	if (!strncmp(s->day, text, sizeof(s->day) - 1))
		return;
	snprintf(s->day, sizeof(s->day), "%.15s", text);
	fprintf(s->out->file, "%s%-12s %s%s\n", output_colour(s->out, COLOUR_BOLD), s->day, columns,
		output_colour(s->out, COLOUR_OFF));
}

static void people_event(struct stream *s, const struct moeai_event *e,
			 const struct fields *fields)
{
	char clock[UNITS_LEN], name[16];
	char *line = NULL, *type = escape_new(e->type_name, strlen(e->type_name), s->out->escape);
	size_t size;
	FILE *to = open_memstream(&line, &size);

	if (!to || !type)
		goto out;
	stream_heading(s, e->time, "     SEQ PRIORITY TYPE                   FIELDS", clock);
	fprintf(to, "%-12s %8" PRIu64 " %-8s %-22s", clock, e->seq,
		moeai_priority_name(e->priority), type);
	for (size_t i = 0; i < fields->n; i++) {
		char *text = show_term(&fields->values[i], s->out->escape);

		fprintf(to, " %s=%s", show_name(&fields->values[i], name), text ? text : "?");
		free(text);
	}
	fflush(to);
	stream_line(s, line, priority_colour(e->priority));
out:
	if (to)
		fclose(to);
	free(line);
	free(type);
}

static void people_item(struct stream *s, const struct moeai_item *item,
			const struct fields *fields)
{
	char line[160];

	switch (item->kind) {
	case MOEAI_EVENT:
		people_event(s, &item->event, fields);
		return;
	case MOEAI_LOST:
		snprintf(line, sizeof(line),
			 "--- lost: %" PRIu64 " events, seq %" PRIu64 " to %" PRIu64 " (%s)",
			 item->lost.to - item->lost.from + 1, item->lost.from, item->lost.to,
			 stream_lost_reason(item->lost.reason));
		stream_line(s, line, COLOUR_RED);
		return;
	case MOEAI_EPOCH:
		snprintf(line, sizeof(line),
			 "--- the module was loaded: epoch 0x%" PRIx64 ", seq begins at 1",
			 item->epoch);
		stream_line(s, line, COLOUR_YELLOW);
		return;
	case MOEAI_GONE:
		stream_line(s, "--- the module was unloaded: waiting for it", COLOUR_YELLOW);
		return;
	}
}

/* -------------------------------------------------------------------------------- */

int stream_fields(struct stream *s, const struct moeai_item *item, const struct fields *fields)
{
	switch (s->out->form) {
	case FORM_JSON:
		return output_json(s->out, json_item(item, fields));
	case FORM_TAB:
		tab_item(s, item, fields);
		return 0;
	default:
		people_item(s, item, fields);
		return 0;
	}
}

int stream_item(struct stream *s, const struct moeai_item *item)
{
	int err = 0;

	/* The short way. What is not so plain, or makes no sense, goes the long one. */
	if (item->kind == MOEAI_EVENT && s->out->form == FORM_JSON &&
	    !json_line_event(&s->line, &item->event)) {
		output_json_line(s->out, s->line.text, s->line.len, s->line.odd);
		return 0;
	}
	fields_clear(&s->fields);
	if (item->kind == MOEAI_EVENT)
		err = fields_decode(&s->fields, &item->event.values);
	if (err == -ENOMEM)
		return complain("out of memory");
	if (err)
		complain("event %" PRIu64 " of type %s: some of its fields make no sense",
			 item->event.seq, item->event.type_name);
	return stream_fields(s, item, &s->fields);
}

void stream_free(struct stream *s)
{
	fields_free(&s->fields);
	json_line_free(&s->line);
}
