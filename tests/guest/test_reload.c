// SPDX-License-Identifier: LGPL-2.1-or-later
/* Readers and handles that see modules come and go: by netlink, as who maps the log keeps it. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "reader.h"

static void run(const char *command)
{
	int status = system(command);

	if (status)
		fail_msg("%s: status %d", command, status);
}

static void unload(void)
{
	run("rmmod moeai_mem_monitor && rmmod moeai");
}

static void load(void)
{
	run("modprobe moeai && modprobe moeai_mem_monitor");
}

/* Items until one of that kind. */
static void wait_for(struct reader *r, enum moeai_item_kind kind, struct moeai_item *item)
{
	do {
		assert_int_equal(reader_next(r, item, PATIENCE), 0);
	} while (item->kind != kind);
}

/* core.module says that a module is in that state. */
static bool says(const struct moeai_item *item, const char *module, const char *state)
{
	const struct moeai_values *values = &item->event.values;
	struct moeai_value v;
	char text[32];

	if (strcmp(item->event.type_name, "core.module") ||
	    moeai_values_get(values, "name", &v) || strcmp(v.data, module) ||
	    moeai_values_get(values, "state", &v))
		return false;
	moeai_value_text(&v, text, sizeof(text));
	return !strcmp(text, state);
}

static void running_monitor(void **state)
{
	struct moeai_item item;
	struct reader r;
	uint64_t epoch;

	reader_open(&r, NULL);
	epoch = r.epoch;
	for (int i = 0; i < 3; i++) {
		unload();
		do {
			reader_expect(&r, MOEAI_EVENT, &item);
		} while (!says(&item, "mem_monitor", "gone"));
		wait_for(&r, MOEAI_GONE, &item);
		assert_int_equal(reader_next(&r, &item, 100), -ETIMEDOUT);
		load();
		reader_expect(&r, MOEAI_EPOCH, &item);
		assert_true(item.epoch != epoch);
		epoch = item.epoch;
		reader_expect(&r, MOEAI_EVENT, &item);
		assert_true(item.event.seq == 1);
		assert_true(says(&item, "core", "running"));
	}
	reader_close(&r);
}

/* It slept over several reloads. */
static void stopped_monitor(void **state)
{
	struct moeai_item item;
	struct moeai *h = open_unlimited();
	struct reader r;
	uint64_t epoch;
	int gone = 0;

	reader_open(&r, NULL);
	epoch = r.epoch;
	flood(h, 10);
	for (int i = 0; i < 3; i++) {
		unload();
		load();
	}
	flood(h, 10);
	while (!reader_next(&r, &item, 1000))
		gone += item.kind == MOEAI_GONE;
	assert_true(r.epoch != epoch);
	assert_true(gone >= 1);
	assert_true(r.due == next_seq(h) && r.lost == 0);
	reader_close(&r);
	moeai_close(h);
}

/* And its socket overran, so that it heard of none of it. */
static void overrun_over_reload(void **state)
{
	const struct moeai_monitor_options options = { .buffer = 8192 };
	struct moeai *h = open_unlimited();
	struct moeai_item item;
	struct reader r;
	uint64_t epoch;

	reader_open(&r, &options);
	epoch = r.epoch;
	flood(h, 2000);
	unload();
	load();
	assert_int_equal(moeai_param_set(h, "core.publish_rate", "0"), 0);
	flood(h, 20);
	while (!reader_next(&r, &item, 1000))
		;
	assert_true(r.epoch != epoch);
	assert_true(r.due == next_seq(h) && r.lost == 0);
	reader_close(&r);
	moeai_close(h);
}

static void before_the_module(void **state)
{
	struct moeai_monitor_options options = { .no_wait = true };
	struct moeai_item item;
	struct moeai_ledger l;
	struct reader r = { 0 };
	struct moeai *h;

	unload();
	assert_int_equal(moeai_open(&h), -ENODEV);
	assert_int_equal(moeai_monitor_open(&r.m, &options), -ENODEV);
	options = (struct moeai_monitor_options){ .history = true };
	assert_int_equal(moeai_monitor_open(&r.m, &options), -ENODEV);
	options = (struct moeai_monitor_options){ .transport = MOEAI_TRANSPORT_NETLINK };
	assert_int_equal(moeai_monitor_open(&r.m, &options), 0);
	moeai_monitor_ledger(r.m, &l);
	assert_true(l.to - l.from + 1 == 0);
	assert_int_equal(reader_next(&r, &item, 100), -ETIMEDOUT);
	load();
	reader_expect(&r, MOEAI_EPOCH, &item);
	reader_expect(&r, MOEAI_EVENT, &item);
	assert_true(item.event.seq == 1);
	reader_close(&r);
}

/* It resumes where it was, but that epoch is over. */
static void resumed_after_reload(void **state)
{
	struct moeai_monitor_options options = { .since = 3, .epoch = 12345 };
	struct moeai_monitor *m;
	struct moeai_item item;

	unload();
	assert_int_equal(moeai_monitor_open(&m, &options), 0);
	load();
	assert_int_equal(moeai_monitor_next(m, &item, PATIENCE), -ESTALE);
	moeai_monitor_close(m);
}

