// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "complain.h"
#include "recorder.h"
#include "recording.h"
#include "selection.h"
#include "signals.h"
#include "stream.h"
#include "watch.h"

#define BURST	  256 /* items between looks at signals, while nothing is recorded */
#define NS_PER_MS 1000000ULL
#define PATIENCE_MS 100
#define SLACK_MS  1000 /* between the trigger and its being read */

struct recorder {
	const struct recorder_options *o;
	struct incidents *d;
	struct stream stream;
	struct moeai_monitor *m;
	sigset_t unblocked;
	uint64_t epoch;	  /* 0: none yet */
	uint64_t seen;	  /* the last event that was asked whether it is a trigger */
	bool due;	  /* the monitor is new: its epoch is that of the trigger */
	struct recording r;
	int64_t begun;	  /* when the trigger was read, ms of the monotonic clock */
	bool passed;	  /* the trigger is recorded, or lost */
	uint64_t before;  /* bytes of what came before it */
	/*
	 * It ends at its deadline, of the same clock, whatever becomes of the one that events
	 * have: by theirs it is known only of what is read late whether it came before.
	 */
	int64_t deadline, last_deadline; /* which it never goes beyond */
	uint64_t until, last_until;	 /* the same in times of events, ns */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Returns 0, or the library's error after complaining. */
static int get_status(struct moeai_status *status)
{
	struct moeai *h;
	int err = moeai_open(&h);

	if (err) {
		complain_call(NULL, err);
		return err;
	}
	err = moeai_status_get(h, status);
	if (err)
		complain_call(h, err);
	moeai_close(h);
	return err;
}

/* One file has no more than the log, and after its trigger a part of the limit. */
static int check_room(const struct incidents *d, uint64_t log_size)
{
	if (d->max_size / RECORDER_LOG_SHARE >= log_size)
		return 0;
	return complain("--max-size %" PRIu64 ": the log has %" PRIu64 " bytes: give %d times as "
			"much", d->max_size, log_size, RECORDER_LOG_SHARE);
}

static int check_log(const struct recorder *r)
{
	struct moeai_status status;
	int err = get_status(&status);

	if (err)
		return err != -ENODEV; /* it went meanwhile: the next one is asked */
	return check_room(r->d, status.log_size);
}

/* ---- triggers ---------------------------------------------------------------------- */

static bool is_trigger(struct recorder *r, const struct moeai_event *e)
{
	bool is = e->priority >= r->o->priority;

	if (e->seq <= r->seen)
		return false;
	r->seen = e->seq;
	for (size_t i = 0; i < r->o->n_types && !is; i++)
		is = selection_type_matches(r->o->types[i], e->type_name);
	return is;
}

/* By netlink, so that the module can be unloaded and is waited for. */
static int open_live(struct recorder *r, uint64_t since)
{
	const struct moeai_monitor_options o = { .since = since,
						 .transport = MOEAI_TRANSPORT_NETLINK };
	const struct selection all = { 0 };

	return watch_open(&r->m, &o, &all);
}

static int open_epoch(struct recorder *r, uint64_t since)
{
	const struct moeai_monitor_options o = { .since = since, .epoch = r->epoch,
						 .no_wait = true,
						 .transport = MOEAI_TRANSPORT_NETLINK };

	return moeai_monitor_open(&r->m, &o);
}

/*
 * The log from its beginning, and on. If that fails, the incident is given up, but nothing
 * that came meanwhile: of this epoch, or all of the one that has taken its place.
 */
static int open_replay(struct recorder *r)
{
	int err;

	moeai_monitor_close(r->m);
	r->m = NULL;
	err = open_epoch(r, MOEAI_SINCE_OLDEST);
	r->due = !err;
	if (!err)
		return 0;
	complain("an incident of %s is not recorded: %s", r->r.type, moeai_strerror(err));
	return open_epoch(r, r->seen + 1) ? open_live(r, MOEAI_SINCE_OLDEST) : 0;
}

static void extend(struct recorder *r, uint64_t time)
{
	const int64_t deadline = now_ms() + r->o->after;
	const uint64_t until = time + (uint64_t)r->o->after * NS_PER_MS;

	r->deadline = deadline < r->last_deadline ? deadline : r->last_deadline;
	if (until > r->until)
		r->until = until < r->last_until ? until : r->last_until;
}

/* The log is replayed; what comes first is its epoch, with which the file begins. */
static int begin(struct recorder *r, const struct moeai_event *e)
{
	const uint64_t before = (uint64_t)r->o->before * NS_PER_MS;
	const int64_t longest = (int64_t)r->o->after * RECORDER_AFTER_MAX;

	r->r = (struct recording){ .d = r->d, .out = r->stream.out, .temp.fd = -1,
				   .time = e->time, .seq = e->seq };
	snprintf(r->r.type, sizeof(r->r.type), "%s", e->type_name);
	r->r.from = e->time > before ? e->time - before : 0;
	r->passed = false;
	r->until = 0;
	r->begun = now_ms();
	r->last_deadline = r->begun + longest;
	r->last_until = e->time + (uint64_t)longest * NS_PER_MS;
	extend(r, e->time);
	return open_replay(r);
}

/* ---- items ------------------------------------------------------------------------- */

/* What it can't be written for is told, and is no reason to end. */
static void end(struct recorder *r, const char *why)
{
	recording_end(&r->r, r->m, why);
}

/* Is that event or loss the trigger, or behind it? To be asked before it is added. */
static void look_at_seq(struct recorder *r, uint64_t seq)
{
	if (r->passed || seq < r->r.seq)
		return;
	r->passed = true;
	r->before = moeai_incident_size(r->r.f);
}

static bool is_full(const struct recorder *r)
{
	return r->passed && moeai_incident_size(r->r.f) - r->before >=
				    r->d->max_size / RECORDER_LOG_SHARE;
}

static bool is_over(const struct recorder *r, const struct moeai_event *e)
{
	return r->passed && e->time > r->until && now_ms() >= r->deadline;
}

/* More time has passed since the trigger, if events are believed, than really has. */
static bool clock_was_set(const struct recorder *r, const struct moeai_event *e)
{
	const int64_t most = now_ms() - r->begun + r->o->after + SLACK_MS;

	return e->time - r->r.time > (uint64_t)most * NS_PER_MS;
}

static int take_event(struct recorder *r, const struct moeai_item *item)
{
	const struct moeai_event *e = &item->event;
	bool trigger;

	if (r->r.f && is_over(r, e))
		end(r, clock_was_set(r, e) ? "the clock was set" : NULL);
	trigger = is_trigger(r, e);
	if (!r->r.f)
		return trigger ? begin(r, e) : 0;
	if (trigger)
		extend(r, e->time);
	look_at_seq(r, e->seq);
	if (!recording_add(&r->r, r->m, item, trigger || e->seq == r->r.seq) && is_full(r))
		end(r, "--max-size");
	return 0;
}

static int take_epoch(struct recorder *r, const struct moeai_item *item)
{
	if (r->due) {
		r->due = false;
		recording_begin(&r->r, r->m);
		return 0;
	}
	if (r->r.f)
		end(r, "the module was loaded anew");
	if (r->epoch != item->epoch)
		r->seen = 0;
	r->epoch = item->epoch;
	return check_log(r) || stream_item(&r->stream, item);
}

/* What was lost before a trigger that is not recorded is no news. */
static int take_lost(struct recorder *r, const struct moeai_item *item)
{
	if (!r->r.f)
		return item->lost.to > r->seen ? stream_item(&r->stream, item) : 0;
	look_at_seq(r, item->lost.to);
	recording_add(&r->r, r->m, item, false);
	return 0;
}

static int take(struct recorder *r, const struct moeai_item *item)
{
	switch (item->kind) {
	case MOEAI_EVENT:
		return take_event(r, item);
	case MOEAI_LOST:
		return take_lost(r, item);
	case MOEAI_EPOCH:
		return take_epoch(r, item);
	case MOEAI_GONE:
		if (r->r.f)
			end(r, "the module was unloaded");
		break;
	}
	return stream_item(&r->stream, item);
}

/* ---- the loop ---------------------------------------------------------------------- */

/* Returns true when it is time to end. */
static bool wait_for(struct recorder *r, bool wait)
{
	struct pollfd pfd = { .fd = moeai_monitor_fd(r->m), .events = POLLIN };
	int64_t left = r->r.f ? r->deadline - now_ms() : 0;
	struct timespec t = { 0 };

	fflush(r->stream.out->file);
	if (r->r.f && r->passed && left <= 0) {
		end(r, NULL);
		return false;
	}
	if (left <= 0) /* the log is still being replayed */
		left = PATIENCE_MS;
	if (wait)
		t = (struct timespec){ left / 1000, left % 1000 * 1000000 };
	if (ppoll(&pfd, 1, wait && !r->r.f ? NULL : &t, &r->unblocked) < 0 && errno != EINTR)
		return true;
	return signals_came();
}

static int loop(struct recorder *r)
{
	struct moeai_item item;
	unsigned int burst = 0;
	int err;

	for (;;) {
		err = moeai_monitor_next(r->m, &item, 0);
		if (err == -EINTR)
			continue;
		/* What is recorded is read to its end, which is not far. */
		if (err == -ETIMEDOUT || (++burst % BURST == 0 && !r->r.f && !r->due))
			if (wait_for(r, err == -ETIMEDOUT))
				return 0;
		if (err == -ETIMEDOUT)
			continue;
		if (err)
			return watch_complain(r->m, err);
		if (take(r, &item))
			return 1;
	}
}

int recorder_run(const struct recorder_options *o, struct incidents *d, struct output *out)
{
	struct recorder r = { .o = o, .d = d, .stream.out = out, .r.temp.fd = -1 };
	int status;

	signals_catch(&r.unblocked);
	incidents_prune(d, NULL);
	status = open_live(&r, MOEAI_SINCE_NOW) || loop(&r);
	if (r.r.f)
		end(&r, status ? "the recorder failed" : "the recorder was stopped");
	moeai_monitor_close(r.m);
	stream_free(&r.stream);
	return status;
}

/* ---- at once ----------------------------------------------------------------------- */

/* The present epoch, with which what is gone is told. */
static int open_history(const struct incidents *d, struct moeai_monitor **m)
{
	struct moeai_monitor_options o = { .since = MOEAI_SINCE_OLDEST, .history = true,
					   .no_wait = true,
					   .transport = MOEAI_TRANSPORT_NETLINK };
	const struct selection all = { 0 };
	struct moeai_status status;

	if (get_status(&status) || check_room(d, status.log_size))
		return 1;
	o.epoch = status.epoch;
	return watch_open(m, &o, &all);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int recorder_now(const struct recorder_options *o, struct incidents *d, struct output *out)
{
	const uint64_t now = now_ns(), before = (uint64_t)o->before * NS_PER_MS;
	struct recording r = { .d = d, .out = out, .temp.fd = -1, .time = now,
			       .from = now > before ? now - before : 0 };
	struct moeai_monitor *m;
	struct moeai_item item;
	int err, status = 0;

	if (open_history(d, &m))
		return 1;
	while (!status && !(err = moeai_monitor_next(m, &item, -1)))
		status = item.kind == MOEAI_EPOCH ? recording_begin(&r, m) :
						    recording_add(&r, m, &item, false);
	if (!status && err != -ENODATA)
		status = watch_complain(m, err);
	if (!status)
		status = recording_end(&r, m, NULL);
	recording_drop(&r);
	moeai_monitor_close(m);
	return status;
}
