// SPDX-License-Identifier: GPL-2.0
/* check: limit=180 */
/* The log as its readers see it: live and replayed, from anywhere, no hole that is not told. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ask.h"
#include "log.h"

static struct wire w;

/* ---- live and replayed --------------------------------------------------- */

/* Records by seq, as they came. */
struct store {
	uint64_t first, n;
	uint8_t *record[4096];
};

static void keep(struct store *s, const struct nlmsghdr *nlh, uint64_t seq)
{
	uint8_t *copy = malloc(nlh->nlmsg_len);

	if (!s->first)
		s->first = seq;
	assert_int_equal(seq, s->first + s->n); /* without holes, in order */
	assert_true(s->n < 4096);
	memcpy(copy, nlh, nlh->nlmsg_len);
	s->record[s->n++] = copy;
}

static void drop(struct store *s)
{
	while (s->n)
		free(s->record[--s->n]);
}

static void keep_replayed(const struct event *e, void *arg)
{
	if (e->seq)
		keep(arg, e->nlh, e->seq);
}

static void keep_live(struct wire *group, struct store *s, uint64_t end)
{
	struct event e;

	while (!s->first || s->first + s->n < end) {
		const struct nlmsghdr *nlh = wire_next(group, WIRE_WAIT);

		assert_non_null(nlh);
		event_read(nlh, &e);
		keep(s, nlh, e.seq);
	}
}

/* Byte for byte the same, but for what marks an answer. */
static void assert_same_record(uint8_t *live, uint8_t *replayed)
{
	struct nlmsghdr *a = (void *)live, *b = (void *)replayed;

	assert_int_equal(a->nlmsg_flags, 0);
	assert_int_equal(a->nlmsg_seq, 0);
	assert_int_equal(a->nlmsg_pid, 0);
	b->nlmsg_flags = 0;
	b->nlmsg_seq = 0;
	b->nlmsg_pid = 0;
	assert_int_equal(a->nlmsg_len, b->nlmsg_len);
	assert_memory_equal(live, replayed, a->nlmsg_len);
}

static void test_live_is_replay(void **state)
{
	static const char *const priorities[] = { "debug", "info", "warning", "critical" };
	struct store live = {}, replayed = {};
	struct wire group;
	uint64_t since;
	int i;

	log_reload(&w, "");
	wire_open(&group);
	wire_rcvbuf(&group, 1 << 25);
	assert_int_equal(wire_join(&group, MOEAI_GROUP_EVENTS), 0);
	since = log_next(&w);
	for (i = 0; i < 40; i++) {
		log_emit(20, i * i % 50, priorities[i % 4]);
		log_emit(1, i * 315, priorities[i % 4]);
	}
	assert_int_equal(control("test.emit_all"), 0);
	log_emit(3, 12272, "info"); /* all but the longest */
	keep_live(&group, &live, log_next(&w));
	assert_int_equal(replay(&w, &(struct filter){ .since = since }, keep_replayed, &replayed),
			 0);
	assert_int_equal(live.n, replayed.n);
	for (i = 0; i < (int)live.n; i++)
		assert_same_record(live.record[i], replayed.record[i]);
	drop(&live);
	drop(&replayed);
	wire_close(&group);
	log_balanced(&w);
}

/* A subscriber that does not read: ENOBUFS, and a replay of the first hole mends it. */
static void test_overrun(void **state)
{
	struct store mended = {};
	const struct nlmsghdr *nlh;
	struct wire group;
	struct event e;
	uint64_t first, hole = 0, last;
	int overruns = 0;

	log_reload(&w, "");
	wire_open(&group);
	assert_int_equal(wire_join(&group, MOEAI_GROUP_EVENTS), 0);
	first = log_next(&w);
	last = first - 1;
	log_emit(3000, 300, "warning");
	while ((nlh = wire_next(&group, 500)) || errno == ENOBUFS) {
		if (!nlh) {
			overruns++;
			continue;
		}
		event_read(nlh, &e);
		assert_true(e.seq > last);
		if (!hole && e.seq > last + 1)
			hole = last + 1;
		last = e.seq;
	}
	hole = hole ?: last + 1;
	assert_true(overruns > 0);
	assert_in_range(hole, first + 1, log_next(&w) - 1);
	assert_int_equal(replay(&w, &(struct filter){ .since = hole }, keep_replayed, &mended), 0);
	assert_int_equal(mended.first, hole);
	assert_int_equal(mended.first + mended.n, log_next(&w));
	drop(&mended);
	wire_close(&group);
}

