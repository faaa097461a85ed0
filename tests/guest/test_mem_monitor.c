// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mem_monitor sees real memory pressure, told through the library: its sample, its
 * levels, its limits. The test itself is protected from the OOM killer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "pressure.h"

static struct moeai *h;

static void test_sample_agrees_with_meminfo(void **state)
{
	struct moeai_mem mem;
	long off;

	assert_int_equal(moeai_mem_get(h, &mem), 0);
	off = (long)mem.available - (long)meminfo("MemAvailable:");
	assert_true(labs(off) < 16 * (long)MB);
	assert_int_equal(mem.total, meminfo("MemTotal:"));
	assert_int_equal(mem.permille, mem.available * 1000 / mem.total);
	assert_int_equal(mem.level, MOEAI_MEM_NONE);
	assert_true(mem.pid > 0);
	assert_true(mem.comm[0]);
	assert_true(mem.rss > 0);
	assert_true(mem.since > 0);
}

static void test_limits_out_of_order_are_refused(void **state)
{
	static const struct {
		const char *name, *value;
		int error;
	} bad[] = {
		{ "mem_monitor.low", "100", -EINVAL },
		{ "mem_monitor.medium", "200", -EINVAL },
		{ "mem_monitor.critical", "100", -EINVAL },
		{ "mem_monitor.hysteresis", "801", -EINVAL },
		{ "mem_monitor.min_interval_ms", "1001", -EINVAL },
		{ "mem_monitor.low", "1001", -ERANGE },
		{ "mem_monitor.consumers", "11", -ERANGE },
		{ "mem_monitor.available", "1", -EPERM },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(moeai_param_set(h, bad[i].name, bad[i].value), bad[i].error);
		assert_true(strlen(moeai_error(h)) > 10);
	}
}

static void assert_consumers(const struct mem_seen *level, pid_t pid, uint32_t n)
{
	static const enum moeai_priority priorities[] = {
		[MOEAI_MEM_LOW] = MOEAI_PRIO_NOTICE,
		[MOEAI_MEM_MEDIUM] = MOEAI_PRIO_WARNING,
		[MOEAI_MEM_CRITICAL] = MOEAI_PRIO_WARNING,
	};
	uint64_t rss = UINT64_MAX;
	struct mem_seen s;
	uint32_t i;

	for (i = 1; i <= n; i++) {
		assert_int_equal(mem_next(&s, mem_patience), 0);
		assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_CONSUMER);
		assert_int_equal(s.priority, priorities[level->e.level.level]);
		assert_int_equal(s.e.consumer.rank, i);
		assert_true(s.e.consumer.rss <= rss);
		rss = s.e.consumer.rss;
		if (i > 1)
			continue;
		assert_int_equal(s.e.consumer.pid, pid);
		assert_int_equal(s.e.consumer.uid, HOG_UID);
		assert_string_equal(s.e.consumer.comm, HOG);
		assert_true(rss > level->e.level.total / 10);
	}
}

