/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Incident files as incident.c writes them, of a kernel that has one event type; and
 * what is told of them.
 */
#ifndef TESTS_INCIDENT_H
#define TESTS_INCIDENT_H

#include <stdio.h>
#include "wire.h"
#include "file.h"

#define EPOCH  0x1234567890abcdefULL
#define TYPE   0x10001
#define EVENTS 3 /* and a loss before the last one */

struct built {
	char *data;
	size_t len;
	struct pcapng_writer w;
};

static inline void begin(struct built *b)
{
	*b = (struct built){ .w.to = open_memstream(&b->data, &b->len) };
	assert_non_null(b->w.to);
	assert_int_equal(pcapng_head(&b->w, "test 1", "Linux", "a comment"), 0);
}

static inline void put(struct built *b, struct wire *w, const char *comment)
{
	assert_int_equal(pcapng_message(&b->w, 7, wire_end(w), comment), 0);
}

static inline void put_family(struct built *b, uint32_t version)
{
	const uint16_t id = WIRE_FAMILY;
	struct wire w;

	wire_begin(&w, GENL_ID_CTRL, CTRL_CMD_NEWFAMILY);
	wire_attr(&w, CTRL_ATTR_FAMILY_ID, &id, sizeof(id));
	wire_string(&w, CTRL_ATTR_FAMILY_NAME, "MOEAI");
	wire_u32(&w, CTRL_ATTR_VERSION, version);
	put(b, &w, NULL);
}

static inline void table_begin(struct wire *w, const char *table, uint32_t seq)
{
	wire_begin(w, WIRE_FAMILY, MOEAI_MSG_DATA);
	memcpy(w->data + 8, &seq, sizeof(seq));
	wire_string(w, MOEAI_A_DATA_TABLE, table);
	wire_u64(w, MOEAI_A_DATA_GENERATION, 1);
}

static inline void put_field(struct wire *w, uint32_t kind, const char *owner, uint32_t id,
		      const char *name, uint32_t type)
{
	size_t row = wire_nest(w, MOEAI_A_DATA_ROW);

	wire_u32(w, MOEAI_A_FIELDS_KIND, kind);
	wire_string(w, MOEAI_A_FIELDS_OWNER, owner);
	wire_u32(w, MOEAI_A_FIELDS_ID, id);
	wire_string(w, MOEAI_A_FIELDS_NAME, name);
	wire_u32(w, MOEAI_A_FIELDS_TYPE, type);
	wire_nest_end(w, row);
}

static inline void put_fields(struct built *b, const char *name)
{
	struct wire w;

	table_begin(&w, "fields", 5);
	put_field(&w, MOEAI_SCHEMA_TABLE, "event_types", 1, "id", MOEAI_TYPE_U32);
	put_field(&w, MOEAI_SCHEMA_TABLE, "event_types", 2, "name", MOEAI_TYPE_STRING);
	put(b, &w, NULL);
	/* A dump of two messages. */
	table_begin(&w, "fields", 5);
	put_field(&w, MOEAI_SCHEMA_TABLE, "commands", 1, "id", MOEAI_TYPE_U32);
	put_field(&w, MOEAI_SCHEMA_TABLE, "commands", 2, "name", MOEAI_TYPE_STRING);
	put_field(&w, MOEAI_SCHEMA_EVENT, "unit.event", 1, name, MOEAI_TYPE_U32);
	put(b, &w, NULL);
}

/* Of event_types or commands, with one row. */
static inline void put_listed(struct built *b, const char *table, uint32_t id, const char *name)
{
	struct wire w;
	size_t row;

	table_begin(&w, table, 6);
	row = wire_nest(&w, MOEAI_A_DATA_ROW);
	wire_u32(&w, 1, id);
	wire_string(&w, 2, name);
	wire_nest_end(&w, row);
	put(b, &w, NULL);
}

static inline void put_types(struct built *b)
{
	struct wire w;

	put_listed(b, "event_types", TYPE, "unit.event");
	table_begin(&w, "commands", 7);
	put(b, &w, NULL);
	table_begin(&w, "modules", 8); /* of which nothing is needed here */
	put(b, &w, NULL);
}

static inline void put_epoch(struct built *b, uint64_t epoch)
{
	struct wire w;

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_EVENT);
	wire_u64(&w, MOEAI_A_EVENT_EPOCH, epoch);
	wire_u64(&w, MOEAI_A_EVENT_FIRST, 1);
	wire_u64(&w, MOEAI_A_EVENT_NEXT, 100);
	put(b, &w, NULL);
}

