// SPDX-License-Identifier: GPL-2.0
/* mem_monitor's levels: limits of both kinds, and their zones of hysteresis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../kmod/mem_monitor/level.c"

#define MB    ((u64)1 << 20)
#define TOTAL (1000 * MB)

static const struct mem_params defaults = {
	.below = { [MOEAI_MEM_LOW] = 200, [MOEAI_MEM_MEDIUM] = 100, [MOEAI_MEM_CRITICAL] = 50 },
	.hysteresis = 30,
	.hysteresis_bytes = 16 * MB,
	.stall_limit = 20,
};

static enum moeai_mem_level step(struct mem_level *l, const struct mem_params *p, u64 mb)
{
	const struct mem_gauge g = { .available = mb * MB, .total = TOTAL, .permille = (u32)mb };

	mem_level_update(l, p, &g, false);
	assert_int_equal(l->causes, l->level ? BIT(MOEAI_MEM_CAUSE_AVAILABLE) : 0);
	return l->level;
}

static void test_a_level_is_entered_below_its_limit(void **state)
{
	static const struct {
		u64 mb;
		enum moeai_mem_level level;
	} at[] = {
		{ 1000, MOEAI_MEM_NONE }, { 200, MOEAI_MEM_NONE },   { 199, MOEAI_MEM_LOW },
		{ 100, MOEAI_MEM_LOW },	  { 99, MOEAI_MEM_MEDIUM },  { 50, MOEAI_MEM_MEDIUM },
		{ 49, MOEAI_MEM_CRITICAL }, { 0, MOEAI_MEM_CRITICAL },
	};

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		struct mem_level fresh = { 0 };

		assert_int_equal(step(&fresh, &defaults, at[i].mb), at[i].level);
	}
}

/* Down and up again: each level lasts until its limit and the margin are behind. */
static void test_a_level_is_left_past_its_margin(void **state)
{
	static const struct {
		u64 mb;
		enum moeai_mem_level level;
	} way[] = {
		{ 300, MOEAI_MEM_NONE },   { 199, MOEAI_MEM_LOW },    { 200, MOEAI_MEM_LOW },
		{ 229, MOEAI_MEM_LOW },	   { 230, MOEAI_MEM_NONE },   { 200, MOEAI_MEM_NONE },
		{ 49, MOEAI_MEM_CRITICAL }, { 79, MOEAI_MEM_CRITICAL }, { 80, MOEAI_MEM_MEDIUM },
		{ 50, MOEAI_MEM_MEDIUM },  { 129, MOEAI_MEM_MEDIUM }, { 130, MOEAI_MEM_LOW },
		{ 100, MOEAI_MEM_LOW },	   { 229, MOEAI_MEM_LOW },    { 230, MOEAI_MEM_NONE },
	};
	struct mem_level l = { 0 };

	for (size_t i = 0; i < sizeof(way) / sizeof(*way); i++)
		assert_int_equal(step(&l, &defaults, way[i].mb), way[i].level);
}

static void test_bytes_have_a_margin_of_their_own(void **state)
{
	struct mem_params p = defaults;
	struct mem_level l = { 0 };

	memset(p.below, 0, sizeof(p.below));
	p.below_bytes[MOEAI_MEM_MEDIUM] = 64 * MB;
	assert_true(mem_level_sensible(&p, TOTAL));
	assert_int_equal(step(&l, &p, 64), MOEAI_MEM_NONE);
	assert_int_equal(step(&l, &p, 63), MOEAI_MEM_MEDIUM);
	assert_int_equal(step(&l, &p, 79), MOEAI_MEM_MEDIUM);
	assert_int_equal(step(&l, &p, 80), MOEAI_MEM_NONE);
	assert_int_equal(step(&l, &p, 0), MOEAI_MEM_MEDIUM);
}

static void test_either_limit_is_enough_and_both_are_to_be_left(void **state)
{
	struct mem_params p = defaults;
	struct mem_level l = { 0 };

	p.below_bytes[MOEAI_MEM_LOW] = 300 * MB;
	assert_true(mem_level_sensible(&p, TOTAL));
	assert_int_equal(step(&l, &p, 299), MOEAI_MEM_LOW); /* bytes */
	assert_int_equal(step(&l, &p, 315), MOEAI_MEM_LOW);
	assert_int_equal(step(&l, &p, 316), MOEAI_MEM_NONE);
	p.below_bytes[MOEAI_MEM_LOW] = 190 * MB;
	assert_int_equal(step(&l, &p, 199), MOEAI_MEM_LOW); /* permille */
	assert_int_equal(step(&l, &p, 229), MOEAI_MEM_LOW);
	assert_int_equal(step(&l, &p, 230), MOEAI_MEM_NONE);
}