static void test_levels_come_in_order_and_name_the_hog(void **state)
{
	static const enum moeai_priority priorities[] = {
		[MOEAI_MEM_LOW] = MOEAI_PRIO_NOTICE,
		[MOEAI_MEM_MEDIUM] = MOEAI_PRIO_WARNING,
		[MOEAI_MEM_CRITICAL] = MOEAI_PRIO_CRITICAL,
	};
	struct moeai_mem mem;
	struct mem_seen s;
	uint32_t level;
	pid_t pid;

	raise_limits("600", "500", "400");
	pid = start_hog((struct hog){ .mb_s = 100, .permille = 390 });
	for (level = MOEAI_MEM_LOW; level <= MOEAI_MEM_CRITICAL; level++) {
		assert_int_equal(mem_next(&s, mem_patience), 0);
		assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_LEVEL);
		assert_int_equal(s.e.level.level, level);
		assert_int_equal(s.e.level.previous, level - 1);
		/* At 100 MB/s it is foreseen 5 MB before: about 10 permille. */
		if (s.e.level.cause == 1 << MOEAI_MEM_CAUSE_FALLING)
			assert_in_range(s.e.level.permille, 700 - 100 * level, 740 - 100 * level);
		else
			assert_int_equal(s.e.level.cause, 1 << MOEAI_MEM_CAUSE_AVAILABLE);
		if (s.e.level.cause == 1 << MOEAI_MEM_CAUSE_AVAILABLE)
			assert_true(s.e.level.permille < 700 - 100 * level);
		assert_true(s.e.level.held > 0);
		assert_int_equal(s.priority, priorities[level]);
		assert_consumers(&s, pid, 3);
	}

	assert_int_equal(moeai_mem_get(h, &mem), 0);
	assert_int_equal(mem.level, MOEAI_MEM_CRITICAL);
	assert_int_equal(mem.pid, pid);
	assert_string_equal(mem.comm, HOG);

	end_hog(pid);
	mem_await(MOEAI_MEM_EVENT_RECOVERED, &s);
	assert_int_equal(s.e.recovered.worst, MOEAI_MEM_CRITICAL);
	assert_int_equal(s.e.recovered.kills, 0);
	assert_true(s.e.recovered.duration > 0);
	assert_true(s.e.recovered.lowest < mem.total * 44 / 100); /* as above, foreseen */
	assert_true(s.e.recovered.available > s.e.recovered.lowest);
	assert_int_equal(s.priority, MOEAI_PRIO_NOTICE);
}

static void test_a_level_is_left_past_its_margin_only(void **state)
{
	size_t len = meminfo("MemTotal:"), n;
	char *p = map_memory(len);
	struct mem_seen s;

	assert_non_null(p);
	raise_limits("600", "300", "200");
	mem_set("hysteresis", "100");
	n = eat(p, len, 200, 590);
	mem_await_level(MOEAI_MEM_LOW, &s);
	while (!mem_next(&s, 500))
		assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_CONSUMER);

	while (available_permille() < 640)
		madvise(p + (n -= MB), MB, MADV_DONTNEED);
	assert_silence(1500);

	while (available_permille() < 720)
		madvise(p + (n -= MB), MB, MADV_DONTNEED);
	mem_await_level(MOEAI_MEM_NONE, &s);
	assert_int_equal(s.e.level.cause, 0);
	mem_await(MOEAI_MEM_EVENT_RECOVERED, &s);
	assert_int_equal(s.e.recovered.worst, MOEAI_MEM_LOW);
	munmap(p, len);
}

static void test_stopped_it_is_silent_and_started_it_looks(void **state)
{
	struct moeai_mem mem;
	struct mem_seen s;
	pid_t pid;

	raise_limits("600", "500", "400");
	mem_set("consumers", "1");
	assert_int_equal(moeai_module_stop(h, "mem_monitor"), 0);
	assert_int_equal(moeai_module_stop(h, "mem_monitor"), -EALREADY);

	pid = start_hog((struct hog){ .mb_s = 400, .permille = 390 });
	while (available_permille() >= 390)
		sleep_ms(50);
	assert_silence(1500);
	assert_int_equal(moeai_mem_get(h, &mem), 0);
	assert_int_equal(mem.level, MOEAI_MEM_NONE);
	assert_true(mem.permille < 450);

	assert_int_equal(moeai_module_start(h, "mem_monitor"), 0);
	assert_int_equal(mem_next(&s, mem_patience), 0);
	assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_LEVEL);
	assert_int_equal(s.e.level.level, MOEAI_MEM_CRITICAL);
	assert_int_equal(s.e.level.previous, MOEAI_MEM_NONE);
	assert_consumers(&s, pid, 1);
	assert_silence(300);

	end_hog(pid);
	mem_await(MOEAI_MEM_EVENT_RECOVERED, &s);
}

static int begin(void **state)
{
	return pressure_open(&h);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, pressure_ready)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sample_agrees_with_meminfo), TEST(limits_out_of_order_are_refused),
		TEST(levels_come_in_order_and_name_the_hog),
		TEST(a_level_is_left_past_its_margin_only),
		TEST(stopped_it_is_silent_and_started_it_looks),
	};

	return cmocka_run_group_tests(tests, begin, pressure_close);
}