/* A handle goes on with the new module, what it knew of the old one forgotten. */
static void handle(void **state)
{
	struct moeai_status before, after;
	struct moeai_table *t;
	struct moeai_mem mem;
	struct moeai *h;

	assert_int_equal(moeai_open(&h), 0);
	assert_int_equal(moeai_status_get(h, &before), 0);
	assert_int_equal(moeai_mem_get(h, &mem), 0);
	unload();
	assert_int_equal(moeai_status_get(h, &after), -ENODEV);
	assert_non_null(strstr(moeai_error(h), "modprobe"));
	assert_int_equal(moeai_mem_get(h, &mem), -ENODEV);
	assert_int_equal(moeai_table_open(h, "log", &t), -ENODEV);
	assert_int_equal(moeai_publish(h, MOEAI_PRIO_INFO, "x"), -ENODEV);
	load();
	assert_int_equal(moeai_mem_get(h, &mem), 0);
	unload();
	load();
	assert_int_equal(moeai_table_open(h, "log", &t), 0);
	moeai_table_close(t);
	assert_int_equal(moeai_publish(h, MOEAI_PRIO_INFO, "x"), 0);
	assert_int_equal(moeai_status_get(h, &after), 0);
	assert_true(before.epoch != after.epoch);
	moeai_close(h);
}

/* A feature module that comes later is known by its events' names at once. */
static void types_that_come_later(void **state)
{
	static const char *const types[] = { "mem_monitor.level" };
	const struct moeai_monitor_options options = { .types = types, .n_types = 1 };
	struct moeai_mem_event event;
	struct moeai_item item;
	struct moeai *h;
	struct reader r;

	run("rmmod moeai_mem_monitor");
	assert_int_equal(moeai_open(&h), 0);
	reader_open(&r, &options);
	run("modprobe moeai_mem_monitor");
	if (moeai_param_set(h, "mem_monitor.low", "960")) /* pressure for whoever looks */
		fail_msg("%s", moeai_error(h));
	reader_expect(&r, MOEAI_EVENT, &item);
	assert_string_equal(item.event.type_name, "mem_monitor.level");
	assert_int_equal(moeai_mem_event(&item.event, &event), 0);
	assert_int_equal(event.level.level, MOEAI_MEM_LOW);
	reader_close(&r);
	moeai_close(h);
}

/* The log outlives the module: its events are there, if not their description. */
static void events_of_a_module_that_went(void **state)
{
	const struct moeai_monitor_options options = { .since = MOEAI_SINCE_OLDEST,
						       .source = "mem_monitor", .history = true };
	struct moeai_item item;
	struct reader r;
	size_t n = 0;

	run("rmmod moeai_mem_monitor");
	reader_open(&r, &options);
	for (; !reader_next(&r, &item, PATIENCE); n++) {
		assert_int_equal(item.kind, MOEAI_EVENT);
		assert_string_equal(item.event.source, "mem_monitor");
		assert_true(item.event.type_name[0] == '#' || item.event.values.schema);
		assert_true(item.event.values.len > 0);
	}
	assert_true(n > 0); /* those of the test before */
	reader_close(&r);
	run("modprobe moeai_mem_monitor");
}

/* A command that went is -ENOENT; a stale description is not used. */
static void commands_that_go(void **state)
{
	struct moeai_mem mem;
	struct moeai *h;

	assert_int_equal(moeai_open(&h), 0);
	assert_int_equal(moeai_mem_get(h, &mem), 0);
	run("rmmod moeai_mem_monitor");
	assert_int_equal(moeai_mem_get(h, &mem), -ENOENT);
	assert_non_null(strstr(moeai_error(h), "mem_monitor.sample"));
	run("modprobe moeai_mem_monitor");
	assert_int_equal(moeai_mem_get(h, &mem), 0);
	moeai_close(h);
}

/* A dump that nobody reads on keeps the module, and goes with its reader. */
static void abandoned_replay(void **state)
{
	const struct moeai_monitor_options options = { .since = MOEAI_SINCE_OLDEST };
	struct moeai *h = open_unlimited();
	struct reader r;

	flood(h, 5000);
	reader_open(&r, &options);
	assert_int_not_equal(system("rmmod moeai_mem_monitor; rmmod moeai 2>/dev/null"), 0);
	reader_close(&r);
	run("rmmod moeai");
	load();
	moeai_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(running_monitor),   cmocka_unit_test(stopped_monitor),
		cmocka_unit_test(overrun_over_reload), cmocka_unit_test(before_the_module),
		cmocka_unit_test(resumed_after_reload), cmocka_unit_test(handle),
		cmocka_unit_test(types_that_come_later),
		cmocka_unit_test(events_of_a_module_that_went), cmocka_unit_test(commands_that_go),
		cmocka_unit_test(abandoned_replay),
	};

	reader_transport = MOEAI_TRANSPORT_NETLINK;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
