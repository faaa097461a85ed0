// SPDX-License-Identifier: GPL-2.0
/*
 * An incident file from anybody, as 'moectl replay' reads it. What it says is in order,
 * and so are the losses; it comes to an end, and says which. All is read once more with
 * a filter, which may only leave out.
 */
#include <errno.h>
#include "file.h"
#include "fuzz.h"

static void read_values(const struct moeai_event *e)
{
	struct moeai_value v;
	size_t pos = 0;
	char text[64];
	int rc;

	promise(e->seq && e->type_name && e->source);
	while ((rc = moeai_values_next(&e->values, &pos, &v)) > 0)
		promise(moeai_value_text(&v, text, sizeof(text)) >= 0);
	promise(!rc || rc == -EPROTO);
}

/* The number up to which all is told. */
static uint64_t read_item(const struct moeai_monitor *m, const struct moeai_item *item,
			  uint64_t before)
{
	const char *comment = moeai_monitor_comment(m);

	promise(!comment || (item->kind == MOEAI_EVENT && strlen(comment) < COMMENT_LEN));
	switch (item->kind) {
	case MOEAI_EVENT:
		promise(item->event.seq > before);
		read_values(&item->event);
		return item->event.seq;
	case MOEAI_LOST:
		promise(item->lost.from > before && item->lost.from <= item->lost.to);
		return item->lost.to;
	default:
		promise(item->kind == MOEAI_EPOCH && item->epoch && !before);
		return before;
	}
}

static uint64_t read_all(const uint8_t *data, size_t size,
			 const struct moeai_monitor_options *options)
{
	FILE *from = size ? fmemopen((void *)data, size, "rb") : fopen("/dev/null", "rb");
	uint64_t events = 0, told = 0;
	struct moeai_monitor *m;
	struct moeai_item item;
	struct moeai_ledger l;
	int rc;

	promise(from && !file_open(&m, from, options));
	while (!(rc = moeai_monitor_next(m, &item, 0))) {
		told = read_item(m, &item, told);
		events += item.kind == MOEAI_EVENT;
	}
	promise(rc != -ETIMEDOUT && *moeai_monitor_error(m));
	moeai_monitor_ledger(m, &l);
	promise(l.returned == events && l.to - l.from + 1 == l.returned + l.filtered + l.lost +
								     l.pending);
	moeai_monitor_close(m);
	return events;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "mem_monitor.*" };
	const uint64_t all = read_all(data, size, NULL);

	promise(read_all(data, size, &(struct moeai_monitor_options){
		.since = 7, .types = types, .n_types = 1 }) <= all);
	return 0;
}
