// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "listing.h"
#include "procfs.h"
#include "show.h"

/* The arguments, NAME.PARAM=VALUE each, where argv has them. */
struct input {
	char **words;
	size_t n;
};

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;
	char **words;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!strchr(arg, '=') || !memchr(arg, '.', strcspn(arg, "=")))
			complain_usage(state, "'%s' is not NAME.PARAM=VALUE", arg);
		words = realloc(in->words, (in->n + 1) * sizeof(*words));
		if (!words)
			return ENOMEM;
		in->words = words;
		in->words[in->n++] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		complain_usage(state, "set what? Give NAME.PARAM=VALUE");
	}
	return ARGP_ERR_UNKNOWN;
}

static int set_procfs(const char *name, const char *value)
{
	struct fields reply = { 0 };
	char *words[2] = { NULL, NULL }, *answer = NULL;
	int status = 1;

	if (asprintf(&words[0], "name=%s", name) < 0 || asprintf(&words[1], "value=%s", value) < 0)
		complain("out of memory");
	else
		status = procfs_call("param.set", words, 2, -1, &reply, &answer);
	fields_free(&reply);
	free(answer);
	free(words[0]);
	free(words[1]);
	return status;
}

static int set_netlink(struct moectl *ctl, const char *name, const char *value)
{
	struct names names = { 0 };
	int err, status;

	if (command_open(ctl))
		return 1;
	err = moeai_param_set(ctl->h, name, value);
	if (!err)
		return 0;
	if (err != -ENOENT)
		return complain_call(ctl->h, err);
	listing_names(ctl->h, "params", "name", &names);
	status = listing_complain("parameter", name, &names, "'moectl module MODULE' lists them");
	names_free(&names);
	return status;
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	json_t *done = json_object();
	int status = 0;

	for (size_t i = 0; i < in->n && !status; i++) {
		char *value = strchr(in->words[i], '=');

		*value++ = '\0';
		status = ctl->procfs ? set_procfs(in->words[i], value) :
				       set_netlink(ctl, in->words[i], value);
		if (!status)
			json_object_set_new(done, in->words[i],
					    show_json_text(value, strlen(value)));
	}
	if (ctl->out.form == FORM_JSON)
		status |= output_json(&ctl->out, done);
	else
		json_decref(done);
	free(in->words);
	return status;
}

const struct command cmd_set = {
	.name = "set",
	.arguments = "NAME.PARAM=VALUE...",
	.summary = "Set parameters of modules",
	.details = "Values are written as the parameter's unit allows: 64M for bytes, 500ms for "
		   "durations, 15% for permille, labels for enums. The first that fails ends it. "
		   "Prints nothing, or with --json what was set. Needs CAP_NET_ADMIN.\n\n"
		   "Examples:\n"
		   "  moectl module mem_monitor         the parameters and their values\n"
		   "  moectl set mem_monitor.low=15%",
	.options = NULL,
	.parse = parse,
	.input_size = sizeof(struct input),
	.procfs = true,
	.run = run,
};
