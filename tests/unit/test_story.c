// SPDX-License-Identifier: GPL-2.0
/* The join, by marks alone: the types here are nobody's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/evidence.h"
#include "../../moectl/story.h"
#include "wire.h"

#define S    1000000000ULL
#define BOOT (1000 * S)

enum { PID = 1, COMM, STARTED, PATH, OLD, DEVICE, WHERE, OWNER, OWNER_COMM, LAST = OWNER_COMM };

static const struct moeai_field fields[] = {
	{ .name = "a", .type = MOEAI_TYPE_U32, .id = PID, .flags = MOEAI_F_PID },
	{ .name = "b", .type = MOEAI_TYPE_STRING, .id = COMM, .flags = MOEAI_F_COMM },
	{ .name = "c", .type = MOEAI_TYPE_U64, .id = STARTED, .flags = MOEAI_F_STARTED },
	{ .name = "d", .type = MOEAI_TYPE_STRING, .id = PATH, .flags = MOEAI_F_PATH },
	{ .name = "e", .type = MOEAI_TYPE_STRING, .id = OLD, .flags = MOEAI_F_PATH | MOEAI_F_OLD },
	{ .name = "f", .type = MOEAI_TYPE_U32, .id = DEVICE, .flags = MOEAI_F_DEVICE },
	{ .name = "g", .type = MOEAI_TYPE_PREFIX, .id = WHERE },
	{ .name = "h", .type = MOEAI_TYPE_U32, .id = OWNER, .flags = MOEAI_F_PID },
	{ .name = "i", .type = MOEAI_TYPE_STRING, .id = OWNER_COMM, .flags = MOEAI_F_COMM },
};

static const struct moeai_schema schema = { .owner = "x.y", .fields = fields, .n_fields = LAST };

/* What an event has; 0 and NULL: it has not. */
struct event {
	uint32_t pid;
	const char *comm;
	uint64_t started; /* s */
	const char *path, *old;
	uint32_t device;
	const char *where; /* an IPv4 address */
	uint32_t owner;
	const char *owner_comm;
};

struct told {
	char seqs[200]; /* joined by blanks */
};

static int tell(void *arg, const struct moeai_event *e, const struct fields *f,
		enum story_part part)
{
	static const char *const signs[] = {
		[STORY_BESIDES] = "+", [STORY_NAMED] = "~", [STORY_SUBJECT] = "",
	};
	struct told *t = arg;
	size_t n = strlen(t->seqs);

	snprintf(t->seqs + n, sizeof(t->seqs) - n, "%s%s%d", n ? " " : "", signs[part],
		 (int)e->seq);
	return 0;
}

static void put(struct wire *w, const struct event *e)
{
	unsigned char prefix[5] = { 32 };

	w->len = 0;
	if (e->pid)
		wire_u32(w, PID, e->pid);
	if (e->comm)
		wire_string(w, COMM, e->comm);
	if (e->started)
		wire_u64(w, STARTED, e->started * S);
	if (e->path)
		wire_string(w, PATH, e->path);
	if (e->old)
		wire_string(w, OLD, e->old);
	if (e->device)
		wire_u32(w, DEVICE, e->device);
	if (e->where) {
		assert_int_equal(sscanf(e->where, "%hhu.%hhu.%hhu.%hhu", prefix + 1, prefix + 2,
					prefix + 3, prefix + 4), 4);
		wire_attr(w, WHERE, prefix, 5);
	}
	if (e->owner)
		wire_u32(w, OWNER, e->owner);
	if (e->owner_comm)
		wire_string(w, OWNER_COMM, e->owner_comm);
}

/* Seq 1 is at second 1 after boot, and so on. From the second pass on, there are more. */
static void feed_more(struct story *s, const struct event *events, size_t n, size_t more)
{
	static struct wire w;
	int again;

	do {
		for (size_t i = 0; i < n; i++) {
			struct moeai_event e = { .seq = i + 1, .time = BOOT + (i + 1) * S,
						 .type_name = i % 7 == 6 ? "besides" : "x.y",
						 .source = "x" };

			put(&w, &events[i]);
			e.values = (struct moeai_values){ &schema, w.data, w.len };
			assert_int_equal(story_add(s, &e), 0);
		}
		n += more;
		more = 0;
		again = story_again(s);
		assert_true(again >= 0);
	} while (again);
}

static void feed(struct story *s, const struct event *events, size_t n)
{
	feed_more(s, events, n, 0);
}

static bool is_besides(const char *type)
{
	return !strcmp(type, "besides");
}

static struct story *start(struct thing *t, const char *text, struct told *told)
{
	static struct story_options o;

