// SPDX-License-Identifier: GPL-2.0

#include "busiest.h"
#include "past.h"
#include "units.h"

static const struct argp_option options[] = {
	{ "by", 'b', "process|path|user", 0, "Count by that; by process if not given", 0 },
	{ "last", 'l', "TIME", 0, "Only what happened in that time: 10m, 2h, 30d", 0 },
	{ "count", 'n', "N", 0, "Show the N busiest, 20 if not given", 0 },
	{ 0 },
};

struct input {
	enum busiest_by by;
	uint64_t count;
	struct past past;
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
		past_parse_last(&in->past, arg, state);
		return 0;
	case 'n':
		if (units_parse_u64(arg, &in->count) || !in->count)
			complain_usage(state, "--count %s: give a number from 1", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int take(const struct moeai_event *event, void *busiest)
{
	struct moeai_watch_event e;
	int err = moeai_watch_event(event, &e);

	return err || e.kind != MOEAI_WATCH_EVENT_FILE ? err : busiest_add(busiest, &e, event->time);
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	struct busiest *b = busiest_new(in->by, BUSIEST_BYTES);
	char names[__MOEAI_FS_OP_MAX][32];
	const char *types[__MOEAI_FS_OP_MAX];
	int status;

	if (!b)
		return complain("out of memory");
	in->past.module = "fs_logger";
	in->past.types = types;
	in->past.n_types = __MOEAI_FS_OP_MAX;
	for (enum moeai_fs_op op = 0; op < __MOEAI_FS_OP_MAX; op++) {
		snprintf(names[op], sizeof(names[op]), "fs_logger.%s", moeai_watch_op_name(op));
		types[op] = names[op];
	}
	status = past_read(ctl, &in->past, take, b);
	if (!status) {
		status = busiest_print(b, &ctl->out, in->count);
		past_tell_lost(&in->past);
	}
	busiest_free(b);
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
