// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "inquiry.h"
#include "units.h"

/* ---- the command line --------------------------------------------------------------- */

static void set_when(struct when *when, const char *option, const char *text,
		     const struct argp_state *state)
{
	if (when_parse(text, clock_ns(CLOCK_REALTIME), when))
		complain_usage(state,
			       "--%s %s: give a time ago (10m, 2h, 30d), '2026-01-31 23:59', "
			       "23:59, or a sequence number from 1",
			       option, text);
}

static void set_kind(struct inquiry *in, enum thing_kind kind, const struct argp_state *state)
{
	if (in->wanted && in->wanted != kind)
		complain_usage(state, "give one of --pid, --comm, --address, --path");
	in->wanted = kind;
}

error_t inquiry_parse(struct inquiry *in, int key, char *arg, const struct argp_state *state)
{
	switch (key) {
	case INQUIRY_PID:
	case INQUIRY_COMM:
	case INQUIRY_ADDRESS:
	case INQUIRY_PATH:
		set_kind(in, (enum thing_kind)(THING_PID + key - INQUIRY_PID), state);
		return 0;
	case 'f':
		if (!strcmp(arg, "-"))
			complain_usage(state, "--file -: it is read more than once, so give a file");
		in->history.file = arg;
		return 0;
	case 's':
		set_when(&in->since, "since", arg, state);
		return 0;
	case INQUIRY_UNTIL:
		set_when(&in->until, "until", arg, state);
		return 0;
	case ARGP_KEY_ARG:
		if (in->word)
			complain_usage(state, "one thing at a time: '%s' is too much", arg);
		in->word = arg;
		return 0;
	case ARGP_KEY_END:
		if (!in->word)
			complain_usage(state, "give a pid, the name of a process, an address or a "
					      "path");
		else if (!*in->word)
			complain_usage(state, "the argument is empty");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- the story ---------------------------------------------------------------------- */

static int parse_thing(struct inquiry *in)
{
	static const char *const wrong[] = {
		[THING_PID] = "no pid, which is a number",
		[THING_ADDRESS] = "no address, as 192.0.2.7, and no prefix, as 2001:db8::/32",
	};
	int err = thing_parse(&in->thing, in->word, in->wanted, in->history.file);

	if (err == -EINVAL && in->wanted < sizeof(wrong) / sizeof(*wrong) && wrong[in->wanted])
		return complain("'%s' is %s", in->word, wrong[in->wanted]);
	return err ? complain("%s: %s", in->word, strerror(-err)) : 0;
}

static const char *help_of(void *arg, const char *owner)
{
	return helps_get(arg, owner);
}

static int tell_all(struct inquiry *in, struct moectl *ctl)
{
	int again, status;

	status = history_begin(&in->history, ctl, in->story, &in->thing);
	if (!status && !in->history.file && helps_load(&in->helps, ctl->h))
		status = complain("%s", moeai_error(ctl->h));
	while (!status) {
		status = history_read(&in->history, in->story);
		again = status ? 0 : story_again(in->story);
		if (again < 0)
			return complain("out of memory");
		if (!again)
			break;
	}
	return status;
}

int inquiry_run(struct inquiry *in, struct moectl *ctl, bool (*besides)(const char *type_name),
		story_fn tell, void *arg)
{
	const struct story_options o = { .thing = &in->thing,
					 .since_time = in->since.time,
					 .since_seq = in->since.seq,
					 .until_time = in->until.time,
					 .until_seq = in->until.seq,
					 .besides = besides,
					 .tell = tell,
					 .arg = arg };

	in->sentence.escape = ctl->out.form == FORM_JSON ? 0 : ctl->out.escape;
	in->sentence.help = help_of;
	in->sentence.arg = &in->helps;
	in->sentence.users.numbers = in->history.file;
	if (parse_thing(in))
		return 1;
	in->story = story_new(&o);
	return in->story ? tell_all(in, ctl) : complain("out of memory");
}

void inquiry_end(struct inquiry *in)
{
	story_free(in->story);
	history_end(&in->history);
	sentence_free(&in->sentence);
	helps_free(&in->helps);
	thing_free(&in->thing);
}

bool inquiry_runs(const struct inquiry *in)
{
	const struct story_facts *facts = story_facts(in->story);
	uint32_t pid = facts->has_process ? facts->process.pid : in->thing.pid;
	uint64_t started = facts->process.started, now;
	char comm[16];

	if (in->history.file)
		return false;
	now = history_started(pid, comm);
	return now && (!started || (started >= now && started < now + STORY_TICK_NS));
}

int inquiry_notes(const struct inquiry *in, struct names *out)
{
	const struct story_facts *f = story_facts(in->story);
	uint64_t forgotten = f->trail ? trail_forgotten(f->trail) : 0;
	char oldest[UNITS_LEN];
	int err = 0;

	units_time(oldest, f->oldest);
	if (f->lost)
		err = names_format(out,
				   "%" PRIu64 " event%s, of any type, %s no longer in the %s%s%s",
				   f->lost, plural(f->lost), f->lost == 1 ? "is" : "are",
				   in->history.file ? "file" : "log",
				   f->held ? ", which begins at " : "", f->held ? oldest : "");
	if (!err && f->odd)
		err = names_format(out, "fields of %" PRIu64 " event%s make no sense", f->odd,
				   plural(f->odd));
	if (!err && f->unknown)
		err = names_format(out,
				   "%" PRIu64 " event%s of a module that was unloaded since: it is "
					      "not "
				   "known about what",
				   f->unknown, f->unknown == 1 ? " is" : "s are");
	if (!err && forgotten)
		err = names_format(out, "%" PRIu64 " rename%s too many to follow", forgotten,
				   forgotten == 1 ? " is" : "s are");
	return err;
}

int inquiry_nothing(struct inquiry *in, struct moectl *ctl)
{
	struct names hints = { 0 };

	if (inquiry_hints(in, ctl, &hints))
		complain("out of memory");
	for (size_t i = 0; i < hints.n; i++)
		complain("%s", hints.v[i]);
	names_free(&hints);
	return 1;
}
