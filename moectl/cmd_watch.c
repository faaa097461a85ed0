// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "table.h"
#include "units.h"
#include "watching.h"

enum {
	KEY_RECURSIVE = OPTION_FIRST,
	KEY_NO_RECURSIVE,
	KEY_OPS,
	KEY_EXCLUDE,
	KEY_FOLD,
	KEY_MOUNTS,
	KEY_EXCLUDE_SELF,
	KEY_INCLUDE_SELF,
};

static const struct argp_option options[] = {
	{ "recursive", KEY_RECURSIVE, 0, 0, "All below the folder, as is done if not given", 0 },
	{ "no-recursive", KEY_NO_RECURSIVE, 0, 0, "Only the folder and what is in itself", 0 },
	{ "ops", KEY_OPS, "OP,...", 0,
	  "Which operations: create, modify, close_write, delete, rename, attrib, exec, open, or "
	  "all; if not given, all but exec and open", 0 },
	{ "exclude", KEY_EXCLUDE, "GLOB", 0,
	  "Leave out what has such a name, and all below it; with a / in front: what is at that "
	  "path below the folder; may be repeated", 0 },
	{ "fold", KEY_FOLD, "TIME", 0,
	  "Tell the same operation by the same process on the same file once in that time, and "
	  "then how many followed: 1s, 500ms", 0 },
	{ "mounts", KEY_MOUNTS, 0, 0, "Watch what is mounted below as well", 0 },
	{ "exclude-self", KEY_EXCLUDE_SELF, 0, 0,
	  "Leave out what this moectl does itself, as is done while following", 0 },
	{ "include-self", KEY_INCLUDE_SELF, 0, 0, "Do not leave it out", 0 },
	FOLLOW_OPTIONS,
	{ 0 },
};

struct input;

static int add(struct moectl *ctl, struct input *in);
static int erase(struct moectl *ctl, struct input *in);
static int list(struct moectl *ctl, struct input *in);
static int follow_path(struct moectl *ctl, struct input *in);

static const struct action {
	const char *name; /* NULL: the path stands here */
	bool path;
	int (*run)(struct moectl *ctl, struct input *in);
} actions[] = {
	{ "add", true, add },
	{ "remove", true, erase },
	{ "list", false, list },
	{ NULL, true, follow_path },
};

struct input {
	struct follow follow;
	const struct action *action;
	struct watching w;
	bool no_recursive, self; /* given */
	const char *how;	 /* the last option on how to watch, or NULL */
};

/* ---- the command line ------------------------------------------------------------------ */

static void add_word(struct input *in, const char *word, const struct argp_state *state)
{
	if (in->action && (in->w.path || !in->action->path))
		complain_usage(state, "'%s' is too much", word);
	if (in->action) {
		in->w.path = word;
		return;
	}
	in->action = actions;
	while (in->action->name && strcmp(in->action->name, word) != 0)
		in->action++;
	if (!in->action->name)
		in->w.path = word;
}

static void set_fold(struct input *in, const char *text, const struct argp_state *state)
{
	int ms;

	if (units_parse_seconds(text, &ms) || ms > 3600000)
		complain_usage(state, "--fold %s: give seconds, up to 3600, or a number with ms, s, "
			       "m or h", text);
	in->w.options.fold = (uint64_t)ms * 1000000;
}

