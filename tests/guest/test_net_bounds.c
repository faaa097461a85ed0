// SPDX-License-Identifier: GPL-2.0
/* What net_guard bounds, when many sources and rules want it at once. check: limit=400 slow */
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>
#include "guard.h"

#define RULES "table net_guard.rules "

static uint64_t came_past(const char *name)
{
	uint64_t packets, bytes;

	counter_read(name, &packets, &bytes);
	return packets;
}

/*
 * Every place is taken by a source that tried many ports, once. Later somebody floods
 * among many that send one packet each: he is limited.
 */
static void filled(void **state)
{
	struct frame fill = syn("10.0.0.0", 80), one = fill, flood = syn("10.9.10.1", 80);
	uint64_t before;

	assert_int_equal(moeai_module_stop(guard, "net_guard"), 0);
	moectl("set net_guard.sources=64 net_guard.syn_rate=1 net_guard.syn_burst=50"
	       " net_guard.auto_rules=0 net_guard.scan_window=2s net_guard.mode=enforce");
	assert_int_equal(moeai_module_start(guard, "net_guard"), 0);
	assert_int_equal(sh("nft 'add rule inet seen after ip saddr 10.9.10.1 counter comment pinned'"),
			 0);
	for (uint32_t i = 0; i < 300; i++) {
		frame_source4(&fill, 0x15000000 + i * 7919);
		for (int port = 1; port <= 36; port++) {
			frame_dport(&fill, port * 7);
			frames_send(&fill, 1);
		}
	}
	sleep(10); /* windows and scores are over */
	before = came_past("pinned");
	for (uint32_t i = 0; i < 6000; i++) {
		frame_source4(&one, 0x16000000 + i * 7919);
		frames_send(&one, 1);
		if (i % 4 == 0)
			frames_send(&flood, 1);
	}
	counts_read();
	assert_true(came_past("pinned") - before < 200);
	assert_int_equal(moeai_module_stop(guard, "net_guard"), 0);
	moectl("set net_guard.sources=16384 net_guard.scan_window=1m");
	assert_int_equal(moeai_module_start(guard, "net_guard"), 0);
}

#define OFFENDERS 200

/* Each has its rule; the first ones are told by name, the others by number. */
static void offences(void **state)
{
	struct frame f = syn("10.0.0.0", 80);
	uint64_t untold = 0, named = 0;

	moectl("set net_guard.syn_rate=1 net_guard.syn_burst=5 net_guard.interval=5s"
	       " net_guard.mode=enforce");
	for (uint32_t i = 0; i < OFFENDERS; i++) {
		frame_source4(&f, 0x17000000 + i);
		frames_send(&f, 20);
	}
	while (named + untold < OFFENDERS) {
		struct moeai_event e = event_await("flood");

		assert_string_equal(event_text(&e, "kind"), "syn_flood");
		untold += event_number(&e, "untold");
		named += !event_number(&e, "untold");
	}
	assert_int_equal(named + untold, OFFENDERS);
	assert_true(named >= 64 && untold > 0);
	assert_int_equal(rules(), OFFENDERS);
}

#define BLOCKING 300

/* More rules block than are followed: one that was not told is, when there is room. */
static void blocked(void **state)
{
	struct frame f = udp("10.0.0.0");
	uint64_t sum, untold = 0;

	moectl("set net_guard.interval=2s");
	assert_int_equal(sh("seq 0 %d | awk '{ printf \"prefix=10.11.%%d.%%d action=drop\\n\","
			    " $1 / 100, $1 %% 100 }' >/tmp/rules", BLOCKING - 1), 0);
	moectl(RULES "load /tmp/rules");
	for (int i = 0; i < BLOCKING; i++) {
		frame_source4(&f, 0x0a0b0000 + (i / 100 << 8) + i % 100);
		frames_send(&f, 1);
	}
	while (!untold) {
		struct moeai_event e = event_await("blocked");

		untold = event_number(&e, "rules");
		frames_send(&f, 1);
	}
	assert_true(untold >= BLOCKING - 256); /* rules of another test may have places yet */
	for (int i = 0; i < 100 && !events_sum("blocked", "10.11.2.99", "packets", &sum); i++) {
		frames_send(&f, 1);
		usleep(200000);
	}
	assert_true(events_sum("blocked", "10.11.2.99", "packets", &sum) > 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, guard_begin, guard_end)

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(filled), CASE(offences), CASE(blocked) };

	return cmocka_run_group_tests(tests, guard_setup, guard_teardown);
}
