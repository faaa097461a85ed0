// SPDX-License-Identifier: GPL-2.0
/* fs_logger, and a mark that only counts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/moeai_fs_logger.h>
#include "files.h"
#include "schema.h"

#define WATCHES_TABLE "fs_logger.watches"
#define OPERATIONS    5 /* of a loop */

/* ---- watches --------------------------------------------------------------------- */

static int add(struct moeai_txn *t, const char *path)
{
	const struct moeai_arg args[] = {
		MOEAI_TEXT("path", path),
		MOEAI_NUMBER("holder", 0),
		MOEAI_NUMBER("recursive", true),
	};

	return moeai_txn_row(t, MOEAI_ACTION_ADD, args, ARRAY_SIZE(args));
}

/* The tree's, and others. */
static int begin(struct bench *b, const struct watcher *w)
{
	struct moeai_txn *t;
	char path[64];
	int rc = moeai_txn_open(b->h, WATCHES_TABLE, &t);

	if (rc)
		return rc;
	rc = add(t, FILES_TREE);
	for (unsigned int i = 1; !rc && i < w->watches; i++) {
		snprintf(path, sizeof(path), FILES_MANY "/%u", i);
		rc = add(t, path);
	}
	if (!rc)
		rc = moeai_txn_commit(t, 0, NULL);
	moeai_txn_close(t);
	return rc;
}

static int end(struct bench *b)
{
	struct moeai_txn *t;
	int rc = moeai_txn_open(b->h, WATCHES_TABLE, &t);

	if (rc)
		return rc;
	rc = moeai_txn_flush(t);
	if (!rc)
		rc = moeai_txn_commit(t, 0, NULL);
	moeai_txn_close(t);
	return rc;
}

/* ---- readers ------------------------------------------------------------------------ */

static int open_monitor(struct bench *b, enum moeai_transport transport, void **reader)
{
	struct moeai_monitor_options options = { .transport = transport };
	struct moeai_monitor *monitor = NULL;
	struct moeai_item item;
	int rc = moeai_monitor_open(&monitor, &options);

	*reader = monitor;
	return rc ? rc : moeai_monitor_next(monitor, &item, READ_TIMEOUT); /* the epoch */
}

static int open_mapped(struct bench *b, void **reader)
{
	return open_monitor(b, MOEAI_TRANSPORT_MAPPED, reader);
}

static int open_netlink(struct bench *b, void **reader)
{
	return open_monitor(b, MOEAI_TRANSPORT_NETLINK, reader);
}

static void close_monitor(void *reader)
{
	moeai_monitor_close(reader);
}

/* Every field through its type. */
static int read_event(const struct moeai_event *e)
{
	struct moeai_value v[__MOEAI_A_FS_FILE_MAX];
	int rc = moeai_values_all(&e->values, v, ARRAY_SIZE(v));

	if (rc)
		return rc < 0 ? rc : -EPROTO;
	use(e->seq);
	use(e->time);
	use(e->type);
	for (size_t i = 0; i < e->values.schema->n_fields; i++) {
		if (!v[i].field)
			continue;
		if (v[i].field->type == MOEAI_TYPE_STRING)
			use_text(v[i].data);
		else
			use(v[i].u64);
	}
	return 0;
}

/* One that is to be waited for, or all that there are. Returns how many, or -errno. */
static int read_some(struct moeai_monitor *monitor)
{
	struct moeai_batch batch;
	struct moeai_event event;
	struct moeai_item item;
	int n = 0, rc = moeai_batch_begin(monitor, &batch, READ_TIMEOUT);

	if (rc == -EAGAIN) {
		rc = moeai_monitor_next(monitor, &item, READ_TIMEOUT);
		if (!rc && item.kind != MOEAI_EVENT)
			rc = item.kind == MOEAI_LOST ? -ENODATA : -EPROTO;
		if (!rc)
			rc = read_event(&item.event);
		return rc ? rc : 1;
	}
	if (rc)
		return rc;
	for (; !rc && moeai_batch_next(&batch, &event); n++)
		rc = read_event(&event);
	if (!rc)
		rc = moeai_batch_end(&batch);
	return rc ? rc : n;
}

static int read_events(void *reader, unsigned int loops)
{
	unsigned int missing = loops * OPERATIONS;
	int n;

	while (missing) {
		n = read_some(reader);
		if (n < 0 || n > (int)missing)
			return n < 0 ? n : -EPROTO;
		missing -= n;
	}
	return 0;
}

const struct watcher watch_moeai = { "moeai", 1, FILES_FOLDER, 0, begin, end };
const struct watcher watch_moeai_many = { "moeai", 1000, FILES_FOLDER, 0, begin, end };
const struct watcher watch_moeai_outside = { "outside/moeai", 1, FILES_OTHER, 0, begin, end };
const struct watcher watch_moeai_mapped = { "moeai-mapped", 1, FILES_FOLDER, 0, begin, end,
					    open_mapped, read_events, close_monitor };
const struct watcher watch_moeai_netlink = { "moeai-netlink", 1, FILES_FOLDER, 0, begin, end,
					     open_netlink, read_events, close_monitor };

/* ---- a mark that only counts ----------------------------------------------------------- */

static int call_mark(struct bench *b, const char *path, uint64_t *counted)
{
	const struct bench_mark_args args = { .has = { path }, .path = path };
	struct bench_mark_reply out;
	struct moeai_reply *reply;
	int rc = bench_mark_call(b->h, &args, -1, &out, &reply);

	if (rc)
		return rc;
	moeai_reply_free(reply);
	*counted = out.counted;
	return 0;
}

static int begin_mark(struct bench *b, const struct watcher *w)
{
	uint64_t counted;

	return call_mark(b, FILES_ROOT, &counted);
}

static int end_mark(struct bench *b)
{
	uint64_t counted = 0;
	int rc = call_mark(b, NULL, &counted);

	return rc || counted ? rc : -ENODATA;
}

const struct watcher watch_mark = { "outside/mark", 0, FILES_OTHER, 0, begin_mark, end_mark };
