// SPDX-License-Identifier: GPL-2.0
/* moectl mem history and kills: episodes as events tell of them, and as they are shown. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/episodes.h"
#include "capture.h"
#include "wire.h"

#define SECOND 1000000000ULL

static struct episodes *episodes;

static int take(const char *type, uint64_t time, const struct wire *w)
{
	const struct moeai_event e = { .type_name = type, .time = time,
				       .values = { NULL, w->data, w->len } };

	return episodes_add(episodes, &e);
}

static void level(uint64_t time, uint32_t to, uint32_t from, uint64_t available, uint32_t cause)
{
	struct wire w = { 0 };

	wire_u32(&w, MOEAI_A_MEM_LEVEL_LEVEL, to);
	wire_u32(&w, MOEAI_A_MEM_LEVEL_PREVIOUS, from);
	wire_u64(&w, MOEAI_A_MEM_LEVEL_AVAILABLE, available);
	wire_u64(&w, MOEAI_A_MEM_LEVEL_TOTAL, 1000);
	wire_u32(&w, MOEAI_A_MEM_LEVEL_CAUSE, cause);
	assert_int_equal(take("mem_monitor.level", time, &w), 0);
}

static void consumer(uint32_t rank, uint32_t pid, const char *comm)
{
	struct wire w = { 0 };

	wire_u32(&w, MOEAI_A_MEM_CONSUMER_RANK, rank);
	wire_u32(&w, MOEAI_A_MEM_CONSUMER_PID, pid);
	wire_string(&w, MOEAI_A_MEM_CONSUMER_COMM, comm);
	wire_u64(&w, MOEAI_A_MEM_CONSUMER_RSS, 512);
	assert_int_equal(take("mem_monitor.consumer", 1, &w), 0);
}

static void recovered(uint64_t time, uint64_t duration, uint32_t worst, uint64_t kills)
{
	struct wire w = { 0 };

	wire_u64(&w, MOEAI_A_MEM_RECOVERED_DURATION, duration);
	wire_u32(&w, MOEAI_A_MEM_RECOVERED_WORST, worst);
	wire_u64(&w, MOEAI_A_MEM_RECOVERED_LOWEST, 7);
	wire_u64(&w, MOEAI_A_MEM_RECOVERED_KILLS, kills);
	assert_int_equal(take("mem_monitor.recovered", time, &w), 0);
}

/* What is known of any; the rest as a test wants it. */
static struct wire victim(uint32_t pid, const char *comm, uint32_t scope)
{
	struct wire w = { 0 };

	wire_u32(&w, MOEAI_A_MEM_VICTIM_PID, pid);
	wire_u32(&w, MOEAI_A_MEM_VICTIM_UID, 4000000000U);
	wire_string(&w, MOEAI_A_MEM_VICTIM_COMM, comm);
	wire_u32(&w, MOEAI_A_MEM_VICTIM_SCOPE, scope);
	return w;
}

static void assert_printed(int (*print)(struct episodes *, struct output *), enum form form,
			   const char *want)
{
	struct capture c;
	char *got;

	capture_begin(&c, form);
	assert_int_equal(print(episodes, &c.out), 0);
	got = capture_end(&c);
	assert_string_equal(got, want);
	free(got);
}

static int begin(void **state)
{
	episodes = episodes_new();
	return !episodes;
}

static int end(void **state)
{
	episodes_free(episodes);
	return 0;
}

static void an_episode_is_all_until_none(void **state)
{
	level(10, MOEAI_MEM_LOW, MOEAI_MEM_NONE, 199, 1);
	consumer(1, 5, "hog\033");
	consumer(2, 6, "other");
	level(20, MOEAI_MEM_CRITICAL, MOEAI_MEM_LOW, 20, 3);
	consumer(1, 8, "hog");
	level(30, MOEAI_MEM_LOW, MOEAI_MEM_CRITICAL, 150, 1);
	level(40, MOEAI_MEM_NONE, MOEAI_MEM_LOW, 300, 0);
	recovered(41, 31, MOEAI_MEM_CRITICAL, 2);
	assert_printed(episodes_print, FORM_TAB,
		       "10\t41\t31\tover\tcritical\tavailable|reclaim\t7\t2\t8\thog\t512\n");
}

static void an_episode_that_lasts(void **state)
{
	struct wire w = victim(9, "v", MOEAI_MEM_SCOPE_SYSTEM);

	level(10, MOEAI_MEM_MEDIUM, MOEAI_MEM_NONE, 80, 1);
	assert_int_equal(take("mem_monitor.victim", 12, &w), 0);
	assert_printed(episodes_print, FORM_TAB,
		       "10\t\t\tongoing\tmedium\tavailable\t80\t1\t\t\t\n");
	/* It was not seen to end. */
	level(50, MOEAI_MEM_LOW, MOEAI_MEM_NONE, 190, 1);
	assert_printed(episodes_print, FORM_TAB,
		       "10\t\t\tunknown\tmedium\tavailable\t80\t1\t\t\t\n"
		       "50\t\t\tongoing\tlow\tavailable\t190\t0\t\t\t\n");
}

