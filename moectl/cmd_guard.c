// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "confirm.h"
#include "guard_load.h"
#include "guard_own.h"
#include "show.h"
#include "table.h"

#define MODE  "net_guard.mode"

enum { KEY_CONFIRM = OPTION_FIRST, KEY_FOR, KEY_REASON, KEY_EVEN_ME, KEY_SORT };

static const struct argp_option options[] = {
	{ "for", KEY_FOR, "TIME", 0, "block, allow, shadow: until that time has passed: 30s, 10m, 2h",
	  0 },
	{ "reason", KEY_REASON, "TEXT", 0, "Why; events and explain say so. load, sync: of lines without a comment", 0 },
	CONFIRM_OPTION(KEY_CONFIRM),
	{ "sort", KEY_SORT, "COLUMN", 0, "list, offenders: in order of that column; -COLUMN: the largest first", 0 },
	{ "even-me", KEY_EVEN_ME, 0, 0,
	  "Do not care whether the ssh clients from which your sessions come are shut out",
	  0 },
	{ 0 },
};

struct input;

static int put(struct moectl *ctl, const struct input *in);
static int block(struct moectl *ctl, const struct input *in);
static int erase(struct moectl *ctl, const struct input *in);
static int load(struct moectl *ctl, const struct input *in);
static int show(struct moectl *ctl, const struct input *in);
static int explain(struct moectl *ctl, const struct input *in);
static int mode(struct moectl *ctl, const struct input *in);
static int end_confirm(struct moectl *ctl, const struct input *in);

static const struct action {
	const char *name;
	const char *argument; /* NULL: takes none */
	int (*run)(struct moectl *ctl, const struct input *in);
	const char *with; /* the rule's action, or the table */
	enum moeai_action action;
} actions[] = {
	{ "block", "PREFIX", block, "drop", MOEAI_ACTION_REPLACE },
	{ "allow", "PREFIX", put, "allow", MOEAI_ACTION_REPLACE },
	{ "shadow", "PREFIX", put, "shadow", MOEAI_ACTION_REPLACE },
	{ "remove", "PREFIX", erase, NULL, MOEAI_ACTION_DELETE },
	{ "load", "FILE", load, NULL, 0 },
	{ "sync", "FILE", load, NULL, 0 },
	{ "list", NULL, show, GUARD_RULES, 0 },
	{ "offenders", NULL, show, "net_guard.offenders", 0 },
	{ "explain", "ADDRESS", explain, NULL, 0 },
	{ "mode", "off, shadow or enforce", mode, NULL, 0 },
	{ "confirm", NULL, end_confirm, NULL, MOEAI_ACTION_CONFIRM },
	{ "rollback", NULL, end_confirm, NULL, MOEAI_ACTION_ROLLBACK },
};

struct input {
	const struct action *action;
	char *word;
	char *timeout, *reason;
	const char *order;
	uint32_t confirm;
	bool even_me;
};

/* ---- the command line ---------------------------------------------------------------- */

