// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "escape.h"
#include "show.h"
#include "stream.h"

/* Everything that is printed, made before the first byte is. */
struct page {
	struct answer *a;
	struct output *out;
	struct names words, notes, hints;
	const struct kept **events;
	size_t n_events;
	bool found;
};

/* A watch alone says nothing of what became of a file. */
static bool is_found(const struct answer *a)
{
	const char *decision = fields_text(&a->decision, "decision");

	return a->evidence.lead || (a->related.n && a->in->thing.kind != THING_PATH) ||
	       (decision && strcmp(decision, "pass") != 0);
}

static char *sentence_of(const struct page *p, const struct kept *k, struct fields *f)
{
	fields_clear(f);
	return fields_decode(f, &k->e.values) == -ENOMEM ?
		       NULL :
		       sentence_of_event(&p->a->in->sentence, &k->e, f);
}

/* ---- JSON --------------------------------------------------------------------------- */

static json_t *text_json(const char *text)
{
	return show_json_text(text, strlen(text));
}

static json_t *texts_json(const struct names *names)
{
	json_t *array = json_array();

	for (size_t i = 0; i < names->n; i++)
		json_array_append_new(array, text_json(names->v[i]));
	return array;
}

/* A time, or null if there is none. */
static json_t *time_json(uint64_t ns)
{
	return ns ? show_json_u64(ns) : json_null();
}

static json_t *process_json(const struct page *p, const struct story_process *process)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "pid", show_json_u64(process->pid), "comm",
			 text_json(process->comm), "uid",
			 process->uid == UINT32_MAX ? json_null() : show_json_u64(process->uid),
			 "started", time_json(process->started), "since",
			 time_json(story_since(p->a->in->story, process)));
}

static json_t *others_json(const struct page *p)
{
	const struct story_facts *f = story_facts(p->a->in->story);
	json_t *array = json_array();

	for (size_t i = 0; i < f->n_others; i++) {
		json_t *one = process_json(p, &f->others[i]);

		json_object_set_new(one, "events", show_json_u64(f->others[i].events));
		json_object_set_new(one, "first", time_json(f->others[i].first));
		json_object_set_new(one, "last", time_json(f->others[i].last));
		json_array_append_new(array, one);
	}
	return array;
}

static json_t *events_json(const struct page *p)
{
	json_t *array = json_array();
	struct fields f = { 0 };

	for (size_t i = 0; i < p->n_events; i++) {
		char *sentence = sentence_of(p, p->events[i], &f);
		json_t *one = stream_json(&p->events[i]->e, &f);

		json_object_set_new(one, "sentence", sentence ? text_json(sentence) : json_null());
		json_object_set_new(one, "about", json_boolean(p->events[i]->part));
		json_array_append_new(array, one);
		free(sentence);
	}
	fields_free(&f);
	return array;
}

static json_t *rows_json(const struct page *p)
{
	const struct related *r = &p->a->related;
	json_t *array = json_array();

	for (size_t i = 0; i < r->n; i++)
		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:O}", "table",
						text_json(r->v[i].table), "sentence",
						text_json(r->v[i].sentence), "row", r->v[i].json));
	return array;
}

static int print_json(const struct page *p)
{
	const struct story_facts *f = story_facts(p->a->in->story);
	const struct thing *t = &p->a->in->thing;
	json_t *json = json_pack(
		"{s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"kind", thing_kind_name(t->kind), "thing", text_json(t->path ? t->path : t->text),
		"found", p->found, "answer", texts_json(&p->words), "process",
		f->has_process ? process_json(p, &f->process) : json_null(), "others",
		others_json(p), "decision",
		p->a->reply ? show_fields_json(&p->a->decision) : json_null(), "events",
		show_json_u64(f->events), "first", time_json(f->first), "last", time_json(f->last),
		"evidence", events_json(p), "rows", rows_json(p), "lost", show_json_u64(f->lost),
		"notes", texts_json(&p->notes), "hints", texts_json(&p->hints));

	return output_json(p->out, json);
}

/* ---- tab form ----------------------------------------------------------------------- */

static void tab_line(const struct page *p, const char *what, const char *text)
{
	fprintf(p->out->file, "%s\t%s\n", what, text);
}

static void tab_event(const struct page *p, const struct kept *k, const char *sentence)
{
	fprintf(p->out->file, "event\t%" PRIu64 "\t%" PRIu64 "\t%s\t", k->e.seq, k->e.time,
		moeai_priority_name(k->e.priority));
	escape_write(p->out->file, k->e.type_name, strlen(k->e.type_name), p->out->escape);
	fprintf(p->out->file, "\t%s\n", sentence);
}

