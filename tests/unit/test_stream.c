// SPDX-License-Identifier: GPL-2.0
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "../../moectl/stream.h"
#include "capture.h"

#define TIME 1769903999123456789ULL /* 2026-01-31 23:59:59.123 UTC */
#define DAY  86400000000000ULL

static const struct moeai_field pid = { .name = "pid", .type = MOEAI_TYPE_U32, .id = 1 };
static const struct moeai_field rss = { .name = "rss", .type = MOEAI_TYPE_U64, .id = 2,
					.unit = MOEAI_UNIT_BYTES };
static const struct moeai_field comm = { .name = "comm", .type = MOEAI_TYPE_STRING, .id = 3 };

static const struct moeai_item event = {
	.kind = MOEAI_EVENT,
	.event = { .seq = 7, .time = TIME, .priority = MOEAI_PRIO_WARNING, .source = "mem_monitor",
		   .type_name = "mem_monitor.consumer" },
};
static const struct moeai_item lost = { .kind = MOEAI_LOST,
					.lost = { 8, 10, MOEAI_LOST_CLEARED } };
static const struct moeai_item epoch = { .kind = MOEAI_EPOCH, .epoch = 0xfedcba9876543210 };
static const struct moeai_item gone = { .kind = MOEAI_GONE };

/* All kinds of items, with a program's name that is up to no good. */
static void fill(struct stream *s)
{
	struct moeai_value values[] = {
		fields_number(&pid, 42),
		fields_number(&rss, 100 << 20),
		fields_string(&comm, "a b\n\033]0;x\a\377"),
	};
	const struct fields fields = { .values = values, .n = 3 }, none = { 0 };

	assert_int_equal(stream_fields(s, &event, &fields), 0);
	assert_int_equal(stream_fields(s, &lost, &none), 0);
	assert_int_equal(stream_fields(s, &epoch, &none), 0);
	assert_int_equal(stream_fields(s, &gone, &none), 0);
}

static void assert_stream(enum form form, int width, bool colour, const char *want)
{
	struct capture c;
	struct stream s = { .out = &c.out };
	char *got;

	capture_begin(&c, form);
	c.out.width = width;
	c.out.colour = colour;
	fill(&s);
	stream_free(&s);
	got = capture_end(&c);
	assert_string_equal(got, want);
	free(got);
}

static void tab(void **state)
{
	assert_stream(FORM_TAB, 0, false,
		      "event\t7\t1769903999123456789\twarning\tmem_monitor.consumer\tmem_monitor\t"
		      "pid=42\trss=104857600\tcomm=a b\\n\\x1b]0;x\\x07\\xff\n"
		      "lost\t8\t10\tcleared\n"
		      "epoch\t0xfedcba9876543210\n"
		      "gone\n");
}

static void json(void **state)
{
	assert_stream(FORM_JSON, 0, false,
		      "{\"kind\":\"event\",\"seq\":7,\"time\":1769903999123456789,"
		      "\"priority\":\"warning\",\"type\":\"mem_monitor.consumer\","
		      "\"source\":\"mem_monitor\",\"fields\":{\"pid\":42,\"rss\":104857600,"
		      "\"comm\":\"a b\\n\\u001B]0;x\\u0007\\uF7FF\"}}\n"
		      "{\"kind\":\"lost\",\"from\":8,\"to\":10,\"reason\":\"cleared\"}\n"
		      "{\"kind\":\"epoch\",\"epoch\":\"0xfedcba9876543210\"}\n"
		      "{\"kind\":\"gone\"}\n");
}

static void people(void **state)
{
	assert_stream(FORM_PEOPLE, 0, false,
		      "2026-01-31        SEQ PRIORITY TYPE                   FIELDS\n"
		      "23:59:59.123        7 warning  mem_monitor.consumer   pid=42 rss=100MiB "
		      "comm=\"a b\\n\\x1b]0;x\\x07\\xff\"\n"
		      "--- lost: 3 events, seq 8 to 10 (cleared)\n"
		      "--- the module was loaded: epoch 0xfedcba9876543210, seq begins at 1\n"
		      "--- the module was unloaded: waiting for it\n");
}