static inline void put_event(struct built *b, uint64_t seq, const char *comment)
{
	struct wire w;
	size_t nest;

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_EVENT);
	wire_u64(&w, MOEAI_A_EVENT_SEQ, seq);
	wire_attr(&w, MOEAI_A_EVENT_PAD, NULL, 0);
	wire_u64(&w, MOEAI_A_EVENT_TIME, seq * 1000);
	wire_u32(&w, MOEAI_A_EVENT_TYPE, TYPE);
	wire_u32(&w, MOEAI_A_EVENT_PRIORITY, MOEAI_PRIO_CRITICAL);
	wire_string(&w, MOEAI_A_EVENT_SOURCE, "unit");
	nest = wire_nest(&w, MOEAI_A_EVENT_DATA);
	wire_u32(&w, 1, (uint32_t)seq + 1);
	wire_nest_end(&w, nest);
	put(b, &w, comment);
}

static inline void put_lost(struct built *b, uint64_t from, uint64_t to, uint64_t epoch)
{
	struct wire w;
	size_t nest;

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_EVENT);
	wire_u64(&w, MOEAI_A_EVENT_EPOCH, epoch);
	nest = wire_nest(&w, MOEAI_A_EVENT_LOST);
	wire_u64(&w, MOEAI_A_LOST_FROM, from);
	wire_u64(&w, MOEAI_A_LOST_TO, to);
	wire_u32(&w, MOEAI_A_LOST_REASON, MOEAI_LOST_CLEARED);
	wire_nest_end(&w, nest);
	put(b, &w, NULL);
}

static inline void put_head(struct built *b)
{
	begin(b);
	put_family(b, 1);
	put_fields(b, "number");
	put_types(b);
	put_epoch(b, EPOCH);
}

static inline void end_lossy(struct built *b, uint64_t events, uint64_t lost)
{
	assert_int_equal(pcapng_tail(&b->w, 9, events, lost, "it was stopped"), 0);
	assert_int_equal(fclose(b->w.to), 0);
	free(b->w.buf);
}

static inline void end(struct built *b, uint64_t events)
{
	end_lossy(b, events, 0);
}

static inline void build(struct built *b)
{
	put_head(b);
	put_event(b, 10, NULL);
	put_event(b, 11, "trigger");
	put_lost(b, 12, 14, EPOCH);
	put_event(b, 15, NULL);
	end_lossy(b, EVENTS, 3);
}

/* ---- reading ------------------------------------------------------------------------ */

/* What a file said, as a sum over each item. */
struct told {
	uint64_t sums[EVENTS + 3];
	uint64_t plain[EVENTS + 3]; /* of events, whatever is known of them */
	size_t n, events;
	int code; /* of its end */
	char error[512];
};

static inline uint64_t plain_sum(const struct moeai_event *e)
{
	return e->seq * 31 + e->time * 17 + e->type + e->priority * 1009 + strlen(e->source) +
	       pcapng_crc32(e->values.data, e->values.len);
}

static inline uint64_t sum_of(const struct moeai_item *item)
{
	const struct moeai_event *e = &item->event;
	struct moeai_value v;
	uint64_t sum;

	if (item->kind == MOEAI_EPOCH)
		return item->epoch;
	if (item->kind == MOEAI_LOST)
		return item->lost.from * 1000003 + item->lost.to * 101 + item->lost.reason;
	sum = plain_sum(e) + pcapng_crc32(e->type_name, strlen(e->type_name));
	if (!moeai_values_get(&e->values, "number", &v))
		sum += v.u64 << 32;
	return sum;
}

static inline struct moeai_monitor *open_bytes(const void *data, size_t len,
					const struct moeai_monitor_options *o)
{
	struct moeai_monitor *m;
	FILE *from = len ? fmemopen((void *)data, len, "rb") : tmpfile();

	assert_non_null(from);
	assert_int_equal(file_open(&m, from, o), 0);
	return m;
}

static inline struct told tell(const void *data, size_t len, const struct moeai_monitor_options *o)
{
	struct moeai_monitor *m = open_bytes(data, len, o);
	struct told told = { 0 };
	struct moeai_item item;

	while (!(told.code = moeai_monitor_next(m, &item, -1))) {
		assert_true(told.n < EVENTS + 3);
		told.sums[told.n++] = sum_of(&item);
		if (item.kind == MOEAI_EVENT)
			told.plain[told.events++] = plain_sum(&item.event);
	}
	snprintf(told.error, sizeof(told.error), "%s", moeai_monitor_error(m));
	moeai_monitor_close(m);
	return told;
}

/* Ends with that code and text, after so many events. */
static inline void tells(struct built *b, int code, const char *text, uint64_t events)
{
	struct told told = tell(b->data, b->len, NULL);

	if (told.code != code || !strstr(told.error, text))
		fail_msg("%d: %s", told.code, told.error);
	assert_int_equal(told.events, events);
	free(b->data);
}

#endif /* TESTS_INCIDENT_H */