/* DATA up to 12 KiB: 8 bytes of it are test.blob's number, 4 the head of its bytes. */
static void test_sizes(void **state)
{
	unsigned int most = MOEAI_DATA_LEN - 12;
	struct store s = {};
	const char *answer;
	uint64_t since;

	log_reload(&w, "");
	since = log_next(&w);
	answer = control_answer(NULL, "test.emit count=20 size=%u", most);
	assert_int_equal(answer_number(answer, "emitted"), 20);
	answer = control_answer(NULL, "test.emit size=%u", most + 1);
	assert_int_equal(answer_number(answer, "emitted"), 0);
	assert_int_equal(answer_number(answer, "error"), -EMSGSIZE);
	assert_int_equal(log_counter(&w, "refused_too_long"), 1);
	assert_int_equal(replay(&w, &(struct filter){ .since = since }, keep_replayed, &s), 0);
	assert_int_equal(s.n, 22);
	assert_in_range(((struct nlmsghdr *)s.record[0])->nlmsg_len, MOEAI_DATA_LEN, 12420);
	drop(&s);
	log_balanced(&w);
}

/* ---- where a replay begins ----------------------------------------------- */

static void test_since(void **state)
{
	struct tale t;
	uint64_t next;

	log_reload(&w, "");
	log_emit(500, 100, "info");
	next = log_next(&w);
	log_tell(&w, 0, &t);
	assert_int_equal(t.epoch, status_number(&w, MOEAI_A_STATUS_EPOCH));
	assert_int_equal(t.first, 1);
	assert_int_equal(t.next, next);
	assert_int_equal(t.begin, 1);
	assert_int_equal(t.end, next);
	assert_int_equal(t.notices, 0);

	log_tell(&w, next - 300, &t);
	assert_int_equal(t.begin, next - 300);
	assert_int_equal(t.records, 300);
	log_tell(&w, next - 1, &t);
	assert_int_equal(t.records, 1);
	log_tell(&w, next, &t);
	assert_int_equal(t.records + t.notices, 0);
	log_tell(&w, next + 1000, &t);
	assert_int_equal(t.records + t.notices, 0);
	log_tell(&w, UINT64_MAX, &t);
	assert_int_equal(t.records + t.notices, 0);
	/* Each seq can be the first. */
	for (uint64_t since = 1; since <= next; since += 7) {
		log_tell(&w, since, &t);
		assert_int_equal(t.records, next - since);
	}
}

struct sieve {
	const struct filter *f;
	uint64_t n, last;
};

static void passes(const struct event *e, void *arg)
{
	struct sieve *s = arg;
	size_t i;

	if (!e->seq)
		return;
	assert_true(e->seq > s->last && e->seq >= s->f->since);
	assert_true(e->priority >= s->f->min_priority);
	if (s->f->source)
		assert_string_equal(e->source, s->f->source);
	for (i = 0; i < s->f->n_types && s->f->types[i] != e->type; i++)
		;
	assert_true(!s->f->n_types || i < s->f->n_types);
	s->last = e->seq;
	s->n++;
}

static uint64_t count(struct filter f)
{
	struct sieve s = { &f };

	assert_int_equal(replay(&w, &f, passes, &s), 0);
	return s.n;
}