static int print_tab(const struct page *p)
{
	const struct story_facts *facts = story_facts(p->a->in->story);
	struct fields f = { 0 };

	for (size_t i = 0; i < p->words.n; i++)
		tab_line(p, "answer", p->words.v[i]);
	for (size_t i = 0; i < p->n_events; i++) {
		char *sentence = sentence_of(p, p->events[i], &f);

		tab_event(p, p->events[i], sentence ? sentence : "?");
		free(sentence);
	}
	fields_free(&f);
	for (size_t i = 0; i < p->a->related.n; i++)
		fprintf(p->out->file, "row\t%s\t%s\n", p->a->related.v[i].table,
			p->a->related.v[i].sentence);
	for (size_t i = 0; i < facts->n_others; i++) {
		const struct story_process *o = &facts->others[i];

		fprintf(p->out->file, "other\t%" PRIu32 "\t", o->pid);
		escape_write(p->out->file, o->comm, strlen(o->comm), p->out->escape);
		fprintf(p->out->file, "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
			o->started, o->events, o->first, o->last);
	}
	for (size_t i = 0; i < p->notes.n; i++)
		tab_line(p, "note", p->notes.v[i]);
	return 0;
}

/* ---- people ------------------------------------------------------------------------- */

static void people_events(const struct page *p)
{
	struct stream s = { .out = p->out };
	struct fields f = { 0 };

	for (size_t i = 0; i < p->n_events; i++) {
		const struct kept *k = p->events[i];
		char clock[UNITS_LEN], *sentence = sentence_of(p, k, &f);

		stream_heading(&s, k->e.time, "     SEQ WHAT HAPPENED", clock);
		fprintf(p->out->file, "%-12s %8" PRIu64 " %s%s%s\n", clock, k->e.seq,
			k->part ? "" : output_colour(p->out, COLOUR_DIM),
			sentence ? sentence : "?",
			k->part ? "" : output_colour(p->out, COLOUR_OFF));
		free(sentence);
	}
	fields_free(&f);
	stream_free(&s);
}

static void people_others(const struct page *p)
{
	const struct story_facts *facts = story_facts(p->a->in->story);

	for (size_t i = 0; i < facts->n_others; i++) {
		const struct story_process *o = &facts->others[i];
		char *comm = escape_new(o->comm, strlen(o->comm), p->out->escape), last[UNITS_LEN];

		units_time(last, o->last);
		fprintf(p->out->file, "%s%s[%" PRIu32 "], %" PRIu64 " events, the last at %s\n",
			i ? "" : "\nOther processes of that pid or name:\n", comm ? comm : "?",
			o->pid, o->events, last);
		free(comm);
	}
}

static int print_people(const struct page *p)
{
	FILE *to = p->out->file;

	for (size_t i = 0; i < p->words.n; i++)
		fprintf(to, "%s%s%s\n", output_colour(p->out, i ? "" : COLOUR_BOLD), p->words.v[i],
			output_colour(p->out, i ? "" : COLOUR_OFF));
	if (p->n_events)
		putc('\n', to);
	people_events(p);
	for (size_t i = 0; i < p->a->related.n; i++)
		fprintf(to, "%stable %s: %s\n", i ? "" : "\n", p->a->related.v[i].table,
			p->a->related.v[i].sentence);
	people_others(p);
	for (size_t i = 0; i < p->notes.n; i++)
		fprintf(to, "%s(%s)\n", i ? "" : "\n", p->notes.v[i]);
	return 0;
}

/* ------------------------------------------------------------------------------------- */

static int make(struct page *p, struct moectl *ctl)
{
	int err = answer_words(p->a, &p->words);

	if (!err)
		err = answer_notes(p->a, &p->notes);
	if (!err && !p->found)
		err = inquiry_hints(p->a->in, ctl, &p->hints);
	p->events = err ? NULL : evidence_all(&p->a->evidence, &p->n_events);
	return p->events ? 0 : complain("out of memory");
}

static int print(const struct page *p)
{
	if (p->out->form == FORM_JSON)
		return print_json(p);
	if (!p->found)
		return 0;
	return p->out->form == FORM_TAB ? print_tab(p) : print_people(p);
}

int answer_print(struct answer *a, struct moectl *ctl)
{
	struct page p = { .a = a, .out = &ctl->out, .found = is_found(a) };
	int status = make(&p, ctl) || print(&p);

	for (size_t i = 0; !p.found && i < p.words.n; i++)
		complain("%s", p.words.v[i]);
	for (size_t i = 0; i < p.hints.n; i++)
		complain("%s", p.hints.v[i]);
	free(p.events);
	names_free(&p.words);
	names_free(&p.notes);
	names_free(&p.hints);
	return status || !p.found;
}
