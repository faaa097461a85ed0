// SPDX-License-Identifier: GPL-2.0
/* check: limit=240 */
/*
 * The log as its readers see it: no hole that is not told, no count that does
 * not add up, whatever is written meanwhile and from wherever.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ask.h"
#include "events.h"

static struct wire w;

static uint64_t next_seq(void)
{
	return status_number(&w, MOEAI_A_STATUS_LOG_NEXT);
}

static void emit(unsigned int count, unsigned int size, const char *priority)
{
	assert_int_equal(control("test.emit count=%u size=%u priority=%s", count, size, priority),
			 0);
}

static void reload(const char *args)
{
	wire_close(&w);
	assert_int_equal(sh("rmmod moeai_test 2>/dev/null; rmmod moeai_mem_monitor 2>/dev/null;"
			    "rmmod moeai && modprobe moeai %s && modprobe moeai_test", args),
			 0);
	wire_open(&w);
}

/* ---- live and replayed ------------------------------------------------------------- */

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

	reload("");
	wire_open(&group);
	wire_rcvbuf(&group, 1 << 25);
	assert_int_equal(wire_join(&group, MOEAI_GROUP_EVENTS), 0);
	since = next_seq();
	for (i = 0; i < 40; i++) {
		emit(20, i * i % 50, priorities[i % 4]);
		emit(1, i * 315, priorities[i % 4]);
	}
	assert_int_equal(control("test.emit_all"), 0);
	emit(3, 12272, "info"); /* all but the longest */
	keep_live(&group, &live, next_seq());
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

/* ---- where a replay begins ------------------------------------------------------------ */

static void replay_tale(uint64_t since, struct tale *t)
{
	*t = (struct tale){};
	assert_int_equal(replay(&w, &(struct filter){ .since = since }, tell, t), 0);
	assert_true(t->epoch != 0 && t->first <= t->next);
}

