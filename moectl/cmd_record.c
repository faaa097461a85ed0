// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "command.h"
#include "incident_list.h"
#include "recorder.h"
#include "units.h"
#include "watch.h"

enum {
	KEY_ON = OPTION_FIRST,
	KEY_PRIORITY,
	KEY_BEFORE,
	KEY_AFTER,
	KEY_DIRECTORY,
	KEY_MAX_FILES,
	KEY_MAX_SIZE,
	KEY_NOW,
};

static const struct argp_option options[] = {
	{ "on", KEY_ON, "TYPE", 0,
	  "An event of that type is a trigger, too; 'mem_monitor.*' means all types that begin "
	  "so; may be repeated", 0 },
	{ "priority", KEY_PRIORITY, "PRIORITY", 0,
	  "An event of that priority and above is a trigger: critical, if not given, warning, "
	  "notice, info, debug; or none", 0 },
	{ "before", KEY_BEFORE, "SECONDS", 0,
	  "And so much of the time before it; 60 if not given", 0 },
	{ "after", KEY_AFTER, "SECONDS", 0,
	  "Record so much of what follows a trigger: 30, 500ms, 5m; 30 if not given", 0 },
	{ "directory", KEY_DIRECTORY, "DIR", 0,
	  "Where the files are; " INCIDENTS_FOLDER " if not given", 0 },
	{ "max-files", KEY_MAX_FILES, "N", 0,
	  "Remove the oldest when there are more; 32 if not given", 0 },
	{ "max-size", KEY_MAX_SIZE, "BYTES", 0,
	  "Or when they have more bytes together: 64M if not given", 0 },
	{ "now", KEY_NOW, 0, 0, "Record the time before now, and end", 0 },
	{ 0 },
};

struct input {
	struct recorder_options o;
	struct incidents d;
	bool now, list;
	bool given;    /* an option that list has no use for */
	bool triggers; /* one that --now has none for */
};

static void parse_trigger(struct input *in, int key, const char *arg,
			  const struct argp_state *state)
{
	int priority;

	if (key == KEY_ON) {
		if (in->o.n_types == RECORDER_TYPES)
			complain_usage(state, "--on %s: more than %d types", arg, RECORDER_TYPES);
		in->o.types[in->o.n_types++] = arg;
		return;
	}
	priority = strcmp(arg, "none") ? moeai_priority_parse(arg) : RECORDER_NEVER;
	if (priority < 0)
		complain_usage(state, "--priority %s: give debug, info, notice, warning, critical "
			       "or none", arg);
	in->o.priority = (unsigned int)priority;
}

static void parse_limit(struct input *in, int key, const char *arg, const struct argp_state *state)
{
	if (key == KEY_MAX_FILES && (units_parse_u64(arg, &in->d.max_files) || !in->d.max_files))
		complain_usage(state, "--max-files %s: give a number from 1", arg);
	if (key == KEY_MAX_SIZE && (units_parse_bytes(arg, &in->d.max_size) || !in->d.max_size))
		complain_usage(state, "--max-size %s: give bytes, like 64M", arg);
}

static void parse_time(struct input *in, int key, const char *arg, const struct argp_state *state)
{
	if (units_parse_seconds(arg, key == KEY_BEFORE ? &in->o.before : &in->o.after))
		complain_usage(state, "--%s %s: give seconds, or a number with ms, s, m or h, at most 596h",
			       key == KEY_BEFORE ? "before" : "after", arg);
}

static void check(const struct input *in, const struct argp_state *state)
{
	if (in->list && in->given)
		complain_usage(state, "of the options list takes --directory alone");
	if (in->now && in->triggers)
		complain_usage(state, "--now has no trigger: leave --on, --priority and --after out");
	if (!in->o.n_types && in->o.priority == RECORDER_NEVER)
		complain_usage(state, "--priority none: give --on, or nothing is ever recorded");
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	in->given |= key >= KEY_ON && key <= KEY_NOW && key != KEY_DIRECTORY;
	in->triggers |= key == KEY_ON || key == KEY_PRIORITY || key == KEY_AFTER;
	switch (key) {
	case ARGP_KEY_INIT:
		in->o = (struct recorder_options){ .priority = MOEAI_PRIO_CRITICAL,
						   .before = 60000, .after = 30000 };
		in->d = (struct incidents){ .path = INCIDENTS_FOLDER, .max_files = 32,
					    .max_size = 64 << 20, .fd = -1 };
		return 0;
	case KEY_ON:
	case KEY_PRIORITY:
		parse_trigger(in, key, arg, state);
		return 0;
	case KEY_BEFORE:
	case KEY_AFTER:
		parse_time(in, key, arg, state);
		return 0;
	case KEY_MAX_FILES:
	case KEY_MAX_SIZE:
		parse_limit(in, key, arg, state);
		return 0;
	case KEY_DIRECTORY:
		in->d.path = arg;
		return 0;
	case KEY_NOW:
		in->now = true;
		return 0;
	case ARGP_KEY_ARG:
		if (strcmp(arg, "list"))
			complain_usage(state, "'%s': there is only list", arg);
		in->list = true;
		return 0;
	case ARGP_KEY_END:
		check(in, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* A type that is not there yet is waited for, but not in silence. */
static void tell_missing(const struct recorder_options *o)
{
	struct selection wanted = { .n_types = o->n_types };
	struct moeai *h;
	int err = moeai_open(&h);

	memcpy(wanted.types, o->types, sizeof(o->types));
	if (!err) {
		watch_unknown_type(h, &wanted);
		moeai_close(h);
	} else if (err == -ENODEV) {
		complain("the kernel has no module moeai yet, waiting for it: load it with "
			 "'modprobe moeai'");
	}
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	int status;

	if (in->list ? incidents_look(&in->d) : incidents_open(&in->d))
		return 1;
	if (in->list) {
		status = incident_list(&in->d, &ctl->out);
	} else if (in->now) {
		status = recorder_now(&in->o, &in->d, &ctl->out);
	} else {
		tell_missing(&in->o);
		status = recorder_run(&in->o, &in->d, &ctl->out);
	}
	incidents_close(&in->d);
	return status;
}

const struct command cmd_record = {
	.name = "record",
	.arguments = "[list]",
	.summary = "Record what happens around critical events, as a flight recorder",
	.details =
		"Runs until Ctrl-C. When a trigger comes, it writes what the log has of the time "
		"before it, and what follows, to an incident file of its own, which 'moectl replay' "
		"reads on any machine, and Wireshark with MoeAI's dissector; a line tells of each. "
		"Further triggers in that time are marked in the same file and prolong it, to ten "
		"times --after at most. Files have their name only when they are whole, mode 0600, "
		"and the oldest go by --max-files and --max-size, of which no file has more after "
		"its trigger than a quarter. The module may come, go, and be loaded anew: a file has "
		"events of one load alone. list shows the files that there are. Needs "
		"CAP_SYS_ADMIN.\n\n"
		"Examples:\n"
		"  moectl record\n"
		"  moectl record --on net_guard.flood --before 5m --directory /srv/incidents\n"
		"  moectl record --now --before 10m\n"
		"  moectl record list",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
