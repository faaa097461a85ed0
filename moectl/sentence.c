// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "file_stream.h"
#include "sentence.h"
#include "show.h"
#include "template.h"

/*
 * What is told of which type, in templates as template.h has them: a line of its own;
 * as an answer to why; and what stands besides another type, in few words behind an intro.
 */
#define PROGRAM                                                                 \
	"[ (program {exe})]{kthread:1=, a kernel thread, for somebody|}"        \
	"[, in a session of {login_uid}]"
#define PACKETS "{packets:1=1 packet|{packets} packets}"
#define HITS	"{hits:1=1 packet|{hits} packets}"
#define OFFENCE                                                                     \
	PACKETS " over the limit[, about {distinct} ports or addresses]; "          \
	"offence number {offences}"                                                 \
	"[; {action:drop=it is blocked|it would be blocked} until {expires}]"
#define BLOCKED                                                                               \
	"the rule for {prefix} {action:drop=dropped|would have dropped} " PACKETS " "         \
	"({bytes})[ in {period}], the first of {source}[; reason: {reason}]"
#define VICTIM_HAD                                                                  \
	"it had {anon} of its own, {file} of files, {shmem} shared[, {swap} swapped out]" \
	"[; {invoker_comm}, process {invoker_pid}, wanted memory]"                 \
	"[; {available} of {total} were available][, {swap_free} of swap free]"
#define RAN_OUT                                                                     \
	"{scope:system=the system had run out of memory|"                           \
	"cgroup=its cgroup had run out of memory|"                                   \
	"cpuset=the nodes of its cpuset had run out of memory|"                     \
	"mempolicy=the nodes of its memory policy had run out of memory|"           \
	"sysrq=somebody asked for that by SysRq|memory had run out}"                \
	"[ ({limit} for {limit_cgroup})]"

static const struct row {
	const char *name; /* of a type, or of a table */
	const char *line, *answer;
	enum sentence_weight weight;
	enum sentence_besides besides;
	const char *besides_of, *intro, *brief;
} rows[] = {
	{ "core.command", "{who} called {name}[ with {args}], over {via}[, in vain: {error}]" },
	{ "core.module", "module {name} is {state}[: {error}]" },
	{ "core.table", "{who} changed {changed:1=1 row|{changed} rows} of table {name} ({what})" },
	{ "subscribers", "{who} reads {what} ({kind})" },
	{ "user.message", "{who} says: {text}" },

	{ "fs_logger.create", "{who} made {path}[, {count} times]" PROGRAM,
	  .weight = SENTENCE_CHANGE },
	{ "fs_logger.modify", "{who} wrote to {path}[, {count} times]" PROGRAM,
	  .weight = SENTENCE_CHANGE },
	{ "fs_logger.close_write",
	  "{who} closed {path} after it could write to it[, {count} times]" PROGRAM },
	{ "fs_logger.delete", "{who} removed {path}[, {count} times]" PROGRAM,
	  .weight = SENTENCE_CHANGE },
	{ "fs_logger.rename", "{who} renamed {old_path} to {path}[, {count} times]" PROGRAM,
	  .weight = SENTENCE_CHANGE },
	{ "fs_logger.attrib",
	  "{who} set owner, mode, times or attributes of {path}[, {count} times]" PROGRAM,
	  .weight = SENTENCE_CHANGE },
	{ "fs_logger.exec", "{who} executed {path}[, {count} times]" PROGRAM },
	{ "fs_logger.open", "{who} opened {path}[, {count} times]" PROGRAM },
	{ "fs_logger.watch",
	  "the watch of {watch} was {change}[: it is now {inside} in its file system]"
	  "[, by {who}]" },
	{ "fs_logger.watches",
	  "{path} is watched{recursive:1=, with all below it|} (state: {state}), for {comm} of "
	  "{uid}; {events:1=1 event|{events} events} told" },

	{ "mem_monitor.level",
	  "memory pressure went from {previous} to {level}: {available} of {total} were "
	  "available[, allocations had to wait for memory: {stalls}]",
	  .besides = SENTENCE_STATE, .besides_of = "mem_monitor.victim", .intro = "Before that",
	  .brief = "the pressure had gone to {level}, with {available} of {total} available" },
	{ "mem_monitor.consumer",
	  "{who} was number {rank} of the largest processes, with {rss} in memory"
	  "[ and {swap} swapped out]",
	  .besides = SENTENCE_ONE_OF, .besides_of = "mem_monitor.victim",
	  .intro = "The largest then", .brief = "{who}, {rss}[ and {swap} swapped out]" },
	{ "mem_monitor.oom",
	  "the kernel was about to kill for memory: {available} of {total} were available, "
	  "{swap_free} of swap were free",
	  .besides = SENTENCE_STATE, .besides_of = "mem_monitor.victim", .intro = "What was free",
	  .brief = "{available} of {total} were available, {swap_free} of swap were free" },
	{ "mem_monitor.victim", "the OOM killer chose {who}, as " RAN_OUT ": " VICTIM_HAD,
	  "{who} was killed by the kernel, because " RAN_OUT "; " VICTIM_HAD, SENTENCE_END },
	{ "mem_monitor.recovered",
	  "memory pressure was over after {duration}: {available} were available, {lowest} when "
	  "it was worst[; {kills:1=1 process was|{kills} processes were} killed]" },

	{ "net_guard.flood", "{source} floods ({kind}): " OFFENCE,
	  "{source} was found to flood ({kind}): " OFFENCE, SENTENCE_CAUSE },
	{ "net_guard.scan", "{source} scans ({kind}): " OFFENCE,
	  "{source} was found to scan ({kind}): " OFFENCE, SENTENCE_CAUSE },
	{ "net_guard.blocked", BLOCKED, BLOCKED, SENTENCE_CHANGE },
	{ "net_guard.expired",
	  "the rule for {prefix} ({action}) has ended by itself, after " HITS " ({bytes})[; "
	  "reason: {reason}]",
	  .weight = SENTENCE_CHANGE },
	{ "net_guard.rules",
	  "rule {prefix}: {action}[, reason {reason}], made by {source:auto=a detector|{comm} of "
	  "{uid}}[, until {expires}]; " HITS " ({bytes})[, the last at {last}]" },
	{ "net_guard.offenders",
	  "offender {source}: {offences:1=1 offence|{offences} offences}, the last a {kind}, "
	  "from {first} to {last}" },
	{ "net_guard.explain",
	  "packets of {address} {decision:pass=pass: no rule is about them|allow=pass: a rule "
	  "allows them|drop=are dropped|shadow=would be dropped, and pass|limited=are dropped as "
	  "far as they are over the limit of {limit}|{decision}}[, by the rule {rule}][, whose reason is "
	  "{reason}]{source:user=, made by {comm} of {uid}|auto=, made by a detector|}[, until "
	  "{expires}][; " HITS " so far][; {offences:1=1 offence|{offences} offences}]" },
};

