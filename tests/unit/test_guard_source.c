// SPDX-License-Identifier: GPL-2.0
/* The table of sources, with a clock of its own: whom it keeps, and when it tells. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <linux/moeai_net_guard.h>
#include "../../kmod/net_guard/set.h"

/* Of the kernel, what source.c needs besides. */
typedef int spinlock_t;

#define hweight64		 __builtin_popcountll
#define lockdep_assert_held(l)	 ((void)0)
#define spin_lock_init(l)	 ((void)0)
#define spin_lock(l)		 ((void)0)
#define spin_unlock(l)		 ((void)0)
#define spin_lock_bh(l)		 ((void)0)
#define spin_unlock_bh(l)	 ((void)0)
#define mutex_lock(l)		 ((void)*(l))
#define mutex_unlock(l)		 ((void)*(l))
#define DEFINE_MUTEX(name)	 int name
#define DEFINE_PER_CPU(t, name)	 __typeof__(t) name
#define per_cpu(name, cpu)	 (name)
#define this_cpu_inc(name)	 ((name)++)
#define for_each_possible_cpu(c) for (c = 0; c < 1; c++)
/* One thread, so no barriers. */
#define smp_load_acquire(p)	 (*(p))
#define smp_store_release(p, v)	 (*(p) = (v)) /* likewise */
#define GFP_KERNEL		 0
#define kvcalloc(n, size, flags) calloc(n, size)

static u64 seed = 88172645463325252ULL, clock_ns;

static u64 get_random_u64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static u64 rounddown_pow_of_two(u64 n)
{
	return roundup_pow_of_two(n / 2 + 1);
}

static u64 ktime_get_boottime_ns(void)
{
	return clock_ns;
}

/* Of our own headers, those that need all of it: the part that is used. */
#define GUARD_EVENT_H
#define GUARD_PACKET_H
#define GUARD_PARAM_H
#define GUARD_RULE_H

enum guard_class { GUARD_SYN, GUARD_UDP, GUARD_ICMP, GUARD_CLASSES };

struct guard_packet {
	u8 class;
	bool probe, has_port;
	u16 port;
	u32 n;
	struct guard_addr dest;
};

struct guard_offence {
	struct guard_addr source;
	bool v6;
	u8 kind;
	u32 packets, bits;
};

struct guard_limit {
	u32 burst;
	u64 step;
};

static struct {
	u64 interval, scan_window;
	struct guard_limit limits[GUARD_CLASSES];
	u32 port_bits, host_bits, sources;
} guard_params;

#define GUARD_TICK_SHIFT 28
#define GUARD_TICK	 (1ULL << GUARD_TICK_SHIFT)

static u32 guard_tick(u64 ns)
{
	return ns >> GUARD_TICK_SHIFT;
}

static struct guard_addr guard_source_of(struct guard_addr a, bool v6)
{
	return a;
}

#include "../../kmod/net_guard/source.c"

#define S	1000000000ULL
#define FLOODER 0x0a000001

static struct guard_offence offence;
static bool told;

static bool sends(u32 from, u16 port, u32 n)
{
	struct guard_packet p = { .class = GUARD_SYN, .probe = true, .has_port = true,
				  .port = port, .n = n };

	const struct guard_addr addr = { .hi = (u64)from << 32 };
	bool over = guard_source_look(addr, false, &p, clock_ns, &offence, &told);

	if (!over && p.probe)
		over = guard_source_try(addr, false, &p, clock_ns, &offence, &told);
	return over;
}

static struct source *flooder(void)
{
	const struct guard_addr addr = { .hi = (u64)FLOODER << 32 };
	struct set *set = set_of(addr);

	return find(set, addr, false);
}

static int begin(void **state)
{
	guard_params.interval = 10 * S;
	guard_params.scan_window = 60 * S;
	guard_params.limits[GUARD_SYN] = (struct guard_limit){ 400, S / 200 };
	guard_params.port_bits = guard_sketch_bits(PORT_BITS, 40);
	guard_params.host_bits = guard_sketch_bits(HOST_BITS, 30);
	guard_params.sources = 1024;
	clock_ns = 1000 * S;
	return guard_sources_start();
}

static int end(void **state)
{
	guard_sources_stop();
	return 0;
}

/* ---- whom it keeps ------------------------------------------------------------------ */

/* 20 seconds of one who sends @rate a second among @churn made-up ones; what passed. */
static u32 flood(u32 churn, u32 rate)
{
	u64 step = S / (churn + rate), until = clock_ns + 20 * S;
	u32 passed = 0;

	for (; clock_ns < until; clock_ns += step)
		if (get_random_u64() % (churn + rate) < rate)
			passed += !sends(FLOODER, 80, 1);
		else
			sends(get_random_u64(), 80, 1);
	return passed;
}

/* At 200 a second and 400 at once, and some for when he was not known. */
static void flooder_is_kept(void **state)
{
	assert_in_range(flood(20000, 2000), 0, 5500);
}