/* The log has lost what was before: what its end says is known all the same. */
static void an_episode_without_its_beginning(void **state)
{
	recovered(100, 60, MOEAI_MEM_MEDIUM, 0);
	level(200, MOEAI_MEM_LOW, MOEAI_MEM_MEDIUM, 190, 1);
	assert_printed(episodes_print, FORM_TAB,
		       "40\t100\t60\tover\tmedium\t\t7\t0\t\t\t\n"
		       "\t\t\tongoing\tlow\tavailable\t190\t0\t\t\t\n");
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct wire w = { 0 };

	assert_int_equal(take("mem_monitor.level", 1, &w), -EPROTO);
	assert_int_equal(take("mem_monitor.new", 1, &w), 0); /* of a newer kernel's */
	assert_printed(episodes_print, FORM_TAB, "");
	assert_printed(episodes_print_kills, FORM_PEOPLE, "");
}

static void add_explained(void)
{
	struct wire w = victim(9, "hog\n", MOEAI_MEM_SCOPE_CGROUP);

	wire_u64(&w, MOEAI_A_MEM_VICTIM_ANON, 3 << 20);
	wire_u32(&w, MOEAI_A_MEM_VICTIM_SCORE_ADJ, (uint32_t)-17);
	wire_u64(&w, MOEAI_A_MEM_VICTIM_AVAILABLE, 1 << 20);
	wire_u64(&w, MOEAI_A_MEM_VICTIM_TOTAL, 8 << 20);
	wire_u32(&w, MOEAI_A_MEM_VICTIM_INVOKER_PID, 10);
	wire_string(&w, MOEAI_A_MEM_VICTIM_INVOKER_COMM, "asks");
	wire_u32(&w, MOEAI_A_MEM_VICTIM_ORDER, 2);
	wire_string(&w, MOEAI_A_MEM_VICTIM_GFP, "GFP_KERNEL");
	wire_string(&w, MOEAI_A_MEM_VICTIM_CGROUP, "/a/b");
	wire_string(&w, MOEAI_A_MEM_VICTIM_LIMIT_CGROUP, "/a");
	wire_u64(&w, MOEAI_A_MEM_VICTIM_LIMIT, 4 << 20);
	wire_u64(&w, MOEAI_A_MEM_VICTIM_UNTOLD, 6);
	assert_int_equal(take("mem_monitor.victim", SECOND, &w), 0);
}

static void kills_as_a_table(void **state)
{
	struct wire w = victim(0, "unknown", MOEAI_MEM_SCOPE_SYSTEM);

	add_explained();
	assert_int_equal(take("mem_monitor.victim", 2 * SECOND, &w), 0);
	assert_printed(episodes_print_kills, FORM_TAB,
		       "1000000000\t9\thog\\n\t4000000000\t4000000000\tcgroup\t3145728\t0\t0\t0\t0\t"
		       "-17\t0\t1048576\t\t8388608\t0\t10\tasks\t2\tGFP_KERNEL\t/a/b\t/a\t4194304\t6\n"
		       "2000000000\t\tunknown\t\t\tsystem\t\t\t\t\t\t\t\t\t\t\t0\t\t\t\t\t\t\t\t0\n");
}

static void kills_in_words(void **state)
{
	struct wire w = victim(0, "unknown", MOEAI_MEM_SCOPE_SYSRQ);

	add_explained();
	assert_int_equal(take("mem_monitor.victim", 2 * SECOND, &w), 0);
	assert_printed(episodes_print_kills, FORM_PEOPLE,
		       "1970-01-01 00:00:01.000  hog\\n, pid 9, user 4000000000, was killed: "
		       "a cgroup had reached its limit\n"
		       "  it held      3MiB of its own, 0B of files, 0B shared, 0B swapped out, "
		       "0B of page tables\n"
		       "  there was    1MiB available, 0B free of 8MiB, 0B of swap\n"
		       "  wanted by    asks, pid 10, order 2, GFP_KERNEL\n"
		       "  the limit of /a: 4MiB\n"
		       "  its cgroup   /a/b\n"
		       "  before it    6 more victims of cgroups\n"
		       "1970-01-01 00:00:02.000  unknown was killed: somebody asked for it by SysRq\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_episode_is_all_until_none),
		TEST(an_episode_that_lasts),
		TEST(an_episode_without_its_beginning),
		TEST(what_makes_no_sense_is_refused),
		TEST(kills_as_a_table),
		TEST(kills_in_words),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
