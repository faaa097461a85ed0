// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "inquiry.h"
#include "show.h"
#include "stream.h"

static const struct argp_option options[] = { INQUIRY_OPTIONS, { 0 } };

struct line {
	struct inquiry *in;
	struct stream stream;
};

static int print_json(struct line *l, const struct moeai_event *e, const struct fields *f,
		      const char *sentence)
{
	json_t *json = stream_json(e, f);

	if (json && json_object_set_new(json, "sentence",
					show_json_text(sentence, strlen(sentence)))) {
		json_decref(json);
		json = NULL;
	}
	return output_json(l->stream.out, json);
}

static int print_tab(struct line *l, const struct moeai_event *e, const char *sentence)
{
	FILE *to = l->stream.out->file;

	fprintf(to, "event\t%" PRIu64 "\t%" PRIu64 "\t%s\t", e->seq, e->time,
		moeai_priority_name(e->priority));
	escape_write(to, e->type_name, strlen(e->type_name), l->stream.out->escape);
	fprintf(to, "\t%s\n", sentence);
	return 0;
}

static int print_people(struct line *l, const struct moeai_event *e, const char *sentence)
{
	char clock[UNITS_LEN], *text = NULL;

	stream_heading(&l->stream, e->time, "     SEQ WHAT HAPPENED", clock);
	if (asprintf(&text, "%-12s %8" PRIu64 " %s", clock, e->seq, sentence) < 0)
		return complain("out of memory");
	fprintf(l->stream.out->file, "%s\n", text);
	free(text);
	return 0;
}

static int print(void *arg, const struct moeai_event *e, const struct fields *f,
		 enum story_part part)
{
	struct line *l = arg;
	char *sentence = sentence_of_event(&l->in->sentence, e, f);
	int status;

	if (!sentence)
		return complain("out of memory");
	switch (l->stream.out->form) {
	case FORM_JSON:
		status = print_json(l, e, f, sentence);
		break;
	case FORM_TAB:
		status = print_tab(l, e, sentence);
		break;
	default:
		status = print_people(l, e, sentence);
	}
	free(sentence);
	return status;
}

/* On standard error. */
static int tell_bounds(const struct inquiry *in)
{
	const struct story_facts *f = story_facts(in->story);
	uint64_t others = f->n_others + f->more_others;
	struct names notes = { 0 };
	int status = inquiry_notes(in, &notes) ? complain("out of memory") : 0;

	for (size_t i = 0; i < notes.n; i++)
		complain("%s", notes.v[i]);
	if (f->has_process && others)
		complain("%" PRIu64 " other process%s had that pid or name: 'moectl why' lists "
			 "them", others, others == 1 ? "" : "es");
	names_free(&notes);
	return status;
}

static int run(struct moectl *ctl, void *input)
{
	struct inquiry *in = input;
	struct line l = { .in = in, .stream = { .out = &ctl->out } };
	int status = inquiry_run(in, ctl, NULL, print, &l);

	if (!status && !story_facts(in->story)->events)
		status = inquiry_nothing(in, ctl);
	else if (!status)
		status = tell_bounds(in) || in->history.broken;
	stream_free(&l.stream);
	inquiry_end(in);
	return status;
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	return inquiry_parse(input, key, arg, state);
}

const struct command cmd_timeline = {
	.name = "timeline",
	.arguments = "PID|COMM|ADDRESS|PATH",
	.summary = "Show all that happened to one process, address or file",
	.details =
		"The events of all modules about it that the log holds, in order, a line each, "
		"in plain words. What it takes for what, and which process a pid or name is, is "
		"as with 'moectl why', which also says what --file does. Exit status 1 if nothing is known. Needs "
		"CAP_SYS_ADMIN.\n\n"
		"Off a terminal a line is 'event SEQ TIME-NS PRIORITY TYPE SENTENCE', separated "
		"by tabs. In JSON it is as monitor's, with the sentence beside the fields.\n\n"
		"Examples:\n"
		"  moectl timeline /etc/resolv.conf\n"
		"  moectl timeline 4711 --since 10m\n"
		"  moectl timeline 198.51.100.0/24 --json",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct inquiry),
	.run = run,
};