static void test_a_limit_of_0_is_none(void **state)
{
	struct mem_params p = defaults;
	struct mem_level l = { 0 };

	p.below[MOEAI_MEM_CRITICAL] = 0;
	p.below[MOEAI_MEM_LOW] = 0;
	assert_true(mem_level_sensible(&p, TOTAL));
	assert_int_equal(step(&l, &p, 100), MOEAI_MEM_NONE);
	assert_int_equal(step(&l, &p, 0), MOEAI_MEM_MEDIUM);
	p.below[MOEAI_MEM_MEDIUM] = 0;
	assert_int_equal(step(&l, &p, 0), MOEAI_MEM_NONE);
}

static void test_limits_are_in_order(void **state)
{
	static const struct {
		u32 below[3]; /* low, medium, critical */
		u64 mb[3];
		u32 margin;
		bool sensible;
	} sets[] = {
		{ { 200, 100, 50 }, { 0 }, 30, true },
		{ { 100, 100, 50 }, { 0 }, 30, false },
		{ { 200, 50, 100 }, { 0 }, 30, false },
		{ { 200, 0, 200 }, { 0 }, 30, false },
		{ { 200, 0, 199 }, { 0 }, 30, true },
		{ { 0, 0, 0 }, { 0 }, 30, true },
		{ { 970, 100, 50 }, { 0 }, 30, true },
		{ { 971, 100, 50 }, { 0 }, 30, false },
		{ { 1001, 100, 50 }, { 0 }, 0, false },
		{ { 0 }, { 300, 200, 100 }, 30, true },
		{ { 0 }, { 300, 300, 100 }, 30, false },
		{ { 0 }, { 300, 0, 300 }, 30, false },
		{ { 0 }, { 984, 0, 0 }, 30, true },
		{ { 0 }, { 985, 0, 0 }, 30, false }, /* its margin is 16 */
		{ { 0 }, { 1001, 0, 0 }, 30, false },
		{ { 200, 100, 50 }, { 0, 0, 99 }, 30, true },
		{ { 200, 100, 50 }, { 0, 0, 100 }, 30, false }, /* the greater ones */
		{ { 200, 0, 0 }, { 0, 0, 300 }, 30, false },
		{ { 200, 0, 0 }, { 400, 0, 300 }, 30, true },
	};

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		struct mem_params p = { .hysteresis = sets[i].margin, .hysteresis_bytes = 16 * MB };

		for (int n = 0; n < 3; n++) {
			p.below[MOEAI_MEM_LOW + n] = sets[i].below[n];
			p.below_bytes[MOEAI_MEM_LOW + n] = sets[i].mb[n] * MB;
		}
		if (mem_level_sensible(&p, TOTAL) != sets[i].sensible)
			fail_msg("set %zu is %ssensible", i, sets[i].sensible ? "not " : "");
	}
}

static void test_the_next_limit_is_the_greater_one_of_a_level_that_has_any(void **state)
{
	struct mem_params p = defaults;

	assert_int_equal(mem_level_next(&p, TOTAL, MOEAI_MEM_NONE), 200 * MB);
	assert_int_equal(mem_level_next(&p, TOTAL, MOEAI_MEM_MEDIUM), 50 * MB);
	assert_int_equal(mem_level_next(&p, TOTAL, MOEAI_MEM_CRITICAL), 0);
	p.below_bytes[MOEAI_MEM_CRITICAL] = 70 * MB;
	p.below[MOEAI_MEM_LOW] = p.below[MOEAI_MEM_MEDIUM] = 0;
	assert_int_equal(mem_level_next(&p, TOTAL, MOEAI_MEM_NONE), 70 * MB);
}

/* So much is available, and it sinks by so much a millisecond. */
static enum moeai_mem_level fall(struct mem_level *l, const struct mem_params *p, u64 mb, u64 fall)
{
	const struct mem_gauge g = { .available = mb * MB, .total = TOTAL, .permille = (u32)mb,
				     .fall = fall * MB };

	mem_level_update(l, p, &g, false);
	return l->level;
}

static void test_what_sinks_is_foreseen(void **state)
{
	struct mem_params p = defaults;
	struct mem_level l = { 0 };

	p.ahead_ms = 50;
	assert_int_equal(fall(&l, &p, 250, 1), MOEAI_MEM_NONE);
	assert_int_equal(fall(&l, &p, 249, 1), MOEAI_MEM_LOW);
	assert_int_equal(l.causes, BIT(MOEAI_MEM_CAUSE_FALLING));
	assert_int_equal(fall(&l, &p, 199, 1), MOEAI_MEM_LOW);
	assert_int_equal(l.causes, BIT(MOEAI_MEM_CAUSE_AVAILABLE));
	assert_int_equal(fall(&l, &p, 199, 1000), MOEAI_MEM_CRITICAL);
	assert_int_equal(l.causes, BIT(MOEAI_MEM_CAUSE_FALLING));
	/* It stops: the level lasts until memory is past its margin. */
	assert_int_equal(fall(&l, &p, 79, 0), MOEAI_MEM_CRITICAL);
	assert_int_equal(fall(&l, &p, 215, 0), MOEAI_MEM_LOW);
	assert_int_equal(fall(&l, &p, 230, 0), MOEAI_MEM_NONE);
	p.ahead_ms = 0;
	assert_int_equal(fall(&l, &p, 200, 1000), MOEAI_MEM_NONE);
}

