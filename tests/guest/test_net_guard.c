// SPDX-License-Identifier: GPL-2.0
/* net_guard's rules, on packets: what nftables saw, they counted. check: limit=400 */
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>
#include "guard.h"

#define RULES "table net_guard.rules "

/* ---- what they do --------------------------------------------------------------------- */

static void drops_and_counts(void **state)
{
	const char *const sources[] = { "10.9.7.2", "2001:db8:7::2" };

	for (int i = 0; i < 2; i++) {
		struct frame f = udp(sources[i]);
		struct rule r;

		assert_int_equal(guard_number("hooked"), 0);
		assert_int_equal(passed(&f, 10), 10);
		moectl(RULES "add prefix=%s action=drop reason=test", sources[i]);
		assert_int_equal(guard_number("hooked"), 1);
		assert_int_equal(passed(&f, 20), 0);
		r = rule(sources[i]);
		assert_int_equal(r.hits, 20);
		assert_int_equal(r.bytes, counts_read().arrived_bytes);
		assert_int_equal(r.action, MOEAI_GUARD_DROP);
		assert_int_equal(r.source, MOEAI_GUARD_USER);
		assert_int_equal(r.uid, 0);
		assert_string_equal(r.comm, "moectl");
		assert_string_equal(r.reason, "test");
		assert_int_equal(r.expires, 0);
		assert_true(r.last > 0);
		moectl(RULES "delete prefix=%s", sources[i]);
		assert_int_equal(passed(&f, 10), 10);
	}
	assert_int_equal(rules(), 0);
}

