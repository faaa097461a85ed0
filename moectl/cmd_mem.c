// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "episodes.h"
#include "follow.h"
#include "grid.h"
#include "listing.h"
#include "past.h"
#include "show.h"
#include "stream.h"
#include "table.h"
#include "watch.h"

#define CONSUMERS "mem_monitor.consumers"

static const struct argp_option options[] = {
	{ "last", 'l', "TIME", 0, "history, kills: only what happened in that time: 10m, 2h, 30d", 0 },
	FOLLOW_OPTIONS,
	{ 0 },
};

struct input;

static int now(struct moectl *ctl, struct input *in);
static int consumers(struct moectl *ctl, struct input *in);
static int history(struct moectl *ctl, struct input *in);
static int follow_events(struct moectl *ctl, struct input *in);

static const struct action {
	const char *name;
	int (*run)(struct moectl *ctl, struct input *in);
	int (*print)(struct episodes *e, struct output *out); /* of history's */
} actions[] = {
	{ "now", now },
	{ "consumers", consumers },
	{ "history", history, episodes_print },
	{ "kills", history, episodes_print_kills },
	{ "follow", follow_events },
};

struct input {
	struct follow follow;
	const struct action *action;
	struct past past;
};

/* ---- the command line ------------------------------------------------------------------ */

static void set_action(struct input *in, const char *word, const struct argp_state *state)
{
	if (in->action)
		complain_usage(state, "'%s' is too much", word);
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (!strcmp(actions[i].name, word))
			in->action = &actions[i];
	if (!in->action)
		complain_usage(state, "'%s' is none of now, consumers, history, kills, follow",
			       word);
}

static void check(struct input *in, const struct argp_state *state)
{
	if (!in->action)
		in->action = &actions[0];
	if (in->past.since && in->action->run != history)
		complain_usage(state, "--last is for history and kills");
	if ((in->follow.timed || in->follow.transport) && in->action->run != follow_events)
		complain_usage(state, "--timeout and --transport are for follow");
	if (in->follow.count && in->action->run == history)
		complain_usage(state, "--count is for now, consumers and follow");
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case 'l':
		past_parse_last(&in->past, arg, state);
		return 0;
	case ARGP_KEY_ARG:
		set_action(in, arg, state);
		return 0;
	case ARGP_KEY_END:
		check(in, state);
		return 0;
	}
	return follow_parse(&in->follow, key, arg, state);
}

/* ---- consumers ------------------------------------------------------------------------- */

/* The first of the table's rows: into a grid, or, if that is NULL, an array. */
struct rows {
	struct output *out;
	uint64_t most;
	struct grid *grid;
	json_t *json;
};

static int begin_rows(void *arg, const struct moeai_schema *schema)
{
	struct rows *r = arg;

	if (r->json)
		return json_array_clear(r->json) ? -ENOMEM : 0;
	grid_free(r->grid);
	r->grid = NULL;
	return grid_new(&r->grid, r->out, schema);
}

static int add_row(void *arg, const struct fields *row)
{
	struct rows *r = arg;

	if (fields_u64(row, "rank", 0) > r->most)
		return 0;
	if (!r->json)
		return grid_add(r->grid, row);
	return json_array_append_new(r->json, show_fields_json(row)) ? -ENOMEM : 0;
}

static int read_rows(struct moectl *ctl, struct rows *r)
{
	int err = listing_walk(ctl->h, CONSUMERS, begin_rows, add_row, r);

	return err ? table_complain(ctl, CONSUMERS, err) : 0;
}

static int print_rows(struct moectl *ctl, uint64_t most)
{
	struct rows r = { .out = &ctl->out, .most = most };
	int status = read_rows(ctl, &r);

	if (!status)
		return table_end(r.grid, 0);
	grid_free(r.grid);
	return status;
}

/* Is it there? Returns 0, or 1 after complaining. */
static int missing(struct moectl *ctl)
{
	struct names names = { 0 };
	int err, status = 0;

	if (command_open(ctl))
		return 1;
	err = listing_tables(ctl->h, &names);
	if (err)
		status = complain_call(ctl->h, err);
	else if (!names_have(&names, CONSUMERS))
		status = complain("mem_monitor is not loaded: modprobe moeai_mem_monitor");
	names_free(&names);
	return status;
}

static int consumers(struct moectl *ctl, struct input *in)
{
	if (missing(ctl))
		return 1;
	return print_rows(ctl, in->follow.count ? in->follow.count : UINT64_MAX);
}

/* ---- now ------------------------------------------------------------------------------- */

static const char *const layout[] = {
	"Level      {level} since {since}, by {cause}",
	"Available  {available} of {total}, {permille}",
	"Free       {free}, and {swap_free} of swap",
	"Stalls     {stalls}",
	"OOM kills  {kills} since the module was loaded",
	"",
};

