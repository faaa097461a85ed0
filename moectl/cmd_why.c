// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "units.h"

static const struct argp_option options[] = {
	INQUIRY_OPTIONS,
	{ "count", 'n', "N", 0, "Show the last N events as evidence, 20 if not given", 0 },
	{ 0 },
};

struct input {
	struct inquiry inquiry;
	uint64_t count;
};

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case ARGP_KEY_INIT:
		in->count = 20;
		return 0;
	case 'n':
		if (units_parse_u64(arg, &in->count) || !in->count || in->count > 1000)
			complain_usage(state, "--count %s: give a number from 1 to 1000", arg);
		return 0;
	}
	return inquiry_parse(&in->inquiry, key, arg, state);
}

static bool besides(const char *type_name)
{
	return sentence_besides(type_name, NULL) != SENTENCE_ALONE;
}

static int collect(void *arg, const struct moeai_event *e, const struct fields *f,
		   enum story_part part)
{
	return evidence_add(arg, e, part) ? complain("out of memory") : 0;
}

/* What becomes of packets from an address now; -ENOENT: nobody can say. */
static int ask(struct moectl *ctl, struct answer *a)
{
	char text[THING_ADDRESS_LEN];
	const struct moeai_arg arg = MOEAI_TEXT("address", text);
	const struct inquiry *in = a->in;
	struct moeai_values values;
	int err;

	if (in->history.file || in->thing.kind != THING_ADDRESS ||
	    !thing_is_single(&in->thing.address))
		return 0;
	thing_address_text(&in->thing.address, text, sizeof(text));
	err = moeai_call(ctl->h, "net_guard.explain", &arg, 1, 10000, &a->reply);
	if (err == -EPERM)
		a->refused = true;
	if (err == -ENOENT || err == -EPERM)
		return 0;
	if (err)
		return complain_call(ctl->h, err);
	values = moeai_reply_values(a->reply);
	err = fields_decode(&a->decision, &values);
	return err ? complain_call(NULL, err) : 0;
}

static int run(struct moectl *ctl, void *input)
{
	struct input *in = input;
	struct answer a = { .in = &in->inquiry, .evidence.last.size = in->count };
	int err, status = inquiry_run(a.in, ctl, besides, collect, &a.evidence);

	if (!status)
		status = ask(ctl, &a);
	err = status || a.in->history.file ? 0 : related_find(&a.related, ctl, a.in);
	if (err)
		status = complain_call(ctl->h, err);
	if (!status)
		status = answer_print(&a, ctl) || a.in->history.broken;
	answer_free(&a);
	inquiry_end(a.in);
	return status;
}

const struct command cmd_why = {
	.name = "why",
	.arguments = "PID|COMM|ADDRESS|PATH",
	.summary = "Say why: was killed, is blocked, was changed, and by whom",
	.details =
		"One answer in plain words, with the evidence below it: the events of all "
		"modules about a process, an address or a file that the log holds, and the rows "
		"of tables as they are now. A number is a pid; then comes an address or a prefix "
		"of addresses; what has a slash, or is a dot, is a path, relative ones too; any "
		"other word is the name of a process. Of a pid or a name that several processes "
		"had, the latest with events is meant, and the others are listed. A file is "
		"followed when it is renamed; a folder means what is below it, too. With --file "
		"it is what an incident file of 'moectl record' holds, on any machine: there a path "
		"is one from the root of whichever file system, and tables are not asked. Exit status "
		"1 if nothing is known, and what would help. Needs CAP_SYS_ADMIN, and to ask "
		"what becomes of an address now CAP_NET_ADMIN.\n\n"
		"Off a terminal lines are separated by tabs and begin with what they are:\n"
		"  answer TEXT\n"
		"  event SEQ TIME-NS PRIORITY TYPE SENTENCE\n"
		"  row TABLE SENTENCE\n"
		"  other PID COMM STARTED-NS EVENTS FIRST-NS LAST-NS\n"
		"  note TEXT\n\n"
		"Examples:\n"
		"  moectl why 4711\n"
		"  moectl why postgres --since 1h\n"
		"  moectl why 198.51.100.66\n"
		"  moectl why /etc/resolv.conf --json\n"
		"  moectl why memhog --file incident-20260131T235959.000Z.pcapng",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