	assert_int_equal(thing_parse(t, text, THING_ANY, false), 0);
	memset(told, 0, sizeof(*told));
	o = (struct story_options){ .thing = t, .tell = tell, .arg = told };
	return story_new(&o);
}

#define N(events) (sizeof(events) / sizeof(*(events)))

static void assert_story(const char *text, const struct event *events, size_t n, const char *want)
{
	struct told told;
	struct thing t;
	struct story *s = start(&t, text, &told);

	assert_non_null(s);
	if (t.kind == THING_PATH)
		assert_int_equal(story_place(s, t.path, 7), 0);
	feed(s, events, n);
	assert_string_equal(told.seqs, want);
	assert_int_equal(story_facts(s)->held, n);
	story_free(s);
	thing_free(&t);
}

/* ---- processes ---------------------------------------------------------------------- */

static void pids(void **state)
{
	static const struct event events[] = {
		{ .pid = 5, .comm = "a" }, { .pid = 6, .comm = "a" }, { .pid = 5, .comm = "a" },
		{ .comm = "a" }, { .where = "192.0.2.1" },
		{ .pid = 6, .owner = 5, .owner_comm = "a" },
	};

	assert_story("5", events, N(events), "1 3 ~6");
	assert_story("6", events, N(events), "2 6");
	assert_story("7", events, N(events), "");
}

/* Two that had one pid: by their starts, and what has none by when it was. */
static void reused_pids(void **state)
{
	static const struct event events[] = {
		{ .pid = 5, .comm = "a" },		  /* before all that is known */
		{ .pid = 5, .comm = "a", .started = 2 },
		{ .pid = 5, .comm = "a" },
		{ .pid = 5, .comm = "b", .started = 4 },
		{ .pid = 5, .comm = "c" },		  /* b, by another name */
		{ .pid = 5, .comm = "a", .started = 2 },  /* told late */
	};
	struct told told;
	struct thing t;
	struct story *s;

	/* The last event decides. */
	assert_story("5", events, N(events), "2 3 6");
	assert_story("5", events, N(events) - 1, "4 5");

	s = start(&t, "5", &told);
	feed(s, events, N(events) - 1);
	assert_string_equal(story_facts(s)->process.comm, "c");
	assert_int_equal(story_facts(s)->process.started, 4 * S);
	assert_int_equal(story_facts(s)->since, BOOT + 4 * S);
	assert_int_equal(story_facts(s)->n_others, 2);
	assert_int_equal(story_facts(s)->others[0].started, 0);
	assert_int_equal(story_facts(s)->others[1].started, 2 * S);
	assert_int_equal(story_facts(s)->others[1].events, 2);
	story_free(s);
	thing_free(&t);
}

/* Who has the pid now has done nothing; with ticks, he is one that is known. */
static void running(void **state)
{
	static const struct event events[] = {
		{ .pid = 5, .comm = "a", .started = 1 }, { .pid = 5, .comm = "a" },
	};
	struct told told;
	struct thing t;
	struct story *s = start(&t, "5", &told);

	story_boot(s, BOOT);
	story_running(s, 1 * S - 3000000);
	feed(s, events, N(events));
	assert_string_equal(told.seqs, "1 2");
	assert_int_equal(story_facts(s)->n_others, 0);
	story_free(s);

	s = start(&t, "5", &told);
	story_boot(s, BOOT);
	story_running(s, 100 * S);
	feed(s, events, N(events));
	assert_string_equal(told.seqs, "1 2");
	assert_int_equal(story_facts(s)->process.started, 1 * S);
	story_free(s);
	thing_free(&t);
}

static void unknown_starts(void **state)
{
	static const struct event events[] = {
		{ .pid = 5, .comm = "a" }, { .pid = 5, .comm = "b" }, { .pid = 5, .comm = "b" },
		{ .pid = 5 },
	};

	assert_story("5", events, N(events) - 1, "2 3");
}

static void comms(void **state)
{
	static const struct event events[] = {
		{ .pid = 5, .comm = "sh", .started = 1 }, { .pid = 6, .comm = "sh", .started = 1 },
		{ .pid = 6, .comm = "dd", .started = 1 }, { .pid = 5, .comm = "sh", .started = 4 },
		{ .pid = 6, .comm = "sh" },		  { .pid = 8, .comm = "sh2" },
	};
	struct told told;
	struct thing t;
	struct story *s = start(&t, "sh", &told);

	feed(s, events, N(events));
	/* All of the latest one's, whatever it was called. */
	assert_string_equal(told.seqs, "2 3 5");
	assert_int_equal(story_facts(s)->process.pid, 6);
	assert_int_equal(story_facts(s)->n_others, 2);
	assert_int_equal(story_facts(s)->others[0].pid, 5);
	assert_int_equal(story_facts(s)->others[1].pid, 5);
	story_free(s);
	thing_free(&t);
	assert_story("nobody", events, N(events), "");
}