static int print_json(struct moectl *ctl, const struct fields *sample, uint64_t most)
{
	struct rows r = { .out = &ctl->out, .most = most, .json = json_array() };
	json_t *object = show_fields_json(sample);

	if (!r.json || !object || read_rows(ctl, &r)) {
		json_decref(r.json);
		json_decref(object);
		return r.json && object ? 1 : complain("out of memory");
	}
	if (json_object_set_new(object, "consumers", r.json)) {
		json_decref(object);
		object = NULL;
	}
	return output_json(&ctl->out, object);
}

static int print_sample(struct moectl *ctl, const struct fields *sample, uint64_t most)
{
	if (ctl->out.form == FORM_JSON)
		return print_json(ctl, sample, most);
	if (ctl->out.form == FORM_TAB)
		return show_fields_lines(&ctl->out, sample);
	for (size_t i = 0; i < sizeof(layout) / sizeof(*layout); i++)
		show_layout(&ctl->out, sample, layout[i]);
	return print_rows(ctl, most);
}

static int now(struct moectl *ctl, struct input *in)
{
	struct fields sample = { 0 };
	struct moeai_reply *reply;
	struct moeai_values values;
	int err, status;

	if (missing(ctl))
		return 1;
	err = moeai_call(ctl->h, "mem_monitor.sample", NULL, 0, 10000, &reply);
	if (err)
		return complain_call(ctl->h, err);
	values = moeai_reply_values(reply);
	err = fields_decode(&sample, &values);
	status = err ? complain_call(NULL, err) :
		       print_sample(ctl, &sample, in->follow.count ? in->follow.count : 10);
	fields_free(&sample);
	moeai_reply_free(reply);
	return status;
}

/* ---- the past, and what is to come ------------------------------------------------------- */

static int take(const struct moeai_event *event, void *episodes)
{
	return episodes_add(episodes, event);
}

static int history(struct moectl *ctl, struct input *in)
{
	static const char *const types[] = { "mem_monitor.*" };
	struct episodes *e;
	int status;

	if (missing(ctl))
		return 1;
	e = episodes_new();
	if (!e)
		return complain("out of memory");
	in->past.module = "mem_monitor";
	in->past.types = types;
	in->past.n_types = 1;
	status = past_read(ctl, &in->past, take, e);
	if (!status) {
		status = in->action->print(e, &ctl->out);
		past_tell_lost(&in->past);
	}
	episodes_free(e);
	return status;
}

static int show_item(struct follow *f, const struct moeai_item *item, void *stream)
{
	f->shown += item->kind == MOEAI_EVENT;
	return stream_item(stream, item);
}

static int follow_events(struct moectl *ctl, struct input *in)
{
	const struct selection selection = { .since = MOEAI_SINCE_NOW, .n_types = 1,
					     .types = { "mem_monitor.*" } };
	struct moeai_monitor_options o = selection_options(&selection);
	struct stream stream = { .out = &ctl->out };
	struct follow *f = &in->follow;
	int status;

	if (missing(ctl))
		return 1;
	o.transport = f->transport;
	f->out = &ctl->out;
	follow_begin(f);
	if (watch_open(&f->m, &o, &selection))
		return 1;
	status = follow(f, show_item, &stream);
	moeai_monitor_close(f->m);
	stream_free(&stream);
	return status;
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;

	return in->action->run(ctl, in);
}

const struct command cmd_mem = {
	.name = "mem",
	.arguments = "[now | consumers | history | kills | follow]",
	.summary = "Show how short memory is, who holds it, and OOM kills",
	.details =
		"now: the pressure level and what it comes from, and the largest processes, with how "
		"much they grew of late: --count of them, 10 if not given. consumers: only these, all "
		"that the kernel tells of. history: the episodes of pressure that the log still "
		"holds, from the level leaving none until it was none again: how bad, how little was "
		"available, how many were killed, who was the largest. kills: each victim of the OOM "
		"killer that it holds, and why: how much it held, what was left, who wanted how "
		"much, whose limit it was. follow: events as they come, as in monitor, until "
		"Ctrl-C, --count or --timeout. now needs CAP_NET_ADMIN and, as "
		"consumers, CAP_SYS_ADMIN; the others what monitor needs; and all the module "
		"moeai_mem_monitor, whose limits are parameters: see moeai_mem_monitor(4).\n\n"
		"Examples:\n"
		"  moectl mem\n"
		"  moectl mem --json | jq '.consumers[0]'\n"
		"  moectl mem consumers --count 3\n"
		"  moectl mem history --last 24h\n"
		"  moectl mem kills\n"
		"  moectl mem follow --timeout 60\n"
		"  moectl set mem_monitor.critical_bytes=268435456",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
