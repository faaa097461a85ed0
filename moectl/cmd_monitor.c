// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "stream.h"
#include "units.h"
#include "watch.h"

#define BURST 256 /* items between looks at signals and the clock */

struct input {
	struct selection selection; /* first: selection_argp's */
	uint64_t count;	      /* 0: no limit */
	int timeout;	      /* ms */
	bool timed;
	enum moeai_transport transport;
};

static const struct argp_option options[] = {
	{ "count", 'n', "N", 0, "End after N events; exit status 1 if there were fewer", 0 },
	{ "timeout", 'T', "SECONDS", 0, "End after that time: 10, 0.5, 500ms, 2m", 0 },
	{ "transport", 'x', "TRANSPORT", 0,
	  "How events come: mapped, out of /dev/moeai, which keeps the module loaded; netlink; "
	  "or auto, the first of them that is to be had", 0 },
	{ 0 },
};

static const char *const transports[] = {
	[MOEAI_TRANSPORT_AUTO] = "auto",
	[MOEAI_TRANSPORT_MAPPED] = "mapped",
	[MOEAI_TRANSPORT_NETLINK] = "netlink",
};

/* Returns 0 or -EINVAL. */
static int parse_transport(const char *text, enum moeai_transport *out)
{
	for (size_t i = 0; i < sizeof(transports) / sizeof(*transports); i++) {
		if (strcmp(text, transports[i]))
			continue;
		*out = (enum moeai_transport)i;
		return 0;
	}
	return -EINVAL;
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case 'n':
		if (units_parse_u64(arg, &in->count) || !in->count)
			complain_usage(state, "--count %s: give a number from 1", arg);
		return 0;
	case 'T':
		if (units_parse_seconds(arg, &in->timeout))
			complain_usage(state, "--timeout %s: give seconds, or a number with ms, s, "
				       "m or h", arg);
		in->timed = true;
		return 0;
	case 'x':
		if (parse_transport(arg, &in->transport))
			complain_usage(state, "--transport %s: give auto, mapped or netlink", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- waiting ---------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	interrupted = 1;
}

/* Signals come only while wait_for() waits; *unblocked is the mask for that. */
static void catch_signals(sigset_t *unblocked)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal }, before;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		sigaction(signals[i], NULL, &before);
		if (signals[i] == SIGHUP && before.sa_handler == SIG_IGN)
			continue; /* nohup */
		sigaddset(&set, signals[i]);
		sigaction(signals[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, unblocked);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct run {
	struct input *in;
	struct stream stream;
	struct moeai_monitor *m;
	sigset_t unblocked;
	int64_t end; /* on now_ms()'s clock */
	uint64_t shown, lost;
	bool present; /* the module was there from the start */
};

/*
 * What was printed goes out; then wait for more, or not at all. Returns true
 * when it is time to end: a signal, the time is over, the reader went away.
 */
static bool wait_for(struct run *r, bool wait)
{
	struct pollfd fds[] = {
		{ .fd = moeai_monitor_fd(r->m), .events = POLLIN },
		{ .fd = fileno(r->stream.out->file) }, /* errors alone */
	};
	int64_t left = r->in->timed ? r->end - now_ms() : INT32_MAX;
	struct timespec t = { 0 };

	if (fflush(r->stream.out->file) || left <= 0)
		return true;
	if (wait)
		t = (struct timespec){ left / 1000, left % 1000 * 1000000 };
	if (ppoll(fds, 2, !wait || r->in->timed ? &t : NULL, &r->unblocked) < 0)
		return interrupted || errno != EINTR;
	return interrupted || (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL));
}

/* ---- following -------------------------------------------------------------------- */

/* Returns 0, or 1 after complaining. */
static int show(struct run *r, const struct moeai_item *item)
{
	/* To people the present epoch is no news; the next one is. */
	if (item->kind == MOEAI_EPOCH && r->present && r->stream.out->form == FORM_PEOPLE) {
		r->present = false;
		return 0;
	}
	if (item->kind == MOEAI_LOST)
		r->lost += item->lost.to - item->lost.from + 1;
	if (item->kind == MOEAI_EVENT)
		r->shown++;
	return stream_item(&r->stream, item);
}

/* Returns 0, or 1 after complaining. */
static int follow(struct run *r)
{
	struct moeai_item item;
	unsigned int burst = 0;
	int err;

	for (;;) {
		err = moeai_monitor_next(r->m, &item, 0);
		if (err == -EINTR)
			continue;
		if (err == -ETIMEDOUT || ++burst == BURST) {
			burst = 0;
			if (wait_for(r, err == -ETIMEDOUT))
				return 0;
		}
		if (err == -ETIMEDOUT)
			continue;
		if (err)
			return watch_complain(r->m, err);
		if (show(r, &item))
			return 1;
		if (r->in->count && r->shown == r->in->count)
			return 0;
	}
}

/* Where events were lost, or the kernel dropped some, the account is always told. */
static void summary(const struct run *r)
{
	struct moeai_ledger l = { 0 };
	char buffer[UNITS_LEN];

	moeai_monitor_ledger(r->m, &l);
	if (!r->lost && !l.lost && !l.overruns && !isatty(STDERR_FILENO))
		return;
	if (!l.to) {
		complain("no events");
		return;
	}
	units_text(buffer, MOEAI_UNIT_BYTES, l.buffer);
	complain("%s: seq %" PRIu64 " to %" PRIu64 " = %" PRIu64 " returned (%" PRIu64
		 " by replay) + %" PRIu64 " filtered + %" PRIu64 " lost + %" PRIu64
		 " pending; overrun %" PRIu64 " times%s%s",
		 transports[moeai_monitor_transport(r->m)], l.from, l.to, l.returned, l.replayed,
		 l.filtered, l.lost, l.pending, l.overruns,
		 l.buffer && l.overruns ? ", receive buffer " : "",
		 l.buffer && l.overruns ? buffer : "");
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
	struct run r = { .in = input, .stream.out = &ctl->out };
	struct moeai_monitor_options o = selection_options(&r.in->selection);
	int status;

	o.transport = r.in->transport;
	catch_signals(&r.unblocked);
	r.end = now_ms() + r.in->timeout;
	r.present = tell_missing(&r.in->selection);
	if (watch_open(&r.m, &o, &r.in->selection))
		return 1;
	status = follow(&r);
	fflush(ctl->out.file);
	summary(&r);
	moeai_monitor_close(r.m);
	stream_free(&r.stream);
	return r.shown < r.in->count && !ferror(ctl->out.file) ? 1 : status;
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
