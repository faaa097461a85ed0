// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <moeai/moeai.h>

#include "complain.h"
#include "grid.h"
#include "incident_list.h"
#include "table.h"

enum { TIME, TRIGGER, SEQ, TRIGGERS, EVENTS, LOST, SIZE, STATE, NAME, N_COLUMNS };

static const char *const states[] = { "whole", "damaged" };

#define COLUMN(i, n, t, u) \
	[i] = { .name = (n), .help = "", .id = (i) + 1, .type = MOEAI_TYPE_##t, \
		.unit = MOEAI_UNIT_##u }

static const struct moeai_field columns[N_COLUMNS] = {
	COLUMN(TIME, "time", U64, TIME),       COLUMN(TRIGGER, "trigger", STRING, NONE),
	COLUMN(SEQ, "seq", U64, NONE),	       COLUMN(TRIGGERS, "triggers", U64, COUNT),
	COLUMN(EVENTS, "events", U64, COUNT),  COLUMN(LOST, "lost", U64, COUNT),
	COLUMN(SIZE, "size", U64, BYTES),      COLUMN(STATE, "state", STRING, NONE),
	COLUMN(NAME, "file", STRING, NONE),
};

static const struct moeai_schema schema = { .owner = "incidents", .fields = columns,
					    .n_fields = N_COLUMNS };

/* What is known of a file when it has been read. */
struct summary {
	const struct incident_file *file;
	char type[MOEAI_FULL_NAME_LEN]; /* of the first trigger; "": there is none */
	uint64_t seq, triggers, events, lost;
	bool damaged;
};

static void count(struct summary *s, const struct moeai_monitor *m, const struct moeai_item *item)
{
	const char *comment = moeai_monitor_comment(m);

	if (item->kind == MOEAI_LOST)
		s->lost += item->lost.to - item->lost.from + 1;
	if (item->kind != MOEAI_EVENT)
		return;
	s->events++;
	if (!comment || strcmp(comment, "trigger"))
		return;
	if (!s->triggers++) {
		s->seq = item->event.seq;
		snprintf(s->type, sizeof(s->type), "%s", item->event.type_name);
	}
}

/* Returns 0, or 1 after complaining. */
static int read_file(const struct incidents *d, struct summary *s)
{
	int fd = incidents_read(d, s->file->name), err;
	struct moeai_monitor *m;
	struct moeai_item item;

	s->damaged = true;
	if (fd < 0)
		return complain("%s/%s: %s", d->path, s->file->name, strerror(-fd));
	err = moeai_monitor_open_file(&m, fd, NULL);
	close(fd);
	if (err)
		return complain("%s/%s: %s", d->path, s->file->name, moeai_strerror(err));
	while (!(err = moeai_monitor_next(m, &item, -1)))
		count(s, m, &item);
	s->damaged = err != -ENODATA;
	if (s->damaged)
		complain("%s/%s: %s", d->path, s->file->name, moeai_monitor_error(m));
	moeai_monitor_close(m);
	return s->damaged;
}

static int add_row(struct grid *g, const struct summary *s)
{
	const uint64_t numbers[N_COLUMNS] = {
		[TIME] = s->file->time,	   [SEQ] = s->seq,   [TRIGGERS] = s->triggers,
		[EVENTS] = s->events,	   [LOST] = s->lost, [SIZE] = s->file->size,
	};
	const char *const texts[N_COLUMNS] = {
		[TRIGGER] = s->type, [STATE] = states[s->damaged], [NAME] = s->file->name,
	};
	struct fields row = { 0 };
	struct moeai_value v;
	int err = 0;

	for (size_t i = 0; i < N_COLUMNS && !err; i++) {
		if (!s->triggers && (i == TRIGGER || i == SEQ))
			continue;
		v = texts[i] ? fields_string(&columns[i], texts[i]) :
			       fields_number(&columns[i], numbers[i]);
		err = fields_add(&row, &v);
	}
	if (!err)
		err = grid_add(g, &row);
	fields_free(&row);
	return err;
}

int incident_list(const struct incidents *d, struct output *out)
{
	struct incident_file *files;
	struct grid *g = NULL;
	int err, status = 0;
	size_t n;

	err = incidents_list(d, &files, &n);
	if (err)
		return complain("%s: %s", d->path, strerror(-err));
	err = grid_new(&g, out, &schema);
	for (size_t i = 0; i < n && !err; i++) {
		struct summary s = { .file = &files[i] };

		status |= read_file(d, &s);
		err = add_row(g, &s);
	}
	free(files);
	return table_end(g, err) | status;
}