static void test_since(void **state)
{
	struct tale t;
	uint64_t next;

	reload("");
	emit(500, 100, "info");
	next = next_seq();
	replay_tale(0, &t);
	assert_int_equal(t.epoch, status_number(&w, MOEAI_A_STATUS_EPOCH));
	assert_int_equal(t.first, 1);
	assert_int_equal(t.next, next);
	assert_int_equal(t.begin, 1);
	assert_int_equal(t.end, next);
	assert_int_equal(t.notices, 0);

	replay_tale(next - 300, &t);
	assert_int_equal(t.begin, next - 300);
	assert_int_equal(t.records, 300);
	replay_tale(next - 1, &t);
	assert_int_equal(t.records, 1);
	replay_tale(next, &t);
	assert_int_equal(t.records + t.notices, 0);
	replay_tale(next + 1000, &t);
	assert_int_equal(t.records + t.notices, 0);
	replay_tale(UINT64_MAX, &t);
	assert_int_equal(t.records + t.notices, 0);
	/* Each seq can be the first. */
	for (uint64_t since = 1; since <= next; since += 7) {
		replay_tale(since, &t);
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

	reload("");
	emit(10, 0, "debug");
	emit(20, 0, "warning");
	emit(5, 0, "critical");
	blob = id_of(&w, "event_types", "test.blob");
	all = next_seq() - 1;
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

	reload("");
	emit(100, 0, "critical");
	cleared = next_seq();
	assert_int_equal(control("log.clear"), 0);
	emit(10, 0, "info");
	replay_tale(50, &t);
	assert_int_equal(t.first, cleared);
	assert_int_equal(t.begin, 50);
	assert_int_equal(t.end, next_seq());
	assert_int_equal(t.lost, cleared - 50);
	assert_int_equal(t.notices, 1);
	assert_int_equal(t.reasons, 1U << MOEAI_LOST_CLEARED);
	replay_tale(0, &t); /* nothing older was asked for */
	assert_int_equal(t.notices, 0);
	assert_int_equal(log_counter(&w, "cleared"), cleared - 1);
	assert_int_equal(log_counter(&w, "keep_held"), 0);
	log_balanced(&w);
}

/* ---- a flood --------------------------------------------------------------------------- */

/* A hundred times the log's size does not wash away what was critical. */
static void test_flood(void **state)
{
	struct tale t;
	uint64_t critical, next;

	reload("log_size=65536");
	emit(3, 100, "debug");
	critical = next_seq();
	emit(1, 64, "critical");
	emit(10, 100, "debug");
	emit(1, 64, "critical");
	emit(100 * 65536 / 256, 200, "info");
	next = next_seq();
	replay_tale(0, &t);
	assert_int_equal(t.begin, critical);
	assert_int_equal(t.end, next);
	assert_int_equal(t.notices, 2); /* between the two, and between them and the log */
	assert_int_equal(t.lost + t.records, next - critical);
	assert_int_equal(t.records, next - t.first + 2);
	assert_int_equal(t.reasons, 1U << MOEAI_LOST_OVERWRITTEN);

	replay_tale(1, &t); /* and before them */
	assert_int_equal(t.begin, 1);
	assert_int_equal(t.notices, 3);
	replay_tale(critical + 1, &t); /* the second one only */
	assert_int_equal(t.begin, critical + 1);
	assert_int_equal(t.records, next - t.first + 1);
	replay_tale(t.first, &t);
	assert_int_equal(t.notices, 0);
	log_balanced(&w);
}

/* More critical events than the keep ring holds: it keeps the newest. */
static void test_keep_flood(void **state)
{
	struct tale t;

	reload("log_size=65536");
	emit(2000, 200, "critical");
	emit(3000, 200, "info");
	replay_tale(1, &t);
	assert_int_equal(t.begin, 1);
	assert_int_equal(t.end, next_seq());
	assert_int_equal(t.records, log_counter(&w, "keep_held") + next_seq() - t.first);
	assert_in_range(log_counter(&w, "keep_held"), 50, 1999);
	log_balanced(&w);
}

/* ---- a reader that is overtaken ------------------------------------------------------------ */

/*
 * A replay is begun, and before it is read the log goes round several times: it
 * ends at the seq that it announced, and tells what it could not send.
 */
static void test_overtaken(void **state)
{
	const struct nlmsghdr *nlh;
	struct tale t = {};
	struct verdict v;
	struct event e;
	struct wire slow;
	struct msg m;
	int least = 1, i = 0;

	reload("log_size=65536");
	emit(1000, 100, "info");
	wire_open(&slow);
	setsockopt(slow.fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	replay_request(&m, &(struct filter){ .since = 1 });
	assert_int_equal(wire_send(&slow, &m), 0);
	for (;;) {
		if (i++ < 2)
			emit(1000, 100, "info");
		nlh = wire_next(&slow, WIRE_WAIT);
		assert_non_null(nlh);
		if (wire_verdict(&slow, nlh, &v))
			break;
		event_read(nlh, &e);
		tell(&e, &t);
	}
	assert_int_equal(v.error, 0);
	assert_int_equal(t.begin, 1);
	assert_int_equal(t.end, t.next); /* what came later is not part of it */
	assert_int_equal(t.records + t.lost, t.next - 1);
	assert_true(t.lost > 500 && t.records > 0);
	wire_close(&slow);
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

	reload("");
	wire_open(&group);
	assert_int_equal(wire_join(&group, MOEAI_GROUP_EVENTS), 0);
	first = next_seq();
	last = first - 1;
	emit(3000, 300, "warning");
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
	assert_in_range(hole, first + 1, next_seq() - 1);
	assert_int_equal(replay(&w, &(struct filter){ .since = hole }, keep_replayed, &mended), 0);
	assert_int_equal(mended.first, hole);
	assert_int_equal(mended.first + mended.n, next_seq());
	drop(&mended);
	wire_close(&group);
}

/* ---- counters ---------------------------------------------------------------------------------- */

static pid_t publisher(void)
{
	pid_t pid = fork();
	struct wire s;
	struct msg m;
	size_t nest;

	if (pid)
		return pid;
	wire_open(&s);
	msg_begin(&m, MOEAI_MSG_EVENT, 0);
	nest = msg_nest(&m, MOEAI_A_EVENT_DATA);
	msg_str(&m, MOEAI_A_MESSAGE_TEXT, "as fast as possible");
	msg_nest_end(&m, nest);
	for (;;)
		wire_send(&s, &m);
}

static void assert_status_balanced(void)
{
	struct status s;

	status_read(&w, &s);
	assert_int_equal(s.n[MOEAI_A_STATUS_LOG_ATTEMPTED],
			 s.n[MOEAI_A_STATUS_LOG_LOGGED] + s.n[MOEAI_A_STATUS_LOG_REFUSED]);
	assert_int_equal(s.n[MOEAI_A_STATUS_LOG_LOGGED],
			 s.n[MOEAI_A_STATUS_LOG_HELD] + s.n[MOEAI_A_STATUS_LOG_OVERWRITTEN] +
				 s.n[MOEAI_A_STATUS_LOG_CLEARED]);
	assert_int_equal(s.n[MOEAI_A_STATUS_LOG_HELD],
			 s.n[MOEAI_A_STATUS_LOG_NEXT] - s.n[MOEAI_A_STATUS_LOG_FIRST]);
}

/* They balance in every snapshot, while two write and somebody clears and resets. */
static void test_balance(void **state)
{
	uint64_t next, last = 0;
	pid_t a, b;
	int i;

	reload("log_size=65536 publish_rate=0");
	a = publisher();
	b = publisher();
	for (i = 0; i < 1500; i++) {
		next = log_balanced(&w);
		assert_true(next >= last);
		last = next;
		assert_status_balanced();
		if (i % 100 == 50)
			assert_int_equal(control("log.clear"), 0);
		if (i % 100 == 99)
			assert_int_equal(control("stats.reset"), 0);
		if (i % 200 == 0)
			emit(1, 100, "critical");
	}
	kill(a, SIGKILL);
	kill(b, SIGKILL);
	waitpid(a, NULL, 0);
	waitpid(b, NULL, 0);
	assert_true(last > 5000);
}

/* Only a baseline moves: what is held stays counted, seqs go on. */
static void test_reset(void **state)
{
	uint64_t next;

	reload("log_size=65536");
	emit(3000, 100, "info");
	control("test.emit size=12289");
	control("test.emit priority=unknown");
	assert_int_equal(log_counter(&w, "refused_too_long"), 1);
	assert_int_equal(log_counter(&w, "refused_invalid"), 1);
	next = next_seq();
	assert_int_equal(control("stats.reset"), 0);
	assert_int_equal(next_seq(), next + 1);
	assert_int_equal(log_counter(&w, "refused_too_long"), 0);
	assert_int_equal(log_counter(&w, "refused_invalid"), 0);
	assert_in_range(log_counter(&w, "overwritten"), 0, 3);
	assert_int_equal(log_counter(&w, "cleared"), 0);
	log_balanced(&w);
}

/* ---- where events come from ---------------------------------------------------------------------- */

static void test_contexts(void **state)
{
	static const char *const contexts[] = { "process", "softirq", "hardirq" };
	const char *answer;
	uint64_t next, nmi;
	size_t i;

	reload("");
	for (i = 0; i < 3; i++) {
		next = next_seq();
		answer = control_answer(NULL, "test.emit count=100 size=50 context=%s", contexts[i]);
		assert_int_equal(answer_number(answer, "emitted"), 100);
		assert_int_equal(next_seq(), next + 101); /* and core.command */
	}
	nmi = log_counter(&w, "refused_nmi");
	next = next_seq();
	answer = control_answer(NULL, "test.emit count=100 context=nmi");
	assert_int_equal(answer_number(answer, "emitted"), 0);
	assert_int_equal(answer_number(answer, "error"), -EPERM);
	assert_int_equal(log_counter(&w, "refused_nmi"), nmi + 100);
	assert_int_equal(next_seq(), next + 1);
	log_balanced(&w);
}

/* DATA up to 12 KiB: 8 bytes of it are test.blob's number, 4 the head of its bytes. */
static void test_sizes(void **state)
{
	unsigned int most = MOEAI_DATA_LEN - 12;
	struct store s = {};
	const char *answer;
	uint64_t since;

	reload("");
	since = next_seq();
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
		cmocka_unit_test(test_live_is_replay), cmocka_unit_test(test_since),
		cmocka_unit_test(test_filters),	       cmocka_unit_test(test_epoch),
		cmocka_unit_test(test_clear),	       cmocka_unit_test(test_flood),
		cmocka_unit_test(test_keep_flood),     cmocka_unit_test(test_overtaken),
		cmocka_unit_test(test_overrun),	       cmocka_unit_test(test_balance),
		cmocka_unit_test(test_reset),	       cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_sizes),
	};

	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, begin, end);
}
