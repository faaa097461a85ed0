/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events and what happens to them, a line each.
 *
 * For people: time, seq, priority, type and the fields as key=value, under a
 * heading that names the day; cut to a terminal's width.
 * Tab form: by the first cell
 *   event  SEQ  TIME-NS  PRIORITY  TYPE  SOURCE  KEY=VALUE  KEY=VALUE ...
 *   lost   FROM  TO  REASON
 *   epoch  EPOCH
 *   gone
 * JSON: an object a line, by its "kind"
 *   {"kind":"event","seq":,"time":,"priority":,"type":,"source":,"fields":{}}
 *   {"kind":"lost","from":,"to":,"reason":}  both seqs are lost, and those between
 *   {"kind":"epoch","epoch":"0x..."}
 *   {"kind":"gone"}
 */
#ifndef MOECTL_STREAM_H
#define MOECTL_STREAM_H

#include "fields.h"
#include "json_line.h"
#include "output.h"
#include "units.h"

/* All but out zero at first. */
struct stream {
	struct output *out;
	char day[16];	      /* of the heading last printed */
	struct fields fields; /* kept to be used again */
	struct json_line line; /* likewise */
};

/* Returns 0, or 1 after complaining. The item's values are decoded here. */
int stream_item(struct stream *s, const struct moeai_item *item);

/* The same with fields that are decoded already. */
int stream_fields(struct stream *s, const struct moeai_item *item, const struct fields *fields);

void stream_free(struct stream *s);

/* For other lines of people's: cut to the terminal's width. */
void stream_line(struct stream *s, const char *line, const char *colour);

/* The heading, when the day is another one; the time of day is left in clock. */
void stream_heading(struct stream *s, uint64_t ns, const char *columns, char clock[UNITS_LEN]);

/* An event's object. NULL: out of memory. */
json_t *stream_json(const struct moeai_event *e, const struct fields *fields);

const char *stream_lost_reason(enum moeai_lost_reason reason);

#endif /* MOECTL_STREAM_H */
