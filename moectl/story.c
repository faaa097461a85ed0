// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "story.h"

enum pass {
	RESOLVE, /* of a name: whose is it? */
	LEARN, /* of a pid: who had it; of a file: what it was called */
	TELL,
};

struct story {
	struct story_options o;
	enum pass pass, first;
	struct story_facts facts;
	struct fields fields; /* of an event, kept to be used again */
	struct lives lives;
	struct trail *trail;
	uint64_t running; /* the start of who has the pid now; 0: nobody, or not known */
	/* The event that decides which process is meant: the last one. */
	bool has_anchor;
	uint64_t anchor_time;
	struct story_process anchor;
	uint64_t last_seq; /* of the first pass: what comes later is for another time */
};

static bool is_process(const struct story *s)
{
	return s->o.thing->kind == THING_PID || s->o.thing->kind == THING_COMM;
}

struct story *story_new(const struct story_options *o)
{
	struct story *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->o = *o;
	s->pass = o->thing->kind == THING_COMM	  ? RESOLVE :
		  o->thing->kind == THING_ADDRESS ? TELL :
						    LEARN;
	s->first = s->pass;
	s->lives.pid = o->thing->pid;
	if (o->thing->kind != THING_PATH)
		return s;
	s->trail = trail_new(STORY_RENAME_BYTES);
	if (s->trail && !trail_ask(s->trail, o->thing->path, false, 0) &&
	    (!o->thing->target || !trail_ask(s->trail, o->thing->target, false, 0)))
		return s;
	story_free(s);
	return NULL;
}

void story_free(struct story *s)
{
	if (!s)
		return;
	fields_free(&s->fields);
	trail_free(s->trail);
	free(s);
}

void story_boot(struct story *s, uint64_t boot)
{
	s->lives.boot = boot;
	s->lives.exact = true;
}

void story_running(struct story *s, uint64_t started)
{
	s->running = started;
}

int story_place(struct story *s, const char *path, uint32_t device)
{
	return trail_ask(s->trail, path, true, device);
}

int story_anywhere(struct story *s, const char *path)
{
	return trail_ask_anywhere(s->trail, path);
}

const struct story_facts *story_facts(const struct story *s)
{
	return &s->facts;
}

uint64_t story_since(const struct story *s, const struct story_process *p)
{
	return lives_since(&s->lives, p->started);
}

/* ---- processes ---------------------------------------------------------------------- */

static void set_process(struct story_process *out, const struct marked_process *p, uint64_t started)
{
	*out = (struct story_process){ .pid = p->pid, .uid = p->uid, .started = started };
	snprintf(out->comm, sizeof(out->comm), "%s", p->comm);
}

static void count(struct story_process *p, uint64_t time)
{
	if (!p->events++)
		p->first = time;
	p->last = time;
}

/* One that has no start to be known by is known by its name. */
static bool same_process(const struct story_process *a, const struct marked_process *p,
			 uint64_t started)
{
	if (a->pid != p->pid || a->started != started)
		return false;
	return started || !*a->comm || !*p->comm || !strcmp(a->comm, p->comm);
}

/* Of one name: an event without a start is of the one of that pid before it. */
static bool same_of_name(const struct story_process *a, const struct marked_process *p)
{
	return a->pid == p->pid && (a->started == p->started || !a->started || !p->started);
}

static void add_other(struct story *s, const struct marked_process *p, uint64_t started,
		      uint64_t time)
{
	struct story_facts *facts = &s->facts;
	size_t i = 0;

	while (i < facts->n_others &&
	       !(s->pass == RESOLVE ? same_of_name(&facts->others[i], p) :
				      same_process(&facts->others[i], p, started)))
		i++;
	if (i == STORY_OTHERS) {
		/* The latest are kept. */
		memmove(facts->others, facts->others + 1, --i * sizeof(*facts->others));
		facts->n_others--;
		facts->more_others++;
	}
	if (i == facts->n_others)
		set_process(&facts->others[facts->n_others++], p, started);
	if (started)
		facts->others[i].started = started;
	if (*p->comm && s->o.thing->kind == THING_PID)
		snprintf(facts->others[i].comm, sizeof(facts->others[i].comm), "%s", p->comm);
	count(&facts->others[i], time);
}