static void allow_wins(void **state)
{
	static const struct {
		const char *source, *drop, *allow;
	} cases[] = {
		{ "10.9.0.2", "10.9.0.0/24", "10.9.0.2" },
		{ "10.9.0.2", "10.9.0.2", "10.0.0.0/8" },
		{ "10.9.0.2", "10.9.0.2", "0.0.0.0/0" },
		{ "2001:db8:9::2", "2001:db8::/32", "2001:db8:9::/48" },
		{ "2001:db8:9::2", "2001:db8:9::2", "::/0" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame f = udp(cases[i].source);

		moectl(RULES "add prefix=%s action=drop", cases[i].drop);
		assert_int_equal(passed(&f, 3), 0);
		moectl(RULES "add prefix=%s action=allow", cases[i].allow);
		assert_int_equal(passed(&f, 5), 5);
		assert_true(rule(cases[i].allow).hits >= 5);
		if (!strstr(cases[i].allow, "/0")) /* of all addresses, others may come as well */
			assert_int_equal(rule(cases[i].allow).hits, 5);
		assert_int_equal(rule(cases[i].drop).hits, 3);
		moectl(RULES "delete prefix=%s", cases[i].allow);
		assert_int_equal(passed(&f, 3), 0);
		moectl(RULES "flush");
	}
}

static void shadow_passes(void **state)
{
	struct frame f = udp("10.9.0.2");
	struct moeai_event e;

	moectl(RULES "add prefix=10.9.0.0/16 action=shadow reason='a try'");
	assert_int_equal(passed(&f, 7), 7);
	assert_int_equal(rule("10.9.0.0/16").hits, 7);
	e = event_about("blocked", "10.9.0.0/16");
	assert_string_equal(event_text(&e, "action"), "shadow");
	assert_string_equal(event_text(&e, "reason"), "a try");
	assert_string_equal(event_text(&e, "source"), "10.9.0.2");
	/* Drop comes before shadow, whatever the lengths. */
	moectl(RULES "add prefix=10.0.0.0/8 action=drop");
	assert_int_equal(passed(&f, 7), 0);
	assert_int_equal(rule("10.9.0.0/16").hits, 7);
}

/* ---- what is refused ------------------------------------------------------------------- */

struct wanted {
	int error;
	uint64_t row;
	const char *field, *text;
};

/* Rows "action key=value …", in one transaction. */
static void refused(const char *const *rows, struct wanted w)
{
	const struct moeai_txn_error *error;
	struct moeai_txn *t;
	int rc = 0;

	assert_int_equal(moeai_txn_open(guard, "net_guard.rules", &t), 0);
	for (; *rows && !rc; rows++) {
		char line[256], *word, *save = NULL;
		struct moeai_arg args[8];
		size_t n = 0;
		enum moeai_action action;

		snprintf(line, sizeof(line), "%s", *rows);
		word = strtok_r(line, " ", &save);
		action = *word == 'd' ? MOEAI_ACTION_DELETE : MOEAI_ACTION_ADD;
		while ((word = strtok_r(NULL, " ", &save))) {
			char *value = strchr(word, '=');

			*value++ = 0;
			args[n++] = (struct moeai_arg)MOEAI_TEXT(word, value);
		}
		rc = moeai_txn_row(t, action, args, n);
	}
	rc = rc ?: moeai_txn_commit(t, 0, NULL);
	error = moeai_txn_error(t);
	if (rc != w.error || !error || error->row != w.row || !error->message ||
	    !strstr(error->message, w.text) || strcmp(error->field ?: "", w.field) != 0)
		fail_msg("%s: %d, row %lu, field %s: %s", rows[-1], rc,
			 error ? (unsigned long)error->row : 0,
			 error && error->field ? error->field : "none",
			 error ? error->message : "no error");
	moeai_txn_close(t);
	assert_int_equal(rules(), 1);
}

#define ROWS(...) (const char *const[]){ __VA_ARGS__, NULL }

static void refusals(void **state)
{
	moectl(RULES "add prefix=10.1.0.0/16 action=drop");
	refused(ROWS("add prefix=10.2.0.0/16 action=drop", "add prefix=10.9.0.1/24 action=drop"),
		(struct wanted){ -EINVAL, 1, "prefix", "bits behind the prefix" });
	refused(ROWS("add prefix=2001:db8::1/64 action=drop"),
		(struct wanted){ -EINVAL, 0, "prefix", "bits behind the prefix" });
	refused(ROWS("add prefix=10.2.0.0/16 action=drop", "add prefix=10.3.0.0/16 action=drop",
		     "add prefix=10.2.0.0/16 action=allow"),
		(struct wanted){ -EEXIST, 2, "prefix", "there already" });
	refused(ROWS("add prefix=10.1.0.0/16 action=allow"),
		(struct wanted){ -EEXIST, 0, "prefix", "there already" });
	refused(ROWS("add prefix=10.2.0.0/16 action=drop", "delete prefix=10.1.0.0/17"),
		(struct wanted){ -ENOENT, 1, "prefix", "no row" });
	refused(ROWS("add prefix=10.2.0.0/16 action=drop hits=5"),
		(struct wanted){ -EINVAL, 0, "hits", "only read" });
	refused(ROWS("add prefix=10.2.0.0/16 action=drop timeout=5s expires=1000"),
		(struct wanted){ -EINVAL, 0, "timeout", "either" });
}

/* Bytes that no library would send: lengths that no family has. */
static void bad_prefixes(void **state)
{
	static const uint8_t bad[][17] = { { 33 }, { 129 }, { 24 } };
	static const uint8_t lens[] = { 5, 17, 6 };

	for (int i = 0; i < 3; i++) {
		const struct moeai_arg args[] = { { .name = "prefix", .kind = MOEAI_ARG_BYTES,
						    .bytes = bad[i], .len = lens[i] },
						  MOEAI_TEXT("action", "drop") };
		struct moeai_txn *t;
		int rc;

		assert_int_equal(moeai_txn_open(guard, "net_guard.rules", &t), 0);
		rc = moeai_txn_row(t, MOEAI_ACTION_ADD, args, 2) ?: moeai_txn_commit(t, 0, NULL);
		assert_int_equal(rc, -EINVAL);
		moeai_txn_close(t);
	}
	assert_int_equal(rules(), 0);
}

/* ---- time -------------------------------------------------------------------------------- */

static void expire(void **state)
{
	struct frame f = udp("10.9.0.2"), other = udp("10.9.0.3");
	struct moeai_event e;
	struct rule r;

	moectl(RULES "add prefix=10.9.0.2 action=drop timeout=2s reason=short");
	moectl(RULES "add prefix=10.9.0.3 action=drop timeout=1h");
	frames_send(&f, 3);
	assert_true(rule("10.9.0.2").expires > 0);
	/* What is shown acts: as long as it stands there, it drops; then not any more. */
	for (;;) {
		uint64_t n = passed(&f, 1);

		if (n) {
			assert_false(rule_find("10.9.0.2", &r));
			break;
		}
		usleep(50000);
	}
	e = event_await("expired");
	assert_string_equal(event_text(&e, "prefix"), "10.9.0.2");
	assert_string_equal(event_text(&e, "reason"), "short");
	assert_true(event_number(&e, "hits") >= 3);
	assert_int_equal(rules(), 1);
	assert_int_equal(passed(&other, 5), 0);
	assert_int_equal(passed(&f, 5), 5);
}

/* The clock is set forward and back: durations stay what they are. */
static void clock_jumps(void **state)
{
	struct frame f = udp("10.9.0.2");
	uint64_t before, after;

	moectl(RULES "add prefix=10.9.0.2 action=drop timeout=1h");
	before = rule("10.9.0.2").expires;
	assert_int_equal(sh("date -s '+2 hours' >/dev/null"), 0);
	assert_int_equal(passed(&f, 5), 0);
	after = rule("10.9.0.2").expires;
	assert_int_equal(sh("date -s '-2 hours' >/dev/null"), 0);
	assert_true(after - before > 7000ULL * 1000000000 && after - before < 7400ULL * 1000000000);
	assert_int_equal(passed(&f, 5), 0);
	/* And one that was to end soon ends soon, though its time is long past or far ahead. */
	for (int i = 0; i < 2; i++) {
		moectl(RULES "replace prefix=10.9.0.2 action=drop timeout=8s");
		assert_int_equal(sh("date -s '%s2 hours' >/dev/null", i ? "-" : "+"), 0);
		assert_int_equal(passed(&f, 5), 0);
		event_await("expired");
		assert_int_equal(passed(&f, 5), 5);
	}
}

static void rolled_back(void **state)
{
	struct frame f = udp("10.9.0.2");
	struct moeai_event e;

	moectl(RULES "add prefix=10.9.0.3 action=drop");
	moectl(RULES "delete prefix=10.9.0.3");
	moectl(RULES "add prefix=10.9.0.2 action=drop --confirm 2");
	e = event_await("rolled_back");
	assert_int_equal(event_number(&e, "rules"), 0);
	assert_int_equal(passed(&f, 5), 5);
	assert_int_equal(rules(), 0);
	moectl(RULES "add prefix=10.9.0.2 action=drop --confirm 1h");
	assert_int_equal(passed(&f, 5), 0);
	moectl(RULES "confirm");
	assert_int_equal(passed(&f, 5), 0);
}

/* A list that was saved: what has ended since is no reason to refuse the rest. */
static void loaded_late(void **state)
{
	struct frame f = udp("10.9.0.2"), other = udp("10.9.0.3");
	struct moeai_event e;
	struct rule r;

	assert_int_equal(sh("printf 'prefix=10.9.0.2 action=drop expires=1000 reason=old\\n"
			    "prefix=10.9.0.3 action=drop\\n"
			    "prefix=10.9.0.4 action=drop expires=18000000000000000000\\n'"
			    " >/tmp/rules"), 0);
	moectl(RULES "load /tmp/rules --flush");
	assert_false(rule_find("10.9.0.2", &r));
	assert_int_equal(rules(), 2);
	assert_true(rule("10.9.0.4").expires < 18000000000000000000ULL);
	assert_int_equal(passed(&f, 5), 5);
	assert_int_equal(passed(&other, 5), 0);
	e = event_await("expired");
	assert_string_equal(event_text(&e, "prefix"), "10.9.0.2");
	assert_string_equal(event_text(&e, "reason"), "old");
	assert_int_equal(event_number(&e, "hits"), 0);
}

/* What ends while a change awaits its confirmation does not come back with the old rules. */
static void ends_in_both(void **state)
{
	struct frame f = udp("10.9.0.2");

	moectl(RULES "add prefix=10.9.0.2 action=drop timeout=2s");
	moectl(RULES "add prefix=10.9.0.4 action=drop --confirm 60");
	event_await("expired");
	moectl(RULES "rollback");
	assert_int_equal(rules(), 0);
	assert_int_equal(passed(&f, 5), 5);
}

/* ---- many ----------------------------------------------------------------------------------- */

#define MANY 30000

static void many(void **state)
{
	struct frame hit = udp("172.16.4.210"), miss = udp("10.9.0.2"), six = udp("2001:db8:7::9");

	assert_int_equal(sh("awk 'BEGIN { for (i = 0; i < %d; i++) printf"
			    " \"prefix=172.%%d.%%d.%%d/31 action=drop\\n\","
			    " 16 + int(i / 32768), int(i / 128) %% 256, i %% 128 * 2;"
			    " print \"prefix=2001:db8:7::/48 action=drop\" }' >/tmp/rules", MANY), 0);
	moectl(RULES "load /tmp/rules");
	assert_int_equal(rules(), MANY + 1);
	assert_int_equal(passed(&hit, 10), 0);
	assert_int_equal(passed(&six, 10), 0);
	assert_int_equal(passed(&miss, 10), 10);
	assert_int_equal(rule("172.16.4.210/31").hits, 10);
	/* Single ones, on top of them and in place of them; counters go on. */
	moectl(RULES "add prefix=10.9.0.2 action=drop");
	assert_int_equal(passed(&miss, 10), 0);
	moectl(RULES "delete prefix=172.16.4.208/31");
	assert_int_equal(passed(&hit, 10), 0);
	assert_int_equal(rule("172.16.4.210/31").hits, 20);
	moectl(RULES "delete prefix=172.16.4.210/31");
	assert_int_equal(passed(&hit, 10), 10);
	moectl(RULES "replace prefix=172.16.4.212/31 action=allow");
	assert_int_equal(rules(), MANY);
	moectl(RULES "load /tmp/rules --flush");
	assert_int_equal(rules(), MANY + 1);
	assert_int_equal(passed(&hit, 10), 0);
	moectl(RULES "flush");
	assert_int_equal(rules(), 0);
	assert_int_equal(guard_number("hooked"), 0);
}

/* Each with a reason of its own, which comes and goes with it. */
static void reasons(void **state)
{
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sh("awk 'BEGIN { for (i = 0; i < 100000; i++) printf"
				    " \"prefix=172.%%d.%%d.%%d action=drop reason=r%%d\\n\","
				    " 16 + int(i / 65536), int(i / 256) %% 256, i %% 256, i }'"
				    " >/tmp/rules"), 0);
		moectl(RULES "load /tmp/rules --flush");
		assert_string_equal(rule("172.16.0.0").reason, "r0");
		assert_string_equal(rule("172.17.134.159").reason, "r99999");
		moectl(RULES "flush");
	}
}