/* A name goes with the pid before it, not with one before that. */
static void two_pids(void **state)
{
	static const struct event events[] = { { .pid = 6, .owner = 5, .owner_comm = "z" } };
	struct told told;
	struct thing t;
	struct story *s = start(&t, "z", &told);

	feed(s, events, N(events));
	assert_int_equal(story_facts(s)->process.pid, 5);
	assert_int_equal(story_facts(s)->n_others, 0);
	story_free(s);
	thing_free(&t);
}

/* What comes while it is told is another time's. */
static void between_passes(void **state)
{
	static const struct event events[] = { { .pid = 5 }, { .pid = 5 }, { .pid = 5 } };
	struct told told;
	struct thing t;
	struct story *s = start(&t, "5", &told);

	feed_more(s, events, 2, 1);
	assert_string_equal(told.seqs, "1 2");
	assert_int_equal(story_facts(s)->held, 2);
	story_free(s);
	thing_free(&t);
}

static void many_others(void **state)
{
	static struct event events[STORY_OTHERS + 10];
	struct told told;
	struct thing t;
	struct story *s = start(&t, "sh", &told);

	for (size_t i = 0; i < N(events); i++)
		events[i] = (struct event){ .pid = (uint32_t)i + 1, .comm = "sh", .started = 1 };
	feed(s, events, N(events));
	assert_int_equal(story_facts(s)->n_others + story_facts(s)->more_others, N(events) - 1);
	assert_int_equal(story_facts(s)->process.pid, N(events));
	story_free(s);
	thing_free(&t);
}

/* ---- addresses ---------------------------------------------------------------------- */

static void addresses(void **state)
{
	static const struct event events[] = {
		{ .where = "192.0.2.1" }, { .where = "192.0.3.1" }, { .pid = 5 },
	};

	assert_story("192.0.2.1", events, N(events), "1");
	assert_story("192.0.2.0/23", events, N(events), "1 2");
	assert_story("192.0.2.2", events, N(events), "");
}

/* ---- files -------------------------------------------------------------------------- */

static void paths(void **state)
{
	static const struct event events[] = {
		{ .path = "/nowhere/a" },		{ .path = "/nowhere/a", .device = 7 },
		{ .path = "/nowhere/a", .device = 8 },	{ .path = "/nowhere/ab", .device = 7 },
		{ .path = "/nowhere/a/b", .device = 7 }, { .path = "/nowhere", .device = 7 },
	};

	assert_story("/nowhere/a", events, N(events), "1 2 5");
	assert_story("/nowhere", events, N(events), "1 2 4 5 6");
}

static void renames(void **state)
{
	static const struct event events[] = {
		{ .path = "/nowhere/a", .device = 7 },
		{ .path = "/nowhere/b", .old = "/nowhere/a", .device = 7 },
		{ .path = "/nowhere/b", .device = 7 },
		{ .path = "/nowhere/c", .old = "/nowhere/b", .device = 7 },
		{ .path = "/nowhere/b", .device = 7 }, /* another one */
		{ .path = "/nowhere/c", .device = 7 },
		{ .path = "/nowhere/c", .old = "/nowhere/b", .device = 8 }, /* elsewhere */
	};

	assert_story("/nowhere/a", events, N(events), "1 2 3 4 6");
	assert_story("/nowhere/c", events, N(events), "1 2 3 4 6");
	/* That name's own story, and where it came from; it has come again. */
	assert_story("/nowhere/b", events, N(events), "1 2 3 4 5");
}

static void renamed_folders(void **state)
{
	static const struct event events[] = {
		{ .path = "/nowhere/d/f", .device = 7 },
		{ .path = "/nowhere/e", .old = "/nowhere/d", .device = 7 },
		{ .path = "/nowhere/e/f", .device = 7 },
		{ .path = "/nowhere/e/g", .device = 7 },
	};

	assert_story("/nowhere/e/f", events, N(events), "1 2 3");
	assert_story("/nowhere/d/f", events, N(events), "1 2 3");
	assert_story("/nowhere/e", events, N(events), "1 2 3 4");
}

/* ---- bounds ------------------------------------------------------------------------- */

