// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "playback.h"
#include "selection.h"
#include "procfs.h"
#include "stream.h"
#include "watch.h"

struct input {
	struct selection selection; /* first: selection_argp's */
	uint64_t count;	      /* 0: all */
};

static const struct argp_option options[] = { PLAYBACK_OPTIONS, { 0 } };

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	if (key == ARGP_KEY_END && !in->selection.since_given)
		in->selection.since = MOEAI_SINCE_OLDEST;
	return playback_parse(&in->count, key, arg, state);
}

/* Whether there is to be more after this item. */
static bool wanted_more(struct input *in, const struct moeai_item *item)
{
	return item->kind != MOEAI_EVENT || !in->count || --in->count;
}

static int run_netlink(struct stream *s, struct input *in)
{
	struct moeai_monitor_options o = selection_options(&in->selection);
	struct moeai_monitor *m;

	o.history = true;
	o.no_wait = true;
	return watch_open(&m, &o, &in->selection) || playback_show(s, m, NULL, in->count);
}

static bool procfs_wanted(const struct selection *f, const struct moeai_item *item)
{
	if (f->since == MOEAI_SINCE_NOW || item->kind == MOEAI_EPOCH)
		return false;
	return item->kind == MOEAI_LOST ? item->lost.to >= f->since :
					  selection_wants(f, &item->event);
}

static int run_procfs(struct stream *s, struct input *in)
{
	char source[MOEAI_MAX_NAME_LEN], *text, *rest, *line;
	struct fields fields = { 0 };
	struct moeai_item item;
	int status = 0, err;

	if (procfs_read("log", &text))
		return 1;
	for (rest = text; !status && (line = strsep(&rest, "\n"));) {
		if (!*line)
			continue;
		err = procfs_parse_event(line, &item, source, &fields);
		if (err) {
			status = complain("cannot make sense of a line of " PROCFS "/log");
		} else if (procfs_wanted(&in->selection, &item)) {
			status = stream_fields(s, &item, &fields);
			if (!wanted_more(in, &item))
				break;
		}
	}
	fields_free(&fields);
	free(text);
	return status;
}

static int run(struct moectl *ctl, void *input)
{
	struct stream s = { .out = &ctl->out };
	int status = ctl->procfs ? run_procfs(&s, input) : run_netlink(&s, input);

	stream_free(&s);
	return status;
}

const struct command cmd_log = {
	.name = "log",
	.summary = "Show the events that the kernel still holds",
	.details = "It ends at the newest event; 'moectl monitor --since oldest' goes on from "
		   "there. What is no longer held is shown as lost. The forms of output are those "
		   "of monitor. Needs to read /dev/moeai (group moeai), or CAP_SYS_ADMIN.\n\n"
		   "Examples:\n"
		   "  moectl log --min-priority warning\n"
		   "  moectl log --type 'mem_monitor.*' --since 1000\n"
		   "  moectl log --json | jq -r .type | sort | uniq -c",
	.options = options,
	.child = &selection_argp,
	.procfs = true,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
