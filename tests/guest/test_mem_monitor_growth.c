// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How fast the largest processes grow, and limits in bytes, told through the library.
 * The test itself is protected from the OOM killer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "pressure.h"

static struct moeai *h;

static uint64_t boottime(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- growth ------------------------------------------------------------------------ */

/* The table's row of a process; rank 0: it has none. Checks the order of all. */
static struct moeai_mem_consumer row_of(pid_t pid)
{
	struct moeai_mem_consumer c, found = { 0 };
	uint64_t rss = UINT64_MAX;
	struct moeai_values row;
	struct moeai_table *t;
	uint32_t rank = 0;
	int more;

	assert_int_equal(moeai_table_open(h, "mem_monitor.consumers", &t), 0);
	while ((more = moeai_table_next(t, &row)) == 1) {
		assert_int_equal(moeai_mem_consumer(&row, &c), 0);
		assert_int_equal(c.rank, ++rank);
		assert_true(c.rss <= rss);
		rss = c.rss;
		if (c.pid == (uint32_t)pid)
			found = c;
	}
	assert_int_equal(more, 0);
	moeai_table_close(t);
	assert_true(rank > 1);
	return found;
}

/* What a process held, now and then. */
struct seen {
	uint64_t time, rss;
};

static int64_t grown(const struct seen *seen, int n, uint64_t since)
{
	int i = 0;

	while (i < n - 1 && seen[i].time < since)
		i++;
	return (int64_t)(seen[n - 1].rss - seen[i].rss);
}

static void assert_about(int64_t is, int64_t want)
{
	if (is < want * 7 / 10 - 4 * (int64_t)MB || is > want * 13 / 10 + 4 * (int64_t)MB)
		fail_msg("%lld is not about %lld", (long long)is, (long long)want);
}

static void test_a_hog_grows_as_it_does(void **state)
{
	pid_t pid = start_hog((struct hog){ .mb_s = 30, .permille = 350 });
	struct moeai_mem_consumer c;
	struct seen seen[60];
	uint64_t started;
	int n;

	for (n = 0; n < 40; n++) {
		seen[n] = (struct seen){ boottime(), status_of(pid, "VmRSS:") };
		sleep_ms(100);
	}
	started = start_of(pid);
	c = row_of(pid);
	seen[n++] = (struct seen){ boottime(), status_of(pid, "VmRSS:") };
	assert_int_equal(c.rank, 1);
	assert_string_equal(c.comm, HOG);
	assert_int_equal(c.uid, HOG_UID);
	assert_in_range(c.started, started, started + 20000000);
	assert_in_range(c.period, 50000000, 10000000000);
	assert_about((int64_t)c.rss, (int64_t)seen[n - 1].rss);
	assert_about(c.growth, grown(seen, n, seen[n - 1].time - c.period));
	assert_true(c.growth > 0);
	assert_about(c.rate, c.growth * 1000 / (int64_t)(c.period / 1000000));

	while (available_permille() >= 350) /* then it rests */
		sleep_ms(100);
	sleep_ms(4000);
	c = row_of(pid);
	assert_about(c.growth, 0);
	end_hog(pid);
	assert_int_equal(row_of(pid).rank, 0);
}

static void test_a_level_names_how_fast_the_hog_grew(void **state)
{
	struct mem_seen s;
	pid_t pid;

	raise_limits("600", "0", "0");
	pid = start_hog((struct hog){ .mb_s = 100, .permille = 550 });
	mem_await_level(MOEAI_MEM_LOW, &s);
	assert_int_equal(mem_next(&s, mem_patience), 0);
	assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_CONSUMER);
	assert_int_equal(s.e.consumer.pid, pid);
	assert_true(s.e.consumer.period > 0);
	assert_true(s.e.consumer.growth > 4 * (int64_t)MB);
	assert_true(s.e.consumer.rate > 4 * (int64_t)MB);
	end_hog(pid);
}

