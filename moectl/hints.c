// SPDX-License-Identifier: GPL-2.0
/* For a question that has no answer: what is missing, and what can be done about it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "folder.h"
#include "inquiry.h"
#include "units.h"
#include "watching.h"

/* Who would have told of it. */
static const struct teller {
	unsigned int kinds; /* bits: of enum thing_kind */
	const char *module, *tells;
} tellers[] = {
	{ 1 << THING_PID | 1 << THING_COMM, "mem_monitor", "processes killed for memory" },
	{ 1 << THING_PID | 1 << THING_COMM | 1 << THING_PATH, "fs_logger",
	  "who does what to files" },
	{ 1 << THING_ADDRESS, "net_guard", "who floods, scans and is blocked" },
};

static int hint_first(const struct inquiry *in, struct names *out)
{
	const char *what = thing_kind_name(in->thing.kind);

	if (in->thing.kind == THING_PATH && strcmp(in->thing.path, in->word) != 0)
		return names_format(out, "nothing is known of the path %s, which is %s", in->word,
				    in->thing.path);
	if (in->since.time || in->since.seq || in->until.time || in->until.seq)
		return names_format(out, "nothing is known of the %s %s within that time", what,
				    in->word);
	return names_format(out, "nothing is known of the %s %s", what, in->word);
}

static int hint_log(const struct inquiry *in, struct names *out)
{
	const struct story_facts *f = story_facts(in->story);
	char since[UNITS_LEN];
	int err;

	units_time(since, f->oldest);
	err = f->held ? names_format(out, "the log holds %" PRIu64 " event%s, the first of %s",
				     f->held, plural(f->held), since) :
			names_format(out, "the log holds no event");
	if (!err)
		err = inquiry_notes(in, out);
	if (!err && f->lost)
		err = names_format(out, "a larger log holds more: moeai.log_size");
	return err;
}

static int hint_modules(const struct inquiry *in, struct moectl *ctl, struct names *out)
{
	struct names modules = { 0 };
	int err = listing_names(ctl->h, "modules", "name", &modules);

	for (size_t i = 0; i < sizeof(tellers) / sizeof(*tellers) && !err; i++) {
		const struct teller *t = &tellers[i];

		if ((t->kinds >> in->thing.kind & 1) && !names_have(&modules, t->module))
			err = names_format(out,
					   "%s, which tells %s, is not loaded: modprobe moeai_%s",
					   t->module, t->tells, t->module);
	}
	names_free(&modules);
	return err == -ENOMEM ? err : 0;
}

/* ---- watches ------------------------------------------------------------------------ */

struct covered {
	const char *path;
	bool found, gone;
};

static int look(void *arg, const struct moeai_watch *row)
{
	struct covered *c = arg;

	if (folder_behind(row->path, c->path)) {
		c->found |= row->state == MOEAI_FS_WATCHING;
		c->gone |= row->state != MOEAI_FS_WATCHING;
	}
	return 0;
}

static int hint_watch(const struct inquiry *in, struct moectl *ctl, struct names *out)
{
	struct covered c = { .path = in->thing.path };

	if (in->thing.kind != THING_PATH || watching_rows(ctl, look, &c) || c.found)
		return 0;
	if (c.gone)
		return names_format(out, "what the watch there watched was deleted or unmounted: a "
					 "path in a "
					 "file system that is not mounted can't be looked up");
	return names_format(out, "no watch has it: 'moectl watch add FOLDER' tells what comes");
}

/* ---- another thing ------------------------------------------------------------------ */

static int hint_other(const struct inquiry *in, struct names *out)
{
	struct stat st;

	if (in->wanted || in->thing.kind == THING_PATH || lstat(in->word, &st))
		return 0;
	return names_format(out, "there is a file of that name: see --path");
}

int inquiry_hints(struct inquiry *in, struct moectl *ctl, struct names *out)
{
	int err = hint_first(in, out);

	if (!err)
		err = hint_log(in, out);
	if (!err)
		err = hint_modules(in, ctl, out);
	if (!err)
		err = hint_watch(in, ctl, out);
	return err ? err : hint_other(in, out);
}
