// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "confirm.h"
#include "listing.h"
#include "procfs.h"
#include "show.h"

enum { KEY_CONFIRM = OPTION_FIRST };

static const struct argp_option options[] = {
	CONFIRM_OPTION(KEY_CONFIRM),
	{ 0 },
};

/* NAME.PARAM=VALUE each, or what to end and NAME.PARAM each; where argv has them. */
struct input {
	const char *end; /* "confirm", "rollback" or NULL */
	char **words;
	size_t n;
	uint32_t confirm;
};

/* ---- the command line ------------------------------------------------------------------- */

static error_t add_word(struct input *in, char *word, const struct argp_state *state)
{
	bool named = memchr(word, '.', strcspn(word, "="));
	char **words;

	if (!in->n && !in->end && (!strcmp(word, "confirm") || !strcmp(word, "rollback"))) {
		in->end = word;
		return 0;
	}
	if (in->end && (!named || strchr(word, '=')))
		complain_usage(state, "%s: '%s' is not NAME.PARAM", in->end, word);
	if (!in->end && (!named || !strchr(word, '=')))
		complain_usage(state, "'%s' is not NAME.PARAM=VALUE", word);
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
	case KEY_CONFIRM:
		in->confirm = confirm_parse(arg, state);
		return 0;
	case ARGP_KEY_ARG:
		return add_word(in, arg, state);
	case ARGP_KEY_NO_ARGS:
		complain_usage(state, "set what? Give NAME.PARAM=VALUE");
	case ARGP_KEY_END:
		if (in->end && in->confirm)
			complain_usage(state, "--confirm is for setting a parameter");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- the work ---------------------------------------------------------------------------- */

/* Arguments that are NULL are left out. */
static int call_procfs(const char *command, const char *name, const char *value,
		       uint32_t confirm)
{
	char *words[3] = { NULL }, *answer = NULL;
	struct fields reply = { 0 };
	int n = 0, status = 1;

	if ((name && asprintf(&words[n++], "name=%s", name) < 0) ||
	    (value && asprintf(&words[n++], "value=%s", value) < 0) ||
	    (confirm && asprintf(&words[n++], "confirm=%" PRIu32, confirm) < 0))
		complain("out of memory");
	else
		status = procfs_call(command, words, n, -1, &reply, &answer);
	fields_free(&reply);
	free(answer);
	while (n)
		free(words[--n]);
	return status;
}

/* Returns 0, or 1 after complaining. */
static int failed(struct moectl *ctl, const char *name, int err)
{
	struct names names = { 0 };
	int status;

	if (!err)
		return 0;
	if (err != -ENOENT || !name)
		return complain_call(ctl->h, err);
	listing_names(ctl->h, "params", "name", &names);
	status = listing_complain("parameter", name, &names, "'moectl module MODULE' lists them");
	names_free(&names);
	return status;
}

static int set_one(struct moectl *ctl, const char *name, const char *value, uint32_t confirm)
{
	if (ctl->procfs)
		return call_procfs("param.set", name, value, confirm);
	return command_open(ctl) ||
	       failed(ctl, name, moeai_param_try(ctl->h, name, value, confirm));
}

/* @name NULL: all that await it. */
static int end_one(struct moectl *ctl, const char *name, bool keep)
{
	if (ctl->procfs)
		return call_procfs(keep ? "param.confirm" : "param.rollback", name, NULL, 0);
	return command_open(ctl) || failed(ctl, name, keep ? moeai_param_confirm(ctl->h, name) :
							     moeai_param_rollback(ctl->h, name));
}

static int tell_table(void *unused, const struct fields *row)
{
	const char *name = fields_text(row, "name");

	if (name && fields_u64(row, "awaits", 0))
		complain("table %s: a change still awaits its confirmation: 'moectl table %s "
			 "confirm' keeps it", name, name);
	return 0;
}

/* What is kept may be no good without a table's change that isn't. */
static void tell_tables(struct moectl *ctl)
{
	int err = listing_walk(ctl->h, "tables", NULL, tell_table, NULL);

	if (err) /* kept is kept */
		complain_call(ctl->h, err);
}

static int end(struct moectl *ctl, const struct input *in)
{
	bool keep = !strcmp(in->end, "confirm");
	int status = in->n ? 0 : end_one(ctl, NULL, keep);

	/* One that can't be ended keeps no other from it. */
	for (size_t i = 0; i < in->n; i++)
		status |= end_one(ctl, in->words[i], keep);
	if (!status && keep && !ctl->procfs)
		tell_tables(ctl);
	if (!status && ctl->out.form == FORM_JSON)
		return output_json(&ctl->out, json_object());
	return status;
}

static int set(struct moectl *ctl, const struct input *in)
{
	json_t *done = json_object();
	int status = 0;

	for (size_t i = 0; i < in->n && !status; i++) {
		char *value = strchr(in->words[i], '=');

		*value++ = '\0';
		status = set_one(ctl, in->words[i], value, in->confirm);
		if (!status)
			json_object_set_new(done, in->words[i],
					    show_json_text(value, strlen(value)));
	}
	if (json_object_size(done) && in->confirm && ctl->out.form == FORM_PEOPLE)
		fprintf(ctl->out.file, "to be undone in %" PRIu32 " s; 'moectl set confirm' keeps "
			"it\n", in->confirm);
	if (ctl->out.form == FORM_JSON)
		status |= output_json(&ctl->out, done);
	else
		json_decref(done);
	return status;
}

static int run(struct moectl *ctl, void *input)
{
	const struct input *in = input;
	int status = in->end ? end(ctl, in) : set(ctl, in);

	free(in->words);
	return status;
}

const struct command cmd_set = {
	.name = "set",
	.arguments = "NAME.PARAM=VALUE... | confirm [NAME.PARAM...] | rollback [NAME.PARAM...]",
	.summary = "Set parameters of modules",
	.details = "Values are written as the parameter's unit allows: 64M for bytes, 500ms for "
		   "durations, 15% for permille, labels for enums. The first that fails ends it. "
		   "Prints nothing, or with --json what was set. With --confirm the kernel brings "
		   "the old values back in time: confirm keeps what was set, rollback undoes it "
		   "now; of all that await it, unless some are named. Needs CAP_NET_ADMIN.\n\n"
		   "Examples:\n"
		   "  moectl module mem_monitor         the parameters and their values\n"
		   "  moectl set mem_monitor.low=15%\n"
		   "  moectl set net_guard.syn_rate=20 --confirm 60\n"
		   "  moectl set confirm",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.procfs = true,
	.run = run,
};
