// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "follow.h"
#include "stream.h"
#include "watch.h"

struct input {
	struct selection selection; /* first: selection_argp's */
	struct follow follow;
};

static const struct argp_option options[] = { FOLLOW_OPTIONS, { 0 } };

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	return follow_parse(&in->follow, key, arg, state);
}

struct run {
	struct stream stream;
	bool present; /* the module was there from the start */
};

/* Returns 0, or 1 after complaining. */
static int show(struct follow *f, const struct moeai_item *item, void *arg)
{
	struct run *r = arg;

	/* To people the present epoch is no news; the next one is. */
	if (item->kind == MOEAI_EPOCH && r->present && f->out->form == FORM_PEOPLE) {
		r->present = false;
		return 0;
	}
	f->shown += item->kind == MOEAI_EVENT;
	return stream_item(&r->stream, item);
}

/* What is missing is waited for, but not in silence. */
static bool tell_missing(const struct selection *selection)
{
	struct moeai *h;
	int err = moeai_open(&h);

	if (!err) {
		watch_unknown_type(h, selection);
		moeai_close(h);
	} else if (err == -ENODEV) {
		complain("the kernel has no module moeai yet, waiting for it: load it with "
			 "'modprobe moeai'");
	}
	return !err;
}

static int run(struct moectl *ctl, void *input)
{
	struct run r = { .stream.out = &ctl->out };
	struct input *in = input;
	struct moeai_monitor_options o = selection_options(&in->selection);
	struct follow *f = &in->follow;
	int status;

	o.transport = f->transport;
	f->out = &ctl->out;
	follow_begin(f);
	r.present = tell_missing(&in->selection);
	if (watch_open(&f->m, &o, &in->selection))
		return 1;
	status = follow(f, show, &r);
	moeai_monitor_close(f->m);
	stream_free(&r.stream);
	return status;
}

const struct command cmd_monitor = {
	.name = "monitor",
	.summary = "Follow events as they happen",
	.details =
		"Ends by Ctrl-C, --count or --timeout. A module that is not loaded, or is loaded "
		"again, is waited for; while events come out of /dev/moeai, it can't be unloaded. "
		"Events that the kernel overwrote before they could be read "
		"are shown as lost, and accounted for on stderr at the end. Needs "
		"to read /dev/moeai (group moeai), or CAP_SYS_ADMIN.\n\n"
		"Off a terminal lines are separated by tabs and begin with what they are:\n"
		"  event SEQ TIME-NS PRIORITY TYPE SOURCE KEY=VALUE...\n"
		"  lost FROM TO REASON\n"
		"  epoch EPOCH      the module was loaded (again), seq begins at 1\n"
		"  gone             the module was unloaded\n"
		"In JSON they are objects, \"kind\" says which. Bytes that are not UTF-8 are \\xHH "
		"in texts, and characters U+F7HH in JSON.\n\n"
		"Examples:\n"
		"  moectl monitor\n"
		"  moectl monitor --since oldest --min-priority warning\n"
		"  moectl monitor --type mem_monitor.victim --json\n"
		"  moectl monitor --type 'mem_monitor.*' --count 1 --timeout 60\n"
		"  moectl monitor --transport netlink   the module may be unloaded meanwhile",
	.options = options,
	.child = &selection_argp,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