/* ---- limits ------------------------------------------------------------------------ */

static void set_bytes(const char *param, uint64_t bytes)
{
	char value[24];

	snprintf(value, sizeof(value), "%llu", (unsigned long long)bytes);
	mem_set(param, value);
}

/* The interval is a minute: what is told is told because a parameter was set. */
static void test_a_limit_in_bytes_acts_at_once(void **state)
{
	uint64_t available = meminfo("MemAvailable:");
	struct moeai_mem mem;
	struct mem_seen s;

	mem_set("interval_ms", "60000");
	mem_set("min_interval_ms", "60000");
	mem_set("consumers", "0");
	assert_silence(300);
	set_bytes("low_bytes", available - 32 * MB);
	assert_silence(300);
	set_bytes("medium_bytes", available - 48 * MB);
	set_bytes("low_bytes", available + 8 * MB);
	assert_int_equal(mem_next(&s, mem_patience), 0);
	assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_LEVEL);
	assert_int_equal(s.e.level.level, MOEAI_MEM_LOW);
	assert_int_equal(moeai_mem_get(h, &mem), 0);
	assert_int_equal(mem.level, MOEAI_MEM_LOW);
	assert_int_equal(mem.cause, 1 << MOEAI_MEM_CAUSE_AVAILABLE);
	assert_true(mem.free > 0 && mem.free <= mem.total);

	/* Below the limit and its margin, it lasts; behind both it ends. */
	set_bytes("hysteresis_bytes", 32 * MB);
	set_bytes("low_bytes", available - 8 * MB);
	assert_silence(300);
	set_bytes("hysteresis_bytes", 0);
	assert_int_equal(mem_next(&s, mem_patience), 0);
	assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_LEVEL);
	assert_int_equal(s.e.level.level, MOEAI_MEM_NONE);
	assert_int_equal(mem_next(&s, mem_patience), 0);
	assert_int_equal(s.e.kind, MOEAI_MEM_EVENT_RECOVERED);
}

static void test_limits_that_contradict_are_refused(void **state)
{
	static const struct {
		const char *name, *value, *says;
	} bad[] = {
		{ "mem_monitor.critical_bytes", "1000000000000", "low + hysteresis <= all memory" },
		{ "mem_monitor.critical_bytes", "%u", "critical < medium < low" },
		{ "mem_monitor.hysteresis_bytes", "1000000000000", "low + hysteresis <= all memory" },
		{ "mem_monitor.critical", "100", "critical < medium < low" },
		{ "mem_monitor.interval_ms", "10", "min_interval_ms <= interval_ms" },
	};
	char name[96], value[32];

	set_bytes("low_bytes", meminfo("MemTotal:") / 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		/* More than medium, which is 10 %. */
		if (*bad[i].value == '%')
			snprintf(value, sizeof(value), "%lu", meminfo("MemTotal:") / 8);
		else
			snprintf(value, sizeof(value), "%s", bad[i].value);
		assert_int_equal(moeai_param_set(h, bad[i].name, value), -EINVAL);
		snprintf(name, sizeof(name), "%s: ", strchr(bad[i].name, '.') + 1);
		if (!strstr(moeai_error(h), name) || !strstr(moeai_error(h), bad[i].says))
			fail_msg("%s=%s: %s", bad[i].name, value, moeai_error(h));
	}
	mem_set("medium", "0"); /* now critical may be as much */
	mem_set("critical", "150");
	mem_set("critical", "0");
	mem_set("low", "0");
}

static int begin(void **state)
{
	return pressure_open(&h);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, pressure_ready)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hog_grows_as_it_does),
		TEST(a_level_names_how_fast_the_hog_grew),
		TEST(a_limit_in_bytes_acts_at_once),
		TEST(limits_that_contradict_are_refused),
	};

	return cmocka_run_group_tests(tests, begin, pressure_close);
}