static enum moeai_mem_level thrash(struct mem_level *l, u64 reclaimed, u64 refaults, u64 activates)
{
	const struct mem_gauge g = { .available = TOTAL, .total = TOTAL, .permille = 1000,
				     .reclaimed = reclaimed, .refaults = refaults,
				     .activates = activates };

	mem_level_update(l, &defaults, &g, false);
	return l->level;
}

static void test_what_is_wanted_back_was_reclaimed_in_vain(void **state)
{
	struct mem_level l = { 0 };

	assert_int_equal(thrash(&l, 100000, 100000, 639), MOEAI_MEM_NONE); /* files, once more */
	assert_int_equal(thrash(&l, 639, 639, 639), MOEAI_MEM_NONE); /* so few */
	assert_int_equal(thrash(&l, 100, 10000, 10000), MOEAI_MEM_NONE); /* of a cgroup */
	assert_int_equal(thrash(&l, 100000, 5000, 5000), MOEAI_MEM_NONE);
	assert_int_equal(thrash(&l, 100000, 10000, 10000), MOEAI_MEM_LOW);
	assert_int_equal(thrash(&l, 100000, 90000, 90000), MOEAI_MEM_MEDIUM);
	assert_int_equal(l.causes, BIT(MOEAI_MEM_CAUSE_RECLAIM));
	/* As it gets worse, the kernel does not think so any more. */
	assert_int_equal(thrash(&l, 100000, 90000, 0), MOEAI_MEM_MEDIUM);
	assert_int_equal(thrash(&l, 100000, 50000, 0), MOEAI_MEM_LOW);
	assert_int_equal(thrash(&l, 100000, 4999, 0), MOEAI_MEM_NONE);
}

static enum moeai_mem_level reclaim(struct mem_level *l, u64 stalls, u64 scanned, u64 stolen)
{
	const struct mem_gauge g = { .available = TOTAL, .total = TOTAL, .permille = 1000,
				     .stalls = stalls, .scanned = scanned, .stolen = stolen };

	mem_level_update(l, &defaults, &g, false);
	return l->level;
}

static void test_reclaim_in_vain_has_a_margin(void **state)
{
	struct mem_level l = { 0 };

	assert_int_equal(reclaim(&l, 19, 1000, 0), MOEAI_MEM_NONE); /* too few stalls */
	assert_int_equal(reclaim(&l, 1000, 1000, 1000), MOEAI_MEM_NONE); /* not in vain */
	assert_int_equal(reclaim(&l, 20, 1000, 400), MOEAI_MEM_MEDIUM);
	assert_int_equal(l.causes, BIT(MOEAI_MEM_CAUSE_RECLAIM));
	assert_int_equal(reclaim(&l, 10, 1000, 450), MOEAI_MEM_MEDIUM);
	assert_int_equal(reclaim(&l, 10, 1000, 451), MOEAI_MEM_LOW);
	assert_int_equal(reclaim(&l, 9, 1000, 0), MOEAI_MEM_NONE);
	assert_int_equal(reclaim(&l, 20, 1000, 50), MOEAI_MEM_CRITICAL);
}

static void test_the_oom_killer_is_critical_whatever_is_available(void **state)
{
	const struct mem_gauge g = { .available = TOTAL, .total = TOTAL, .permille = 1000 };
	struct mem_level l = { 0 };

	mem_level_update(&l, &defaults, &g, true);
	assert_int_equal(l.level, MOEAI_MEM_CRITICAL);
	assert_int_equal(l.causes, BIT(MOEAI_MEM_CAUSE_OOM));
	mem_level_update(&l, &defaults, &g, false);
	assert_int_equal(l.level, MOEAI_MEM_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_level_is_entered_below_its_limit),
		cmocka_unit_test(test_a_level_is_left_past_its_margin),
		cmocka_unit_test(test_bytes_have_a_margin_of_their_own),
		cmocka_unit_test(test_either_limit_is_enough_and_both_are_to_be_left),
		cmocka_unit_test(test_a_limit_of_0_is_none),
		cmocka_unit_test(test_limits_are_in_order),
		cmocka_unit_test(test_the_next_limit_is_the_greater_one_of_a_level_that_has_any),
		cmocka_unit_test(test_what_sinks_is_foreseen),
		cmocka_unit_test(test_what_is_wanted_back_was_reclaimed_in_vain),
		cmocka_unit_test(test_reclaim_in_vain_has_a_margin),
		cmocka_unit_test(test_the_oom_killer_is_critical_whatever_is_available),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
