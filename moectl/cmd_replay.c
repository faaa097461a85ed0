// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "playback.h"
#include "selection.h"

struct input {
	struct selection selection; /* first: selection_argp's */
	const char *file;
	uint64_t count; /* 0: all */
};

static const struct argp_option options[] = { PLAYBACK_OPTIONS, { 0 } };

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case ARGP_KEY_ARG:
		return command_parse_word(key, arg, state, &in->file);
	case ARGP_KEY_END:
		if (!in->file)
			complain_usage(state, "which file?");
		if (in->selection.since_given && in->selection.since == MOEAI_SINCE_NOW)
			complain_usage(state, "--since now: a file has no present");
		return 0;
	}
	return playback_parse(&in->count, key, arg, state);
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	struct moeai_monitor_options o = selection_options(&in->selection);
	struct stream s = { .out = &ctl->out };
	struct moeai_monitor *m;
	int status = playback_open(&m, in->file, &o) || playback_show(&s, m, in->file, in->count);

	stream_free(&s);
	return status;
}

const struct command cmd_replay = {
	.name = "replay",
	.arguments = "FILE",
	.summary = "Show the events of an incident file, on any machine",
	.details = "FILE is what 'moectl record' has written; - is standard input. No kernel module "
		   "is needed: what events mean stands in the file. The forms of output are those of "
		   "log. A file that was cut short, or changed, or is of another version, is shown as "
		   "far as it is whole; then it says at which byte it is not, with exit status 1.\n\n"
		   "Examples:\n"
		   "  moectl replay incident-20260131T235959.000Z.pcapng\n"
		   "  ssh host cat FILE | moectl replay - --min-priority warning\n"
		   "  moectl replay FILE --json | jq -r .type | sort | uniq -c",
	.options = options,
	.child = &selection_argp,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