static void check(struct input *in, const struct argp_state *state)
{
	const struct action *a = in->action;

	if (!a) {
		complain_usage(state, "watch what? Give a path, or add, remove, list");
		return;
	}
	if (a->path && !in->w.path)
		complain_usage(state, "%s: give PATH", a->name);
	if (in->w.path && !*in->w.path)
		complain_usage(state, "the path is empty");
	if (in->how && a->run != add && a->run != follow_path)
		complain_usage(state, "%s is for adding and following", in->how);
	if (in->w.mounts && a->run == list)
		complain_usage(state, "--mounts is for adding, removing and following");
	if (in->w.mounts && in->no_recursive)
		complain_usage(state, "--mounts: what is mounted below is not watched with "
			       "--no-recursive");
	if ((in->follow.count || in->follow.timed || in->follow.transport) && a->name)
		complain_usage(state, "--count, --timeout and --transport are for following a path");
	in->w.options.recursive = !in->no_recursive;
	if (!in->self)
		in->w.options.exclude_self = a->run == follow_path;
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case KEY_RECURSIVE:
	case KEY_NO_RECURSIVE:
		in->no_recursive = key == KEY_NO_RECURSIVE;
		in->how = "--recursive";
		return 0;
	case KEY_OPS:
		if (watching_parse_ops(arg, &in->w.options.ops))
			complain_usage(state, "--ops %s: give some of create, modify, close_write, "
				       "delete, rename, attrib, exec, open, joined by ',', or all",
				       arg);
		in->how = "--ops";
		return 0;
	case KEY_EXCLUDE:
		if (watching_add_exclude(&in->w, arg))
			complain_usage(state, "--exclude: more than %d bytes in all", EXCLUDE_LEN);
		in->how = "--exclude";
		return 0;
	case KEY_FOLD:
		set_fold(in, arg, state);
		in->how = "--fold";
		return 0;
	case KEY_MOUNTS:
		in->w.mounts = true;
		return 0;
	case KEY_EXCLUDE_SELF:
	case KEY_INCLUDE_SELF:
		in->w.options.exclude_self = key == KEY_EXCLUDE_SELF;
		in->self = true;
		in->how = "--exclude-self";
		return 0;
	case ARGP_KEY_ARG:
		add_word(in, arg, state);
		return 0;
	case ARGP_KEY_END:
		check(in, state);
		return 0;
	}
	return follow_parse(&in->follow, key, arg, state);
}

/* ---- the actions ------------------------------------------------------------------------ */

static int add(struct moectl *ctl, struct input *in)
{
	return watching_add(ctl, &in->w);
}

static int erase(struct moectl *ctl, struct input *in)
{
	return watching_remove(ctl, &in->w);
}

static int list(struct moectl *ctl, struct input *in)
{
	struct watching_txn x;
	int status = watching_begin_empty(&x, ctl); /* is it there? */

	watching_end(&x);
	return status ? status : table_print(ctl, WATCHES, &(struct where){ 0 });
}

static int follow_path(struct moectl *ctl, struct input *in)
{
	return watching_follow(ctl, &in->w, &in->follow);
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;

	return in->action->run(ctl, in);
}

const struct command cmd_watch = {
	.name = "watch",
	.arguments = "PATH | add PATH | remove PATH | list",
	.summary = "See who does what to which file",
	.details =
		"With a path alone, follow what is done to the file, or in the folder and below, until "
		"Ctrl-C, --count or --timeout: a line each, with the process, the user, and the "
		"program as they were in that moment, also of a process that has ended since. That "
		"watch goes when moectl ends, however it does. add makes one that stays, whose "
		"events are in the log for 'moectl files', 'moectl log --source fs_logger' and "
		"others; remove takes it away. A folder is followed when it is renamed. What is "
		"mounted below is another file system: it is told, and watched with --mounts. "
		"What no watch sees: stores through mmap, what other clients do on a network file "
		"system. Needs CAP_NET_ADMIN; with --recursive CAP_DAC_READ_SEARCH, to follow and "
		"list CAP_SYS_ADMIN; and the module moeai_fs_logger.\n\n"
		"Off a terminal lines are separated by tabs and begin with what they are:\n"
		"  file SEQ TIME-NS OP PATH OLD-PATH COUNT PID COMM USER EXE\n"
		"  watch SEQ TIME-NS CHANGE WATCH INSIDE OLD-INSIDE\n"
		"and those of monitor. In JSON they are as monitor's, with path, old_path and user "
		"beside the fields.\n\n"
		"Examples:\n"
		"  moectl watch /etc\n"
		"  moectl watch / --mounts --ops exec\n"
		"  moectl watch ~/src --exclude .git --exclude '*.o' --fold 1s\n"
		"  moectl watch /srv --ops delete,rename --json\n"
		"  moectl watch add /etc\n"
		"  moectl watch remove /etc",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