static void add_word(struct input *in, char *word, const struct argp_state *state)
{
	if (in->action && (in->word || !in->action->argument))
		complain_usage(state, "%s: '%s' is too much", in->action->name, word);
	if (in->action) {
		in->word = word;
		return;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (!strcmp(actions[i].name, word))
			in->action = &actions[i];
	if (!in->action)
		complain_usage(state, "'%s' is none of block, allow, shadow, remove, load, "
			       "sync, list, offenders, explain, mode, confirm, rollback", word);
}

static void check(const struct input *in, const struct argp_state *state)
{
	const struct action *a = in->action;

	if (!a) {
		complain_usage(state, "do what? Give block, allow, list, explain, …");
		return;
	}
	if (a->argument && !in->word)
		complain_usage(state, "%s: give %s", a->name, a->argument);
	if (in->timeout && a->run != put && a->run != block)
		complain_usage(state, "--for is for block, allow and shadow");
	if (in->reason && a->run != put && a->run != block && a->run != load)
		complain_usage(state, "--reason is for block, allow, shadow, load and sync");
	if (in->order && a->run != show)
		complain_usage(state, "--sort is for list and offenders");
	if (in->even_me && (!a->argument || a->run == explain || !strcmp(a->name, "allow")))
		complain_usage(state, "--even-me is for block, shadow, remove, load, sync and mode");
	if (in->confirm && (!a->argument || a->run == explain))
		complain_usage(state, "--confirm is for block, allow, shadow, remove, load, sync and mode");
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case KEY_FOR:
		in->timeout = arg;
		return 0;
	case KEY_REASON:
		in->reason = arg;
		return 0;
	case KEY_SORT:
		in->order = arg;
		return 0;
	case KEY_EVEN_ME:
		in->even_me = true;
		return 0;
	case KEY_CONFIRM:
		in->confirm = confirm_parse(arg, state);
		return 0;
	case ARGP_KEY_ARG:
		add_word(in, arg, state);
		return 0;
	case ARGP_KEY_END:
		check(in, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- the work ------------------------------------------------------------------------ */

/* A row of those that have a value, and what goes @with it. */
static int change(struct moectl *ctl, const struct input *in, const char *action,
		  const struct change *with)
{
	const char *const pairs[][2] = { { "prefix", in->word },
					 { "action", action },
					 { "timeout", in->timeout },
					 { "reason", in->reason } };
	struct change c = { .table = GUARD_RULES, .action = in->action->action,
			    .confirm = in->confirm, .with = with };
	char *words[sizeof(pairs) / sizeof(*pairs)];
	int status = 0;

	c.words = words;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs) && !status; i++) {
		if (!pairs[i][1])
			continue;
		if (asprintf(&words[c.n], "%s=%s", pairs[i][0], pairs[i][1]) < 0)
			status = complain("out of memory");
		else
			c.n++;
	}
	if (!status)
		status = change_run(ctl, &c);
	while (c.n)
		free(words[--c.n]);
	return status;
}

static int report(struct moectl *ctl, const char *mode, const char *rules, uint32_t confirm)
{
	FILE *to = ctl->out.file;
	const char *sign = ctl->out.form == FORM_PEOPLE ? " " : "\t";

	if (ctl->out.form == FORM_JSON)
		return output_json(&ctl->out, json_pack("{s:s*, s:s*, s:o*}", "mode", mode, "rules",
							rules, "confirm",
							confirm ? json_integer(confirm) : NULL));
	if (mode)
		fprintf(to, "mode%s%s", sign, mode);
	if (confirm && ctl->out.form == FORM_PEOPLE)
		fprintf(to, ", to be undone in %" PRIu32 " s; 'moectl guard confirm' keeps it", confirm);
	else if (confirm)
		fprintf(to, "\nconfirm\t%" PRIu32, confirm);
	fprintf(to, rules ? "%srules%s%s\n" : "\n", mode ? "\n" : "", sign, rules);
	return 0;
}

/* ---- the actions ------------------------------------------------------------------------ */

static int put(struct moectl *ctl, const struct input *in)
{
	if (!strcmp(in->action->with, "shadow") && (!in->even_me && guard_keep(ctl, in->word)))
		return 1;
	return change(ctl, in, in->action->with, NULL);
}

static int block(struct moectl *ctl, const struct input *in)
{
	struct guard_allows a = { .n = 0 };
	int status = in->even_me ? 0 : guard_allows_find(ctl, &a, in->word, in->timeout);

	if (!status)
		status = change(ctl, in, in->action->with, a.n ? &a.row[a.n - 1] : NULL);
	guard_allows_free(&a);
	return status;
}

static int erase(struct moectl *ctl, const struct input *in)
{
	return !in->even_me && guard_keep(ctl, in->word) ? 1 : change(ctl, in, NULL, NULL);
}

static int load(struct moectl *ctl, const struct input *in)
{
	return guard_load(ctl, &(struct guard_load){ .file = in->word, .reason = in->reason,
						     .confirm = in->confirm,
						     .sync = !strcmp(in->action->name, "sync"),
						     .even_me = in->even_me });
}

static int show(struct moectl *ctl, const struct input *in)
{
	return table_print(ctl, in->action->with, &(struct where){ 0 }, in->order);
}

/*
 * Of the mode, and of the rules: whichever awaits that, or both. Rules may be what keeps
 * a session open under a mode, so they don't go back if that does not. A kernel that
 * knows no such mode, or no net_guard, says so of the rules, too.
 */
static int end_confirm(struct moectl *ctl, const struct input *in)
{
	bool keep = in->action->action == MOEAI_ACTION_CONFIRM;
	const char *what = keep ? "confirmed" : "rolled back";
	int mode, rules, status = 0;

	if (command_open(ctl))
		return 1;
	mode = keep ? moeai_param_confirm(ctl->h, MODE) : moeai_param_rollback(ctl->h, MODE);
	if (mode && mode != -ENODATA && mode != -ENOENT) {
		status = guard_failed(ctl, mode);
		if (!keep)
			return status;
	}
	rules = keep ? moeai_table_confirm(ctl->h, GUARD_RULES) :
		       moeai_table_rollback(ctl->h, GUARD_RULES);
	if (rules && (rules != -ENODATA || mode == -ENODATA || mode == -ENOENT))
		status = guard_failed(ctl, rules);
	if (mode && rules)
		return 1;
	if (keep && mode == -ENODATA && ctl->out.form == FORM_PEOPLE)
		complain("no change of the mode awaited that: see 'moectl module net_guard'");
	return status | report(ctl, mode ? NULL : what, rules ? NULL : what, 0);
}

static int explain(struct moectl *ctl, const struct input *in)
{
	const struct moeai_arg arg = MOEAI_TEXT("address", in->word);
	struct moeai_reply *reply;
	struct moeai_values values;
	struct fields r = { 0 };
	int err, status;

	if (command_open(ctl))
		return 1;
	err = moeai_call(ctl->h, "net_guard.explain", &arg, 1, 10000, &reply);
	if (err)
		return guard_failed(ctl, err);
	values = moeai_reply_values(reply);
	err = fields_decode(&r, &values);
	if (err)
		status = complain_call(NULL, err);
	else if (ctl->out.form == FORM_JSON)
		status = output_json(&ctl->out, show_fields_json(&r));
	else
		status = show_fields_lines(&ctl->out, &r);
	fields_free(&r);
	moeai_reply_free(reply);
	return status;
}

/* Detectors that drop may find a session of his own. @allowed: there are rules for that. */
static int allow_before(struct moectl *ctl, uint32_t confirm, bool *allowed)
{
	struct guard_allows a = { .n = 0 };
	int status = guard_allows_find(ctl, &a, NULL, NULL);

	*allowed = !status && a.n;
	if (*allowed) {
		a.row[a.n - 1].confirm = confirm;
		a.row[a.n - 1].silent = true;
		status = change_run(ctl, &a.row[a.n - 1]);
	}
	guard_allows_free(&a);
	return status;
}

/* Rules that keep a session open go after what they are needed for. */
static uint32_t somewhat_later(uint32_t confirm)
{
	if (!confirm || confirm > MOEAI_CONFIRM_MAX - GUARD_MARGIN_S)
		return confirm;
	return confirm + GUARD_MARGIN_S;
}

static int mode(struct moectl *ctl, const struct input *in)
{
	bool allowed = false;
	int err;

	if (command_open(ctl))
		return 1;
	if (!in->even_me && !strcmp(in->word, "enforce") &&
	    allow_before(ctl, somewhat_later(in->confirm), &allowed))
		return 1;
	err = moeai_param_try(ctl->h, MODE, in->word, in->confirm);
	if (!err)
		return report(ctl, in->word, NULL, in->confirm);
	guard_failed(ctl, err);
	if (!allowed)
		return 1;
	if (in->confirm && !moeai_table_rollback(ctl->h, GUARD_RULES))
		return 1;
	return complain("the rules that allow your sessions stay");
}

static int run(struct moectl *ctl, void *input)
{
	const struct input *in = input;

	return in->action->run(ctl, in);
}

const struct command cmd_guard = {
	.name = "guard",
	.arguments = "block|allow|shadow|remove PREFIX | load|sync FILE | explain ADDRESS | list | offenders | "
		     "mode MODE | confirm | rollback",
	.summary = "Say who may send packets here, and see who floods and scans",
	.details = "Rules are by source address. allow wins over block, whatever the lengths; "
		   "shadow only counts and tells. block, allow and shadow take the place of a "
		   "rule for the same prefix. Whoever changes a rule is not to shut himself out: "
		   "if an ssh session of his comes from the prefix, block and mode enforce allow "
		   "its address as well, and what would take away the rule that keeps it open, or "
		   "block just that address, is refused, without --even-me. load puts the lines "
		   "of a file, sync also removes rules that people made and the file does not "
		   "have, and changes nothing else. A line is an address or a prefix, behind "
		   "allow or shadow if it is not to be blocked; a comment is its reason. mode is that of the detectors: with enforce they "
		   "drop what is over a limit, and make rules that end by themselves; with "
		   "shadow they say what they would have done. Needs CAP_NET_ADMIN, list, "
		   "sync and offenders CAP_SYS_ADMIN, and the module moeai_net_guard.\n\n"
		   "Examples:\n"
		   "  moectl guard block 192.0.2.0/24 --for 1h --reason 'brute force'\n"
		   "  moectl guard allow 198.51.100.7 --confirm 60\n"
		   "  moectl guard sync blocklist.txt --confirm 60\n"
		   "  moectl guard list --sort=-hits\n"
		   "  moectl guard explain 192.0.2.55\n"
		   "  moectl guard mode enforce --confirm 60\n"
		   "  moectl set net_guard.syn_rate=50",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