static void remove_other(struct story_facts *facts, const struct story_process *chosen)
{
	const struct marked_process p = { .pid = chosen->pid, .started = chosen->started };

	for (size_t i = facts->n_others; i-- > 0;) {
		if (!same_of_name(&facts->others[i], &p))
			continue;
		memmove(facts->others + i, facts->others + i + 1,
			(--facts->n_others - i) * sizeof(*facts->others));
		return;
	}
}

static bool in_range(const struct story_options *o, const struct moeai_event *e)
{
	return (!o->since_time || e->time >= o->since_time) &&
	       (!o->until_time || e->time <= o->until_time) &&
	       (!o->since_seq || e->seq >= o->since_seq) &&
	       (!o->until_seq || e->seq <= o->until_seq);
}

static void set_anchor(struct story *s, const struct marked_process *p, const struct moeai_event *e)
{
	if (!in_range(&s->o, e))
		return;
	s->has_anchor = true;
	s->anchor_time = e->time;
	set_process(&s->anchor, p, p->started);
}

static void resolve_process(struct story *s, const struct marked_process *p,
			    const struct moeai_event *e)
{
	if (strcmp(p->comm, s->o.thing->comm) != 0 || !p->pid)
		return;
	add_other(s, p, p->started, e->time);
	set_anchor(s, p, e);
}

static void learn_process(struct story *s, const struct marked_process *p,
			  const struct moeai_event *e)
{
	lives_learn(&s->lives, p, e->time);
	if (p->pid == s->lives.pid && p->pid && s->o.thing->kind == THING_PID)
		set_anchor(s, p, e);
}

/* Is it about the process that is meant? What is about another one of that pid is noted. */
static bool tell_process(struct story *s, const struct marked_process *p, uint64_t time)
{
	struct story_process *me = &s->facts.process;
	uint64_t started;

	if (!p->pid || p->pid != s->lives.pid || !s->has_anchor)
		return false;
	started = lives_of(&s->lives, p, time);
	if (!same_process(me, p, started)) {
		if (s->o.thing->kind == THING_PID)
			add_other(s, p, started, time);
		return false;
	}
	if (*p->comm)
		snprintf(me->comm, sizeof(me->comm), "%s", p->comm);
	if (p->uid != UINT32_MAX)
		me->uid = p->uid;
	return true;
}

/* Who is named first is who did it, or whom it befell. */
static enum story_part each_process(struct story *s, const struct moeai_event *e)
{
	enum story_part part = STORY_BESIDES, next = STORY_SUBJECT;
	struct marked_process p;
	size_t pos = 0;

	while (marks_process(&s->fields, &pos, &p)) {
		if (s->pass == RESOLVE)
			resolve_process(s, &p, e);
		else if (s->pass == LEARN)
			learn_process(s, &p, e);
		else if (tell_process(s, &p, e->time) && !part)
			part = next;
		if (p.pid || *p.comm)
			next = STORY_NAMED;
	}
	return part;
}

/* ---- events ------------------------------------------------------------------------- */

static uint32_t wanted_marks(enum thing_kind kind)
{
	switch (kind) {
	case THING_ADDRESS:
		return MARKS_ADDRESS;
	case THING_PATH:
		return MOEAI_F_PATH;
	default:
		return MOEAI_F_PID | MOEAI_F_COMM;
	}
}

