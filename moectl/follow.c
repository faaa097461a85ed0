// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "follow.h"
#include "signals.h"
#include "units.h"
#include "watch.h"

#define BURST 256 /* items between looks at signals and the clock */

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

error_t follow_parse(struct follow *f, int key, const char *arg, const struct argp_state *state)
{
	switch (key) {
	case 'n':
		if (units_parse_u64(arg, &f->count) || !f->count)
			complain_usage(state, "--count %s: give a number from 1", arg);
		return 0;
	case 'T':
		if (units_parse_span(arg, &f->timeout))
			complain_usage(state, "--timeout %s: give seconds, or a number with ms, s, "
				       "m, h or d", arg);
		f->timed = true;
		return 0;
	case 'x':
		if (parse_transport(arg, &f->transport))
			complain_usage(state, "--transport %s: give auto, mapped or netlink", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- waiting ---------------------------------------------------------------------- */

void follow_begin(struct follow *f)
{
	signals_catch(&f->unblocked);
	f->end = clock_ms() + f->timeout;
}

/*
 * What was printed goes out; then wait for more, or not at all. Returns true
 * when it is time to end: a signal, the time is over, the reader went away.
 */
static bool wait_for(struct follow *f, bool wait)
{
	struct pollfd fds[] = {
		{ .fd = moeai_monitor_fd(f->m), .events = POLLIN },
		{ .fd = fileno(f->out->file) }, /* errors alone */
	};
	int64_t left = f->timed ? f->end - clock_ms() : INT32_MAX;
	struct timespec t = { 0 };

	if (fflush(f->out->file) || left <= 0)
		return true;
	if (wait)
		t = (struct timespec){ left / 1000, left % 1000 * 1000000 };
	if (ppoll(fds, 2, !wait || f->timed ? &t : NULL, &f->unblocked) < 0)
		return signals_came() || errno != EINTR;
	return signals_came() || (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL));
}

/* Returns 0, or 1 after complaining. */
static int run(struct follow *f, follow_fn show, void *arg)
{
	struct moeai_item item;
	unsigned int burst = 0;
	int err;

	for (;;) {
		err = moeai_monitor_next(f->m, &item, 0);
		if (err == -EINTR)
			continue;
		if (err == -ETIMEDOUT || ++burst == BURST) {
			burst = 0;
			if (wait_for(f, err == -ETIMEDOUT))
				return 0;
		}
		if (err == -ETIMEDOUT)
			continue;
		if (err)
			return watch_complain(f->m, err);
		if (item.kind == MOEAI_LOST)
			f->lost += item.lost.to - item.lost.from + 1;
		if (show(f, &item, arg))
			return 1;
		if (f->count && f->shown == f->count)
			return 0;
	}
}

/* Where events were lost, or the kernel dropped some, the account is always told. */
static void summary(const struct follow *f)
{
	struct moeai_ledger l = { 0 };
	char buffer[UNITS_LEN];

	moeai_monitor_ledger(f->m, &l);
	if (!f->lost && !l.lost && !l.overruns && !isatty(STDERR_FILENO))
		return;
	if (!l.to) {
		complain("no events");
		return;
	}
	units_text(buffer, MOEAI_UNIT_BYTES, l.buffer);
	complain("%s: seq %" PRIu64 " to %" PRIu64 " = %" PRIu64 " returned (%" PRIu64
		 " by replay) + %" PRIu64 " filtered + %" PRIu64 " lost + %" PRIu64
		 " pending; overrun %" PRIu64 " times%s%s",
		 transports[moeai_monitor_transport(f->m)], l.from, l.to, l.returned, l.replayed,
		 l.filtered, l.lost, l.pending, l.overruns,
		 l.buffer && l.overruns ? ", receive buffer " : "",
		 l.buffer && l.overruns ? buffer : "");
}


int follow(struct follow *f, follow_fn show, void *arg)
{
	int status = run(f, show, arg);

	fflush(f->out->file);
	summary(f);
	return f->shown < f->count && !ferror(f->out->file) ? 1 : status;
}
