// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "command.h"
#include "listing.h"
#include "procfs.h"
#include "show.h"
#include "units.h"

struct input {
	char *command; /* NULL: list them */
	char **words;  /* key=value */
	size_t n;
	int timeout; /* ms */
	bool list;
};

static const struct argp_option options[] = {
	{ "list", 'l', 0, 0, "List the commands with their arguments", 0 },
	{ "timeout", 'T', "SECONDS", 0, "Wait that long for the answer (10): 0.5, 500ms, 2m", 0 },
	{ 0 },
};

static error_t add_word(struct input *in, char *word, const struct argp_state *state)
{
	char **words;

	if (!in->command) {
		in->command = word;
		return 0;
	}
	if (!strchr(word, '=') || *word == '=')
		complain_usage(state, "'%s' is not key=value", word);
	words = realloc(in->words, (in->n + 1) * sizeof(*words));
	if (!words)
		return ENOMEM;
	in->words = words;
	in->words[in->n++] = word;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case ARGP_KEY_INIT:
		in->timeout = 10000;
		return 0;
	case 'l':
		in->list = true;
		return 0;
	case 'T':
		if (units_parse_seconds(arg, &in->timeout) || !in->timeout)
			complain_usage(state, "--timeout %s: give seconds, or a number with ms, s, "
				       "m or h, at most 596h", arg);
		return 0;
	case ARGP_KEY_ARG:
		return add_word(in, arg, state);
	case ARGP_KEY_END:
		if (in->list && in->command)
			complain_usage(state, "--list and a command do not go together");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* What a command answered. */
static int print_reply(struct output *out, const struct fields *reply)
{
	if (out->form == FORM_JSON)
		return output_json(out, show_fields_json(reply));
	return show_fields_lines(out, reply);
}

/* -ENOENT is the command's own answer, or there is no such command. */
static int failed(struct moectl *ctl, const struct input *in, int err)
{
	char *reason = strdup(moeai_error(ctl->h));
	struct names names = { 0 };
	int status;

	if (err != -ENOENT || listing_names(ctl->h, "commands", "name", &names) ||
	    names_have(&names, in->command))
		status = complain("%s", reason && *reason ? reason : moeai_strerror(err));
	else
		status = listing_complain("command", in->command, &names,
					  "'moectl run --list' lists them");
	names_free(&names);
	free(reason);
	return status;
}

static int run_netlink(struct moectl *ctl, const struct input *in)
{
	struct moeai_arg *args = calloc(in->n + 1, sizeof(*args));
	struct moeai_reply *reply = NULL;
	struct moeai_values values;
	struct fields r = { 0 };
	int err, status = 1;

	if (!args)
		return complain("out of memory");
	for (size_t i = 0; i < in->n; i++) {
		char *value = strchr(in->words[i], '=');

		*value++ = '\0';
		args[i] = (struct moeai_arg)MOEAI_TEXT(in->words[i], value);
	}
	if (command_open(ctl))
		goto out;
	err = moeai_call(ctl->h, in->command, args, in->n, in->timeout, &reply);
	if (err) {
		status = failed(ctl, in, err);
		goto out;
	}
	values = moeai_reply_values(reply);
	err = fields_decode(&r, &values);
	status = err ? complain_call(NULL, err) : print_reply(&ctl->out, &r);
out:
	fields_free(&r);
	moeai_reply_free(reply);
	free(args);
	return status;
}

static int run_procfs(struct moectl *ctl, const struct input *in)
{
	struct fields reply = { 0 };
	char *answer;
	int status = procfs_call(in->command, in->words, in->n, in->timeout, &reply, &answer);

	if (!status)
		status = print_reply(&ctl->out, &reply);
	fields_free(&reply);
	free(answer);
	return status;
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	int status;

	if (in->command)
		status = ctl->procfs ? run_procfs(ctl, in) : run_netlink(ctl, in);
	else if (ctl->procfs)
		status = complain("procfs has no list of commands: leave --procfs out");
	else
		status = calls_list(ctl);
	free(in->words);
	return status;
}

const struct command cmd_run = {
	.name = "run",
	.arguments = "[COMMAND [KEY=VALUE...]]",
	.summary = "Call a command of the kernel; without one, list them",
	.details = "Values are written as the argument's type and unit allow: 64M for bytes, 500ms "
		   "for durations, 192.0.2.0/24 for prefixes, labels for enums. Prints the fields "
		   "of the answer. Needs CAP_NET_ADMIN; the list needs nothing.\n\n"
		   "Examples:\n"
		   "  moectl run --list\n"
		   "  moectl run core.ping text=hello\n"
		   "  moectl run core.ping delay=2s --timeout 5 --json\n"
		   "  moectl run module.stop name=mem_monitor",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.procfs = true,
	.run = run,
};
