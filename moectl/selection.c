// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "complain.h"
#include "selection.h"
#include "units.h"

static const struct argp_option options[] = {
	{ 0, 0, 0, 0, "Which events:", 10 },
	{ "since", 's', "SEQ|now|oldest", 0,
	  "Begin with that sequence number, or from now on, or with all that the kernel still "
	  "holds", 10 },
	{ "type", 't', "TYPE", 0,
	  "Only events of that type; 'mem_monitor.*' means all types that begin so; may be "
	  "repeated", 10 },
	{ "min-priority", 'p', "PRIORITY", 0,
	  "Only events of that priority and above: debug, info, notice, warning, critical", 10 },
	{ "source", 'S', "MODULE", 0, "Only events that this module emitted", 10 },
	{ 0 },
};

int selection_parse_since(const char *text, uint64_t *since)
{
	if (!strcmp(text, "now")) {
		*since = MOEAI_SINCE_NOW;
		return 0;
	}
	if (!strcmp(text, "oldest")) {
		*since = MOEAI_SINCE_OLDEST;
		return 0;
	}
	/* Events are counted from 1. */
	if (units_parse_u64(text, since) || !*since)
		return -EINVAL;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct selection *f = state->input;
	int priority;

	switch (key) {
	case 's':
		if (selection_parse_since(arg, &f->since))
			complain_usage(state, "--since %s: give a sequence number from 1, 'now' or "
				       "'oldest'", arg);
		f->since_given = true;
		return 0;
	case 't':
		if (f->n_types == SELECTION_TYPES)
			complain_usage(state, "more than %d types: leave --type out",
				       SELECTION_TYPES);
		f->types[f->n_types++] = arg;
		return 0;
	case 'p':
		priority = moeai_priority_parse(arg);
		if (priority < 0)
			complain_usage(state, "--min-priority %s: give debug, info, notice, "
				       "warning or critical", arg);
		f->min_priority = (enum moeai_priority)priority;
		return 0;
	case 'S':
		f->source = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp selection_argp = { .options = options, .parser = parse };

struct moeai_monitor_options selection_options(const struct selection *f)
{
	return (struct moeai_monitor_options){
		.since = f->since,
		.types = f->n_types ? f->types : NULL,
		.n_types = f->n_types,
		.min_priority = f->min_priority,
		.source = f->source,
	};
}

bool selection_type_matches(const char *wanted, const char *type)
{
	size_t len = strlen(wanted);

	if (len && wanted[len - 1] == '*')
		return !strncmp(wanted, type, len - 1);
	if (len && wanted[len - 1] == '.')
		return !strncmp(wanted, type, len);
	return !strcmp(wanted, type);
}

bool selection_wants(const struct selection *f, const struct moeai_event *event)
{
	bool type = !f->n_types;

	for (size_t i = 0; i < f->n_types && !type; i++)
		type = selection_type_matches(f->types[i], event->type_name);
	return type && event->seq >= f->since && event->priority >= f->min_priority &&
	       (!f->source || !strcmp(f->source, event->source));
}