/* More than go into the small set on top, one transaction after the other. */
static void deltas(void **state)
{
	struct frame f = udp("10.200.0.3");

	for (int i = 0; i < 8; i++) {
		assert_int_equal(sh("awk 'BEGIN { for (i = 0; i < 1000; i++) printf"
				    " \"prefix=10.20%d.%%d.%%d action=drop\\n\","
				    " int(i / 200), i %% 200 }' >/tmp/rules", i), 0);
		moectl(RULES "load /tmp/rules");
		assert_int_equal(rules(), 1000 * (i + 1));
		assert_int_equal(passed(&f, 2), 0);
		assert_int_equal(rule("10.200.0.3").hits, 2 * (i + 1));
	}
}

/* ---- events ----------------------------------------------------------------------------------- */

static void folded(void **state)
{
	struct frame f = udp("10.9.7.2");
	struct moeai_event e;
	uint64_t sum;

	moectl("set net_guard.interval=1s");
	moectl(RULES "add prefix=10.9.7.0/24 action=drop reason=noise");
	frames_send(&f, 1);
	e = event_about("blocked", "10.9.7.0/24");
	assert_int_equal(event_number(&e, "packets"), 1);
	assert_int_equal(event_number(&e, "bytes"), f.len - 14);
	assert_int_equal(event_number(&e, "period"), 0);
	frames_send(&f, 999);
	do
		event_await("blocked");
	while (events_sum("blocked", "10.9.7.0/24", "packets", &sum) && sum < 1000);
	assert_int_equal(sum, 1000);
	assert_true(events_sum("blocked", "10.9.7.0/24", "bytes", &sum) < 20);
	assert_int_equal(sum, rule("10.9.7.0/24").bytes);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, guard_begin, guard_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(drops_and_counts), CASE(allow_wins),  CASE(shadow_passes), CASE(refusals),
		CASE(bad_prefixes),	CASE(expire),	   CASE(clock_jumps),	CASE(rolled_back),
		CASE(loaded_late),	CASE(reasons),	   CASE(ends_in_both),	CASE(many),
		CASE(deltas),		CASE(folded),
	};

	return cmocka_run_group_tests(tests, guard_setup, guard_teardown);
}
