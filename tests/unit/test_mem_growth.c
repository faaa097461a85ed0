// SPDX-License-Identifier: GPL-2.0
/* How fast processes grow, and when mem_monitor looks next, with a clock of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../kmod/mem_monitor/level.c"
#include "../../kmod/mem_monitor/growth.c"
#include "../../kmod/mem_monitor/pace.c"

#define MB     ((u64)1 << 20)
#define TOTAL  (500 * MB)
#define SECOND ((u64)NSEC_PER_SEC)

/* ---- growth ---------------------------------------------------------------------- */

static struct mem_past past;

static struct mem_seen process(u32 pid, u64 started, u64 mb)
{
	return (struct mem_seen){ .pid = pid, .started = started, .bytes = mb * MB };
}

static void see(u32 pid, u64 started, u64 mb)
{
	const struct mem_seen s = process(pid, started, mb);

	mem_past_add(&past, &s);
}

static void assert_growth(u32 pid, u64 started, u64 mb, s64 grown, u64 period)
{
	const struct mem_seen s = process(pid, started, mb);
	struct mem_growth g = mem_past_compare(&past, &s, 12 * SECOND);

	assert_int_equal(g.bytes, grown * (s64)MB);
	assert_int_equal(g.period, period);
	assert_int_equal(mem_growth_rate(&g), period ? grown * (s64)MB * 1000 /
			 (s64)(period / NSEC_PER_MSEC) : 0);
}

static void test_growth_is_of_the_same_process(void **state)
{
	mem_past_begin(&past, 10 * SECOND);
	see(1, 1 * SECOND, 20);
	see(2, 2 * SECOND, 40);
	assert_growth(2, 2 * SECOND, 50, 10, 2 * SECOND);
	assert_growth(1, 1 * SECOND, 5, -15, 2 * SECOND);
	/* The pid was given to another, which began since. */
	assert_growth(1, 11 * SECOND, 30, 30, 1 * SECOND);
	/* It held nothing then. */
	assert_growth(3, 3 * SECOND, 7, 7, 2 * SECOND);
}

static void test_without_a_past_there_is_no_growth(void **state)
{
	mem_past_begin(&past, 0);
	assert_growth(1, 1 * SECOND, 5, 0, 0);
}

static int by_bytes(const void *a, const void *b)
{
	const struct mem_seen *x = a, *y = b;

	return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static void test_the_largest_are_remembered(void **state)
{
	u32 i, n = 4 * MEM_SEEN;

	mem_past_begin(&past, 10 * SECOND);
	for (i = 0; i < n; i++)
		see(i, SECOND, i * 1103 % n + 1); /* each size once */
	assert_int_equal(past.n, MEM_SEEN);
	assert_int_equal(past.seen[0].bytes, (n - MEM_SEEN + 1) * MB);
	qsort(past.seen, past.n, sizeof(past.seen[0]), by_bytes);
	for (i = 0; i < past.n; i++)
		assert_int_equal(past.seen[i].bytes, (n - MEM_SEEN + 1 + i) * MB);
	/* Of one that was too small, what it has grown at least. */
	assert_growth(n, SECOND, n, MEM_SEEN - 1, 2 * SECOND);
	assert_growth(n, SECOND, 3, 0, 2 * SECOND);
}

/* ---- pace ------------------------------------------------------------------------ */

static struct mem_params params = {
	.below = { [MOEAI_MEM_LOW] = 200, [MOEAI_MEM_MEDIUM] = 150, [MOEAI_MEM_CRITICAL] = 100 },
	.interval_ms = 1000,
	.min_interval_ms = 20,
};

static enum moeai_mem_level level_of(u64 available, s64 fall)
{
	struct mem_level l = { 0 };
	const struct mem_gauge g = { .available = available, .total = TOTAL,
				     .permille = (u32)(available * 1000 / TOTAL),
				     .fall = (u64)max(fall, 0) };

	mem_level_update(&l, &params, &g, false);
	return l.level;
}

/*
 * From memory that has been at rest, so much is taken each millisecond. Returns how
 * many after 10 % are left it is told, and how often it was looked at.
 */
static s64 late(u64 mb_s, unsigned int *looks)
{
	u64 step = mb_s * MB / 1000, available = 480 * MB, ms = 5000;
	s64 crossing = (s64)((available - TOTAL / 10) / step + ms);
	struct mem_pace pace = { 0 };

	mem_pace_follow(&pace, available, 4000 * (u64)NSEC_PER_MSEC);
	for (*looks = 0; ; (*looks)++) {
		unsigned int next;

		mem_pace_follow(&pace, available, ms * NSEC_PER_MSEC);
		if (level_of(available, pace.fall) == MOEAI_MEM_CRITICAL)
			return (s64)ms - crossing;
		next = mem_pace_ms(&pace, &params, TOTAL, level_of(available, pace.fall));
		ms += next;
		available -= min(available, next * step);
	}
}

static void test_what_sinks_is_awaited_at_the_limit(void **state)
{
	static const u64 rates[] = { 10, 50, 100, 200, 500, 1000, 2000 };

	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		unsigned int looks;

		params.ahead_ms = 0;
		assert_in_range(late(rates[i], &looks), 0, 2);
		assert_in_range(looks, 3, 430000 / rates[i] / params.min_interval_ms + 30);
		params.ahead_ms = 50; /* it takes time to see that it falls at all */
		assert_in_range(50 + late(rates[i], &looks), 0, rates[i] < 1000 ? 8 : 30);
		params.ahead_ms = 0;
	}
}

static void test_what_rests_is_not_looked_at_often(void **state)
{
	static const struct {
		u64 mb;
		unsigned int ms;
	} rest[] = {
		{ 480, 190 }, /* what could be taken until low */
		{ 101, 20 },  { 60, 20 },   /* not more often than that */
		{ 20, 20 },   { 5, 20 },
	};
	struct mem_params calm = params;

	for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		struct mem_pace pace = { 0 };
		u64 available = rest[i].mb * MB;

		for (u64 ms = 1000; ms < 3000; ms += 20)
			mem_pace_follow(&pace, available, ms * NSEC_PER_MSEC);
		assert_int_equal(mem_pace_ms(&pace, &params, TOTAL, level_of(available, 0)),
				 rest[i].ms);
	}
	calm.min_interval_ms = calm.interval_ms;
	assert_int_equal(mem_pace_ms(&(struct mem_pace){ .available = 5 * MB }, &calm, TOTAL,
				     MOEAI_MEM_CRITICAL), 1000);
}

static void test_what_rises_is_not_awaited(void **state)
{
	struct mem_pace pace = { 0 };

	for (u64 ms = 1; ms < 100; ms++)
		mem_pace_follow(&pace, (101 + ms) * MB, ms * 10 * NSEC_PER_MSEC);
	assert_true(pace.fall < 0);
	assert_int_equal(mem_pace_ms(&pace, &params, TOTAL, MOEAI_MEM_NONE), 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth_is_of_the_same_process),
		cmocka_unit_test(test_without_a_past_there_is_no_growth),
		cmocka_unit_test(test_the_largest_are_remembered),
		cmocka_unit_test(test_what_sinks_is_awaited_at_the_limit),
		cmocka_unit_test(test_what_rests_is_not_looked_at_often),
		cmocka_unit_test(test_what_rises_is_not_awaited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