static void ranges(void **state)
{
	static const struct event events[] = {
		{ .pid = 5 }, { .pid = 5 }, { .pid = 5 }, { .pid = 5 }, { .pid = 5 }, { .pid = 5 },
		{ .pid = 6 },
	};
	struct told told = { .seqs = "" };
	struct thing t;
	struct story_options o = { .thing = &t, .since_seq = 2, .until_time = BOOT + 4 * S,
				   .tell = tell, .arg = &told };
	struct story *s;

	assert_int_equal(thing_parse(&t, "5", THING_ANY, false), 0);
	s = story_new(&o);
	story_lost(s, &(struct moeai_lost){ 1, 10, MOEAI_LOST_OVERWRITTEN });
	feed(s, events, N(events));
	assert_string_equal(told.seqs, "2 3 4");
	assert_int_equal(story_facts(s)->lost, 0); /* it was before */
	assert_int_equal(story_facts(s)->events, 3);
	story_free(s);

	o = (struct story_options){ .thing = &t, .besides = is_besides, .tell = tell,
				    .arg = &told };
	told.seqs[0] = '\0';
	s = story_new(&o);
	story_lost(s, &(struct moeai_lost){ 1, 10, MOEAI_LOST_OVERWRITTEN });
	feed(s, events, N(events));
	assert_string_equal(told.seqs, "1 2 3 4 5 6 +7");
	assert_int_equal(story_facts(s)->lost, 10);
	story_free(s);
}

/* ---- what answers why --------------------------------------------------------------- */

static void add(struct evidence *ev, uint64_t seq, const char *type, enum story_part part)
{
	const struct moeai_event e = { .seq = seq, .time = BOOT + seq * S, .type_name = type,
				       .source = "x" };

	assert_int_equal(evidence_add(ev, &e, part), 0);
}

static void evidence(void **state)
{
	static const char want[] = "3 4 5 6 7 9 10 ";
	struct evidence ev = { .last.size = 2 };
	const struct kept **all;
	char got[100] = "";
	size_t n;

	add(&ev, 1, "mem_monitor.level", STORY_BESIDES);
	add(&ev, 2, "mem_monitor.consumer", STORY_BESIDES); /* of an earlier level */
	add(&ev, 3, "mem_monitor.level", STORY_BESIDES);
	add(&ev, 4, "mem_monitor.consumer", STORY_SUBJECT);
	add(&ev, 5, "mem_monitor.consumer", STORY_BESIDES);
	add(&ev, 6, "mem_monitor.oom", STORY_BESIDES);
	add(&ev, 7, "mem_monitor.victim", STORY_SUBJECT);
	add(&ev, 8, "mem_monitor.level", STORY_BESIDES);
	add(&ev, 9, "fs_logger.delete", STORY_SUBJECT); /* less than a kill */
	add(&ev, 10, "x.y", STORY_SUBJECT);
	assert_int_equal(ev.lead->e.seq, 7);
	assert_int_equal(ev.events, 4);
	all = evidence_all(&ev, &n);
	for (size_t i = 0; i < n; i++)
		sprintf(got + strlen(got), "%d ", (int)all[i]->e.seq);
	assert_string_equal(got, want);
	free(all);
	evidence_free(&ev);
}

/* That another one was killed explains less than what itself did, and no more than what it did last. */
static void only_named(void **state)
{
	struct evidence ev = { .last.size = 2 };

	add(&ev, 1, "fs_logger.delete", STORY_SUBJECT);
	add(&ev, 2, "mem_monitor.victim", STORY_NAMED);
	assert_int_equal(ev.lead->e.seq, 1);
	assert_int_equal(evidence_weight(ev.lead), SENTENCE_CHANGE);
	assert_int_equal(ev.events, 2);
	evidence_free(&ev);

	ev = (struct evidence){ .last.size = 2 };
	add(&ev, 1, "mem_monitor.victim", STORY_NAMED);
	assert_int_equal(evidence_weight(ev.lead), SENTENCE_PLAIN);
	add(&ev, 2, "x.y", STORY_SUBJECT);
	assert_int_equal(ev.lead->e.seq, 2);
	add(&ev, 3, "mem_monitor.victim", STORY_SUBJECT);
	assert_int_equal(evidence_weight(ev.lead), SENTENCE_END);
	evidence_free(&ev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pids),		 cmocka_unit_test(reused_pids),
		cmocka_unit_test(running),	 cmocka_unit_test(unknown_starts),
		cmocka_unit_test(comms),	 cmocka_unit_test(many_others),
		cmocka_unit_test(addresses),	 cmocka_unit_test(paths),
		cmocka_unit_test(renames),	 cmocka_unit_test(renamed_folders),
		cmocka_unit_test(two_pids),	 cmocka_unit_test(between_passes),
		cmocka_unit_test(ranges),	 cmocka_unit_test(evidence),
		cmocka_unit_test(only_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