static const struct row *find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

enum sentence_weight sentence_weight(const char *type)
{
	const struct row *row = find(type);

	return row ? row->weight : SENTENCE_PLAIN;
}

enum sentence_besides sentence_besides(const char *type, const char *of)
{
	const struct row *row = find(type);

	if (!row || !row->besides_of || (of && strcmp(of, row->besides_of) != 0))
		return SENTENCE_ALONE;
	return row->besides;
}

void sentence_free(struct sentence *s)
{
	free(s->path);
	free(s->old);
}

/* ---- of any type -------------------------------------------------------------------- */

static void put_generic(const struct sentence *s, const struct telling *t, FILE *to,
			const char *owner)
{
	const char *help = s->help ? s->help(s->arg, owner) : "";
	char *text = escape_new(*help ? help : owner, strlen(*help ? help : owner), t->escape);
	char name[16];

	fputs(text ? text : "?", to);
	free(text);
	for (size_t i = 0; i < t->f->n; i++) {
		const struct moeai_value *v = &t->f->values[i];

		fprintf(to, "%s%s=", i ? " " : ": ", show_name(v, name));
		if (v->field && (v->field->flags & MOEAI_F_UID)) {
			template_user(t, to, (uint32_t)v->u64);
			continue;
		}
		text = show_term(v, t->escape);
		fputs(text ? text : "?", to);
		free(text);
	}
}

static char *tell(const struct sentence *s, const struct telling *t, const char *owner,
		  const char *template)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	if (template)
		template_write(t, to, template);
	else
		put_generic(s, t, to, owner);
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}

static char *tell_event(struct sentence *s, const struct moeai_event *e, const struct fields *f,
			const char *template)
{
	struct telling t = { .f = f, .users = &s->users, .escape = s->escape };
	struct moeai_watch_event w;

	/* Paths as they are called where the watch was added. */
	if (!moeai_watch_event(e, &w) && w.kind == MOEAI_WATCH_EVENT_FILE) {
		t.path = file_stream_path(&w, false, &s->path, &s->path_size);
		t.old = file_stream_path(&w, true, &s->old, &s->old_size);
		if (!t.path || !t.old)
			return NULL;
	}
	return tell(s, &t, e->type_name, template);
}

char *sentence_of_event(struct sentence *s, const struct moeai_event *e, const struct fields *f)
{
	const struct row *row = find(e->type_name);

	return tell_event(s, e, f, row ? row->line : NULL);
}

char *sentence_answer(struct sentence *s, const struct moeai_event *e, const struct fields *f)
{
	const struct row *row = find(e->type_name);

	return row && row->answer ? tell_event(s, e, f, row->answer) : NULL;
}

const char *sentence_intro(const char *type)
{
	const struct row *row = find(type);

	return row ? row->intro : NULL;
}

char *sentence_brief(struct sentence *s, const struct moeai_event *e, const struct fields *f)
{
	const struct row *row = find(e->type_name);

	return row && row->brief ? tell_event(s, e, f, row->brief) : NULL;
}

char *sentence_of_row(struct sentence *s, const char *table, const struct fields *f)
{
	const struct telling t = { .f = f, .users = &s->users, .escape = s->escape };
	const struct row *row = find(table);

	return tell(s, &t, table, row ? row->line : NULL);
}