static void test_filters(void **state)
{
	uint32_t blob, types[2] = { MOEAI_EV_MODULE, MOEAI_EV_COMMAND };
	uint64_t all;

	log_reload(&w, "");
	log_emit(10, 0, "debug");
	log_emit(20, 0, "warning");
	log_emit(5, 0, "critical");
	blob = id_of(&w, "event_types", "test.blob");
	all = log_next(&w) - 1;
	assert_int_equal(count((struct filter){}), all);
	assert_int_equal(count((struct filter){ .types = &blob, .n_types = 1 }), 35);
	assert_int_equal(count((struct filter){ .types = types, .n_types = 2 }), all - 35);
	assert_int_equal(count((struct filter){ .types = types, .n_types = 1 }) +
				 count((struct filter){ .types = types + 1, .n_types = 1 }),
			 all - 35);
	assert_int_equal(count((struct filter){ .source = "test" }), 35);
	assert_int_equal(count((struct filter){ .source = "core" }), all - 35);
	assert_int_equal(count((struct filter){ .source = "tes" }), 0);
	assert_int_equal(count((struct filter){ .source = "test", .min_priority = 3 }), 25);
	assert_int_equal(count((struct filter){ .source = "test", .min_priority = 4 }), 5);
	assert_int_equal(count((struct filter){ .source = "test", .types = types, .n_types = 2 }), 0);
	assert_int_equal(count((struct filter){ .since = all, .source = "test" }), 0);
}

/* Another epoch: the announcement of the right one, and -ESTALE. */
static void test_epoch(void **state)
{
	const struct nlmsghdr *nlh;
	struct tale t = {};
	struct verdict v;
	struct msg m;
	uint64_t epoch = status_number(&w, MOEAI_A_STATUS_EPOCH);

	assert_int_equal(replay(&w, &(struct filter){ .since = 1, .epoch = epoch + 1 }, tell, &t),
			 -ESTALE);
	assert_int_equal(t.epoch, epoch);
	assert_int_equal(t.records + t.notices, 0);
	t = (struct tale){};
	assert_int_equal(replay(&w, &(struct filter){ .since = 1, .epoch = epoch }, tell, &t), 0);
	assert_true(t.records > 0);

	replay_request(&m, &(struct filter){ .epoch = epoch + 1 });
	assert_int_equal(wire_send(&w, &m), 0);
	while ((nlh = wire_next(&w, WIRE_WAIT)) && !wire_verdict(&w, nlh, &v))
		;
	assert_non_null(nlh);
	assert_int_equal(v.error, -ESTALE);
	assert_string_equal(v.text, "the log is of another epoch: see EPOCH");
}

static void test_clear(void **state)
{
	struct tale t;
	uint64_t cleared;

	log_reload(&w, "");
	log_emit(100, 0, "critical");
	cleared = log_next(&w);
	assert_int_equal(control("log.clear"), 0);
	log_emit(10, 0, "info");
	log_tell(&w, 50, &t);
	assert_int_equal(t.first, cleared);
	assert_int_equal(t.begin, 50);
	assert_int_equal(t.end, log_next(&w));
	assert_int_equal(t.lost, cleared - 50);
	assert_int_equal(t.notices, 1);
	assert_int_equal(t.reasons, 1U << MOEAI_LOST_CLEARED);
	log_tell(&w, 0, &t); /* nothing older was asked for */
	assert_int_equal(t.notices, 0);
	assert_int_equal(log_counter(&w, "cleared"), cleared - 1);
	assert_int_equal(log_counter(&w, "keep_held"), 0);
	log_balanced(&w);
}

static int begin(void **state)
{
	wire_open(&w);
	return 0;
}

static int end(void **state)
{
	return sh("rmmod moeai_test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live_is_replay), cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_sizes), cmocka_unit_test(test_since),
		cmocka_unit_test(test_filters), cmocka_unit_test(test_epoch),
		cmocka_unit_test(test_clear),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
