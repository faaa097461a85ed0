// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "show.h"

struct input {
	const char *priority;
	char *text;
};

static const struct argp_option options[] = {
	{ "priority", 'p', "PRIORITY", 0, "debug, info (the default), notice or warning", 0 },
	{ 0 },
};

/* Words become one text, as of echo. */
static int add_word(struct input *in, const char *word)
{
	char *text = NULL;

	if (asprintf(&text, "%s%s%s", in->text ? in->text : "", in->text ? " " : "", word) < 0)
		return -1;
	free(in->text);
	in->text = text;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;
	int priority;

	switch (key) {
	case 'p':
		priority = moeai_priority_parse(arg);
		if (priority < 0 || priority > MOEAI_PRIO_WARNING)
			complain_usage(state, "--priority %s: give debug, info, notice or warning",
				       arg);
		in->priority = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (add_word(in, arg))
			return ENOMEM;
		return 0;
	case ARGP_KEY_END:
		if (!in->text || !*in->text)
			complain_usage(state, "publish what? Give a text");
		if (strlen(in->text) > MOEAI_MESSAGE_LEN)
			complain_usage(state, "the text has more than %d bytes", MOEAI_MESSAGE_LEN);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	const char *name = in->priority ? in->priority : "info";
	int err, status = 0;

	if (command_open(ctl)) {
		free(in->text);
		return 1;
	}
	err = moeai_publish(ctl->h, (enum moeai_priority)moeai_priority_parse(name), in->text);
	if (err) {
		status = complain_call(ctl->h, err);
	} else if (ctl->out.form == FORM_JSON) {
		status = output_json(&ctl->out,
				     json_pack("{s:s, s:o}", "priority", name, "text",
					       show_json_text(in->text, strlen(in->text))));
	}
	free(in->text);
	return status;
}

const struct command cmd_publish = {
	.name = "publish",
	.arguments = "TEXT...",
	.summary = "Publish an event of type user.message",
	.details = "The kernel adds who published it. Events may be refused when there are too "
		   "many of one user. Needs CAP_NET_ADMIN. Prints nothing, or with --json what was "
		   "published.\n\n"
		   "Examples:\n"
		   "  moectl publish backup begins\n"
		   "  moectl publish --priority warning 'disk sda is hot'",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
