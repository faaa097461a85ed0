// SPDX-License-Identifier: GPL-2.0
/* The words of the answer; answer_print.c prints them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "escape.h"
#include "units.h"

void answer_free(struct answer *a)
{
	evidence_free(&a->evidence);
	related_free(&a->related);
	fields_free(&a->decision);
	moeai_reply_free(a->reply);
}

/* One of an event's sentences; NULL: there is none, or no memory. */
static char *told(struct answer *a, const struct kept *k,
		  char *(*tell)(struct sentence *, const struct moeai_event *,
				const struct fields *))
{
	struct fields f = { 0 };
	char *text = fields_decode(&f, &k->e.values) == -ENOMEM ? NULL :
								  tell(&a->in->sentence, &k->e, &f);

	fields_free(&f);
	return text;
}

/* ---- what happened ------------------------------------------------------------------ */

/* "When" is the lead's own: an answer says why, else it is the last that is known. */
static int say_lead(struct answer *a, struct names *out)
{
	const struct kept *lead = a->evidence.lead;
	char *text = lead->part == STORY_SUBJECT ? told(a, lead, sentence_answer) : NULL;
	char when[UNITS_LEN];
	int err;

	units_time(when, lead->e.time);
	if (text) {
		err = names_format(out, "%s. That was at %s.", text, when);
		free(text);
		return err;
	}
	text = told(a, lead, sentence_of_event);
	if (!text)
		return -ENOMEM;
	err = names_format(out, "%s: %s, at %s.",
			   evidence_weight(lead) >= SENTENCE_CHANGE ? "The last change" :
								      "The last that is known",
			   text, when);
	free(text);
	return err;
}

/* Briefs of the events from i on that begin alike, in one line. Returns the next i, or -ENOMEM. */
static int say_besides(struct answer *a, size_t i, struct names *out)
{
	const struct kept_ring *r = &a->evidence.around;
	const char *intro = sentence_intro(kept_at(r, i)->e.type_name);
	char *line = NULL;
	size_t size, first = i;
	FILE *to = open_memstream(&line, &size);
	int err = to ? 0 : -ENOMEM;

	for (; !err && i < r->n && sentence_intro(kept_at(r, i)->e.type_name) == intro; i++) {
		char *text = told(a, kept_at(r, i), sentence_brief);

		if (text)
			fprintf(to, "%s%s", i == first ? "" : "; ", text);
		else
			err = -ENOMEM;
		free(text);
	}
	if (to && fclose(to))
		err = -ENOMEM;
	if (!err)
		err = names_format(out, "%s: %s.", intro ? intro : "Besides", line);
	free(line);
	return err ? err : (int)i;
}

static int say_around(struct answer *a, struct names *out)
{
	int i = 0;

	while (i >= 0 && (size_t)i < a->evidence.around.n)
		i = say_besides(a, (size_t)i, out);
	return i < 0 ? i : 0;
}

/* ---- who it is ---------------------------------------------------------------------- */

static char *escaped(const struct answer *a, const char *text)
{
	return escape_new(text, strlen(text), a->in->sentence.escape | ESCAPE_QUOTE);
}

static int say_process(struct answer *a, struct names *out)
{
	const struct story_facts *f = story_facts(a->in->story);
	const struct story_process *p = &f->process;
	char since[UNITS_LEN] = "", now[16] = "";
	char *comm = escaped(a, *p->comm ? p->comm : "?"), *other;
	int err = comm ? 0 : -ENOMEM;

	if (f->since)
		units_time(since, f->since);
	if (!err)
		err = names_format(out, "It is %s, process %" PRIu32 "%s%s.", comm, p->pid,
				   *since ? ", which started at " : "", since);
	free(comm);
	if (err || !p->started || a->in->history.file || !history_started(p->pid, now) ||
	    inquiry_runs(a->in))
		return err;
	other = escaped(a, now);
	err = other ? names_format(out, "Another process has that pid now: %s.", other) : -ENOMEM;
	free(other);
	return err;
}

/* Names that it had, as far as they are others. */
static int say_names(struct answer *a, struct names *out)
{
	const struct trail *t = story_facts(a->in->story)->trail;
	struct names shown = { 0 };
	char *line = NULL;
	size_t size;
	FILE *to;
	int err = 0;

	for (size_t i = 0; t && i < trail_names(t) && !err; i++)
		if (strcmp(trail_name(t, i), a->in->thing.path) != 0 &&
		    (!a->in->thing.inside || strcmp(trail_name(t, i), a->in->thing.inside) != 0))
			err = names_add(&shown, trail_name(t, i));
	to = err || !shown.n ? NULL : open_memstream(&line, &size);
	for (size_t i = 0; to && i < shown.n && i < 8; i++) {
		char *name = escaped(a, shown.v[i]);

		fprintf(to, "%s\"%s\"", i ? ", " : "", name ? name : "?");
		free(name);
	}
	if (to && !fclose(to))
		err = names_format(out, "It was, or is now, also called, in its file system: %s%s.",
				   line, shown.n > 8 ? " and more" : "");
	free(line);
	names_free(&shown);
	return err;
}

static int say_count(const struct answer *a, struct names *out)
{
	const struct story_facts *f = story_facts(a->in->story);
	char first[UNITS_LEN], last[UNITS_LEN];

	units_time(first, f->first);
	units_time(last, f->last);
	if (f->events == 1)
		return 0;
	return names_format(out, "In all the %s holds %" PRIu64 " events about it, from %s to %s.",
			    a->in->history.file ? "file" : "log", f->events, first, last);
}

static int say_decision(struct answer *a, struct names *out)
{
	char *text;
	int err;

	if (!a->reply)
		return 0;
	text = sentence_of_row(&a->in->sentence, "net_guard.explain", &a->decision);
	err = text ? names_format(out, "Now %s.", text) : -ENOMEM;
	free(text);
	return err;
}

int answer_words(struct answer *a, struct names *out)
{
	int err = say_decision(a, out);

	if (err || !a->evidence.lead)
		return err;
	err = say_lead(a, out);
	if (!err)
		err = say_around(a, out);
	if (!err && story_facts(a->in->story)->has_process)
		err = say_process(a, out);
	if (!err)
		err = say_names(a, out);
	return err ? err : say_count(a, out);
}

/* ---- what bounds it ----------------------------------------------------------------- */

int answer_notes(const struct answer *a, struct names *out)
{
	const struct story_facts *f = story_facts(a->in->story);
	int err = 0;

	if (f->events > a->evidence.last.n)
		err = names_format(out,
				   "the last %zu of %" PRIu64 " events are shown: 'moectl "
							      "timeline' "
				   "has all",
				   a->evidence.last.n, f->events);
	if (!err)
		err = inquiry_notes(a->in, out);
	if (!err && f->more_others)
		err = names_format(out, "%" PRIu64 " other process%s more", f->more_others,
				   f->more_others == 1 ? "" : "es");
	if (!err && a->related.more)
		err = names_format(out, "%" PRIu64 " row%s of tables more", a->related.more,
				   plural(a->related.more));
	if (!err && a->related.refused)
		err = names_format(out, "some tables need CAP_SYS_ADMIN");
	if (!err && a->refused)
		err = names_format(out, "to ask what becomes of packets now needs CAP_NET_ADMIN");
	return err;
}
