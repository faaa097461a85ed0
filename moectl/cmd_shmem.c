// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hexdump.h"
#include "listing.h"
#include "table.h"
#include "units.h"

#define TABLE "shmem"

enum { KEY_OFFSET = OPTION_FIRST, KEY_LENGTH, KEY_RAW, KEY_SORT };

static const struct argp_option options[] = {
	{ "offset", KEY_OFFSET, "BYTES", 0, "dump: from there on; decimal or 0x...", 0 },
	{ "length", KEY_LENGTH, "BYTES", 0, "dump: no more than so many", 0 },
	{ "raw", KEY_RAW, 0, 0,
	  "dump: the bytes themselves, as is done when the output is no terminal", 0 },
	{ "sort", KEY_SORT, "COLUMN", 0,
	  "list: in order of that column; -COLUMN: the largest first", 0 },
	{ 0 },
};

struct input {
	bool list, dump;
	const char *name;
	uint64_t offset, length;
	bool ranged, raw;
	const char *order;
};

/* ---- the command line ------------------------------------------------------------------ */

static void add_word(struct input *in, const char *word, const struct argp_state *state)
{
	if (in->list || in->name)
		complain_usage(state, "'%s' is too much", word);
	if (in->dump)
		in->name = word;
	else if (!strcmp(word, "list"))
		in->list = true;
	else if (!strcmp(word, "dump"))
		in->dump = true;
	else
		complain_usage(state, "'%s' is none of list, dump", word);
}

static void check(const struct input *in, const struct argp_state *state)
{
	if (!in->list && !in->dump)
		complain_usage(state, "list or dump?");
	if (in->dump && !in->name)
		complain_usage(state, "dump which region? 'moectl shmem list' lists them");
	if (in->list && (in->ranged || in->raw))
		complain_usage(state, "--offset, --length and --raw are for dump");
	if (in->dump && in->order)
		complain_usage(state, "--sort is for list");
}

static error_t parse(int key, char *arg, struct argp_state *state, void *input)
{
	struct input *in = input;

	switch (key) {
	case ARGP_KEY_INIT:
		in->length = UINT64_MAX;
		return 0;
	case KEY_OFFSET:
	case KEY_LENGTH:
		if (units_parse_u64(arg, key == KEY_OFFSET ? &in->offset : &in->length))
			complain_usage(state, "--%s %s: give a number of bytes",
				       key == KEY_OFFSET ? "offset" : "length", arg);
		in->ranged = true;
		return 0;
	case KEY_RAW:
		in->raw = true;
		return 0;
	case KEY_SORT:
		in->order = arg;
		return 0;
	case ARGP_KEY_ARG:
		add_word(in, arg, state);
		return 0;
	case ARGP_KEY_END:
		check(in, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- the work ------------------------------------------------------------------------ */

static int cannot_open(struct moectl *ctl, const char *name, int err)
{
	struct names names = { 0 };
	int status;

	if (err != -ENOENT || listing_names(ctl->h, TABLE, "name", &names))
		return complain_call(ctl->h, err);
	status = listing_complain("region", name, &names, "'moectl shmem list' lists them");
	names_free(&names);
	return status;
}

static int print_json(struct moectl *ctl, const struct input *in, const char *bytes, size_t n,
		      size_t size)
{
	char *digits = hexdump_digits(bytes, n);
	json_t *json = digits ? json_pack("{s:s, s:I, s:I, s:s}", "name", in->name, "size",
					  (json_int_t)size, "offset", (json_int_t)in->offset, "bytes",
					  digits) : NULL;

	free(digits);
	return output_json(&ctl->out, json);
}

static int print(struct moectl *ctl, const struct input *in, const char *data, size_t size)
{
	const char *bytes = data + in->offset;
	size_t n = size - in->offset;

	n = n < in->length ? n : in->length;
	if (ctl->out.form == FORM_JSON && !in->raw)
		return print_json(ctl, in, bytes, n, size);
	if ((ctl->out.form == FORM_PEOPLE || ctl->out.terminal) && !in->raw)
		hexdump(ctl->out.file, bytes, n, in->offset);
	else
		fwrite(bytes, 1, n, ctl->out.file); /* output_flush() tells of failures */
	return 0;
}

static int dump(struct moectl *ctl, const struct input *in)
{
	struct moeai_shmem *s;
	int err, status;

	if (command_open(ctl))
		return 1;
	err = moeai_shmem_open(ctl->h, in->name, 0, &s);
	if (err)
		return cannot_open(ctl, in->name, err);
	if (in->offset > moeai_shmem_size(s))
		status = complain("--offset %" PRIu64 ": region %s has %zu bytes", in->offset,
				  in->name, moeai_shmem_size(s));
	else
		status = print(ctl, in, moeai_shmem_data(s), moeai_shmem_size(s));
	moeai_shmem_close(s);
	return status;
}

static int run(struct moectl *ctl, void *input)
{
	static const struct where all;
	const struct input *in = input;

	return in->list ? table_print(ctl, TABLE, &all, in->order) : dump(ctl, in);
}

const struct command cmd_shmem = {
	.name = "shmem",
	.arguments = "list|dump NAME",
	.summary = "Show the memory that kernel modules share with programs",
	.details = "list shows which regions there are. One is orphaned when its module has given "
		   "it up and a program still has it open.\n\n"
		   "dump shows what is in one now: on a terminal as hexdump -C does, else the bytes "
		   "themselves. Its module may be writing it meanwhile, so what is shown need not "
		   "be of one moment. It needs read access to /dev/moeai: group moeai, or root. "
		   "With --json 'bytes' is a string of hex digits.\n\n"
		   "Examples:\n"
		   "  moectl shmem list\n"
		   "  moectl shmem dump samples.ring --length 256\n"
		   "  moectl shmem dump samples.ring --offset 64 --raw > ring.bin",
	.options = options,
	.parse = parse,
	.input_size = sizeof(struct input),
	.run = run,
};
