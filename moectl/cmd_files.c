// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "busiest.h"
#include "command.h"
#include "units.h"
#include "watch.h"

static const struct argp_option options[] = {
	{ "by", 'b', "process|path|user", 0, "Count by that; by process if not given", 0 },
	{ "last", 'l', "TIME", 0, "Only what happened in that time: 10m, 2h", 0 },
	{ "count", 'n', "N", 0, "Show the N busiest, 20 if not given", 0 },
	{ 0 },
};

struct input {
	enum busiest_by by;
	uint64_t count;
	int last; /* ms */
	bool limited;
};

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case ARGP_KEY_INIT:
		in->count = 20;
		return 0;
	case 'b':
		if (busiest_parse(arg, &in->by))
			complain_usage(state, "--by %s: give process, path or user", arg);
		return 0;
	case 'l':
		if (units_parse_seconds(arg, &in->last))
			complain_usage(state, "--last %s: give seconds, or a number with ms, s, m or h",
				       arg);
		in->limited = true;
		return 0;
	case 'n':
		if (units_parse_u64(arg, &in->count) || !in->count)
			complain_usage(state, "--count %s: give a number from 1", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- the log ---------------------------------------------------------------------------- */

struct reading {
	struct busiest *b;
	uint64_t since; /* ns since 1970 */
	uint64_t lost;	/* no longer held, of any type, and maybe not older than since */
	uint64_t oldest;
};

static int take(struct reading *r, const struct moeai_item *item)
{
	struct moeai_watch_event e;
	int err;

	if (item->kind == MOEAI_LOST)
		r->lost += item->lost.to - item->lost.from + 1;
	if (item->kind != MOEAI_EVENT)
		return 0;
	if (item->event.time < r->since) {
		r->lost = 0; /* what was before it is older still */
		return 0;
	}
	if (!r->oldest)
		r->oldest = item->event.time;
	err = moeai_watch_event(&item->event, &e);
	if (!err && e.kind == MOEAI_WATCH_EVENT_FILE)
		err = busiest_add(r->b, &e, item->event.time);
	if (err == -ENOMEM)
		return complain("out of memory");
	return err ? complain("event %" PRIu64 " of type %s makes no sense", item->event.seq,
			      item->event.type_name) : 0;
}

/* With the epoch, what is gone is told. */
static int open_log(struct moectl *ctl, struct moeai_monitor **m)
{
	char names[__MOEAI_FS_OP_MAX][32];
	const char *types[__MOEAI_FS_OP_MAX];
	struct moeai_monitor_options o = { .since = MOEAI_SINCE_OLDEST, .history = true,
					   .no_wait = true, .types = types,
					   .n_types = __MOEAI_FS_OP_MAX };
	struct moeai_status status;
	int err;

	if (command_open(ctl))
		return 1;
	err = moeai_status_get(ctl->h, &status);
	if (err)
		return complain_call(ctl->h, err);
	o.epoch = status.epoch;
	for (enum moeai_fs_op op = 0; op < __MOEAI_FS_OP_MAX; op++) {
		snprintf(names[op], sizeof(names[op]), "fs_logger.%s", moeai_watch_op_name(op));
		types[op] = names[op];
	}
	err = moeai_monitor_open(m, &o);
	if (err == -ENOENT)
		return complain("fs_logger is not loaded: modprobe moeai_fs_logger");
	if (err == -EPERM)
		return complain("reading events needs CAP_SYS_ADMIN: run as root or with that "
				"capability");
	return err ? complain_call(NULL, err) : 0;
}

static int read_log(struct moectl *ctl, struct reading *r)
{
	struct moeai_monitor *m;
	struct moeai_item item;
	int err, status;

	if (open_log(ctl, &m))
		return 1;
	do {
		err = moeai_monitor_next(m, &item, -1);
		status = err ? 0 : take(r, &item);
	} while ((!err || err == -EINTR) && !status);
	if (err && err != -ENODATA)
		status = watch_complain(m, err);
	moeai_monitor_close(m);
	return status;
}

static void tell_lost(const struct reading *r)
{
	char since[UNITS_LEN] = "";

	if (r->oldest)
		units_time(since, r->oldest);
	if (r->lost)
		complain("%" PRIu64 " events, of any type, are no longer in the log%s%s", r->lost,
			 *since ? ": this is what happened since " : "", since);
}

static int run(struct moectl *ctl, void *input)
{
	const struct input *in = input;
	struct reading r = { .b = busiest_new(in->by, BUSIEST_BYTES) };
	struct timespec now;
	int status;

	if (!r.b)
		return complain("out of memory");
	if (in->limited) {
		clock_gettime(CLOCK_REALTIME, &now);
		r.since = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec -
			  (uint64_t)in->last * 1000000;
	}
	status = read_log(ctl, &r);
	if (!status) {
		status = busiest_print(r.b, &ctl->out, in->count);
		tell_lost(&r);
	}
	busiest_free(r.b);
	return status;
}

const struct command cmd_files = {
	.name = "files",
	.summary = "Show who, or which files, the watches told of most",
	.details =
		"Counts the events of fs_logger that the log still holds, by process, path or user, "
		"the busiest first: how many in all, then of each operation. What was folded counts "
		"as often as it happened. A process that has executed another program is another "
		"one. It takes 16 MiB at most: of what is less busy then, missed says how many more "
		"there may have been. Which folders are watched, 'moectl watch list' says. Needs "
		"CAP_SYS_ADMIN and the module moeai_fs_logger.\n\n"
		"Examples:\n"
		"  moectl files\n"
		"  moectl files --by path --last 10m\n"
		"  moectl files --by user --json",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
