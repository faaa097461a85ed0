// SPDX-License-Identifier: GPL-2.0
/*
 * What moectl schema --c made of three modules, used in C and in C++ by
 * tests/guest/test_kit.sh, which has put a row into hello's table.
 */
#include <stdio.h>
#include <stdlib.h>
#include "core.h"
#include "hello.h"
#include "mem_monitor.h"

#define TIMEOUT 10000

static struct moeai *h;

static void check(bool truth, const char *what, int line)
{
	if (truth)
		return;
	printf("line %d: %s: %s\n", line, what, moeai_error(h));
	exit(1);
}

#define CHECK(truth) check(truth, #truth, __LINE__)

static void greet(void)
{
	struct hello_greet_args in;
	struct hello_greet_reply out;
	struct moeai_reply *reply;

	memset(&in, 0, sizeof(in));
	in.name = "anna";
	CHECK(!hello_greet_call(h, &in, TIMEOUT, &out, &reply));
	CHECK(out.has.name && out.has.text && !strcmp(out.text, "HEY, anna"));
	moeai_reply_free(reply);
	in.has.delay = true;
	in.delay = UINT64_MAX;
	CHECK(hello_greet_call(h, &in, TIMEOUT, &out, &reply) == -ERANGE && !reply);
	in.name = NULL;
	in.delay = 1;
	CHECK(hello_greet_call(h, &in, TIMEOUT, &out, &reply) == -EINVAL && !reply);
}

static void others(void)
{
	struct core_ping_args ping;
	struct core_ping_reply pong;
	struct mem_monitor_sample_reply sample;
	struct moeai_reply *reply;

	memset(&ping, 0, sizeof(ping));
	CHECK(!core_ping_call(h, &ping, TIMEOUT, &pong, &reply));
	CHECK(pong.has.time && pong.time && !pong.has.text && !pong.text);
	moeai_reply_free(reply);
	CHECK(!mem_monitor_sample_call(h, TIMEOUT, &sample, &reply));
	CHECK(sample.has.level && sample.level <= MEM_MONITOR_SAMPLE_REPLY_LEVEL_CRITICAL);
	CHECK(sample.available && sample.total > sample.available);
	moeai_reply_free(reply);
	CHECK(!core_stats_reset_call(h, TIMEOUT));
	CHECK(!moeai_param_set(h, HELLO_PARAM_DELAY, "5ms"));
}

static void rows(void)
{
	struct hello_guests_row row;
	struct moeai_arg args[2];
	struct moeai_table *table;

	CHECK(!moeai_table_open(h, HELLO_GUESTS_TABLE, &table));
	CHECK(hello_guests_row_next(table, &row) == 1);
	CHECK(!strcmp(row.name, "anna") && row.tone == HELLO_GUESTS_ROW_TONE_LOUD);
	CHECK(hello_guests_row_encode(&row, args) == 2);
	CHECK(!strcmp(args[1].name, "tone") && args[1].number == HELLO_GUESTS_ROW_TONE_LOUD);
	row.has.tone = false;
	CHECK(hello_guests_row_encode(&row, args) == 1 && !strcmp(args[0].text, "anna"));
	CHECK(hello_guests_row_next(table, &row) == 0);
	moeai_table_close(table);
}

/* However short it is cut: what is decoded in order is what a walk finds. */
#define CHECK_WAYS(name, values)                                                        \
	do {                                                                            \
		struct moeai_schema _other = *(values).schema;                          \
		struct moeai_values _cut = (values), _walked = (values);                \
		struct name _fast, _slow;                                               \
		_other.shape = 0;                                                       \
		_walked.schema = &_other;                                               \
		CHECK(name##_in_order(&_cut, &_fast));                                  \
		for (size_t _n = (values).len + 1; _n--;) {                             \
			memset(&_fast, 0, sizeof(_fast));                               \
			memset(&_slow, 0, sizeof(_slow));                               \
			_cut.len = _walked.len = _n;                                    \
			CHECK(!name##_in_order(&_walked, &_fast));                      \
			if (!name##_in_order(&_cut, &_fast))                            \
				continue;                                               \
			CHECK(!name##_decode(&_walked, &_slow));                        \
			CHECK(!memcmp(&_fast, &_slow, sizeof(_fast)));                  \
		}                                                                       \
	} while (0)

static void events(void)
{
	struct moeai_monitor_options options;
	struct hello_greeted_event greeted;
	struct core_command_event command;
	struct moeai_monitor *monitor;
	struct moeai_item item;
	int greetings = 0, calls = 0;

	memset(&options, 0, sizeof(options));
	options.since = MOEAI_SINCE_OLDEST;
	options.history = true;
	CHECK(!moeai_monitor_open(&monitor, &options));
	while (!moeai_monitor_next(monitor, &item, TIMEOUT)) {
		if (item.kind != MOEAI_EVENT)
			continue;
		if (!hello_greeted_event_get(&item.event, &greeted)) {
			CHECK(!strcmp(greeted.text, "HEY, anna"));
			CHECK_WAYS(hello_greeted_event, item.event.values);
			CHECK(core_command_event_get(&item.event, &command) == -ENOENT);
			greetings++;
		} else if (!core_command_event_get(&item.event, &command)) {
			CHECK(command.via == CORE_COMMAND_EVENT_VIA_NETLINK);
			CHECK_WAYS(core_command_event, item.event.values);
			calls += !strcmp(command.name, HELLO_GREET_COMMAND);
		}
	}
	CHECK(greetings == 1 && calls >= 1);
	moeai_monitor_close(monitor);
}

int main(void)
{
	if (moeai_open(&h))
		return 2;
	greet();
	others();
	rows();
	events();
	moeai_close(h);
	return 0;
}