static void cut_to_the_terminal(void **state)
{
	assert_stream(FORM_PEOPLE, 60, false,
		      "2026-01-31        SEQ PRIORITY TYPE                   FIELDS\n"
		      "23:59:59.123        7 warning  mem_monitor.consumer   pid=4…\n"
		      "--- lost: 3 events, seq 8 to 10 (cleared)\n"
		      "--- the module was loaded: epoch 0xfedcba9876543210, seq be…\n"
		      "--- the module was unloaded: waiting for it\n");
}

static void colours(void **state)
{
	assert_stream(FORM_PEOPLE, 60, true,
		      "\033[1m2026-01-31        SEQ PRIORITY TYPE                   FIELDS\033[0m\n"
		      "\033[33m23:59:59.123        7 warning  mem_monitor.consumer   pid=4…\033[0m\n"
		      "\033[1;31m--- lost: 3 events, seq 8 to 10 (cleared)\033[0m\n"
		      "\033[33m--- the module was loaded: epoch 0xfedcba9876543210, seq be…\033[0m\n"
		      "\033[33m--- the module was unloaded: waiting for it\033[0m\n");
}

/* Wide characters are two columns, and never cut in half. */
static void wide_characters(void **state)
{
	static const char *const want[] = { "pid=你好", "pid=你…", "pid=…", "pid=…" };
	struct moeai_value v = fields_string(&pid, "你好");
	struct moeai_field string = comm;

	string.name = "pid";
	v.field = &string;
	for (int width = 62; width > 58; width--) {
		const struct fields fields = { .values = &v, .n = 1 };
		struct capture c;
		struct stream s = { .out = &c.out };
		char *got;

		capture_begin(&c, FORM_PEOPLE);
		c.out.width = width;
		assert_int_equal(stream_fields(&s, &event, &fields), 0);
		got = capture_end(&c);
		assert_non_null(strstr(got, want[62 - width]));
		assert_string_equal(strstr(got, "pid=") + strlen(want[62 - width]), "\n");
		free(got);
	}
}

static void a_heading_each_day(void **state)
{
	const struct fields none = { 0 };
	struct moeai_item item = event;
	struct capture c;
	struct stream s = { .out = &c.out };
	char *got;

	capture_begin(&c, FORM_PEOPLE);
	for (int i = 0; i < 4; i++) {
		item.event.time = TIME + DAY * (unsigned int)(i / 2);
		assert_int_equal(stream_fields(&s, &item, &none), 0);
	}
	got = capture_end(&c);
	assert_ptr_equal(strstr(got, "2026-01-31 "), got);
	assert_null(strstr(got + 1, "2026-01-31 "));
	assert_non_null(strstr(got, "\n2026-02-01 "));
	free(got);
}

/* As the library delivers it: attributes on the wire. */
static void decoded_here(void **state)
{
	const uint32_t wire[] = { 8 | 1 << 16, 42, 8 | 9 << 16, 0x01020304 };
	const struct moeai_schema schema = { .fields = &pid, .n_fields = 1 };
	struct moeai_item item = event;
	struct capture c;
	struct stream s = { .out = &c.out };
	char *got;

	item.event.values = (struct moeai_values){ &schema, wire, sizeof(wire) };
	capture_begin(&c, FORM_TAB);
	assert_int_equal(stream_item(&s, &item), 0);
	stream_free(&s);
	got = capture_end(&c);
	assert_non_null(strstr(got, "\tpid=42\t#9=04030201\n"));
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tab),		     cmocka_unit_test(json),
		cmocka_unit_test(people),	     cmocka_unit_test(cut_to_the_terminal),
		cmocka_unit_test(colours),	     cmocka_unit_test(wide_characters),
		cmocka_unit_test(a_heading_each_day), cmocka_unit_test(decoded_here),
	};

	setenv("TZ", "UTC", 1);
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