static int tell(struct story *s, const struct moeai_event *e, enum story_part part)
{
	struct story_facts *facts = &s->facts;

	if (!in_range(&s->o, e))
		return 0;
	if (part) {
		if (!facts->events++)
			facts->first = e->time;
		facts->last = e->time;
	}
	return s->o.tell(s->o.arg, e, &s->fields, part);
}

/* Of the source as a whole; in the first pass alone. */
static void survey(struct story *s, const struct moeai_event *e)
{
	if (!s->facts.held++)
		s->facts.oldest = e->time;
	if ((s->o.since_time && e->time < s->o.since_time) ||
	    (s->o.since_seq && e->seq < s->o.since_seq))
		s->facts.lost = 0; /* what is gone was before it */
	s->facts.unknown += !e->values.schema && in_range(&s->o, e);
	s->last_seq = e->seq;
}

static int judge(struct story *s, const struct moeai_event *e)
{
	enum story_part part = STORY_BESIDES;

	if (!is_process(s) && s->o.thing->kind != THING_ADDRESS && s->pass == LEARN)
		return trail_learn(s->trail, &s->fields, e->seq);
	if (is_process(s))
		part = each_process(s, e);
	else if (s->o.thing->kind == THING_ADDRESS ? thing_has_address(s->o.thing, &s->fields) :
						     trail_has(s->trail, &s->fields, e->seq))
		part = STORY_SUBJECT;
	return part ? tell(s, e, part) : 0;
}

int story_add(struct story *s, const struct moeai_event *e)
{
	bool besides = s->pass == TELL && s->o.besides && s->o.besides(e->type_name);
	bool marked = marks_of(e->values.schema) & wanted_marks(s->o.thing->kind);
	uint64_t told = s->facts.events;
	int err;

	if (s->pass == s->first)
		survey(s, e);
	else if (e->seq > s->last_seq)
		return 0;
	if (!marked && !besides)
		return 0;
	fields_clear(&s->fields);
	err = fields_decode(&s->fields, &e->values);
	if (err == -ENOMEM)
		return err;
	if (err)
		s->facts.odd += s->pass == TELL;
	err = marked ? judge(s, e) : 0;
	if (!err && besides && told == s->facts.events)
		err = tell(s, e, STORY_BESIDES);
	return err;
}

void story_lost(struct story *s, const struct moeai_lost *lost)
{
	if (s->pass == s->first)
		s->facts.lost += lost->to - lost->from + 1;
}

/* ---- from pass to pass -------------------------------------------------------------- */

/* Who is meant is known: his story is that of a pid. */
static void resolved(struct story *s)
{
	if (s->has_anchor)
		s->lives.pid = s->anchor.pid;
}

/* /proc has starts in ticks: is it one that events have in full? */
static bool is_known(const struct lives *l, uint64_t started)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->started[i] >= started && l->started[i] < started + STORY_TICK_NS)
			return true;
	return false;
}

static void learned(struct story *s)
{
	struct story_facts *facts = &s->facts;
	struct marked_process p = { .pid = s->anchor.pid,
				    .uid = s->anchor.uid,
				    .started = s->anchor.started,
				    .comm = s->anchor.comm };

	if (!is_process(s) || !s->has_anchor)
		return;
	if (s->running && !is_known(&s->lives, s->running))
		lives_add(&s->lives, s->running);
	facts->has_process = true;
	set_process(&facts->process, &p, lives_of(&s->lives, &p, s->anchor_time));
	facts->since = lives_since(&s->lives, facts->process.started);
}

int story_again(struct story *s)
{
	int err = 0;

	if (s->pass == RESOLVE)
		resolved(s);
	if (s->pass == LEARN) {
		learned(s);
		err = s->trail ? trail_settle(s->trail) : 0;
		s->facts.trail = s->trail;
		if (s->o.thing->kind == THING_COMM)
			remove_other(&s->facts, &s->facts.process);
	}
	if (s->pass == TELL || (is_process(s) && !s->has_anchor))
		return 0;
	s->pass++;
	return err ? err : 1;
}
