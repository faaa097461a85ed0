// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>

#include "clock.h"
#include "past.h"
#include "units.h"
#include "watch.h"

void past_parse_last(struct past *p, const char *time, const struct argp_state *state)
{
	uint64_t now = clock_ns(CLOCK_REALTIME), ago;
	int64_t ms;

	if (units_parse_span(time, &ms))
		complain_usage(state, "--last %s: give seconds, or a number with ms, s, m, h or d",
			       time);
	ago = (uint64_t)ms * 1000000;
	p->since = now > ago ? now - ago : 1; /* 0 would be: not given */
}

static int open_log(struct moectl *ctl, const struct past *p, struct moeai_monitor **m)
{
	const struct moeai_monitor_options o = { .types = p->types, .n_types = p->n_types };
	int err = command_open(ctl) ? 1 : watch_open_log(m, ctl->h, 0, o);

	return err == -ENOENT ? complain("%s is not loaded: modprobe moeai_%s", p->module,
					 p->module) :
				err;
}

static int take_item(struct past *p, const struct moeai_item *item, past_fn take, void *arg)
{
	int err;

	if (item->kind == MOEAI_LOST)
		p->lost += item->lost.to - item->lost.from + 1;
	if (item->kind != MOEAI_EVENT)
		return 0;
	if (item->event.time < p->since) {
		p->lost = 0; /* what was before it is older still */
		return 0;
	}
	if (!p->oldest)
		p->oldest = item->event.time;
	err = take(&item->event, arg);
	if (err == -ENOMEM)
		return complain("out of memory");
	return err ? complain("event %" PRIu64 " of type %s makes no sense", item->event.seq,
			      item->event.type_name) : 0;
}

int past_read(struct moectl *ctl, struct past *p, past_fn take, void *arg)
{
	struct moeai_monitor *m;
	struct moeai_item item;
	int err, status;

	if (open_log(ctl, p, &m))
		return 1;
	do {
		err = moeai_monitor_next(m, &item, -1);
		status = err ? 0 : take_item(p, &item, take, arg);
	} while ((!err || err == -EINTR) && !status);
	if (err && err != -ENODATA)
		status = watch_complain(m, err);
	moeai_monitor_close(m);
	return status;
}

void past_tell_lost(const struct past *p)
{
	char since[UNITS_LEN] = "";

	if (p->oldest)
		units_time(since, p->oldest);
	if (p->lost)
		complain("%" PRIu64 " events, of any type, are no longer in the log%s%s", p->lost,
			 *since ? ": this is what happened since " : "", since);
}