/* Every place is taken by somebody who tries 36 ports, once. */
static void fill(void)
{
	for (u32 i = 0; i < 4000; i++) {
		u32 from = get_random_u64();

		for (u32 port = 1; port <= 36; port++, clock_ns += 1000)
			sends(from, port * 7, 1);
	}
}

static void flooder_gets_a_place(void **state)
{
	fill();
	assert_in_range(flood(20000, 2000), 0, 5500);
}

/* A slow scan, a minute of it: among sources that come and go, it is found. */
static bool scan(u32 churn)
{
	bool found = false;

	for (u32 port = 1; port <= 120; port++) {
		for (u32 i = 0; i < churn; i++, clock_ns += S / 2 / churn)
			sends(get_random_u64(), 80, 1);
		found |= sends(FLOODER, port, 1);
	}
	return found;
}

static void scan_is_found(void **state)
{
	assert_true(scan(200));
}

/* Who tried ports long ago is worth no more than others. */
static void places_come_free(void **state)
{
	fill();
	clock_ns += 300 * S;
	assert_true(scan(200));
}

/* So is who has flooded, each by another number, so that one of a set is least. */
static void floods_are_forgotten(void **state)
{
	for (u32 i = 0; i < 4000; i++)
		sends(get_random_u64(), 80, 100000 + get_random_u64() % 1000000);
	clock_ns += 300 * S;
	assert_in_range(flood(20000, 2000), 0, 5500);
}

/* ---- when it tells ------------------------------------------------------------------ */

/* Another CPU took its time a moment before: nothing begins anew. */
static void tick_behind(void **state)
{
	u32 n = 0;

	clock_ns = (((clock_ns >> 30) + 1) << 30) - 1; /* then a second begins, and a tick */
	for (u32 i = 0; i < 2000; i++) {
		clock_ns += i % 2 ? -1 : 1; /* in it, and just before */
		sends(FLOODER, 80, 1);
		n += told;
	}
	assert_int_equal(n, 1);
	assert_int_equal(flooder()->score, 2000);
}

static void window_behind(void **state)
{
	struct source *s;
	u32 set;

	clock_ns = (clock_ns / (30 * S) + 1) * 30 * S;
	for (u16 port = 1; port <= 20; port++)
		sends(FLOODER, port, 1);
	s = flooder();
	set = ports_set(&s->sketch);
	clock_ns -= 1;
	sends(FLOODER, 20, 1);
	assert_int_equal(ports_set(&s->sketch), set);
	/* Made longer, the window is counted anew; it does not stand still. */
	guard_params.scan_window *= 10;
	clock_ns += 1;
	sends(FLOODER, 20, 1);
	clock_ns += 400 * S;
	sends(FLOODER, 20, 1);
	clock_ns += 400 * S;
	sends(FLOODER, 20, 1);
	assert_int_equal(ports_set(&s->sketch), 1);
}

/* What could not be told is tried again a tick later, with all that came meanwhile. */
static void untold(void **state)
{
	u32 n = 0;

	clock_ns = (clock_ns / GUARD_TICK + 1) * GUARD_TICK;
	while (!sends(FLOODER, 80, 1))
		;
	assert_true(told);
	guard_source_untold(&offence);
	for (u32 i = 0; i < 100; i++, n += told)
		sends(FLOODER, 80, 1);
	assert_int_equal(n, 0);
	clock_ns += GUARD_TICK;
	while (!sends(FLOODER, 80, 1))
		;
	assert_true(told);
	assert_int_equal(offence.packets, 102);
}

static bool is_asked(u16 port, bool probe)
{
	const struct guard_addr addr = { .hi = (u64)FLOODER << 32 };
	struct guard_packet p = { .class = GUARD_SYN, .probe = true, .has_port = true,
				  .port = port, .n = 1 };
	bool asked;

	guard_source_look(addr, false, &p, clock_ns, &offence, &told);
	asked = p.probe;
	p.probe = probe;
	if (asked)
		guard_source_try(addr, false, &p, clock_ns, &offence, &told);
	return asked;
}

/* Whether a packet is a probe takes long to find out: once for each target and half window. */
static void asked_once(void **state)
{
	assert_true(is_asked(80, true));
	assert_false(is_asked(80, true));
	assert_true(is_asked(53, false));
	assert_false(is_asked(53, false));
	assert_false(is_asked(80, true));
	assert_int_equal(ports_set(&flooder()->sketch), 1);
	clock_ns += 30 * S;
	assert_true(is_asked(80, true));
	assert_true(is_asked(53, false));
	/* Of who scans, each one counts. */
	for (u16 port = 1000; port < 1100; port++)
		is_asked(port, true);
	assert_true(is_asked(80, true));
	assert_true(is_asked(80, true));
}

/* Received as one, they are as many as they were sent as. */
static void segments(void **state)
{
	u32 passed = 0;

	for (u32 i = 0; i < 100; i++)
		passed += !sends(FLOODER, 80, 40);
	assert_int_equal(passed, 10);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(flooder_is_kept), CASE(flooder_gets_a_place), CASE(scan_is_found),
		CASE(places_come_free), CASE(floods_are_forgotten), CASE(tick_behind),
		CASE(window_behind), CASE(untold), CASE(segments), CASE(asked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
