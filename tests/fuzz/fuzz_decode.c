// SPDX-License-Identifier: GPL-2.0
/*
 * A datagram from a kernel that is broken, or from somebody who is none: each
 * message of it, whatever it says it is, to all that decodes messages.
 */
#include "family.h"
#include "fuzz.h"
#include "record.h"
#include "schema.h"
#include "status.h"
#include "table.h"
#include "value.h"

/* Each to the end or to what is malformed, as text. */
static void walk(const struct moeai_values *values)
{
	struct moeai_value v, again;
	size_t pos = 0;
	char *text;
	int len;

	while (moeai_values_next(values, &pos, &v) > 0) {
		len = moeai_value_text(&v, NULL, 0);
		text = malloc(len + 1);
		promise(text && moeai_value_text(&v, text, len + 1) == len && !text[len]);
		free(text);
		promise(moeai_values_get_id(values, v.id, &again) != -ENOENT);
	}
}

/* All, and each alone in memory of its length, where what is behind it is not ours. */
static void read_values(const struct moeai_values *values)
{
	struct moeai_values one = { .schema = values->schema };
	size_t pos = 0;
	struct attr a;
	char *copy;

	walk(values);
	while (attr_next(values->data, values->len, &pos, &a) > 0) {
		one.len = NLA_HDRLEN + a.len;
		copy = malloc(one.len);
		promise(copy);
		memcpy(copy, (const char *)a.data - NLA_HDRLEN, one.len);
		one.data = copy;
		walk(&one);
		free(copy);
	}
}

static void read_paths(const struct moeai_watch_event *e)
{
	char text[16];

	for (int old = 0; old < 2; old++) {
		int len = moeai_watch_path(e, old, text, sizeof(text));

		promise(len >= 0 && strlen(text) == (len < 15 ? (size_t)len : 15));
	}
}

static void read_event(const struct record *r)
{
	static const char *const names[] = { "mem_monitor.level", "mem_monitor.consumer",
					     "mem_monitor.oom", "mem_monitor.victim",
					     "mem_monitor.recovered" };
	struct moeai_event event = { .values = { &fuzz_schema, r->data.data, r->data.len } };
	static const char *const guard[] = { "net_guard.blocked", "net_guard.flood",
					     "net_guard.scan", "net_guard.expired",
					     "net_guard.rolled_back" };
	static const char *const files[] = { "fs_logger.create", "fs_logger.rename",
					     "fs_logger.watch" };
	struct moeai_guard_event guarded;
	struct moeai_watch_event file;
	struct moeai_watch watch;
	struct moeai_guard_rule rule;
	struct moeai_mem_event mem;

	promise(r->seq && r->seq != UINT64_MAX);
	promise(strlen(r->source) < UINT16_MAX);
	read_values(&event.values);
	event.values.schema = NULL;
	read_values(&event.values);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		event.type_name = names[i];
		promise(moeai_mem_event(&event, &mem) != -ENOENT);
	}
	for (size_t i = 0; i < ARRAY_SIZE(guard); i++) {
		event.type_name = guard[i];
		promise(moeai_guard_event(&event, &guarded) != -ENOENT);
	}
	moeai_guard_rule(&event.values, &rule);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		event.type_name = files[i];
		if (!moeai_watch_event(&event, &file))
			read_paths(&file);
	}
	moeai_watch_row(&event.values, &watch);
}

static void read_record(const struct nlmsghdr *msg)
{
	struct record r;

	if (record_parse(msg, &r))
		return;
	if (r.kind == RECORD_EVENT)
		read_event(&r);
	else if (r.kind == RECORD_LOST)
		promise(r.lost.from && r.lost.from <= r.lost.to && r.lost.to != UINT64_MAX);
	else if (r.kind == RECORD_ANNOUNCEMENT)
		promise(r.epoch && r.first && r.first <= r.next);
}

/* Rows as fields of schemas, twice: what is the same the second time stays. */
static void read_rows(const struct data_message *data)
{
	struct schema_store store = { 0 };
	struct field_row rows[64];
	struct attr_run run;
	size_t pos = 0, n = 0, kept;

	while (data_row(data->attrs, &pos, &run) > 0) {
		read_values(&(struct moeai_values){ &fuzz_schema, run.data, run.len });
		n += n < ARRAY_SIZE(rows) && !field_row_decode(run, &rows[n]);
	}
	if (!schema_store_set(&store, rows, n)) {
		for (size_t i = 0; i < n; i++)
			promise(schema_field(schema_store_get(&store, rows[i].kind, rows[i].owner),
					     rows[i].id));
		kept = store.n_all;
		promise(!schema_store_set(&store, rows, n) && store.n_all == kept);
	}
	schema_store_free(&store);
}

static void read_message(const struct nlmsghdr *msg)
{
	struct error e = { 0 };
	struct refusal refusal;
	struct response response;
	struct family family;
	struct moeai_status status;
	struct data_message data;
	uint16_t id;

	if (!refusal_decode(msg, &refusal))
		error_refused(&e, &refusal, "fuzz", "u32", NEEDS_READ);
	family_change(msg, &id);
	if (message_command(msg) < 0)
		return;
	read_record(msg);
	if (!family_decode(msg, &family))
		promise(family.id > GENL_ID_CTRL);
	if (!status_decode(message_attrs(msg), &status))
		promise(strlen(status.version) < sizeof(status.version));
	if (!response_decode(msg, &response))
		read_values(&(struct moeai_values){ &fuzz_schema, response.data.data,
						    response.data.len });
	if (!data_decode(msg, &data))
		read_rows(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nlmsghdr *msg;
	struct nlmsghdr *alone;
	size_t pos = 0;

	while (message_next(data, size, &pos, &msg) > 0) {
		alone = malloc(msg->nlmsg_len);
		promise(alone);
		memcpy(alone, msg, msg->nlmsg_len);
		read_message(alone);
		free(alone);
	}
	return 0;
}
